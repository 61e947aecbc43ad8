"""The rule that the cost is low enough: a given cost, or a given gap to the optimum."""

from __future__ import annotations

from typing import Optional, Tuple

from gdbench.descent.domains import natural, non_negative, number, optional
from gdbench.descent.errors import BadPairing, BadParameter
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.problems.problem_constants import Yardstick
from gdbench.descent.stopping.rule import Condition, Foreseeing, Rule, Verdict, Watcher, patient, stopping_rule


def _exactly_one(cost: Optional[float], gap: Optional[float], patience: int = 1) -> None:
    if (cost is None) == (gap is None):
        found = "neither" if cost is None else "both"
        message = f"stopping rule 'target' takes either 'cost' or 'gap', but {found} is given."
        raise BadParameter("cost" if cost is None else "gap", message)


def _needs(cost: Optional[float] = None, gap: Optional[float] = None, patience: int = 1) -> Tuple[str, ...]:
    """What the rule must know of the landscape."""
    return () if gap is None else ("optimum", "baseline")


@stopping_rule(
    "target",
    facts={"check": _exactly_one, "needs": _needs},
    cost=optional(number),
    gap=optional(non_negative),
    patience=natural,
)
def target(cost: Optional[float] = None, gap: Optional[float] = None, patience: int = 1) -> Rule:
    """f(w_k) ≤ cost, or (f(w_k) − f*) / (f(0) − f*) ≤ gap.

    cost: in units of the cost.  gap: ≥ 0, a fraction of the way from the cost at zero parameters to the
    optimum f*, which must be known.  Give one of the two.  patience: iterates in a row, ≥ 1.
    """
    _exactly_one(cost, gap)

    def watch(landscape: Landscape) -> Watcher:
        if gap is not None:
            return _below_gap(gap, landscape)
        assert cost is not None
        return _below_cost(cost)

    return patient(watch, patience)


def _below_cost(limit: float) -> Watcher:
    def watcher(now: Iterate) -> Optional[Verdict]:
        if now.cost <= limit:
            return Verdict("target", "converged", f"cost {now.cost:.6g} ≤ {limit:.6g}, the target")
        return None

    return Foreseeing(watcher, condition=lambda: Condition("cost <= {0}", (limit,)), memory=())


def _below_gap(relative: float, landscape: Landscape) -> Watcher:
    """The gap that the iterate carries, which may resolve more than its cost does."""
    if landscape.optimum is None or landscape.baseline is None:
        raise BadPairing(
            "stopping rule 'target' cannot measure a gap: no optimum of this problem is known. "
            "Give a cost instead, as in {target: {cost: 0.5}}."
        )
    limit = Yardstick(landscape.optimum, landscape.baseline).measured(relative, landscape.finest)

    def watcher(now: Iterate) -> Optional[Verdict]:
        if now.gap is not None and now.gap <= limit:
            reason = f"gap {now.gap:.6g} ≤ {limit:.6g}, a relative gap of {relative:g}"
            return Verdict("target", "converged", reason)
        return None

    return Foreseeing(watcher, condition=lambda: Condition("gap <= {0}", (limit,)), memory=())
