"""Rules of having arrived: a gradient that is small, a target that is met."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable, Dict, Optional, Tuple, Union

from gdbench.descent.domains import Domain, boolean, natural, non_negative, number, optional
from gdbench.descent.errors import BadPairing, BadParameter
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.problems.problem_constants import Yardstick
from gdbench.descent.stopping.rule import Condition, Foreseeing, Rule, Verdict, Watcher, patient, stopping_rule

# --- The rule that a minimum is where the slope is nothing: a small gradient


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


# --- The rule that the cost is low enough: a given cost, or a given gap to the optimum


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
