"""Causes of runs whose steps were too long: diverged, hopping from side to side, or at the edge."""

from __future__ import annotations

import math
from statistics import mean, median
from typing import Any, Dict, List, Optional

from gdbench.descent.diagnosis.case import Case
from gdbench.descent.diagnosis.cause import ESTIMATED, PROVED, UNKNOWN, Cause, Gain, Remedy
from gdbench.descent.stopping.rule import OVERSHOOTS
from gdbench.descent.theory.prediction import gap_at
from gdbench.descent.theory.quadratic import Quadratic, radius
from gdbench.descent.theory.rates import Update

#: The eigenvalues are known to a few roundings; a rate this close to the limit is not judged.
CLOSE = 1e-9
#: A component of the start below this share of the largest may be rounding.
PRESENT = 1e-9
#: Steps in a row that must come out steeper than they went in, and that are looked at.
IN_A_ROW, LOOKED_AT = 2, 3
#: Sharpness times rate, over 2, of a run at the edge of stability; so many points must agree.
EDGE, AGREEING = (0.95, 1.1), 3


def above_limit(case: Case) -> Optional[Cause]:
    """On a quadratic the component of the largest eigenvalue grows above the limit: that is a theorem."""
    expected, quadratic, result = case.forecast, case.quadratic, case.result
    if expected is None or quadratic is None or expected.limit is None or result.final_cost is None:
        return None
    update = expected.update
    if not _grown(case) or not update.rate > expected.limit * (1.0 + CLOSE):
        return None
    growing = _growing(update, quadratic)
    if not growing or not _as_predicted(case):
        return None
    top = quadratic.eigenvalues[0]
    evidence = {
        "outcome": result.outcome,
        "update": update.kind,
        "rate": update.rate,
        "limit": expected.limit,
        "largest_eigenvalue": top,
        "growth": radius(update, top),
        "component": max(growing),
    }
    return Cause("rate_above_limit", PROVED, evidence)


def _grown(case: Case) -> bool:
    """Whether it ended higher than it has been."""
    result = case.result
    if result.outcome == "diverged":
        return True
    best, last = result.best_cost, result.final_cost
    return case.limited and best is not None and last is not None and last > best


def _growing(update: Update, quadratic: Quadratic) -> List[float]:
    """The sizes of the start's components that grow, without those that may be rounding."""
    largest = max(abs(e) for e in quadratic.components)
    pairs = zip(quadratic.eigenvalues, quadratic.components)
    return [abs(e) for lam, e in pairs if radius(update, lam) > 1.0 and abs(e) > PRESENT * largest]


def _as_predicted(case: Case) -> bool:
    """Whether the cost is where the theorem says: the premises are checked against what happened."""
    expected, quadratic, result = case.forecast, case.quadratic, case.result
    assert expected is not None
    assert quadratic is not None
    if not expected.update.plain or not result.curve.iteration or case.gap is None:
        return True
    k, cost = result.curve.iteration[-1], result.curve.cost[-1]
    predicted, seen = gap_at(expected.update, quadratic, k), cost - (case.best or 0.0)
    return not math.isfinite(predicted) or abs(predicted - seen) <= 0.01 * abs(seen) + 1e-9 * abs(
        case.best or 0.0
    )


def left_the_finite(case: Case) -> Optional[Cause]:
    """It diverged, and no theorem says why: steps that come out steeper than they went in are the sign."""
    if case.result.outcome != "diverged":
        return None
    evidence: Dict[str, Any] = {"outcome": "diverged", "iteration": case.result.diverged_at}
    lost = case.evidence.get("not_finite")
    if lost:
        evidence["not_finite"] = lost
    if case.result.diverged_at == 0:
        return Cause("not_finite", PROVED, evidence)
    last = case.overshoots[-LOOKED_AT:]
    if case.scheduled and len(last) >= IN_A_ROW and min(last) > 2.0 and _rises(case):
        return Cause("rate_above_limit", ESTIMATED, {**evidence, "overshoots": last})
    return Cause("not_finite" if lost else "unexplained", UNKNOWN, evidence)


