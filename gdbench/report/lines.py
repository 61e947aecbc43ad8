"""The lines of the chart of descents: curves of a setting's runs as one median with its quartiles."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gdbench.execution.records import ProblemRecord, RunRecord
from gdbench.execution.store import Store
from gdbench.report.cells import Cells
from gdbench.report.settings import Setting
from gdbench.report.spread import spread
from gdbench.report.thinning import thinned
from gdbench.report.units import ITERATIONS, Unit

#: Points of one line at most and at least, and of all lines of a chart together.
MOST, LEAST, ALTOGETHER = 300, 40, 24_000
#: A relative gap below this is rounding; it is drawn here.
FLOOR = 1e-16
#: Stands for ∞, the height of a diverged run after its end, in data that knows no ∞.
BEYOND = 1e300


@dataclass(frozen=True)
class Line:
    """Parallel lists over the unit x: the median of the runs' heights, and the quartiles where there are several.

    n: the setting's number.  height: relative gaps, or costs where no optimum is known; `BEYOND` for ∞. A run
    that has ended keeps its last height, a diverged one is beyond any from its end on.
    """

    n: int
    setting: Setting
    x: tuple[float, ...]
    height: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    runs: int

    def exit(self, top: float, *, log: bool) -> tuple[float, float]:
        """Where the line crosses the top of a chart; its end if it never does."""
        for place, height in enumerate(self.height):
            if height > top:
                return self._crossing(place, top, log=log)
        return self.x[-1], self.height[-1]

    def _crossing(self, place: int, top: float, *, log: bool) -> tuple[float, float]:
        if place == 0 or self.height[place] >= BEYOND:
            return self.x[max(0, place - 1)], min(top, self.height[max(0, place - 1)])
        (before, low), (after, high) = zip(self.x, self.height, strict=True)[place - 1 : place + 1]  # type: ignore[index]
        share = math.log(top / low) / math.log(high / low) if log else (top - low) / (high - low)
        return math.expm1(math.log1p(before) + share * (math.log1p(after) - math.log1p(before))), top
