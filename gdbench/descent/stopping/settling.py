"""Rules that a run has settled: neither its cost nor its parameters change any more.

A cost that stands still has not always settled: where each step jumps to the other side of a valley, at
the same height, the verdict is `stalled`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable, Optional

from gdbench.descent.domains import boolean, natural, non_negative
from gdbench.descent.iterate import Iterate, Landscape, slope_along_step
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.stopping.rule import (
    LOST_STEPS,
    OVERSHOOTS,
    Condition,
    Foreseeing,
    Rule,
    Verdict,
    Watcher,
    patient,
    stopping_rule,
)

#: A cost that no longer changes although the slope along the last step promised this many times more
#: than the tolerance has not settled: the iterates jump from one side of a valley to the other.
OSCILLATION = 1000.0
_EPSILON = 2.220446049250313e-16
#: A change of the cost, relative to it, that nobody could see.
ROUNDING = 1e-8


@dataclass
class _Last:
    """The iterate that was seen before."""

    seen: Optional[Iterate] = None


@stopping_rule(
    "cost_change", facts={"also": ("tol", "tolerance", "atol")}, tolerance=non_negative, patience=natural
)
def cost_change(tolerance: float, patience: int = 1) -> Rule:
    """|f(w_k) − f(w_{k−1})| ≤ tolerance.

    tolerance: ≥ 0, in units of the cost.  patience: iterates in a row, ≥ 1.
    """
    return _small_change(
        "cost_change",
        lambda before, now: tolerance,
        patience,
        Condition("abs(cost - before) <= {0}", (tolerance,)),
    )


@stopping_rule("relative_cost_change", facts={"also": ("rtol",)}, tolerance=non_negative, patience=natural)
def relative_cost_change(tolerance: float, patience: int = 1) -> Rule:
    """|f(w_k) − f(w_{k−1})| ≤ tolerance · |f(w_{k−1})|.

    tolerance: ≥ 0, a fraction.  patience: iterates in a row, ≥ 1.
    """
    necessary = Condition("abs(cost - before) <= {0} * abs(before)", (tolerance,))
    return _small_change(
        "relative_cost_change", lambda before, now: tolerance * abs(before), patience, necessary
    )


@stopping_rule("ftol", tolerance=non_negative, patience=natural)
def ftol(tolerance: float, patience: int = 1) -> Rule:
    """|f(w_{k−1}) − f(w_k)| ≤ tolerance · max(|f(w_{k−1})|, |f(w_k)|, 1)  (L-BFGS-B: Zhu et al. 1997).

    SciPy's `ftol`: relative for large costs, absolute for small ones. A line search never lets the cost
    rise, a fixed rate may: the change is taken without its sign, so that a rise is no convergence.
    tolerance: ≥ 0, a fraction; SciPy's default is 2.2e-9.  patience: iterates in a row, ≥ 1.
    """
    necessary = Condition("abs(cost - before) <= {0} * max(abs(before), abs(cost), 1.0)", (tolerance,))
    return _small_change(
        "ftol", lambda before, now: tolerance * max(abs(before), abs(now), 1.0), patience, necessary
    )


def _small_change(
    name: str, allowed: Callable[[float, float], float], patience: int, necessary: Condition
) -> Rule:
    """Compare each cost with the one before; `allowed` is the largest change that counts as none."""

    def watch(landscape: Landscape) -> Watcher:
        last, rest = _Last(), Rest(landscape.rests)

        def watcher(now: Iterate) -> Optional[Verdict]:
            before, last.seen = last.seen, now
            if before is None:
                return None
            change, limit = abs(now.cost - before.cost), allowed(before.cost, now.cost)
            resting = rest.on_a_slope(before, now)
            if not change <= limit or not before.finite:
                return None
            if resting:
                return rest.stalled(name, now)
            return settled(name, before, now, f"cost change {change:.3g} ≤ {limit:.3g}", limit)

        return Foreseeing(
            watcher, condition=lambda: necessary._replace(memory=1, lasting=True), memory=(last, rest)
        )

    return patient(watch, patience)


@stopping_rule(
    "parameter_change", facts={"also": ("xtol",)}, tolerance=non_negative, relative=boolean, patience=natural
)
def parameter_change(tolerance: float, *, relative: bool = False, patience: int = 1) -> Rule:
    """‖w_k − w_{k−1}‖₂ ≤ tolerance, or ≤ tolerance · ‖w_{k−1}‖₂ if relative.

    tolerance: ≥ 0, in units of the parameters; relative: a fraction.  patience: iterates in a row, ≥ 1.
    A step is short near a minimum, but also wherever the learning rate is: the rule cannot tell which.
    """

    def watch(landscape: Landscape) -> Watcher:
        last, rest = _Last(), Rest(landscape.rests)

        def watcher(now: Iterate) -> Optional[Verdict]:
            before, last.seen = last.seen, now
            if before is None:
                return None
            change = norm([w_j - v_j for w_j, v_j in zip(now.w, before.w)])
            limit = tolerance * norm(before.w) if relative else tolerance
            resting = rest.on_a_slope(before, now)
            if not change <= limit < math.inf:
                return None
            if resting:
                return rest.stalled("parameter_change", now)
            return Verdict("parameter_change", "converged", f"parameter change {change:.3g} ≤ {limit:.3g}")

        return Foreseeing(watcher, memory=(last, rest))

    return patient(watch, patience)


class Rest:
    """Follows for how long the iterate has stood still although there is a slope to go down.

    That is a learning rate of 0, or one too small for the parameters' last digit: a step that was tried, and
    lost in every coordinate. It proves nothing while the optimizer or the schedule may still move on by itself.
    memory: for so many steps in a row; None where that is not known.
    """

    def __init__(self, memory: Optional[int]) -> None:
        self._memory = memory
        self._since: Optional[int] = None

    def on_a_slope(self, last: Iterate, now: Iterate) -> bool:
        """Whether the last step had length zero there. A gradient lost in the cost's rounding is no slope."""
        if now.w != last.w or not _on_a_slope(now):
            self._since = None
            return False
        self._since = last.k if self._since is None else self._since
        return True

    def stalled(self, name: str, now: Iterate) -> Optional[Verdict]:
        """The verdict of the rule `name`, where it has stood still for longer than that may mean nothing."""
        if self._since is None or self._memory is None or now.k - self._since <= self._memory:
            return None
        reason = f"the last step had length 0, but the gradient norm is {now.gradient_norm:.3g}"
        return Verdict(name, "stalled", reason, LOST_STEPS)


def _on_a_slope(now: Iterate) -> bool:
    return now.gradient_norm * max(1.0, norm(now.w)) > ROUNDING * max(1.0, abs(now.cost))


def settled(name: str, last: Iterate, now: Iterate, reason: str, limit: float) -> Verdict:
    """Converged, unless the cost stands still only because each step overshoots to the same height.

    limit: a change of the cost that counts as none.
    """
    promised = abs(slope_along_step(last, now))
    if promised > OSCILLATION * max(limit, 4 * _EPSILON * abs(now.cost)):
        reason = f"{reason}, but the slope promised {promised:.3g}: it oscillates"
        return Verdict(name, "stalled", reason, OVERSHOOTS)
    return Verdict(name, "converged", reason)