def _rises(case: Case) -> bool:
    costs = case.result.curve.cost[-IN_A_ROW - 1 :]
    return len(costs) < 2 or costs[-1] > costs[0]


def edge_of_stability(case: Case) -> Optional[Cause]:
    """Sharpness near 2/η while the cost still falls over long times  (Cohen et al. 2021)."""
    update, seen, result = case.update, case.evidence.get("sharpness", []), case.result
    if update is None or not update.plain or len(seen) < AGREEING or result.outcome == "diverged":
        return None
    shares = [0.5 * update.rate * value for _, value in seen]
    falls = result.best_iteration is not None and result.best_iteration >= result.iterations // 2
    costs = result.curve.cost
    rises = any(later > earlier for earlier, later in zip(costs, costs[1:]))  # never, while it is stable
    if not falls or not rises or not all(EDGE[0] <= share <= EDGE[1] for share in shares[-AGREEING:]):
        return None
    evidence = {"rate": update.rate, "limit": 2.0 / update.rate, "sharpness": seen}
    return Cause("edge_of_stability", ESTIMATED, evidence)


def oscillation(case: Case) -> Optional[Cause]:
    """No new lowest cost for a long time, gradients that do not shrink, and steps that go past the bottom."""
    result, steps = case.result, case.overshoots
    expected = case.forecast
    settled = expected is not None and expected.kind == "exact" and (expected.contraction or 0.0) < 1.0 - CLOSE
    if not case.limited or not case.scheduled or settled or len(steps) < 3 or case.kinked:
        return None
    still = result.cause == OVERSHOOTS
    if not still and (result.iterations < 20 or not _stands_still(case)):
        return None
    if mean(steps) < 1.8:
        return None
    evidence = {
        "overshoots": steps,
        "overshoot": mean(steps),
        "best_iteration": result.best_iteration,
        "best_cost": result.best_cost,
    }
    return Cause("bounded_oscillation", ESTIMATED, evidence)


def hovers(case: Case) -> Optional[Cause]:
    """Optimizers that scale each coordinate make steps of about their rate, however small the slope."""
    result, rate = case.result, case.fixed
    scaled = case.way.optimizer.scaled
    if not scaled or rate is None or not case.limited or case.arrived or case.batch is not None:
        return None
    best, done = result.best_iteration, result.iterations
    if best is None or done < 20 or best > 0.75 * done:
        return None
    evidence = {"why": "scaled", "rate": rate, "best_iteration": best, "best_cost": result.best_cost}
    slower = {"inverse_time": {"rate": rate, "decay": 10.0 / done}}
    remedy = Remedy("falling_rate", {"learning_rate": slower})
    return Cause("bounded_oscillation", ESTIMATED, evidence, remedy, Gain(None, None))


def _stands_still(case: Case) -> bool:
    """No new lowest cost in the last quarter, and gradients that neither grow nor shrink there."""
    result, norms = case.result, _late_norms(case)
    if result.best_iteration is None or not norms or not norms[0] > 0.0:
        return False
    change = norms[1] / norms[0]
    if all(abs(step - 2.0) <= 1e-3 for step in case.overshoots):
        # from one point to the other and back: the lowest cost may still move in its last digits
        return 0.99 <= change <= 1.01
    return result.best_iteration < 0.75 * result.iterations and 0.5 <= change <= 2.0


def _late_norms(case: Case) -> List[float]:
    """The median gradient norm in the third and in the last quarter of the iterations."""
    curve, done = case.result.curve, case.result.iterations
    parts: List[List[float]] = [[], []]
    for k, size in zip(curve.iteration, curve.gradient_norm):
        if 2 * k >= done:
            parts[4 * k >= 3 * done].append(size)
    return [median(part) for part in parts] if all(parts) else []
