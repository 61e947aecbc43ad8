"""Laws of causes that lie in the steps: too long, too short, too differently needed, or wrong."""

import math

import numpy as np

from gdbench.descent.diagnosis import PROVED
from tests.battery.seen import MOST, SHARE, off

#: Rates that are tried by brute force.
RATES = 20_001


# --- growth


def rate_above_limit(seen, cause):
    """It grows on, and below the limit it does not."""
    told = cause.evidence
    if told.get("why") == "nominal":
        return  # no more is said than what the remedy shows
    if "overshoots" in told:
        if not any(_comes_down(seen, share) for share in (0.3, 0.1, 0.01, 1e-3)):
            yield "with shorter steps it comes down no more"
        return
    if told.get("why") == "optimum":
        yield from _leaves_the_optimum(seen, told)
        return
    if seen.result.outcome != "diverged":
        on = seen.after(3 * seen.k + 10)
        if on.outcome != "diverged" and not on.final_cost > seen.result.final_cost:
            yield f"it grows no more: {seen.result.final_cost:g}, and then {on.final_cost:g}"
    below = {"learning_rate": 0.97 * told["limit"]}
    other = seen.ran(below, min(MOST, 20 * seen.k + 2000))
    if other.outcome == "diverged" or other.final_cost > 1.001 * other.initial_cost:
        yield f"it grows below the limit {told['limit']:g} as well"


def _comes_down(seen, share):
    rate = seen.result.evidence["steps"][0][1] if seen.result.evidence.get("steps") else None
    if rate is None:
        return True
    other = seen.ran({"learning_rate": share * rate}, max(seen.k, 20))
    return other.outcome != "diverged" and other.best_cost < other.initial_cost


def _leaves_the_optimum(seen, told):
    place = np.array(seen.record.optimum.parameters)
    drawn = np.random.default_rng(1).normal(size=len(place))
    near = place + 1e-3 * drawn / np.linalg.norm(drawn) * max(1.0, np.linalg.norm(place))
    other = seen.from_the(near, 500, learning_rate=told["rate"])
    best = seen.record.optimum.cost
    first = seen.cost(near) - best
    if other.outcome != "diverged" and other.final_cost - best < 0.5 * first:
        yield f"from near the optimum it comes to it: {first:g} → {other.final_cost - best:g}"


def bounded_oscillation(seen, cause):
    """It goes on hopping, and shorter steps lead lower."""
    on = seen.longer(5)
    if on.outcome in ("converged", "diverged"):
        yield f"gone on with, it {on.outcome}"
    if cause.evidence.get("why") == "scaled":
        return  # shorter steps are its remedy
    if on.final_gradient_norm is not None and on.final_gradient_norm < 0.1 * seen.result.final_gradient_norm:
        yield "it settles"
    rate = seen.result.evidence["steps"][-1][1]
    other = seen.ran({"learning_rate": 0.3 * rate}, 5 * seen.k)
    if other.outcome == "diverged" or not other.final_cost < on.final_cost:
        yield "shorter steps lead no lower"


def edge_of_stability(seen, cause):
    """The curvature stays near 2/η, and the cost falls on."""
    on = seen.longer(2)
    if on.outcome == "diverged" or not on.best_cost < seen.result.best_cost:
        yield "gone on with, the cost falls no more"


def not_finite(seen, cause):
    if cause.grade == PROVED and seen.result.initial_cost is not None:
        yield "it is finite at the start"


# --- gradients


def wrong_gradient(seen, cause):
    """It differs from differences of the cost, where it began."""
    if not seen.error_of(seen.spec["gradient"], seen.start) > 1e-4:
        yield "it is as the cost's slope is"


def difference_step(seen, cause):
    """The step that is recommended is nearer to the slope."""
    ((method, given),) = seen.spec["gradient"].items()
    best = {method: {**given, "step": cause.evidence["best"]}}
    own, other = (seen.error_of(gradient, seen.start) for gradient in (seen.spec["gradient"], best))
    if not other < own:
        yield f"the recommended step errs by {other:g}, its own by {own:g}"


# --- strides


def first_step_too_long(seen, cause):
    """At the start that step leads up, and a shorter one down."""
    start = seen.start
    slope, told = seen.gradient(start), cause.evidence
    if not seen.cost(start - 0.5 / told["curvature"] * slope) < seen.cost(start):
        yield "a short step leads up as well"


def row_step_too_long(seen, cause):
    """With the remedy's rate it ends lower: see `remedy`. The largest row's limit is worked out anew."""
    told = cause.evidence
    if "linear" not in str(seen.spec["model"]) or seen.spec["cost"] not in ({"mse": {}}, {"half_mse": {}}):
        return
    curvature = 2.0 if "mse" in seen.spec["cost"] else 1.0
    largest = max(1.0 + math.fsum(x * x for x in row[: seen.table.features]) for row in seen.table.rows)
    limit = 2.0 * told["batch"] / (curvature * largest)
    if not told["rate"] > limit * 0.999:
        yield f"the limit is {limit:g}"


