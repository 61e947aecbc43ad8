"""Verdicts on runs whose steps were too long: diverged, hopping from side to side, or at the edge."""

from __future__ import annotations

import math
from statistics import mean, median
from typing import Any, Dict, List, Optional

from gdbench.descent.diagnosis.case import ESTIMATED, PROVED, UNKNOWN, Case, Diagnosis, said
from gdbench.descent.stopping.rule import OVERSHOOTS
from gdbench.descent.theory.forecast import quadratic_of
from gdbench.descent.theory.prediction import Quadratic, gap_at, radius
from gdbench.descent.theory.rates import Update

#: The eigenvalues are known to a few roundings; a rate this close to the limit is not judged.
CLOSE = 1e-9
#: A component of the start below this share of the largest may be rounding.
PRESENT = 1e-9
#: Steps in a row that must come out steeper than they went in, and that are looked at.
IN_A_ROW, LOOKED_AT = 2, 3
#: Sharpness times rate, over 2, of a run at the edge of stability; so many points must agree.
EDGE, AGREEING = (0.95, 1.1), 3


def above_limit(case: Case) -> Optional[Diagnosis]:
    """On a quadratic the component of the largest eigenvalue grows above the limit: that is a theorem."""
    expected, quadratic, result = case.forecast, quadratic_of(case.known), case.result
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
        "rate": update.rate,
        "limit": expected.limit,
        "largest_eigenvalue": top,
        "growth": radius(update, top),
        "component": max(growing),
    }
    name = {"plain": "2/L", "heavy ball": "2(1+β)/L", "nesterov": "(2+2β)/((1+2β)L)"}[update.kind]
    what = "It diverged" if result.outcome == "diverged" else "The cost grows"
    sentence = (
        f"{what} because the rate {said(update.rate)} is above {name} = {said(expected.limit)}: the component "
        f"of the largest curvature, L = {said(top)}, grows by {said(evidence['growth'])} in each iteration."
    )
    return Diagnosis("rate_above_limit", PROVED, sentence, evidence)


def _grown(case: Case) -> bool:
    """Whether it ended higher than it has been."""
    result = case.result
    if result.outcome == "diverged":
        return True
    ended, best, last = result.outcome in ("stopped", "stalled"), result.best_cost, result.final_cost
    return ended and best is not None and last is not None and last > best


def _growing(update: Update, quadratic: Quadratic) -> List[float]:
    """The sizes of the start's components that grow, without those that may be rounding."""
    largest = max(abs(e) for e in quadratic.components)
    pairs = zip(quadratic.eigenvalues, quadratic.components)
    return [abs(e) for lam, e in pairs if radius(update, lam) > 1.0 and abs(e) > PRESENT * largest]


def _as_predicted(case: Case) -> bool:
    """Whether the cost is where the theorem says: the premises are checked against what happened."""
    expected, quadratic, result = case.forecast, quadratic_of(case.known), case.result
    assert expected is not None
    assert quadratic is not None
    if not expected.update.plain or not result.curve.iteration or case.gap is None:
        return True
    k, cost = result.curve.iteration[-1], result.curve.cost[-1]
    predicted, seen = gap_at(expected.update, quadratic, k), cost - (case.best or 0.0)
    return not math.isfinite(predicted) or abs(predicted - seen) <= 0.01 * abs(seen) + 1e-9 * abs(
        case.best or 0.0
    )


def left_the_finite(case: Case) -> Optional[Diagnosis]:
    """It diverged, and no theorem says why: steps that come out steeper than they went in are the sign."""
    if case.result.outcome != "diverged":
        return None
    evidence: Dict[str, Any] = {"iteration": case.result.diverged_at}
    lost = case.evidence.get("not_finite")
    if lost:
        evidence["not_finite"] = lost
    if case.result.diverged_at == 0:
        what = _named(lost) if lost else "The cost"
        return Diagnosis("not_finite", PROVED, f"{what} is not finite at the starting point itself.", evidence)
    last = case.overshoots[-LOOKED_AT:]
    rises = _rises(case)
    if case.scheduled and len(last) >= IN_A_ROW and min(last) > 2.0 and rises:
        evidence["overshoots"] = last
        sentence = (
            f"It diverged because its steps are too long: the rate times the curvature along the last steps is "
            f"{said(last[-1])}, and above 2 each step ends higher than it began."
        )
        return Diagnosis("rate_above_limit", ESTIMATED, sentence, evidence)
    if lost:
        first = _named(lost).lower()
        sentence = f"At iteration {lost['iteration']} a number was not finite: first {first}. Why is not known."
        return Diagnosis("not_finite", UNKNOWN, sentence, evidence)
    return Diagnosis("unexplained", UNKNOWN, "The cost grew beyond all measure; why is not known.", evidence)


def _named(lost: Dict[str, Any]) -> str:
    place = f", component {lost['component']}" if "component" in lost else ""
    return f"The {lost['quantity']}{place}"


def _rises(case: Case) -> bool:
    costs = case.result.curve.cost[-IN_A_ROW - 1 :]
    return len(costs) < 2 or costs[-1] > costs[0]


def edge_of_stability(case: Case) -> Optional[Diagnosis]:
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
    sentence = (
        f"It runs at the edge of stability: the largest curvature has settled at {said(seen[-1][1])}, near "
        f"2/η = {said(2.0 / update.rate)}, and the cost falls over long times, though not at every step."
    )
    return Diagnosis("edge_of_stability", ESTIMATED, sentence, evidence)


def oscillation(case: Case) -> Optional[Diagnosis]:
    """No new lowest cost for a long time, gradients that do not shrink, and steps that go past the bottom."""
    result, steps = case.result, case.overshoots
    expected = case.forecast
    settled = expected is not None and expected.kind == "exact" and (expected.contraction or 0.0) < 1.0 - CLOSE
    if result.outcome not in ("stopped", "stalled") or not case.scheduled or settled or len(steps) < 3:
        return None
    still = result.cause == OVERSHOOTS
    if not still and (result.iterations < 20 or not _stands_still(case)):
        return None
    typical = mean(steps)
    if typical < (0.5 if case.kinked else 1.8):
        return None
    evidence = {"overshoots": steps, "best_iteration": result.best_iteration, "best_cost": result.best_cost}
    why = (
        "the cost has kinks, at which no fixed rate comes to rest"
        if case.kinked
        else "the steps are too long to settle"
    )
    sentence = (
        f"It hops from side to side and stays bounded: the rate times the curvature along the last steps is "
        f"{said(typical)} on average, and the lowest cost was met at iteration {result.best_iteration}; {why}."
    )
    return Diagnosis("bounded_oscillation", ESTIMATED, sentence, evidence)


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
