"""`descend` by the printed loop, for runs whose parts say what the loop must look out for."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Optional, Tuple

from gdbench.descent.descend import look
from gdbench.descent.diagnosis.trail import TAIL, Trail
from gdbench.descent.iterate import Iterate, Values
from gdbench.descent.learning_rates import Chooser, Schedule
from gdbench.descent.loop.text import WIDEST, Form, printed_loop
from gdbench.descent.loop.update import Step, numbers_of, structure_of, traced_step
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers import Optimizer
from gdbench.descent.problems.objective import Count, Objective, carries_gap, with_gaps
from gdbench.descent.recording.recorder import Recorder
from gdbench.descent.stopping import Condition, Verdict, Watcher
from gdbench.descent.stopping.combining import joined


class Printable(NamedTuple):
    """The parts of a run of the whole cost down its own gradient, as `descend` takes them.

    objective: evaluated without being counted.  step: the update, where it is traced.
    evaluate: with the gap where the kernel works it out, or without.  bind: of `printed_loop`.
    """

    objective: Objective
    optimum: Optional[float]
    optimizer: Optimizer
    rate: Schedule
    diverged: Watcher
    stop: Watcher
    step: Optional[Step]
    evaluate: Callable[..., Any]
    bind: Callable[..., Any]


def printable(
    objective: Objective,
    optimum: Optional[float],
    start: Vector,
    optimizer: Optimizer,
    learning_rate: Chooser,
    diverged: Watcher,
    stop: Watcher,
) -> Optional[Printable]:
    """The run, where every part of it has a printed form: a schedule, and rules that have conditions."""
    condition = joined(" or ", [diverged, stop])
    if not isinstance(learning_rate, Schedule) or condition is None or condition.memory > TAIL:
        return None
    carried = objective.with_gap if carries_gap(objective.cost_and_gradient, objective, optimum) else None
    gap = "carried" if carried else "unknown" if optimum is None else "difference"
    fixed = learning_rate.fixed is not None
    step = _step(optimizer, start)
    bind = printed_loop(Form(objective.size, gap, fixed, step, condition.text, len(condition.numbers)))
    evaluate = carried or objective.cost_and_gradient
    return Printable(objective, optimum, optimizer, learning_rate, diverged, stop, step, evaluate, bind)


def _step(optimizer: Optimizer, start: Vector) -> Optional[Step]:
    if not optimizer.traceable or not 0 < len(start) <= WIDEST:
        return None
    return traced_step(optimizer, len(start))


def descend_printed(
    run: Printable, start: Vector, recorder: Recorder, trail: Trail, count: Count
) -> Tuple[Iterate, Verdict]:
    """Go down as `descend` does, with the same bits.

    What lies between two iterates that are shown to the rules, the printed loop records; it is counted here.
    """
    objective, rows = run.objective, run.objective.rows
    evaluate = with_gaps(objective.cost_and_gradient, objective, run.optimum)
    state, shown = run.optimizer.init(start), -1
    now = look(evaluate, 0, start)
    go_down: Optional[Callable[..., Tuple[Values, Any, Values]]] = None
    memory, unpacked = 0, False
    while True:
        count.add(now.k - shown, rows)
        for missed in trail.since(max(shown, now.k - memory - 1)):
            run.stop(missed)
        shown = now.k
        lost = run.diverged(now)
        if now.finite:
            recorder.see(now)
            trail.see(now)
        verdict = lost or run.stop(now)
        if verdict:
            return now, verdict
        if go_down is None:
            condition = joined(" or ", [run.diverged, run.stop])
            assert condition is not None
            memory = condition.memory
            go_down = _bound(run, condition, recorder, trail)
        if run.step and not unpacked:
            if structure_of(state) != run.step.structure:
                # before the first step there is no momentum yet
                w, state = run.optimizer.update(now.w, now.gradient, state, run.rate(now))
                now = look(evaluate, now.k + 1, w)
                continue
            state, unpacked = numbers_of(state), True
        assert recorder.best is not None
        due, waited, kept = min(recorder.due, trail.due), recorder.threshold, recorder.ceiling
        values, state, best = go_down(
            now.k, now.w, now.cost, now.gradient, state, recorder.best, due, waited, kept
        )
        recorder.best, recorder.last = Iterate._make(best), trail.last
        now = Iterate._make(values)


def _bound(
    run: Printable, condition: Condition, recorder: Recorder, trail: Trail
) -> Callable[..., Tuple[Values, Any, Values]]:
    """The printed loop of this run."""

    def note(now: Values) -> int:
        k = now[0]
        if k >= recorder.due:
            recorder.keep(now)
        if k >= trail.due:
            trail.sample(now)
        return recorder.due if recorder.due < trail.due else trail.due

    loop: Callable[..., Tuple[Values, Any, Values]] = run.bind(
        run.evaluate,
        run.optimizer.update,
        run.rate.rate_at if run.rate.fixed is None else run.rate.fixed,
        run.optimum,
        note,
        trail.tail.append,
        condition.numbers,
    )
    return loop
