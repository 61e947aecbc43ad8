"""Causes that lie in when a run ended: there, at the rounding floor, too early, or at a limit on the way."""

from __future__ import annotations

from typing import Any, Dict, Optional

from gdbench.descent.diagnosis.case import Case
from gdbench.descent.diagnosis.cause import ESTIMATED, PROVED, UNKNOWN, Cause, Gain, Remedy
from gdbench.descent.diagnosis.resting import falling, hops, proximal_instead
from gdbench.descent.stopping.rule import LOST_STEPS, ZERO_LENGTH_STEP

#: The lowest cost still falls where the last quarter of the iterations took off such a share of what is left,
#: or where that is not known, of what was gained; of so many iterations at least.
NOTABLE, FEWEST = 1e-3, 8
#: A slope of so small a share of the first one is spent.
SPENT = 0.05
#: Reference optima without an error to speak of.
EXACT_OPTIMA = ("closed form", "certified")


def rounding_floor(case: Case) -> Optional[Cause]:
    """A limit ended it, but nothing was left to gain."""
    if not case.limited or not case.at_floor:
        return None
    return Cause("rounding_floor", ESTIMATED, measured(case))


def arrived(case: Case) -> Optional[Cause]:
    """The gap that was asked for is met."""
    if case.gap is None or case.wanted is None or case.gap > case.wanted:
        return None
    # a solver's point may lie a little above the true minimum
    sure = case.optimum in EXACT_OPTIMA
    return Cause("nothing_wrong", PROVED if sure else ESTIMATED, {**measured(case), "why": "target"})


def stopped_early(case: Case) -> Optional[Cause]:
    """A rule called it converged, but the gap that was asked for is not met."""
    result = case.result
    if not case.rule_fired or result.rule == "target":
        return None
    if case.gap is None:
        return _early_by_slope(case)
    if case.wanted is None or case.gap <= case.wanted:
        return None
    evidence = {**measured(case), "why": "gap"}
    if not case.leads_on:
        return Cause("stopped_early", ESTIMATED, evidence)
    expected = case.forecast
    now = expected.iterations.get(case.target) if expected and expected.kind == "exact" else None
    gain = None if now is None else Gain(float(now), float(now), exact=True)
    if case.worse:
        return Cause("stopped_early", ESTIMATED, evidence)
    grade = PROVED if case.sure_to_arrive else ESTIMATED
    return Cause("stopped_early", grade, evidence, _tighter(case), gain)


def _tighter(case: Case) -> Remedy:
    """Until the gap that is wanted, where there is a yardstick for it."""
    limit = {"max_iterations": {"limit": max(10 * case.result.iterations, 1000)}}
    until = {"target": {"gap": float(case.target)}}
    return Remedy("tighter_tolerance", {"convergence": {"any": [until, limit]}})


def _early_by_slope(case: Case) -> Optional[Cause]:
    """Without an optimum: f − f* ≥ ‖g‖²/2L, by one step of 1/L."""
    bound, first, last = _least_gap(case), case.result.initial_cost, case.result.final_cost
    if bound is None or first is None or last is None or not first > last or bound <= 1e-3 * (first - last):
        return None
    evidence = {**measured(case), "why": "slope", "least_gap": bound, "gained": first - last}
    return Cause("stopped_early", PROVED, evidence)


def _least_gap(case: Case) -> Optional[float]:
    """‖g‖²/2L, where L holds everywhere and the gradient is exact."""
    top, size = case.card.smoothness, case.result.final_gradient_norm
    if top is None or size is None or not case.exact_steps or top.kind not in ("exact", "upper"):
        return None
    return 0.5 * size * size / top.value if top.value > 0.0 else None


def passed_through(case: Case) -> Optional[Cause]:
    """The gap that was asked for was met on the way, and left again."""
    result = case.result
    gap, gaps = case.gap, case.known.gaps
    met = {target: k for target, k in result.iterations_to.items() if k is not None and target in gaps}
    left = [target for target in met if gap is not None and gap > gaps[target]]
    if not left or not case.usable:
        return None
    target = min(left, key=lambda name: gaps[name])
    evidence = {
        "target": target,
        "first": met[target],
        "iterations": result.iterations,
        "relative_gap": case.relative_gap,
        "best_gap": result.best_gap,
        "best_iteration": result.best_iteration,
    }
    return Cause("passed_through", PROVED, evidence, _that_stays(case), Gain(None, None))


def _that_stays(case: Case) -> Optional[Remedy]:
    """Adam's rates may grow again where its memory of large slopes fades; AMSGrad's never do."""
    ((name, given),) = case.spec["optimizer"].items()
    rate = case.fixed
    if rate is None:
        return None
    if given.get("weight_decay"):
        return None  # it draws away from there at any rate
    known = case.way.optimizer.update is not None or name == "adam"
    if case.batch is not None or not known:
        return Remedy("falling_rate", {"learning_rate": falling(case, rate)})
    shorter = {"learning_rate": {"constant": {"rate": 0.1 * rate}}}
    if name == "adam":
        return Remedy("amsgrad", {"optimizer": {"amsgrad": dict(given)}, **shorter})
    return Remedy("take_rate", shorter)


