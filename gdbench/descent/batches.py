"""Stochastic gradients: each update looks at some of the rows, each epoch at all of them once.

The rows are shuffled anew for each epoch by a generator of its own, seeded from the run's identity.
"""

from __future__ import annotations

from random import Random
from typing import Iterator, List, Sequence

from gdbench.descent.domains import natural
from gdbench.descent.problems.table import Row
from gdbench.descent.registry import Registry

BATCH_SIZES: Registry[int] = Registry(
    "batch size", "batch_sizes", given=1, also=("batch", "batches", "minibatch", "mini_batch_size")
)


@BATCH_SIZES.register("full", facts={"also": ("all", "full_batch")})
def full(rows: int) -> int:
    """All rows in every update: plain gradient descent."""
    return rows


@BATCH_SIZES.register("rows", facts={"also": ("minibatch",)}, size=natural)
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
