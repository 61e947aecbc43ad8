"""Laws of causes that lie in where a run has come to, and in when it ended."""

from itertools import pairwise

import numpy as np

from gdbench.descent.diagnosis import PROVED
from tests.battery.seen import FACTOR, MOST, off

# --- no minimum


def no_minimiser(seen, cause):
    """Along the direction that is certified the cost falls, however far one goes."""
    direction = np.array(seen.record.optimum.parameters)
    length = np.linalg.norm(direction)
    places = [seen.end + t * direction / length for t in (0.0, 1.0, 10.0, 100.0, 1000.0)]
    costs = [seen.cost(place) for place in places]
    if any(later > cost + 1e-12 for cost, later in pairwise(costs)):
        yield f"along the direction the cost is {costs}"


def unbounded_below(seen, cause):
    """Along where it bends down, or where it went, the cost falls beyond all measure."""
    if cause.grade == PROVED:
        _, directions = np.linalg.eigh(seen.hessian(seen.end))
        deep = min(seen.cost(seen.end + 1e6 * sign * directions[:, 0]) for sign in (1.0, -1.0))
        if not deep < -1e6:
            yield f"far away the cost is {deep:g}"
        return
    on = seen.longer(3, least=100)
    if not (on.outcome == "diverged" or on.final_cost < seen.result.final_cost):
        yield f"gone on with, it ends at {on.final_cost:g}"


def falls_on_no_more(seen, cause):
    """The rounding floor: gone on with, nothing is gained."""
    on, cost = seen.longer(5), seen.result.final_cost
    if cost - on.final_cost > 64 * 2.3e-16 * max(abs(cost), abs(seen.record.optimum.cost)):
        yield f"{cost:.17g} falls on to {on.final_cost:.17g}"


def dead_symmetry(seen, cause):
    """The units stay equal."""
    on, layer = seen.longer(3, least=200), cause.evidence["layer"]
    equal = {number: last for number, _, _, last in on.evidence["units"]}
    if cause.grade == PROVED and equal[layer] != 1:
        yield "gone on with, the units are no copies any more"


def saddle(seen, cause):
    """A small random step leads on down."""
    drawn = np.random.default_rng(1).normal(size=len(seen.end))
    near = seen.end + 1e-3 * max(1.0, np.linalg.norm(seen.end)) * drawn / np.linalg.norm(drawn)
    bend = abs(cause.evidence["largest_curvature"])
    least = abs(cause.evidence["least_curvature"])
    on = seen.from_the(
        near, min(MOST, 40 * bend / least + 200), learning_rate=0.5 / bend, optimizer="gradient_descent"
    )
    if on.outcome != "diverged" and not on.final_cost < seen.result.final_cost - 1e-6 * least:
        yield f"a small step leads to {on.final_cost:g}, from {seen.result.final_cost:g}"


def local_minimum(seen, cause):
    """Gone on with, it stays; and the lowest is lower."""
    on, gap = seen.longer(10), cause.evidence["gap"]
    if seen.result.final_cost - on.best_cost > 0.1 * gap:
        yield f"gone on with, the cost falls by {seen.result.final_cost - on.best_cost:g} of {gap:g}"
    if not seen.cost(seen.record.optimum.parameters) < seen.result.final_cost:
        yield "the optimum is not lower"


def missing_bias(seen, cause):
    """Nobody gets below the infimum without one; with one, as low as was said."""
    drawn = np.random.default_rng(1)
    starts = [seen.end, *(drawn.normal(scale=3.0, size=len(seen.end)) for _ in range(4))]
    found = min(seen.lowered(start) for start in starts)
    if found < cause.evidence["infimum"] - 1e-7 * abs(cause.evidence["infimum"]):
        yield f"{found:g} is reached without one, below {cause.evidence['infimum']:g}"


def not_unique(seen, cause):
    """At the end there are as many directions along which the cost does not bend, and does not change."""
    names = cause.evidence["places"]
    wanted = cause.evidence["flat"] or 1
    with np.errstate(all="ignore"):
        bends = np.linalg.eigvalsh(seen.hessian(seen.end))
    flat = np.abs(bends) <= 1e-5 * max(np.max(np.abs(bends)), 1e-12)
    if flat.sum() < wanted and not names:
        yield f"only {flat.sum()} directions are flat: {bends}"
    elif names and cause.grade == PROVED and flat.sum() < 1:
        yield f"no direction is flat: {bends}"


# --- rests


def plateau(seen, cause):
    """Gone on with, the units are saturated, or the parameters do not move; their slopes are 0."""
    on, told = seen.longer(2, least=100), cause.evidence
    if told["why"] == "units":
        saturated = {number: many for number, _, many in on.evidence["saturated"]}
        if saturated[told["layer"]] < told["saturated"]:
            yield f"gone on with, {saturated[told['layer']]} units are saturated"
        return
    slopes = seen.gradient(seen.end)
    steep = max(abs(slopes[j]) for j in told["zeros"])
    if steep > 1e-12 * max(1.0, abs(seen.result.final_cost)):
        yield f"the slopes are up to {steep}"
    moved = max(abs(on.parameters[j] - seen.end[j]) for j in told["zeros"])
    if moved > 1e-9 * max(1.0, float(np.max(np.abs(seen.end)))):
        yield f"gone on with, they move by {moved}"


