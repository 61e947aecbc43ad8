"""Is the gradient right? It is compared with another method, and with how the cost really changes."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, Optional

from gdbench.descent.diagnosis.case import Case
from gdbench.descent.diagnosis.cause import ESTIMATED, Cause, Gain, Remedy
from gdbench.descent.numerics.vectors import Vector, norm
from gdbench.descent.problems.objective import CostAndGradient

#: Step sizes of the Taylor test: each half of the one before.
_FIRST, _HALVINGS = 0.01, 4


def audit(
    cost: Callable[[Vector], float], gradient: CostAndGradient, other: CostAndGradient, against: str, w: Vector
) -> Dict[str, Any]:
    """Compare a gradient with `other` at w.

    relative_error: ‖g − h‖ / max(‖g‖, ‖h‖).  worst_parameter: the place where they differ most; slope, other:
    g and h there.  taylor_order: the power of t at which the remainder
    |f(w + t d) − f(w) − t g·d| falls along d = −g/‖g‖; 2 for a right gradient of a smooth cost, 1 for a
    wrong one, None where the remainder is lost in rounding (a cost that is linear along d).
    """
    value, g = gradient(w)
    h = other(w)[1]
    difference = norm([g_j - h_j for g_j, h_j in zip(g, h)])
    largest = max(norm(g), norm(h))
    worst = max(range(len(w)), key=lambda j: abs(g[j] - h[j]))
    return {
        "against": against,
        "relative_error": difference / largest if largest else 0.0,
        "worst_parameter": worst,
        "slope": g[worst] if math.isfinite(g[worst]) else None,
        "other": h[worst] if math.isfinite(h[worst]) else None,
        "taylor_order": taylor_order(cost, value, g, w),
    }


def taylor_order(cost: Callable[[Vector], float], value: float, g: Vector, w: Vector) -> Optional[float]:
    """The observed order of the first-order Taylor remainder, the median over halvings of the step."""
    length = norm(g)
    if not length or not math.isfinite(length):
        return None
    direction = [-g_j / length for g_j in g]
    scale = max(1.0, norm(w))
    remainders: List[float] = []
    for halving in range(_HALVINGS):
        t = scale * _FIRST / (1 << halving)
        moved = [w_j + t * d_j for w_j, d_j in zip(w, direction)]
        remainders.append(abs(cost(moved) - value + t * length))
    floor = 64 * 2.220446049250313e-16 * max(abs(value), 1e-300)
    if any(not math.isfinite(r) or r <= floor for r in remainders):
        return None
    orders = sorted(math.log(a / b) / math.log(2.0) for a, b in zip(remainders, remainders[1:]))
    return orders[len(orders) // 2]


# --- A numerical gradient's step: too short for what floats resolve, or too long for a slope


#: Method → (roundings of the cost that a difference is divided from, the step that balances the errors).
BALANCED = {"forward": (2.0, 1.5e-8), "central": (1.0, 6e-6)}
EPSILON = 2.220446049250313e-16
#: A step is far from the balance from this factor on.
FAR = 100.0
#: Noise that is this share of the gradient at the start is told.
HEARD = 1e-5


def difference_step(case: Case) -> Optional[Cause]:
    """Rounding costs 2ε|f|/h of a forward difference, ε|f|/h of a central one; a long step costs ½hL or h²."""
    ((name, given),) = case.spec.get("gradient", {"analytic": {}}).items()
    step = given.get("step")
    if name not in BALANCED or not step or case.result.outcome == "diverged":
        return None
    roundings, best = BALANCED[name]
    costs = [abs(cost) for cost in (case.result.initial_cost, case.result.final_cost) if cost is not None]
    noise = roundings * EPSILON * max(costs, default=0.0) / step
    size = case.evidence.get("start_gradient_norm")
    error = (case.result.audit or {}).get("relative_error")
    evidence: Dict[str, object] = {
        "method": name,
        "step": step,
        "best": best,
        "noise": noise,
        "gradient_norm": size,
        "relative_error": error,
    }
    remedy, gain = Remedy("balanced_step", {"gradient": {name: {"step": best}}}), Gain(None, None)
    lost = size is not None and (noise >= HEARD * size or size == 0.0)
    if step < best / FAR and lost:
        return Cause("difference_step", ESTIMATED, {**evidence, "why": "too short"}, remedy, gain)
    wrong = not case.arrived if error is None else error > HEARD
    if step > best * FAR and wrong:
        return Cause("difference_step", ESTIMATED, {**evidence, "why": "too long"}, remedy, gain)
    return None
