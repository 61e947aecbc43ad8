"""Gradient descent: the loop that all else serves.

w₀ given;  w_{k+1} = update(w_k, ∇f(w_k), η_k);  until a rule says stop.
"""

from __future__ import annotations

from itertools import repeat
from typing import Callable, Iterable, Iterator, Optional, Tuple

from gdbench.descent.iterate import Iterate
from gdbench.descent.learning_rates import Chooser
from gdbench.descent.numerics.vectors import Vector, norm
from gdbench.descent.optimizers import Optimizer
from gdbench.descent.problems.objective import Evaluate
from gdbench.descent.stopping import Verdict, Watcher

NAN = float("nan")
#: The objectives that one epoch steps along; None stands for the whole cost, whose gradient is at hand.
Epoch = Iterable[Optional[Evaluate]]
#: All rows in each update: an epoch is one step.
FULL_BATCH: Iterator[Epoch] = repeat((None,))


def descend(
    evaluate: Evaluate,
    start: Vector,
    optimizer: Optimizer,
    learning_rate: Chooser,
    diverged: Watcher,
    stop: Watcher,
    see: Callable[[Iterate], None],
    epochs: Iterator[Epoch] = FULL_BATCH,
) -> Tuple[Iterate, Verdict]:
    """Go down from `start` until `diverged` or `stop` gives a verdict; `see` is shown every finite iterate.

    k counts updates. The whole cost is looked at once an epoch, and that is what rules and curves see.
    """
    k, w, state = 0, start, optimizer.init(start)
    for epoch in epochs:
        now = look(evaluate, k, w)
        lost = diverged(now)  # before any test of convergence: NaN compares false with everything
        if now.finite:
            see(now)
        verdict = lost or stop(now)
        if verdict:
            return now, verdict
        for batch in epoch:
            here = look(batch, k, w) if batch else now
            w, state = optimizer.update(w, here.gradient, state, learning_rate(here))
            k += 1
    raise AssertionError("epochs have no end")


def look(evaluate: Evaluate, k: int, w: Vector) -> Iterate:
    """f and ∇f at w; arithmetic that has no result there (overflow, log of 0, 1/0) gives NaN."""
    try:
        cost, gradient, gap = evaluate(w)
    except (ArithmeticError, ValueError):
        cost, gradient, gap = NAN, [NAN] * len(w), None
    return Iterate(k, w, cost, gradient, norm(gradient), gap)
