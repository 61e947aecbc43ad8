"""Causes that hold a run at a place that is no minimum: a plateau, a kink, weight decay, a rate that died."""

from __future__ import annotations

import math
from typing import Any, Dict, List, Optional, Tuple

from gdbench.descent.diagnosis.case import Case
from gdbench.descent.diagnosis.cause import ESTIMATED, PROVED, Cause, Gain, Remedy
from gdbench.descent.diagnosis.conditioning import plainly
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.kernels.definition import NO_PENALTY
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.numerics.vectors import norm
from gdbench.descent.theory.curvature import is_smooth_besides

#: The slope of what a decayed gradient descends is gone where it is this share of the cost's own.
GONE = 1e-2
#: A rate has died where so small a share of the first is left.
DIED = 1e-2
#: The rate times the jump of the slope over the last steps, from which on they hop across kinks.
HOPS = 0.5
#: Costs at the end that are looked at.
LAST = 50
#: So large a share of the units of a layer, or of the rows, saturated is a plateau.
MOST = 0.5


def plateau(case: Case) -> Optional[Cause]:
    """Slopes that have vanished although nothing is fitted: an exponential underflowed, or units saturate."""
    if case.card.convex or "surface" in case.spec or case.arrived or not case.usable:
        return None
    return _without_slopes(case) if "formula" in case.spec["model"] else _saturated(case)


def _without_slopes(case: Case) -> Optional[Cause]:
    """Of a formula: some parameters matter, others do not at all."""
    zeros, names = case.result.vanished, case.evidence.get("names", [])
    if not zeros:
        return None
    told = {
        "zeros": zeros,
        "names": [names[j] for j in zeros if j < len(names)],
        "of": len(case.result.parameters),
    }
    # where each is 0 as well, their product is flat to either
    flat = all(case.result.parameters[j] == 0.0 for j in zeros)
    # a fixed rate for a plateau is one for nowhere else
    search = plainly(case, {"learning_rate": {"backtracking": {}}}) if case.exact_steps else {}
    remedy = Remedy("standardize", {"data.standardize": True, **search})
    if flat:
        remedy = Remedy("another_start", {"initialization": {"normal": {"std": 0.1}}})
    evidence = {**_base(case), "why": "zero parameters" if flat else "zero slopes", **told}
    return Cause("plateau", ESTIMATED, evidence, remedy, Gain(None, None))


def _saturated(case: Case) -> Optional[Cause]:
    """Of a network that has fitted next to nothing: most units of a layer pass no slope on."""
    cost, zero = case.result.final_cost, case.baseline
    if cost is None or zero is None or cost < MOST * zero:
        return None
    for layer, width, saturated in case.evidence.get("saturated", []):
        if saturated > MOST * width:
            told = {"layer": layer, "width": width, "saturated": saturated}
            begun = "xavier_uniform" in case.spec["initialization"]
            remedy = None if begun else Remedy("random_start", {"initialization": {"xavier_uniform": {}}})
            return Cause(
                "plateau", ESTIMATED, {**_base(case), "why": "units", **told}, remedy, Gain(None, None)
            )
    return None


def _base(case: Case) -> Dict[str, Any]:
    return {"cost": case.result.final_cost, "gradient_norm": case.result.final_gradient_norm}


def kink(case: Case) -> Optional[Cause]:
    """At a kink the slope does not fade, so that steps of a fixed rate hop across it for ever."""
    rate = case.fixed
    if not case.kinked or rate is None or case.arrived or not case.usable or case.batch is not None:
        return None
    size = case.result.final_gradient_norm
    if not size or not hops(case):
        return None
    evidence: Dict[str, Any] = {
        "rate": rate,
        "gap": case.gap,
        "gradient_norm": size,
        "step": rate * size,
        "best_iteration": case.result.best_iteration,
        **_exact_zeros(case),
    }
    remedy = Remedy("falling_rate", {"learning_rate": falling(case, rate)})
    return Cause("kink", ESTIMATED, evidence, remedy, Gain(None, None))


def hops(case: Case) -> bool:
    """Whether the slope jumped over one of the last steps, and one led up: who hops does not go down evenly."""
    costs = case.result.curve.cost[-LAST:]
    rises = any(later > cost for cost, later in zip(costs, costs[1:]))
    return rises and any(step >= HOPS for step in case.overshoots)


def proximal_instead(case: Case) -> bool:
    """Whether proximal steps of 1/L can take the place of its plain ones: its kinks are a 1-norm's alone."""
    spec = case.spec
    if "surface" in spec or not case.kinked or not case.scheduled or not case.exact_steps:
        return False
    (gradient,) = spec.get("gradient", {"analytic": {}})
    apart = gradient in GRADIENTS and bool(GRADIENTS[gradient].facts.get("at_kinks"))
    return apart and is_smooth_besides(spec["model"], spec["cost"], spec.get("penalty", NO_PENALTY))


