"""Stochastic gradients: each update looks at some of the rows, each epoch at all of them once.

The rows are shuffled anew for each epoch by a generator of its own, seeded from the run's identity.
"""

from __future__ import annotations

from random import Random
from typing import Iterator, Optional, Sequence, Tuple

from gdbench.descent.domains import natural
from gdbench.descent.problems.table import Row
from gdbench.descent.recording.memory import Told
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


class Epochs:
    """The batches of one epoch after the other, each with its place in its epoch; the last holds what is left.

    It can be stopped at any batch, and gone on with from there on.
    """

    def __init__(self, rows: Sequence[Row], size: int, random: Random) -> None:
        self._rows, self._size, self._random = rows, size, random
        self._order = list(rows)
        self._place: Optional[int] = None

    def __iter__(self) -> Iterator[Tuple[int, Sequence[Row]]]:
        size, count = self._size, len(range(0, len(self._rows), self._size))
        while True:
            if self._place is None:
                self._random.shuffle(self._order)
                self._place = 0
            while self._place < count:
                yield self._place, self._order[self._place * size : (self._place + 1) * size]
                self._place += 1
            self._place = None

    def remembered(self) -> Told:
        """The place, the order of the rows, and the generator's state."""
        places = {id(row): place for place, row in enumerate(self._rows)}
        version, inner, following = self._random.getstate()
        return {
            "place": self._place,
            "order": [places[id(row)] for row in self._order],
            "random": [version, list(inner), following],
        }

    def recall(self, told: Told) -> None:
        version, inner, following = told["random"]
        self._random.setstate((version, tuple(inner), following))
        self._order = [self._rows[place] for place in told["order"]]
        self._place = told["place"]
