"""The cost of rows that no step sees, at the iterates that are recorded: what a model makes of new rows."""

from __future__ import annotations

import math
import time
from functools import lru_cache
from typing import Callable, Optional

from gdbench.descent.iterate import Iterate
from gdbench.descent.kernels.definition import Definition, define, prepare
from gdbench.descent.kernels.kernel import KERNELS, prepare_kernel
from gdbench.descent.kernels.qr import qr
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.table import SameTable, Table
from gdbench.descent.recording.plain import Plain
from gdbench.descent.registry import Spec

#: Where a spec has the digest of the rows that are held out; the rest of it knows nothing of them.
TEST_DIGEST = "test_digest"


class SideCost:
    """w_k → a cost that no step goes by, such as that of the rows held out; NaN where it has no value.

    It is no work of the descent: nothing counts it, and what it takes is kept apart.
    seconds: that it has taken.
    """

    REMEMBERED = ("_known", "_value", "seconds", "_best_iteration", "_lowest")

    def __init__(self, cost: Callable[[Vector], float]) -> None:
        self._cost = cost
        self._known: Optional[int] = None
        self._value = math.nan
        self.seconds = 0.0
        self._best_iteration: Optional[int] = None
        self._lowest = math.inf

    def __call__(self, now: Iterate) -> float:
        """Worked out once for each iterate, whoever asks."""
        if now.k != self._known:
            began = time.perf_counter()
            self._known, self._value = now.k, _value(self._cost, now.w)
            if self._value < self._lowest:
                self._lowest, self._best_iteration = self._value, now.k
            self.seconds += time.perf_counter() - began
        return self._value

    def ending(self, last: Optional[Iterate]) -> Plain:
        """What is recorded of it: where the run ended, and the lowest that was looked at."""
        end = self(last) if last else math.nan
        return {
            "cost": end if math.isfinite(end) else None,
            "best_cost": None if self._best_iteration is None else self._lowest,
            "best_iteration": self._best_iteration,
        }


def held_out_cost(spec: Spec, test: Table, outputs: int) -> SideCost:
    """The mean cost of a spec over the rows held out, without penalty. outputs: as many as in training."""
    definition = define(spec["model"], spec["cost"], test.features, outputs=outputs)
    ((kernel, _),) = spec["kernel"].items()
    merged = bool(KERNELS[kernel].facts.get("squared")) and len(test.rows) > definition.size
    return SideCost(_cost_on(definition, SameTable(test), merged=merged))


@lru_cache(maxsize=8)
def _cost_on(definition: Definition, data: SameTable, *, merged: bool) -> Callable[[Vector], float]:
    """Laid out once: the runs of a sweep share it. merged: into a triangle, as the run's kernel merges rows."""
    table, _ = prepare(definition.choices.cost, data.table, definition.outputs)
    if merged:
        return qr(definition, table).cost
    return prepare_kernel(definition).whole(table.rows)[0]


def _value(cost: Callable[[Vector], float], w: Vector) -> float:
    try:
        return cost(w)
    except (ArithmeticError, ValueError):
        return math.nan
