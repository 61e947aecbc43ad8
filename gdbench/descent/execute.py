"""From a spec to a result: build the five steps by name, descend, and say how it went.

Everything in and out is plain data, so that this runs as well in another process or under PyPy.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import time
from dataclasses import replace
from random import Random
from typing import Iterable, Iterator, Optional, Tuple

from gdbench.descent.batches import BATCH_SIZES, Epochs
from gdbench.descent.descend import FULL_BATCH, Place, Step, descend
from gdbench.descent.diagnosis.audit import audit
from gdbench.descent.diagnosis.evidence import gather
from gdbench.descent.diagnosis.trail import Trail
from gdbench.descent.gradients import GIVEN, GRADIENTS
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates import LEARNING_RATES, needs_of
from gdbench.descent.loop.printed import descend_printed, printable
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.optimizers.of_run import beside, clipped, optimizer_for
from gdbench.descent.problems.least_subgradient import kinks_of, with_least_subgradient
from gdbench.descent.problems.objective import Count, Evaluate, Objective, carries_gap, with_gaps
from gdbench.descent.problems.problem import Problem, build_problem, curvature_of
from gdbench.descent.problems.problem_constants import ProblemConstants, finest_gap
from gdbench.descent.problems.shape import Shape
from gdbench.descent.problems.table import Table
from gdbench.descent.recording.answer import aside
from gdbench.descent.recording.held_out import held_out_cost
from gdbench.descent.recording.memory import Untold
from gdbench.descent.recording.pausing import RACE, Gone, Parts, gone_on, pausing, told
from gdbench.descent.recording.plain import Plain
from gdbench.descent.recording.recorder import Recorder, Shadows, Witness, gap_of
from gdbench.descent.recording.result import RunResult
from gdbench.descent.registry import Spec, build
from gdbench.descent.stopping import Verdict, build_rule
from gdbench.descent.stopping.divergence import divergence
from gdbench.descent.theory.curvature import smoothness_of_smooth_part
from gdbench.descent.theory.updates import recommended_rate, rests


def execute(
    spec: Spec,
    table: Optional[Table],
    constants: ProblemConstants,
    witness: Optional[Witness] = None,
    test: Optional[Table] = None,
    pause: Optional[int] = None,
    state: str = "",
) -> RunResult:
    """Run one spec on its data (None for a surface). constants: what is known of its problem.

    witness: is shown each point that the curve keeps, the moment it is kept.
    test: rows that no step sees, whose cost is recorded beside that of the others.
    pause: after so many iterations, if it goes on for so long.  state: the run was paused so, and goes on.
    """
    try:
        return _execute(spec, table, constants, witness, test, pause, state)
    except Untold:  # of another gdbench, say: from the start the same bits come out
        return _execute(spec, table, constants, witness, test, pause, "")


def _execute(
    spec: Spec,
    table: Optional[Table],
    constants: ProblemConstants,
    witness: Optional[Witness],
    test: Optional[Table],
    pause: Optional[int],
    state: str,
) -> RunResult:
    problem, count = build_problem(spec, table, constants), Count()
    start = starting_point(spec, problem.shape)
    problem = problem.about(start)
    audited = _audit(spec, problem.objective, start)
    kinks = kinks_of(spec, problem)
    problem = with_least_subgradient(problem, kinks)
    objective = count.counted(problem.objective)
    landscape = landscape_of(spec, problem._replace(objective=objective), constants)
    held_out = held_out_cost(spec, test, problem.table.targets) if test and problem.table else None
    further = {} if constants.optimum is None else {"gap": gap_of}
    thresholds = constants.thresholds(spec["targets"], landscape.finest)
    optimizer = clipped(beside(optimizer_for(spec, constants, kinks), spec), spec)
    looks = aside(optimizer, problem.objective.cost, held_out)
    landscape = landscape._replace(held_out=looks.tested, spent=count.evaluations)
    recorder = Recorder(thresholds, witness, count.so_far, further, *looks)
    shadows = Shadows({name: build_rule(rule) for name, rule in spec.get("watch", {}).items()}, landscape)

    trail = Trail()

    def see(now: Iterate) -> None:
        recorder.see(now)
        shadows.see(now)
        trail.see(now)

    evaluate, steps = evaluations(spec, problem, objective, landscape, constants)
    optimizer = looks.answer.watched if looks.answer else optimizer
    learning_rate = build(LEARNING_RATES, spec["learning_rate"])(landscape)
    diverged = divergence(spec["divergence"]).watch(landscape)
    rule = build_rule(spec["convergence"]).watch(landscape)
    batches = None if steps is FULL_BATCH else steps
    knowing = Parts(
        learning_rate, diverged, rule, shadows, recorder, trail, count, held_out, batches, looks.answer
    )
    place, before = gone_on(knowing, state) if state else Gone(Place(), 0.0)
    stop = pausing(rule, pause)
    plain = steps is FULL_BATCH and landscape.cost_and_gradient is objective.cost_and_gradient
    printed = None
    if plain and not shadows.fired:
        parts = (optimizer, learning_rate, diverged, stop)
        printed = printable(problem.objective, constants.optimum, start, *parts)
    began, looked = time.perf_counter(), looks.seconds
    if printed:
        end, verdict = descend_printed(printed, start, recorder, trail, count, place)
    else:
        end, verdict = descend(evaluate, start, optimizer, learning_rate, diverged, stop, see, steps, place)
    seconds = before + time.perf_counter() - began - (looks.seconds - looked)
    paused = told(knowing, place, seconds) if verdict.rule == RACE else None
    recorder.ended(end)
    uncounted = with_gaps(problem.objective.cost_and_gradient, problem.objective, constants.optimum)
    return replace(
        looks.recorded(_ending(recorder, end, verdict), recorder.last, uncounted),
        paused=paused,
        shadows=shadows.fired,
        audit=audited,
        evidence=gather(spec, problem, recorder.first, trail, end),
        cost_evaluations=count.costs,
        gradient_evaluations=count.gradients,
        row_passes=count.row_passes,
        seconds=seconds,
        interpreter=f"{platform.python_implementation()} {_version()}",
        host=platform.node(),
    )


def generator(spec: Spec, purpose: str) -> Random:
    """A generator that depends on data, initialization and replicate, and on nothing else.

    Two specs that differ in the learning rate alone thus start from the same point and see the same
    batches: they are paired. purpose: what is drawn, so that one stream does not shift another.
    """
    identity = [spec["seed"], spec["digest"], spec["initialization"], spec["replicate"], purpose]
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).digest()
    return Random(int.from_bytes(digest, "big"))


def starting_point(spec: Spec, shape: Shape) -> Vector:
    """w₀, by the spec's initialization."""
    return build(INITIALIZERS, spec["initialization"], shape, generator(spec, "start"))


