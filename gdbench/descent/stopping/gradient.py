"""The rule that a minimum is where the slope is nothing: a small gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable, Dict, Optional, Union

from gdbench.descent.domains import Domain, boolean, natural, non_negative
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.stopping.rule import Condition, Foreseeing, Rule, Verdict, Watcher, patient, stopping_rule

Order = Union[int, str]


def _order(value: object) -> Order:
    """2 or "inf", however they are written: YAML reads .inf as a float and inf as a word."""
    if isinstance(value, bool) or value not in (2, "inf", float("inf")):
        raise ValueError
    return 2 if value == 2 else "inf"


_ORDER = Domain("2 or inf", {"enum": [2, "inf"]}, _order)


def _steepest(now: Iterate) -> float:
    """‖∇f(w_k)‖_∞ = maxⱼ |gⱼ|."""
    return max([abs(g_j) for g_j in now.gradient], default=0.0)


#: ‖∇f(w_k)‖ by the order of the norm.
_NORMS: Dict[Order, Callable[[Iterate], float]] = {2: lambda now: now.gradient_norm, "inf": _steepest}


@dataclass
class _Known:
    """What the first iterate tells. limit: on the norm.  parameters: how many there are."""

    limit: Optional[float]
    parameters: int = 0


@stopping_rule(
    "gradient_norm",
    facts={"also": ("gtol", "grad_norm")},
    tolerance=non_negative,
    norm=_ORDER,
    relative=boolean,
    patience=natural,
)
def gradient_norm(tolerance: float, norm: Order = 2, *, relative: bool = False, patience: int = 1) -> Rule:
    """‖∇f(w_k)‖ ≤ tolerance, or ≤ tolerance · ‖∇f(w_0)‖ if relative.

    tolerance: ≥ 0, in cost per parameter; relative: a fraction of the gradient at the start.
    norm: 2, √(Σ gⱼ²), or inf, the largest |gⱼ|, which does not grow with the number of parameters.
    patience: iterates in a row, ≥ 1.
    """
    size = _NORMS[norm]
    name = "gradient norm" if norm == 2 else "largest slope"

    def watch(landscape: Landscape) -> Watcher:
        known = _Known(None if relative else tolerance)

        def watcher(now: Iterate) -> Optional[Verdict]:
            found, known.parameters = size(now), len(now.gradient)
            limit = known.limit = tolerance * found if known.limit is None else known.limit
            if found <= limit < math.inf:
                return Verdict("gradient_norm", "converged", f"{name} {found:.3g} ≤ {limit:g}")
            return None

        def condition() -> Condition:
            most = math.nan if known.limit is None else known.limit
            # ‖g‖₂ ≤ √p ‖g‖_∞, and a little for rounding
            wide = 1.000001 * math.sqrt(known.parameters)
            return Condition("norm <= {0}", (most if norm == 2 else wide * most,))

        return Foreseeing(watcher, condition=condition, memory=(known,))

    return patient(watch, patience)
