"""What the record keeps of each problem: its size, its yardstick, its reference optimum, its card."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gdbench.config.wording import label
from gdbench.data.data import Dataset
from gdbench.descent.costs import cost_facts
from gdbench.descent.diagnosis.probe import sharpness
from gdbench.descent.errors import GdbenchError
from gdbench.descent.execute import starting_point
from gdbench.descent.kernels.definition import NO_PENALTY
from gdbench.descent.learning_rates import needs_of
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.problems.objective import Objective
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.registry import Spec
from gdbench.descent.surfaces import Minimum, surface_facts
from gdbench.descent.theory.card import Constant
from gdbench.descent.theory.curvature import is_smooth_besides, smooth_part, smoothness, strong_convexity
from gdbench.descent.theory.updates import recommended_rate
from gdbench.plugins.loading import plugin_of, supervision
from gdbench.reference.certified import certified_optimum
from gdbench.reference.optimum import Optimum, exact_optimum, reference_optimum
from gdbench.reference.problem import Problem, ProblemRecord
from gdbench.reference.problem_card import data_card, surface_card


def problem_record(problem: Problem) -> ProblemRecord:
    """Work out what is to be known of a problem before it is minimised."""
    with supervision():
        if problem.dataset is None:
            return _surface_record(problem)
        return _data_record(problem, problem.dataset)


def with_local_curvature(record: ProblemRecord, problem: Problem, spec: Spec) -> ProblemRecord:
    """Where no L holds everywhere and none is known near an optimum: that at the start of one run."""
    if record.theory.smoothness or record.theory.local_smoothness or not record.card:
        return record
    table = problem.dataset.table if problem.dataset else None
    smooth = _smooth_part(spec)
    if smooth is None:
        return record
    ready = build_problem(smooth, table, record.constants)
    start = starting_point(spec, ready.shape)
    found = sharpness(lambda w: ready.objective.cost_and_gradient(w)[1], start)
    if found is None or found[0] <= 0.0:
        return record
    how = "at the first run's start, by power iteration: at most what it is there, and elsewhere different"
    if smooth is not spec:
        how += "; without the kinks of the penalty"
    card = record.theory._replace(local_smoothness=Constant(found[0], "local", how))
    return replace(record, card=card.to_plain())


def usual_curvature(problem: Problem, spec: Spec) -> float | None:
    """L where it is known, else the largest curvature where a run starts; None where neither can be had.

    Both follow from the spec alone, and need no optimum.
    """
    with supervision():
        return _known_smoothness(problem) or _curvature_at_start(problem, spec)


def _known_smoothness(problem: Problem) -> float | None:
    definition = problem.definition
    if problem.dataset is None:
        spectrum = surface_facts(definition["surface"]).spectrum
        return max(spectrum) if spectrum else None
    choices = definition["model"], definition["cost"], definition["penalty"]
    known = smoothness(*choices, problem.dataset.table)
    return known.value if known and known.value > 0.0 else None


def _curvature_at_start(problem: Problem, spec: Spec) -> float | None:
    """By power iteration; None where the cost has kinks, or does not bend upwards there."""
    smooth, dataset = _smooth_part(spec), problem.dataset
    if smooth is None:
        return None
    facts = surface_facts(problem.definition["surface"]) if dataset is None else None
    starts = [[float(value) for value in facts.start]] if facts else dataset.starts if dataset else ()
    constants = ProblemConstants(starts=tuple(tuple(start) for start in starts))
    ready = build_problem(smooth, dataset.table if dataset else None, constants)
    found = sharpness(lambda w: ready.objective.cost_and_gradient(w)[1], starting_point(spec, ready.shape))
    return found[0] if found and found[0] > 0.0 else None


def _smooth_part(spec: Spec) -> Spec | None:
    """A spec without its penalty's kinks, across which no curvature can be measured; None of other kinks."""
    if "surface" in spec:
        return None if surface_facts(spec["surface"]).kinked else spec
    penalty = spec.get("penalty", NO_PENALTY)
    left = smooth_part(penalty)
    if cost_facts(spec["cost"]).kinked or left is None:
        return None
    return spec if left == penalty else {**spec, "penalty": left}