def _exact_zeros(case: Case) -> Dict[str, Optional[int]]:
    """Coefficients that a 1-norm makes 0: at the reference optimum, and at the end."""
    there, here = case.known.minimiser, case.result.parameters
    if "penalty" not in case.spec or len(there) != len(here):
        return {"zeros_at_optimum": None, "zeros": None}
    places = [j for j, value in enumerate(there) if value == 0.0]
    return {"zeros_at_optimum": len(places), "zeros": len([j for j in places if here[j] == 0.0])}


def decayed_gradient(case: Case) -> Optional[Cause]:
    """With weight decay it descends f + ½λ‖w‖², and comes to rest where that has its minimum, not f."""
    ((name, given),) = case.spec["optimizer"].items()
    beside = case.spec.get("weight_decay", {}).get("decoupled", {}).get("strength")
    decay, w, g = beside or given.get("weight_decay"), case.result.parameters, case.evidence.get("gradient", [])
    if not decay or case.arrived or not case.usable or len(g) != len(w):
        return None
    own, left = norm(g), norm([g_j + decay * w_j for g_j, w_j in zip(g, w)])
    rests = own > 0.0 and left <= GONE * own
    floor = _floor_with(case, decay) if given.get("momentum") in (0.0, None) and not beside else None
    never = floor is not None and case.wanted is not None and floor > case.wanted
    if not rests and not never:
        return None
    evidence = {
        "weight_decay": decay,
        "gradient_norm": own,
        "decayed_norm": left,
        "floor": floor,
        "gap": case.gap,
        "target": case.target,
    }
    without = (
        {"optimizer": {name: {**given, "weight_decay": 0.0}}} if not beside else {"weight_decay": {"none": {}}}
    )
    remedy = Remedy("no_weight_decay", without)
    return Cause("decayed_gradient", PROVED, evidence, remedy, Gain(None, None))


def _floor_with(case: Case, decay: float) -> Optional[float]:
    """f − f* at the minimum of f + ½λ‖w‖², for plain steps on a quadratic that are short enough for both."""
    card, rate, minimiser = case.card, case.fixed, list(case.known.minimiser)
    if not card.quadratic or not card.spectrum or not minimiser or rate is None or case.batch is not None:
        return None
    if "gradient_descent" not in case.spec["optimizer"] or not case.exact_steps:
        return None
    if card.spectrum[-1] <= 0.0 or not rate * (card.spectrum[0] + decay) < 2.0:
        return None
    components = card.components(minimiser)
    terms: List[float] = []
    for lam, along in zip(card.spectrum, components):
        away = decay / (decay + lam) * along
        terms.append(0.5 * lam * away * away)
    return math.fsum(terms)


def dead_schedule(case: Case) -> Optional[Cause]:
    """Rates whose sum is finite: what is left of them leads no farther than so far."""
    size, gap, wanted = case.result.final_gradient_norm, case.gap, case.wanted
    first, last = case.rate_at(0), case.rate_at(case.result.iterations)
    left = case.rates_left if _dies(case) and size else None
    if case.arrived or not case.usable or size is None or first is None or last is None or left is None:
        return None
    # f is convex, and the slope does not grow below 2/L: f(w_k) − f(w_∞) ≤ ‖g_k‖ ‖w_k − w_∞‖
    bounded = gap is not None and wanted is not None and gap - left * size * size > wanted
    sure = bounded and case.slope_only_falls(last)
    if not sure and last > DIED * first:
        return None
    evidence = {
        "first": first,
        "last": last,
        "left": left,
        "gradient_norm": size,
        "reach": left * size,
        "gap": gap,
        "target": case.target,
    }
    remedy, gain = _going_on(case, first, sure=sure)
    return Cause("dead_schedule", PROVED if sure else ESTIMATED, evidence, remedy, gain)


def _going_on(case: Case, first: float, *, sure: bool) -> Tuple[Remedy, Gain]:
    """The best fixed rate of a quadratic for plain steps by all rows; else rates that fall, but not so soon."""
    fastest = case.fastest if case.way.along_gradient else None
    if fastest is not None:
        remedy = Remedy("take_rate", {"learning_rate": {"constant": {"rate": fastest.rate}}})
        return remedy, Gain(None, float(fastest.iterations), exact=sure)
    return Remedy("falling_rate", {"learning_rate": falling(case, first, times=1.0)}), Gain(None, None)


def falling(case: Case, first: float, times: float = 10.0) -> Dict[str, Any]:
    """Rates that fall to about so small a part over the run, and whose sum has no end."""
    return {"inverse_time": {"rate": first, "decay": times / max(case.result.iterations, 10)}}


def _dies(case: Case) -> bool:
    """Whether the sum of all rates is finite, and the steps are as long as these."""
    ((name, given),) = case.spec["learning_rate"].items()
    facts = case.way.optimizer
    if facts.first_rate_only or facts.finds_rate:
        return False
    dies = LEARNING_RATES[name].facts.get("dies") if name in LEARNING_RATES else None
    return dies is not None and bool(dies(**given))
