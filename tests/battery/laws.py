"""For each cause a law: what must hold in another run, or of the cost itself, where the cause is told rightly.

A law yields what breaks it; what a remedy is said to gain is tried alike for all causes.
A cause that has no law fails the battery.
"""

import numpy as np

from tests.battery import laws_of_places, laws_of_steps
from tests.battery.seen import FACTOR, MOST, SHARE, off

CLAIM, REMEDY = "claim", "remedy"


def breaches(seen, cause):
    """[(part, words)] of one cause that was told of a run."""
    law = LAWS[cause.code]
    found = [(CLAIM, words) for words in law(seen, cause)]
    return found + [(REMEDY, words) for words in remedy(seen, cause)]


def remedy(seen, cause):
    """The remedy is tried: it takes as long as was said, or where nothing was said, it leads lower."""
    if cause.remedy is None or not cause.remedy.changes or cause.code in OWN_REMEDY:
        return
    if cause.remedy.code in ("go_on", "tighter_tolerance"):
        return  # their causes' laws go on
    told, changes = cause.gain.with_remedy if cause.gain else None, cause.remedy.changes
    if told is None:
        trial = TRIALS.get(cause.code, TRIALS.get(cause.remedy.code, _leads_lower))
        yield from trial(seen, changes)
        return
    if FACTOR * told > MOST:
        return
    other = seen.ran(changes, FACTOR * told + 10)
    if other is None:
        yield "the remedy is refused"
        return
    took, target = other.iterations_to[cause.evidence.get("target", "1e-06")], cause.evidence.get("target")
    if took is None or off(took, told, exact=cause.gain.exact):
        yield f"{cause.remedy.code}: {told:g} iterations to {target} were said, it took {took} ({changes})"


def _leads_lower(seen, changes):
    iterations = max(seen.k, 500)
    other, same = seen.ran(changes, iterations), seen.after(iterations)
    if other is None:
        yield "the remedy is refused"
    elif other.outcome == "diverged":
        yield f"the remedy diverges: {changes}"
    elif same.outcome != "diverged" and not _lower(seen, other.final_cost, same.final_cost):
        yield f"the remedy ends at {other.final_cost:g}, without it at {same.final_cost:g} ({changes})"


def lower_in_time(seen, changes):
    """Rates that fall take their time: in ten times as many iterations they lead lower."""
    iterations = max(10 * seen.k, 1000)
    other, same = seen.ran(changes, iterations), seen.after(iterations)
    if other is None or other.outcome == "diverged":
        yield f"refused, or it diverges: {changes}"
    elif same.outcome != "diverged" and not _lower(seen, other.final_cost, same.final_cost):
        yield f"the remedy ends at {other.final_cost:g}, without it at {same.final_cost:g} ({changes})"


def _lower(seen, cost, other):
    """Whether a cost is below another, or as low as can be seen."""
    floor = max(1e-9 * abs(seen.gained), 1e-14 * abs(other))
    return cost < other or (cost <= other + floor and other - seen.lowest <= 2 * floor)


def another_start(seen, changes):
    """Of some starts one leads lower."""
    for number in range(8):
        start = list(np.random.default_rng(number).normal(scale=2.0, size=len(seen.end)))
        other = seen.from_the(start, max(seen.k, 500))
        if other.outcome != "diverged" and other.final_cost < seen.result.final_cost:
            return
    yield "no other start leads lower"


def stays(seen, changes):
    """With the remedy the target is kept, in ten times as many iterations at most."""
    target = _left_target(seen)
    other = seen.ran(changes, max(10 * seen.k, 1000))
    if other is None or other.kept_from.get(target) is None:
        yield f"{target} is not kept with {changes}"


def _left_target(seen):
    return next(cause for cause in seen.diagnosis.causes if cause.code == "passed_through").evidence["target"]


#: Causes whose law tries the remedy itself, or whose remedy changes what is minimised.
OWN_REMEDY = (
    "no_minimiser",
    "rate_too_small",
    "wrong_gradient",
    "difference_step",
    "stopped_early",
    "missing_bias",
)

#: Codes of causes or of remedies that promise something else than a lower cost.
TRIALS = {"falling_rate": lower_in_time, "another_start": another_start, "passed_through": stays}

LAWS = {
    law.__name__: law
    for law in (
        laws_of_steps.rate_above_limit,
        laws_of_steps.bounded_oscillation,
        laws_of_steps.edge_of_stability,
        laws_of_steps.not_finite,
        laws_of_places.unbounded_below,
        laws_of_places.no_minimiser,
        laws_of_places.dead_symmetry,
        laws_of_places.saddle,
        laws_of_places.local_minimum,
        laws_of_steps.wrong_gradient,
        laws_of_places.missing_bias,
        laws_of_places.not_unique,
        laws_of_steps.difference_step,
        laws_of_places.plateau,
        laws_of_places.kink,
        laws_of_places.decayed_gradient,
        laws_of_places.dead_schedule,
        laws_of_places.passed_through,
        laws_of_steps.rate_too_small,
        laws_of_steps.first_step_too_long,
        laws_of_steps.row_step_too_long,
        laws_of_steps.noise_floor,
        laws_of_steps.column_scales,
        laws_of_steps.feature_basis,
        laws_of_steps.ill_conditioned,
        laws_of_places.stopped_early,
        laws_of_places.stopped_by_limit,
        laws_of_places.nothing_wrong,
        laws_of_places.unexplained,
    )
} | {"rounding_floor": laws_of_places.falls_on_no_more}


def converged(seen):
    """Gone on with ten times as long, a run that converged does not come down by what anybody could use."""
    if seen.outcome.name != "converged" or seen.result.rule == "target":
        return
    on, cost = seen.longer(10), seen.result.final_cost
    if on.outcome == "diverged":
        yield "gone on with, it diverges"
        return
    first = seen.result.initial_cost
    if cost - on.best_cost > max(SHARE * abs(first - on.best_cost), 1e-12 * abs(cost)):
        yield f"gone on with, the cost falls from {cost:.6g} to {on.best_cost:.6g}, from {first:.6g} at first"