#: The axes whose choices may need a fact of their problem, beside those that define it.
NEEDY = ("learning_rate", "optimizer")


def check_needs(spec: Spec, problem: ProblemRecord) -> None:
    """Raise GdbenchError where the learning rate rests on a fact that is not known of the problem."""
    ((name, _),) = spec["learning_rate"].items()
    needs = needs_of(spec["learning_rate"])
    if "optimum" in needs and problem.optimum.cost is None:
        raise GdbenchError(
            f"learning rate '{name}' steps by the distance to the optimum, but of {problem.label} that is "
            f"{problem.optimum.kind}: {problem.optimum.explanation} Choose another learning rate."
        )
    if "smoothness" in needs and problem.smoothness is None and not _smooth_for_proximal(spec):
        raise GdbenchError(
            f"learning rate '{name}' is relative to 1/L, but the gradient of {problem.label} has no known "
            "global Lipschitz constant L. Give the rate as a number."
        )
    if "convexity" in needs and problem.convexity is None:
        raise GdbenchError(
            f"learning rate '{name}' rests on μ, the least curvature of the cost, but no μ > 0 is known of "
            f"{problem.label}. Give it as a number, 'mu'."
        )
    _check_theoretical(spec, problem)


def _smooth_for_proximal(spec: Spec) -> bool:
    """Whether a rate relative to 1/L takes the L of all but the 1-norm, and there is one."""
    if "surface" in spec or not optimizer_facts(spec["optimizer"]).proximal:
        return False
    return is_smooth_besides(spec["model"], spec["cost"], spec.get("penalty", NO_PENALTY))


def _check_theoretical(spec: Spec, problem: ProblemRecord) -> None:
    """Theoretical parameters rest on μ and L, and a theoretical rate on an optimizer that theory knows."""
    ((optimizer, given),), (rate,) = spec["optimizer"].items(), spec["learning_rate"]
    recommended = "recommended" in needs_of(spec["learning_rate"])
    asked = [f"learning rate '{rate}'"] if recommended else []
    asked += [f"optimizer '{optimizer}' with theoretical parameters"] if given.get("theoretical") else []
    if not asked:
        return
    if problem.smoothness is None or problem.convexity is None:
        missing = "L" if problem.smoothness is None else "μ > 0"
        raise GdbenchError(
            f"{asked[0]} rests on μ and L, but no {missing} is known of {problem.label}. Give numbers instead."
        )
    if recommended and recommended_rate(spec, 1.0, 1.0) is None:
        raise GdbenchError(
            "learning rate 'theoretical' goes with plain gradient_descent, or with an optimizer that theory "
            "has a rate for, such as nesterov, optimized_gradient or {heavy_ball: {theoretical: true}}, not "
            f"with {label(spec['optimizer'])}."
        )


def _data_record(problem: Problem, dataset: Dataset) -> ProblemRecord:
    spec, table = {**problem.definition, "kernel": {"compiled": {}}}, dataset.table
    objective = build_problem(spec, table, ProblemConstants()).objective
    model, cost, penalty = spec["model"], spec["cost"], spec["penalty"]
    known = smoothness(model, cost, penalty, table)
    optimum = _optimum(spec, dataset, objective)
    mu = strong_convexity(model, cost, penalty, table)
    return ProblemRecord(
        id=problem.id,
        label=_label(spec, dataset),
        rows=len(table.rows),
        features=table.features,
        parameters=objective.size,
        baseline=_baseline(objective, dataset.starts),
        optimum=optimum,
        data=_described(spec, dataset),
        smoothness=known.value if known else None,
        convexity=mu,
        starts=dataset.starts,
        card=data_card(spec, dataset, objective, optimum, known, mu).to_plain(),
    )


