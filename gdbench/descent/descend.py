"""Gradient descent: the loop that all else serves.

w₀ given;  w_{k+1} = update(w_k, ∇f(w_k), η_k);  until a rule says stop.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import Callable, Iterable, Iterator, Optional, Tuple

from gdbench.descent.iterate import Iterate
from gdbench.descent.learning_rates import Chooser, Search
from gdbench.descent.numerics.vectors import Vector, norm
from gdbench.descent.optimizers import Optimizer
from gdbench.descent.optimizers.protocol import State, moved
from gdbench.descent.problems.objective import Evaluate
from gdbench.descent.stopping import Verdict, Watcher, due_of

NAN = float("nan")
#: Whether an epoch begins with this step, and the cost that it goes down: None stands for the whole one.
Step = Tuple[bool, Optional[Evaluate]]
#: All rows in each update: an epoch is one step.
FULL_BATCH: Iterator[Step] = repeat((True, None))


@dataclass
class Place:
    """Where a run is: at an iterate that it has looked at, None before the first, and its optimizer's state."""

    now: Optional[Iterate] = None
    state: State = None


def descend(
    evaluate: Evaluate,
    start: Vector,
    optimizer: Optimizer,
    learning_rate: Chooser,
    diverged: Watcher,
    stop: Watcher,
    see: Callable[[Iterate], None],
    steps: Iterable[Step] = FULL_BATCH,
    place: Optional[Place] = None,
) -> Tuple[Iterate, Verdict]:
    """Go down from `start` until `diverged` or `stop` gives a verdict; `see` is shown every finite iterate.

    k counts updates. The whole cost is looked at where an epoch begins, and where a limit of `stop` is due, so
    that a run ends exactly there; that is what rules and curves see.
    place: where the run was before, if it goes on, with the steps from there; where it ends is left in it.
    """
    place = place or Place()
    if place.now is None:
        w, state, first, seen = start, optimizer.init(start), 0, -1
    else:
        now, w, state, first, seen = place.now, place.now.w, place.state, place.now.k, place.now.k
    due, step = due_of(stop) or _never, stepping(optimizer, learning_rate)
    for k, (epoch_begins, batch) in enumerate(steps, first):
        if (epoch_begins or due(k)) and k > seen:
            now = look(evaluate, k, w)
            lost = diverged(now)  # before any test of convergence: NaN compares false with everything
            if now.finite:
                see(now)
            verdict = lost or stop(now)
            if verdict:
                place.now, place.state = now, state
                return now, verdict
        here = look(batch, k, w) if batch else now
        w, state = step(here, state)
    raise AssertionError("steps have no end")


def stepping(optimizer: Optimizer, learning_rate: Chooser) -> Callable[[Iterate, State], Tuple[Vector, State]]:
    """(iterate, state) → (w_{k+1}, the state there); a search looks where the optimizer aims, if it says so."""
    aim = optimizer.aim
    if aim is None or not isinstance(learning_rate, Search):
        return lambda now, state: optimizer.step(now, state, learning_rate(now))

    def searched(now: Iterate, state: State) -> Tuple[Vector, State]:
        direction, after = aim(now.w, now.gradient, state)
        return moved(now.w, learning_rate.along(now, direction), direction), after

    return searched


def _never(k: int) -> bool:
    return False


def look(evaluate: Evaluate, k: int, w: Vector) -> Iterate:
    """f and ∇f at w; arithmetic that has no result there (overflow, log of 0, 1/0) gives NaN."""
    try:
        cost, gradient, gap = evaluate(w)
    except (ArithmeticError, ValueError):
        cost, gradient, gap = NAN, [NAN] * len(w), None
    return Iterate(k, w, cost, gradient, norm(gradient), gap)
