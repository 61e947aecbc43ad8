"""When a descent is lost: a cost or gradient that is not finite, or a cost grown beyond all measure."""

from __future__ import annotations

import math
from typing import List, Optional

from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.stopping.rule import (
    COST_GROWN,
    COST_INFINITE,
    COST_NOT_A_NUMBER,
    GRADIENT_NOT_FINITE,
    Condition,
    Foreseeing,
    Rule,
    Verdict,
    Watcher,
)

_NOT_FINITE = {
    COST_NOT_A_NUMBER: "cost is not a number",
    COST_INFINITE: "cost is infinite",
    GRADIENT_NOT_FINITE: "gradient is not finite",
}


def divergence(growth: float) -> Rule:
    """f(w_k) or ∇f(w_k) not finite, or f(w_k) − f(w_0) > growth · max(1, |f(w_0)|).

    growth: > 1. The 1 keeps a start next to a minimum of zero from calling every rise a divergence.
    """

    def watch(landscape: Landscape) -> Watcher:
        limit: List[float] = []

        def watcher(now: Iterate) -> Optional[Verdict]:
            if not now.finite:
                cause = _not_finite(now)
                return Verdict("divergence", "diverged", f"{_NOT_FINITE[cause]} at iteration {now.k}", cause)
            if not limit:
                limit.append(now.cost + growth * max(1.0, abs(now.cost)))
            if now.cost > limit[0]:
                reason = f"cost grew to {now.cost:.3g} at iteration {now.k}, more than {growth:g} × the start"
                return Verdict("divergence", "diverged", reason, COST_GROWN)
            return None

        def condition() -> Condition:
            # a comparison that NaN fails
            usual = "-INFINITY < cost <= {0} and cost < INFINITY and norm < INFINITY"
            return Condition(f"not ({usual})", (limit[0] if limit else math.nan,))

        return Foreseeing(watcher, condition=condition, memory=(limit,))

    return Rule(watch)


def _not_finite(now: Iterate) -> str:
    if math.isnan(now.cost):
        return COST_NOT_A_NUMBER
    return COST_INFINITE if math.isinf(now.cost) else GRADIENT_NOT_FINITE
