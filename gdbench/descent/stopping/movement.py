"""The rule that the parameters no longer move."""

from __future__ import annotations

import math
from typing import Optional

from gdbench.descent.domains import boolean, natural, non_negative
from gdbench.descent.iterate import Iterate
from gdbench.descent.numerics.vectors import Vector, norm
from gdbench.descent.problems.landscape import Landscape
from gdbench.descent.stopping.rule import Rule, Verdict, Watcher, patient, stopping_rule
from gdbench.descent.stopping.settling import unmoved


@stopping_rule("parameter_change", tolerance=non_negative, relative=boolean, patience=natural)
def parameter_change(tolerance: float, *, relative: bool = False, patience: int = 1) -> Rule:
    """‖w_k − w_{k−1}‖₂ ≤ tolerance, or ≤ tolerance · ‖w_{k−1}‖₂ if relative.

    tolerance: ≥ 0, in units of the parameters; relative: a fraction.  patience: iterates in a row, ≥ 1.
    A step is short near a minimum, but also wherever the learning rate is: the rule cannot tell which.
    """

    def watch(landscape: Landscape) -> Watcher:
        last: Optional[Vector] = None

        def watcher(now: Iterate) -> Optional[Verdict]:
            nonlocal last
            before, last = last, now.w
            if before is None:
                return None
            change = norm([w_j - v_j for w_j, v_j in zip(now.w, before)])
            limit = tolerance * norm(before) if relative else tolerance
            if change <= limit < math.inf:
                reason = f"parameter change {change:.3g} ≤ {limit:.3g}"
                return unmoved("parameter_change", before, now) or Verdict(
                    "parameter_change", "converged", reason
                )
            return None

        return watcher

    return patient(watch, patience)