def lost_step(case: Case) -> Optional[Cause]:
    """A step of length zero, although there is a slope to go down."""
    if case.result.outcome != "stalled" or case.result.cause not in (LOST_STEPS, ZERO_LENGTH_STEP):
        return None
    if not case.rate_at(case.result.iterations):
        return None  # the schedule has come to its end, or a search has chosen the step
    return Cause("rate_too_small", ESTIMATED, {**measured(case), "why": "lost step"})


def stopped_by_limit(case: Case) -> Optional[Cause]:
    """What is left, and how long it may take at the rate of the tail."""
    if not case.limited:
        return None
    found, evidence = case.measured, {**measured(case), "why": "tail"}
    if case.result.outcome == "stalled":
        return Cause("unexplained", UNKNOWN, evidence)
    if case.fixed is None and proximal_instead(case) and hops(case):
        return _as_its_rate_falls(case)
    if found is None or found.remaining is None:
        return _still_falling(case) or Cause("stopped_by_limit", UNKNOWN, {**evidence, "remaining": None})
    evidence.update(remaining=found.remaining, order=found.order)
    done = float(case.result.iterations + found.remaining)
    return Cause("stopped_by_limit", ESTIMATED, evidence, longer(case, done), Gain(done, done))


def _as_its_rate_falls(case: Case) -> Cause:
    """Across the kinks of a 1-norm it comes lower no sooner than its rate falls; proximal steps do not wait."""
    done = case.result.iterations
    evidence = {
        **measured(case),
        "why": "kink",
        "remaining": None,
        "first": case.rate_at(0),
        "last": case.rate_at(done),
    }
    changes = {"optimizer": {"fista": {}}, "learning_rate": {"over_L": {"factor": 1.0}}}
    return Cause("stopped_by_limit", ESTIMATED, evidence, Remedy("proximal_steps", changes), Gain(None, None))


def _still_falling(case: Case) -> Optional[Cause]:
    """How far there is to go is not known, but the lowest cost so far has gone on falling to the end."""
    first, curve, done = case.result.initial_cost, case.result.curve, case.result.iterations
    before = min((cost for k, cost in zip(curve.iteration, curve.cost) if 4 * k <= 3 * done), default=None)
    lowest = case.result.best_cost
    if first is None or lowest is None or before is None or done < FEWEST or case.rate_at(done) == 0.0:
        return None
    fell = before - lowest
    measure = case.gap if case.gap is not None else first - lowest
    if not fell > NOTABLE * measure or not measure > 0.0:
        return None
    evidence = {**measured(case), "why": "falls", "remaining": None, "fell": fell, "share": fell / measure}
    limit = {"max_iterations": {"limit": 4 * done}}
    remedy = Remedy("go_on", {"convergence": {"any": [{"target": {"gap": float(case.target)}}, limit]}})
    if case.gap is None:
        remedy = Remedy("go_on", {"convergence": {"max_iterations": {"limit": 4 * done}}})
    return Cause("stopped_by_limit", ESTIMATED, evidence, remedy)


def longer(case: Case, iterations: float) -> Remedy:
    """As many iterations as the target takes, and a few more."""
    until = {"target": {"gap": float(case.target)}}
    limit = {"max_iterations": {"limit": int(1.2 * iterations) + 10}}
    return Remedy("go_on", {"convergence": {"any": [until, limit]}})


def at_rest(case: Case) -> Optional[Cause]:
    """Converged, with no optimum to measure from: what the slope and the curvature say."""
    result, card, size = case.result, case.card, case.result.final_gradient_norm
    if result.outcome != "converged" or size is None:
        return None
    if result.rule == "target":
        return Cause("nothing_wrong", PROVED, {**measured(case), "why": "rule"})
    first, last, mu = result.initial_cost, result.final_cost, card.convexity
    gained = first - last if first is not None and last is not None else 0.0
    if card.convex and mu is not None and case.exact_steps and mu.kind in ("exact", "lower"):
        most = 0.5 * size * size / mu.value
        if most <= 1e-6 * gained:
            evidence = {**measured(case), "why": "convexity", "greatest_gap": most}
            return Cause("nothing_wrong", PROVED, evidence)
    if _seems_near(case, size, gained):
        bends = case.evidence["curvature"]
        return Cause("nothing_wrong", ESTIMATED, {**measured(case), "why": "curvature", **bends})
    return Cause("unexplained", UNKNOWN, {**measured(case), "why": "rule"})


def _seems_near(case: Case, size: float, gained: float) -> bool:
    """Whether the slope is spent, and the curvatures around the end leave next to nothing to gain."""
    bends = case.evidence.get("curvature")
    if case.gap is not None or not bends or not bends["least"] > 1e-3 * bends["largest"] > 0.0:
        return False
    spent = size <= SPENT * case.evidence.get("start_gradient_norm", size)
    return bool(spent and 0.5 * size * size / bends["least"] <= 1e-3 * gained)


def measured(case: Case) -> Dict[str, Any]:
    """The numbers that nearly every cause here rests on."""
    return {
        "outcome": case.result.outcome,
        "rule": case.result.rule,
        "iterations": case.result.iterations,
        "target": case.target,
        "gap": case.gap,
        "relative_gap": case.relative_gap,
        "gradient_norm": case.result.final_gradient_norm,
    }