def evaluations(
    spec: Spec, problem: Problem, objective: Objective, landscape: Landscape, constants: ProblemConstants
) -> Tuple[Evaluate, Iterable[Step]]:
    """What the loop evaluates: the whole cost, and the batches that it goes down."""
    whole = with_gaps(landscape.cost_and_gradient, objective, constants.optimum)
    return whole, _steps(spec, problem, objective)


def _steps(spec: Spec, problem: Problem, objective: Objective) -> Iterable[Step]:
    """The batches that the run goes down, one after the other."""
    if "rows" not in spec.get("batch_size", {}):
        return FULL_BATCH
    assert problem.table is not None
    rows = problem.table.rows
    size = build(BATCH_SIZES, spec["batch_size"], len(rows))
    return _Batches(objective, Epochs(rows, size, generator(spec, "batches")))


class _Batches:
    """The steps of a run in batches. memory: as `gdbench.descent.recording.memory` says."""

    def __init__(self, objective: Objective, epochs: Epochs) -> None:
        self._objective, self._epochs = objective, epochs
        self.memory = (epochs,)

    def __iter__(self) -> Iterator[Step]:
        objective = self._objective
        assert objective.on is not None
        for place, batch in self._epochs:
            yield place == 0, with_gaps(objective.on(batch), objective, None)


def landscape_of(spec: Spec, problem: Problem, constants: ProblemConstants) -> Landscape:
    objective = problem.objective
    gradient = build(GRADIENTS, spec["gradient"])(objective)
    carried = carries_gap(gradient, objective, constants.optimum)
    return Landscape(
        gradient,
        along=objective.along,
        rise=objective.rise,
        curvature=curvature_of(objective) if problem.quadratic else None,
        optimum=constants.optimum,
        baseline=constants.baseline,
        smoothness=_smoothness(spec, problem, constants),
        recommended=recommended_rate(spec, constants.smoothness, constants.convexity),
        rests=rests(spec),
        convexity=constants.convexity,
        finest=0.0 if carried else finest_gap(constants.optimum),
    )


def _smoothness(spec: Spec, problem: Problem, constants: ProblemConstants) -> Optional[float]:
    """L; for steps that leave the 1-norm to the proximal map, where a rate rests on it, that of the rest."""
    proximal = optimizer_facts(spec["optimizer"]).proximal and "smoothness" in needs_of(spec["learning_rate"])
    return (
        smoothness_of_smooth_part(spec, problem.table) if proximal and problem.table else constants.smoothness
    )


def _audit(spec: Spec, objective: Objective, start: Vector) -> Optional[Plain]:
    """The comparison that the spec asks for, or that a gradient by hand needs; its evaluations do not count."""
    other = spec.get("audit") or ({"analytic": {}} if GIVEN in spec["gradient"] else None)
    if not other:
        return None
    ((name, _),) = other.items()
    chosen, checked = build(GRADIENTS, spec["gradient"]), build(GRADIENTS, other)
    return audit(objective.cost, chosen(objective), checked(objective), name, start)


def _ending(recorder: Recorder, end: Iterate, verdict: Verdict) -> RunResult:
    first, best, last = recorder.first, recorder.best, recorder.last
    # what diverged has left every target, and its last iterate is not seen by the recorder
    lost = dict.fromkeys(recorder.iterations_to) if verdict.outcome == "diverged" else {}
    return RunResult(
        outcome=verdict.outcome,
        reason=verdict.reason,
        rule=verdict.rule,
        cause=verdict.cause,
        iterations=end.k,
        initial_cost=first.cost if first else None,
        final_cost=last.cost if last else None,
        best_cost=best.cost if best else None,
        best_iteration=best.k if best else None,
        final_gap=last.gap if last else None,
        best_gap=best.gap if best else None,
        final_gradient_norm=last.gradient_norm if last else None,
        diverged_at=end.k if verdict.outcome == "diverged" else None,
        iterations_to=recorder.iterations_to,
        work_to=recorder.work_to,
        kept_from=lost or recorder.kept_from,
        kept_work=lost or recorder.kept_work,
        path=recorder.path(),
        curve=recorder.curve(),
        parameters=list(last.w) if last else [],
    )


def _version() -> str:
    """PyPy is known by its own version, not by that of the Python it speaks."""
    pypy = getattr(sys, "pypy_version_info", None)
    return ".".join(str(part) for part in pypy[:3]) if pypy else platform.python_version()
