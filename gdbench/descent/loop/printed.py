"""`descend` by the printed loop, for runs whose parts say what the loop must look out for."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Optional, Tuple

from gdbench.descent.descend import Place, look
from gdbench.descent.diagnosis.trail import TAIL, Trail
from gdbench.descent.iterate import Iterate, Values
from gdbench.descent.learning_rates import Chooser, Schedule
from gdbench.descent.loop.text import WIDEST, Form, printed_loop
from gdbench.descent.loop.update import Step, built, numbers_of, structure_of, traced_step
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers import Optimizer
from gdbench.descent.optimizers.protocol import State
from gdbench.descent.problems.objective import Count, Objective, carries_gap, with_gaps
from gdbench.descent.recording.recorder import Recorder
from gdbench.descent.stopping import Verdict, Watcher
from gdbench.descent.stopping.combining import joined

#: As in `source`: from an iterate on to the next that must be shown, with the optimizer's state, and the best.
GoDown = Callable[..., Tuple[Values, Any, Values]]


class Printable(NamedTuple):
    """The parts of a run of the whole cost down its own gradient, as `descend` takes them.

    objective: evaluated without being counted.  step: the update, where it is traced.
    evaluate: with the gap where the kernel works it out, or without.  bind: of `printed_loop`.
    memory: how many iterates before the one that they judge the rules must have seen.
    """

    objective: Objective
    optimum: Optional[float]
    optimizer: Optimizer
    rate: Schedule
    diverged: Watcher
    stop: Watcher
    step: Optional[Step]
    evaluate: Callable[..., Any]
    bind: Callable[..., GoDown]
    memory: int


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
    numbers = len(condition.numbers)
    bind = printed_loop(Form(objective.size, gap, fixed, step, condition.text, numbers, optimizer.costed))
    evaluate = carried or objective.cost_and_gradient
    return Printable(
        objective, optimum, optimizer, learning_rate, diverged, stop, step, evaluate, bind, condition.memory
    )


def _step(optimizer: Optimizer, start: Vector) -> Optional[Step]:
    if not optimizer.traceable or not 0 < len(start) <= WIDEST:
        return None
    return traced_step(optimizer, len(start))


def descend_printed(
    run: Printable,
    start: Vector,
    recorder: Recorder,
    trail: Trail,
    count: Count,
    place: Optional[Place] = None,
) -> Tuple[Iterate, Verdict]:
    """Go down as `descend` does, with the same bits.

    What lies between two iterates that are shown to the rules, the printed loop records; it is counted here.
    """
    place = place or Place()
    course, now, verdict = _Course(run, start, recorder, trail, count, place), place.now, None
    if now is None:
        now = course.look(0, start)
        verdict = course.show(now)
    while not verdict:
        now = course.onwards(now)
        verdict = course.show(now)
    place.now, place.state = now, course.state
    return now, verdict


class _Course:
    """One run: what its rules have been shown, and its optimizer's state, as numbers once the loop has it."""

    def __init__(
        self, run: Printable, start: Vector, recorder: Recorder, trail: Trail, count: Count, place: Place
    ) -> None:
        self.run, self.recorder, self.trail, self.count = run, recorder, trail, count
        self._evaluate = with_gaps(run.objective.cost_and_gradient, run.objective, run.optimum)
        self._state, self._shown = run.optimizer.init(start), -1
        if place.now is not None:
            self._state, self._shown = place.state, place.now.k
        self._go_down: Optional[GoDown] = None

    @property
    def state(self) -> State:
        """The optimizer's, as it is without a printed loop."""
        step = self.run.step
        return built(step.structure, iter(self._state)) if step and self._go_down else self._state

    def look(self, k: int, w: Vector) -> Iterate:
        return look(self._evaluate, k, w)

    def show(self, now: Iterate) -> Optional[Verdict]:
        """What the rules say of an iterate, once they have seen the ones before that they compare it with."""
        self.count.add(now.k - self._shown, self.run.objective.rows)
        for missed in self.trail.since(max(self._shown, now.k - self.run.memory - 1)):
            self.run.stop(missed)
        self._shown = now.k
        lost = self.run.diverged(now)
        if now.finite:
            self.recorder.see(now)
            self.trail.see(now)
        return lost or self.run.stop(now)

    def onwards(self, now: Iterate) -> Iterate:
        """The next iterate that must be shown."""
        if self._go_down is None:
            step = self.run.step
            if step and structure_of(self._state) != step.structure:
                # before the first step there is no momentum yet
                rate = self.run.rate(now)
                w, self._state = self.run.optimizer.step(now, self._state, rate)
                return self.look(now.k + 1, w)
            self._go_down = self._bound()
            self._state = numbers_of(self._state) if step else self._state
        recorder, trail = self.recorder, self.trail
        assert recorder.best is not None
        due, target, kept = min(recorder.due, trail.due), recorder.threshold, recorder.ceiling
        values, self._state, best = self._go_down(
            now.k, now.w, now.cost, now.gradient, self._state, recorder.best, due, target, kept
        )
        recorder.best, recorder.last = Iterate._make(best), trail.last
        return Iterate._make(values)

    def _bound(self) -> GoDown:
        """The printed loop, with the numbers that the rules know since they have seen the first iterate."""
        run, recorder, trail = self.run, self.recorder, self.trail
        condition = joined(" or ", [run.diverged, run.stop])
        assert condition is not None

        def note(now: Values) -> int:
            k = now[0]
            if k >= recorder.due:
                recorder.keep(now)
            if k >= trail.due:
                trail.sample(now)
            return recorder.due if recorder.due < trail.due else trail.due

        rate = run.rate.rate_at if run.rate.fixed is None else run.rate.fixed
        update, append = run.optimizer.update, trail.tail.append
        loop: GoDown = run.bind(run.evaluate, update, rate, run.optimum, note, append, condition.numbers)
        return loop