def kink(seen, cause):
    """Gone on with, it never arrives: it may come nearer along the kink, but it hops across it."""
    on, best = seen.longer(5), seen.record.optimum.cost
    best, wanted = (seen.lowest, 0.0) if best is None else (best, seen.wanted)
    if on.outcome != "diverged" and on.final_cost - best <= wanted:
        yield f"it arrives: {seen.result.final_cost - best:g} → {on.final_cost - best:g}"


def decayed_gradient(seen, cause):
    """Gone on with, the gap stays: the target is never met."""
    on, told, best = seen.longer(10), cause.evidence, seen.record.optimum.cost
    if (
        told["floor"] is not None
        and on.final_cost - best < 0.99 * told["floor"]
        and on.final_cost - best < seen.wanted
    ):
        yield f"gone on with, the gap is {on.final_cost - best:g}, below {told['floor']:g}"
    if best is not None and on.iterations_to[told["target"]] is not None:
        yield "the target is met"
    moved = np.linalg.norm(np.array(on.parameters) - seen.end)
    if told["floor"] is None and moved > 0.1 * max(np.linalg.norm(seen.end), 1e-3):
        yield f"it rests not: it moves by {moved:g} of {np.linalg.norm(seen.end):g}"


def dead_schedule(seen, cause):
    """Gone on with, it comes no farther than was said, and never to its target."""
    on, told = seen.longer(10, least=5000), cause.evidence
    moved = np.linalg.norm(np.array(on.parameters) - seen.end)
    if cause.grade == PROVED and moved > told["reach"] * (1 + 1e-6) + 1e-12 * np.linalg.norm(seen.end):
        yield f"it comes {moved:g} farther, {told['reach']:g} were said"
    met = seen.record.optimum.cost is not None and on.final_cost - seen.record.optimum.cost <= seen.wanted
    if met:
        yield "the target is met"


def passed_through(seen, cause):
    """At the iteration that is named the target was met, and at the end it is not."""
    told, best = cause.evidence, seen.record.optimum.cost
    gaps = seen.record.constants.thresholds(seen.spec["targets"])
    there = seen.after(told["first"])
    if there.final_cost - best > gaps[told["target"]] * (1 + 1e-6) + 1e-14 * abs(best):
        yield "it was not met there"
    if seen.result.final_cost - best <= gaps[told["target"]]:
        yield "it is met at the end"


# --- ends


def stopped_early(seen, cause):
    """Going on lowers the cost by as much as was said, and comes to the target where that was said."""
    told = cause.evidence
    if told["why"] == "slope":
        left = seen.result.final_cost - seen.lowest
        if left < told["least_gap"] * (1 - 1e-6):
            yield f"{left:g} is all there is to gain, {told['least_gap']:g} was said"
        return
    if seen.result.final_cost - seen.lowest <= 0.5 * seen.wanted:
        yield "there is nothing to gain"
    if cause.remedy is None:
        return
    on = seen.ran(iterations=max(10 * seen.k, 1000))
    if on.outcome == "diverged" or not on.final_cost < seen.result.final_cost:
        yield f"going on leads to {on.final_cost}, from {seen.result.final_cost:g}"
    if cause.grade == PROVED and cause.gain and cause.gain.with_remedy < MOST:
        took = seen.after(1.02 * cause.gain.with_remedy + 2).iterations_to[told["target"]]
        if took is None or off(took, cause.gain.with_remedy, exact=True):
            yield f"going on takes {took}, {cause.gain.with_remedy:g} were said"


def stopped_by_limit(seen, cause):
    """As many more iterations lead to the target as were said."""
    more = cause.evidence["remaining"]
    if cause.evidence["why"] == "falls":
        on = seen.longer(4)
        if not on.best_cost < seen.result.best_cost:
            yield f"gone on with, the cost falls no more: {seen.result.best_cost:g}, and then {on.best_cost:g}"
    if more is None or seen.k + FACTOR * more > MOST:
        return
    took = seen.after(seen.k + FACTOR * more + 10).iterations_to[cause.evidence["target"]]
    if took is None or off(took - seen.k, more, exact=cause.grade == PROVED):
        yield f"it takes {None if took is None else took - seen.k} more, {more} were said"


def nothing_wrong(seen, cause):
    """Nothing that is found is lower by more than what was said to be left."""
    told, cost = cause.evidence, seen.result.final_cost
    if told["why"] == "rule":
        return  # a target that is a cost: the loop compares that itself
    allowed = {"target": seen.wanted, "convexity": told.get("greatest_gap"), "curvature": 0.01 * seen.gained}
    most = allowed[told["why"]]
    if cost - seen.lowest > most * (1 + 1e-6) + 1e-14 * abs(cost):
        yield f"{seen.lowest:.12g} is met elsewhere, below {cost:.12g} by more than {most:g}"


def unexplained(seen, cause):
    return ()