def with_data_of(known: ProblemRecord, problem: Problem) -> ProblemRecord:
    """What is known of one problem as the record of another that differs in its rows held out alone."""
    spec, dataset = problem.definition, problem.dataset
    assert dataset is not None
    return replace(known, id=problem.id, label=_label(spec, dataset), data=_described(spec, dataset))


def _described(spec: Spec, dataset: Dataset) -> Mapping[str, object]:
    """The data as it is recorded; the folds of one problem have their family and its label in common."""
    data, held_out = dataset.describe(), dataset.held_out
    if held_out is None or not held_out.family:
        return data
    named = _named(spec)
    shared = {"family": f"{held_out.family} {named}", "label": f"{named} on {held_out.together}"}
    return {**data, "test": {**held_out.describe(), **shared}}


def _optimum(spec: Spec, dataset: Dataset, objective: Objective) -> Optimum:
    """The certified one, to the last digit where that can be had: it must be what kernels measure gaps from."""
    choices = spec["model"], spec["cost"], spec["penalty"]
    certified = certified_optimum(dataset.name, spec, objective)
    if certified is None:
        return reference_optimum(*choices, dataset.table)
    exact = exact_optimum(*choices, dataset.table)
    if exact is None or exact.cost is None:
        return certified
    said = f"{certified.explanation} Its last digits are from the normal equations, solved in exact rationals."
    return replace(exact, kind=certified.kind, explanation=said)


def _surface_record(problem: Problem) -> ProblemRecord:
    ((name, _),), facts = problem.definition["surface"].items(), surface_facts(problem.definition["surface"])
    start = [float(value) for value in facts.start]
    objective = build_problem(problem.definition, None, ProblemConstants()).objective
    claimed = plugin_of("surface", name) is not None
    optimum = _known_minimum(facts.minimum, claimed=claimed)
    least, most = facts.curvatures or (min(facts.spectrum or (0.0,)), max(facts.spectrum or (0.0,)))
    return ProblemRecord(
        id=problem.id,
        label=label(problem.definition["surface"]),
        rows=0,
        features=0,
        parameters=objective.size,
        baseline=_cost_at(objective, start),
        optimum=optimum,
        data={"name": name, "source": facts.source},
        smoothness=most or None,
        convexity=least if least > 0.0 else None,
        starts=[start],
        card=surface_card(problem.definition["surface"], objective, optimum).to_plain(),
    )


def _known_minimum(minimum: Minimum, *, claimed: bool) -> Optimum:
    """claimed: by a plug-in, so that nothing but its word is known."""
    if minimum is None:
        return Optimum("unknown", "No minimum of this surface is known, or it has none.")
    cost, point = minimum
    if claimed:
        return Optimum("claimed", "The minimum that the plug-in claims.", cost, tuple(point or ()))
    return Optimum("certified", "The minimum that the surface is published with.", cost, tuple(point or ()))


def _label(spec: Spec, dataset: Dataset) -> str:
    return f"{_named(spec)} on {dataset.label}"


def _named(spec: Spec) -> str:
    """model · cost, and the penalty if there is one."""
    parts = [spec["model"], spec["cost"], *([] if spec["penalty"] == {"none": {}} else [spec["penalty"]])]
    return " · ".join(label(part) for part in parts)


def _baseline(objective: Objective, starts: Sequence[Sequence[float]]) -> float | None:
    """The cost at zero; where a formula has none there, the cost at the first of its published starts."""
    costs = (_cost_at(objective, point) for point in ([0.0] * objective.size, *starts))
    return next((cost for cost in costs if cost is not None), None)


def _cost_at(objective: Objective, point: Sequence[float]) -> float | None:
    try:
        cost = objective.cost(list(point))
    except (ArithmeticError, ValueError):
        return None
    return cost if math.isfinite(cost) else None