def noise_floor(seen, cause):
    """Gone on with, the cost stays near."""
    best, on = seen.record.optimum.cost, seen.longer(5)
    costs = [c - best for k, c in zip(on.curve.iteration, on.curve.cost, strict=True) if k > seen.k]
    late = float(np.median(costs[len(costs) // 2 :]))
    if late < 0.2 * cause.evidence["gap"]:
        yield f"gone on with, the gap is {late:g}, it was {cause.evidence['gap']:g}"


# --- speed


def _spectrum(seen):
    """(eigenvalues, the start's components) of a quadratic, by NumPy."""
    place = np.array(seen.record.optimum.parameters)
    start = seen.start
    bends, directions = np.linalg.eigh(seen.hessian(place))
    return bends, directions.T @ (start - place)


def _gap_at(bends, along, rates, k):
    """½ Σ λ e² (1 − ηλ)²ᵏ, for each rate."""
    with np.errstate(all="ignore"):
        factors = np.abs(1.0 - np.outer(rates, bends)) ** (2.0 * k)
    return factors @ (0.5 * bends * along**2)


def _none_is_faster(seen, needed):
    """Of many rates below 2/L none needs fewer iterations, but for a percent."""
    bends, along = _spectrum(seen)
    if not bends[0] > 1e-9 * bends[-1]:
        return  # NumPy's differences do not see so small a curvature
    rates = np.linspace(0.0, 2.0 / bends[-1], RATES)
    sooner = math.floor((1.0 - SHARE) * needed) - 1
    if sooner > 0 and np.min(_gap_at(bends, along, rates, sooner)) <= seen.wanted * (1 - 1e-6):
        rate = rates[int(np.argmin(_gap_at(bends, along, rates, sooner)))]
        yield f"with the rate {rate:g} {sooner} iterations do, {needed} were said"


def rate_too_small(seen, cause):
    """A larger rate gets there sooner; of a quadratic, as soon as was said, and none sooner."""
    laws = {"spectrum": _by_spectrum, "lost step": _lost_step}
    places = dict.fromkeys(("way and end", "anywhere", "way and optimum", "way"), _larger_is_better)
    yield from (laws | places)[cause.evidence["why"]](seen, cause)


def _by_spectrum(seen, cause):
    told = cause.evidence
    yield from _none_is_faster(seen, told["needed_at_best"])
    if told["needed"] <= MOST:
        took = seen.after(told["needed"] + 10).iterations_to[told["target"]]
        if took is None or off(took, told["needed"], exact=True):
            yield f"at its own rate it takes {took}, {told['needed']} were said"


def _lost_step(seen, _cause):
    rate = _own_rate(seen)
    others = [seen.ran({"learning_rate": rate * 10.0**power}, 200) for power in (2, 4, 8, 12, 16)]
    best = [other.best_cost for other in others if other.best_cost is not None]
    if not min(best) < seen.result.final_cost:
        yield "no larger rate leads lower"


def _larger_is_better(seen, cause):
    if cause.remedy is None:
        return
    other = seen.ran(cause.remedy.changes, seen.k)
    if other.outcome == "diverged" or not other.final_cost < seen.result.final_cost:
        yield (
            f"with {cause.remedy.changes} it ends at {other.final_cost}, "
            f"at its own rate at {seen.result.final_cost:g}"
        )


def _own_rate(seen):
    ((_, given),) = seen.spec["learning_rate"].items()
    if "factor" in given and len(given) == 1:
        return given["factor"] / (seen.record.smoothness or 1.0)
    return next(given[name] for name in ("rate", "highest", "first", "initial") if name in given)


def ill_conditioned(seen, cause):
    """No rate below 2/L needs fewer iterations than were said; elsewhere, none is fast from the end on."""
    if cause.grade == PROVED:
        yield from _none_is_faster(seen, cause.evidence["needed_at_best"])
        return
    top, best = float(np.max(seen.hessian(seen.end).diagonal())), seen.record.optimum.cost
    if best is None:
        return
    gap = seen.result.final_cost - best
    for share in (0.5, 1.0, 1.5):
        other = seen.from_the(seen.end, 100, learning_rate=share / top, optimizer="gradient_descent")
        if other.outcome != "diverged" and other.final_cost - best < 0.01 * gap:
            yield f"at {share / top:g} 100 iterations take the gap to {other.final_cost - best:g} from {gap:g}"


def column_scales(seen, cause):
    """See `remedy`; κ is worked out anew from the table."""
    told = cause.evidence
    bends = np.linalg.eigvalsh(seen.hessian(np.array(seen.record.optimum.parameters or seen.end)))
    if bends[0] > 1e-7 * bends[-1] and not 0.5 < bends[-1] / bends[0] / told["condition"] < 2.0:
        yield f"κ is {bends[-1] / bends[0]:g}, {told['condition']:g} was said"


def feature_basis(seen, cause):
    yield from column_scales(seen, cause)
    if cause.evidence["orthogonal"] == 1.0 and not seen.record.theory.quadratic:
        yield "one step was promised of a cost that is no quadratic"
