"""Stochastic gradients: each update looks at some of the rows, each epoch at all of them once.

The rows are shuffled anew for each epoch by a generator of its own, seeded from the run's identity. The
whole objective is evaluated at the end of every epoch, and that is what rules and curves see.
"""

from __future__ import annotations

from itertools import count
from random import Random
from typing import Callable, Iterator, List, Sequence, Tuple

from gdbench.descent.descend import evaluate
from gdbench.descent.domains import natural
from gdbench.descent.iterate import Iterate
from gdbench.descent.learning_rates import Chooser
from gdbench.descent.numerics.vectors import Vector, norm
from gdbench.descent.optimizers import Optimizer
from gdbench.descent.problems.objective import CostAndGradient
from gdbench.descent.problems.table import Row
from gdbench.descent.registry import Registry
from gdbench.descent.stopping import Verdict, Watcher

BATCH_SIZES: Registry[int] = Registry("batch size", "batch_sizes", given=1)


@BATCH_SIZES.register("full")
def full(rows: int) -> int:
    """All rows in every update: plain gradient descent."""
    return rows


@BATCH_SIZES.register("rows", size=natural)
def some(rows: int, size: int) -> int:
    """So many rows in every update: stochastic gradient descent (Robbins & Monro 1951).

    size: ≥ 1; the last batch of an epoch holds what is left.
    """
    return min(size, rows)


def epochs(rows: Sequence[Row], size: int, random: Random) -> Iterator[List[Sequence[Row]]]:
    """For each epoch its batches of `size` rows; the last one holds what is left."""
    order = list(rows)
    while True:
        random.shuffle(order)
        yield [order[i : i + size] for i in range(0, len(order), size)]


def descend_in_batches(
    cost_and_gradient: CostAndGradient,
    on: Callable[[Sequence[Row]], CostAndGradient],
    batches: Iterator[List[Sequence[Row]]],
    start: Vector,
    optimizer: Optimizer,
    learning_rate: Chooser,
    diverged: Watcher,
    stop: Watcher,
    see: Callable[[Iterate], None],
) -> Tuple[Iterate, Verdict]:
    """As `descend`, with updates by batches; k counts updates, and iterates are seen once an epoch."""
    w, state, k = start, optimizer.init(start), 0
    for _ in count():
        cost, gradient = evaluate(cost_and_gradient, w)
        now = Iterate(k, w, cost, gradient, norm(gradient))
        lost = diverged(now)
        if now.finite:
            see(now)
        verdict = lost or stop(now)
        if verdict:
            return now, verdict
        for batch in next(batches):
            cost, gradient = evaluate(on(batch), w)
            here = Iterate(k, w, cost, gradient, norm(gradient))
            w, state = optimizer.update(w, gradient, state, learning_rate(here))
            k += 1
    raise AssertionError("count() has no end")
