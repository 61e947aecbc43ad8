"""The first steps of a run with all that the loop sees and forgets: the same bits, to be read with a pencil."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

from gdbench.descent.descend import descend
from gdbench.descent.execute import evaluations, landscape_of, starting_point
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates import LEARNING_RATES, Search
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.of_run import beside, clipped, optimizer_for
from gdbench.descent.optimizers.protocol import State, moved
from gdbench.descent.problems.least_subgradient import kinks_of, with_least_subgradient
from gdbench.descent.problems.objective import Count
from gdbench.descent.problems.problem import Problem, build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Spec, build
from gdbench.descent.stopping import Verdict, Watcher, build_rule
from gdbench.descent.stopping.divergence import divergence
from gdbench.descent.stopping.rule import Condition, condition_of


class Check(NamedTuple):
    """What one stopping rule made of an iterate. condition: what it compares, where that can be written."""

    rule: str
    condition: Optional[Condition]
    verdict: Optional[Verdict]


class Move(NamedTuple):
    """An update. gradient: as it was given to the optimizer: of a batch, or clipped.  rate: η.

    before, after: what the optimizer remembers.
    """

    w: Vector
    gradient: Vector
    rate: float
    moved: Vector
    before: State
    after: State


class Step(NamedTuple):
    """An iterate, what the rules said of it, and the updates until the next that they saw.

    verdict: of the run's own rule; then no move follows.
    """

    now: Iterate
    checks: Tuple[Check, ...]
    verdict: Optional[Verdict]
    moves: List[Move]


class Followed(NamedTuple):
    """problem: what is minimised.  landscape: as the rules see it.  steps: the iterates, in order."""

    problem: Problem
    landscape: Landscape
    steps: List[Step]


def follow(spec: Spec, table: Optional[Table], constants: ProblemConstants, moves: int) -> Followed:
    """A run's first iterates, up to so many updates or its end; arguments as of `execute`."""
    problem = build_problem(spec, table, constants)
    start = starting_point(spec, problem.shape)
    problem = problem.about(start)
    kinks, count = kinks_of(spec, problem), Count()
    problem = with_least_subgradient(problem, kinks)
    problem = problem._replace(objective=count.counted(problem.objective))
    landscape = landscape_of(spec, problem, constants)._replace(spent=count.evaluations)
    evaluate, batches = evaluations(spec, problem, problem.objective, landscape, constants)
    inner, steps, states = beside(optimizer_for(spec, constants, kinks), spec), list[Step](), list[State]()
    chosen = build(LEARNING_RATES, spec["learning_rate"])(landscape)

    def update(w: Vector, gradient: Vector, state: State, rate: float, *cost: float) -> Tuple[Vector, State]:
        moved, after = inner.update(w, gradient, state, rate, *cost)
        steps[-1].moves.append(Move(w, gradient, rate, moved, state, after))
        return moved, after

    def aim(w: Vector, gradient: Vector, state: State) -> Tuple[Vector, State]:
        assert inner.aim is not None
        direction, after = inner.aim(w, gradient, state)
        states[:] = [state, after]
        return direction, after

    def along(now: Iterate, direction: Vector) -> float:
        assert isinstance(chosen, Search)
        rate = chosen.along(now, direction)
        steps[-1].moves.append(Move(now.w, now.gradient, rate, moved(now.w, rate, direction), *states))
        return rate

    stop = build_rule(spec["convergence"]).watch(landscape)
    members = _members(spec["convergence"], landscape)

    def watch(now: Iterate) -> Optional[Verdict]:
        checks = [Check(name, condition_of(watcher), watcher(now)) for name, watcher in members]
        # a condition's numbers may be known from the first look on
        told = [check._replace(condition=condition_of(watcher)) for check, (_, watcher) in zip(checks, members)]
        verdict = stop(now)
        steps.append(Step(now, tuple(told), verdict, []))
        done = sum(len(step.moves) for step in steps)
        return verdict or (_ENOUGH if done >= moves else None)

    lost = divergence(spec["divergence"]).watch(landscape)

    def diverged(now: Iterate) -> Optional[Verdict]:
        verdict = lost(now)
        if verdict:
            steps.append(Step(now, (), verdict, []))
        return verdict

    told = inner._replace(update=update, traceable=False, aim=aim if inner.aim else None)
    optimizer = clipped(told, spec)
    learning_rate = Search(along) if inner.aim and isinstance(chosen, Search) else chosen
    descend(evaluate, start, optimizer, learning_rate, diverged, watch, lambda now: None, batches)
    return Followed(problem, landscape, steps)


#: The trace has what was asked for; the run itself would go on.
_ENOUGH = Verdict("trace", "stopped", "enough steps were followed")


def _members(choice: Spec, landscape: Landscape) -> List[Tuple[str, Watcher]]:
    """(name, watcher) of each rule in a choice, those within `any` and `all` one by one."""
    ((name, value),) = choice.items()
    if name in ("any", "all"):
        return [member for inner in value for member in _members(inner, landscape)]
    return [(name, build_rule(choice).watch(landscape))]
