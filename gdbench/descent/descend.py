"""Gradient descent: the loop that all else serves.

w₀ given;  w_{k+1} = update(w_k, ∇f(w_k), η_k);  until a rule says stop.
"""

from __future__ import annotations

from itertools import repeat
from typing import Callable, Iterator, Optional, Tuple

from gdbench.descent.iterate import Iterate
from gdbench.descent.learning_rates import Chooser
from gdbench.descent.numerics.vectors import Vector, norm
from gdbench.descent.optimizers import Optimizer
from gdbench.descent.problems.objective import Evaluate
from gdbench.descent.stopping import Verdict, Watcher, due_of

NAN = float("nan")
#: Whether an epoch begins with this step, and the cost that it goes down: None stands for the whole one.
Step = Tuple[bool, Optional[Evaluate]]
#: All rows in each update: an epoch is one step.
FULL_BATCH: Iterator[Step] = repeat((True, None))


def descend(
    evaluate: Evaluate,
    start: Vector,
    optimizer: Optimizer,
    learning_rate: Chooser,
    diverged: Watcher,
    stop: Watcher,
    see: Callable[[Iterate], None],
    steps: Iterator[Step] = FULL_BATCH,
) -> Tuple[Iterate, Verdict]:
    """Go down from `start` until `diverged` or `stop` gives a verdict; `see` is shown every finite iterate.

    k counts updates. The whole cost is looked at where an epoch begins, and where a limit of `stop` is due, so
    that a run ends exactly there; that is what rules and curves see.
    """
    w, state = start, optimizer.init(start)
    due = due_of(stop) or _never
    for k, (epoch_begins, batch) in enumerate(steps):
        if epoch_begins or due(k):
            now = look(evaluate, k, w)
            lost = diverged(now)  # before any test of convergence: NaN compares false with everything
            if now.finite:
                see(now)
            verdict = lost or stop(now)
            if verdict:
                return now, verdict
        here = look(batch, k, w) if batch else now
        w, state = optimizer.step(here, state, learning_rate(here))
    raise AssertionError("steps have no end")


def _never(k: int) -> bool:
    return False


def look(evaluate: Evaluate, k: int, w: Vector) -> Iterate:
    """f and ∇f at w; arithmetic that has no result there (overflow, log of 0, 1/0) gives NaN."""
    try:
        cost, gradient, gap = evaluate(w)
    except (ArithmeticError, ValueError):
        cost, gradient, gap = NAN, [NAN] * len(w), None
    return Iterate(k, w, cost, gradient, norm(gradient), gap)
