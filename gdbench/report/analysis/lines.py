"""The lines of the chart of descents: each setting's curves as a median with its quartiles, few points each."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from gdbench.descent.kernels.kernel import measures_gaps
from gdbench.descent.recording.result import Curve
from gdbench.judgement.settings import Setting, measurable, spread
from gdbench.record.recorded_plan import thinned
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.units import ITERATIONS, Unit

#: Points of one line at most and at least, and of all lines of a page together; of more lines than so many they
#: are fewer: nobody follows one of them, and a page is to be sent.
MOST, LEAST, ALTOGETHER, CROWDED = 300, 24, 24_000, 360
#: A relative gap below this is rounding, and drawn here; of a kernel that carries its gap hardly any is below.
FLOOR, FINEST = 1e-16, 1e-32
#: The axis ends at this multiple of the highest start, so that a divergence cannot flatten the rest.
HEADROOM = 10.0
#: Stands for ∞ in data that knows no ∞: the height of a run that has diverged.
BEYOND = 1e300


@dataclass(frozen=True)
class Band:
    """Parallel lists: at each iteration the median, and the quartiles low and high, of the setting's runs.

    Heights are relative gaps where the problem has an optimum, else costs. A run that has ended keeps its
    last value, a diverged one counts as ∞ from its end on; the band ends where its last run does.
    runs: how many; with one, low = median = high.
    """

    setting: Setting
    number: int
    iteration: tuple[float, ...]
    median: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    runs: int


@dataclass(frozen=True)
class Scale:
    """The vertical axis: which quantity, between which ends, and whether its logarithm."""

    quantity: str
    bottom: float
    top: float
    log: bool

    def exit(self, band: Band) -> tuple[float, float]:
        """Where a line crosses the top; where it is last seen if it never does."""
        points = list(zip(band.iteration, band.median, strict=True))
        for (k, low), (later, high) in pairwise(points):
            if low <= self.top < high:
                if math.isinf(high):
                    return k, low
                share = self._share(low, high)
                return math.expm1(math.log1p(k) + share * (math.log1p(later) - math.log1p(k))), self.top
        return points[-1][0], min(points[-1][1], self.top)

    def _share(self, low: float, high: float) -> float:
        """How much of a line from `low` up to `high` is below the top."""
        if self.log:
            return math.log(self.top / low) / math.log(high / low)
        return (self.top - low) / (high - low)


def evenly(things: Sequence[str], room: int) -> list[str]:
    """All of them, or as many as have room, the first and the last among them."""
    if len(things) <= room:
        return list(things)
    return [things[round(i * (len(things) - 1) / max(1, room - 1))] for i in range(room)]


def lines(
    members: Sequence[tuple[int, Setting]],
    store: Store,
    problem: ProblemRecord,
    *,
    crowd: int = 0,
) -> list[Band]:
    """A line for each setting that has a curve, by number; one run's curve is in memory at a time.

    crowd: lines on the whole page, where other problems have some too.
    """
    return _lines(members, store, problem, [_Points(_most(members, crowd), (), ITERATIONS)])[0]


def lines_in(
    units: Sequence[Unit],
    members: Sequence[tuple[int, Setting]],
    store: Store,
    problem: ProblemRecord,
    crowd: int = 0,
) -> list[list[Band]]:
    """The same for each unit, all lines with the same points along the axis, which count in it.

    Each run is read once, which takes longer than what is done with it.
    """
    points, settings = _most(members, crowd), [setting for _, setting in members]
    picks = [_Points(points, _shared(settings, unit, points), unit) for unit in units]
    return _lines(members, store, problem, picks)


def _most(members: Sequence[tuple[int, Setting]], crowd: int) -> int:
    """Points of a line."""
    drawn = max(1, crowd, len(members))
    points = ALTOGETHER // drawn
    return max(LEAST, min(MOST, points if drawn <= CROWDED else points * CROWDED // drawn))


def _lines(
    members: Sequence[tuple[int, Setting]], store: Store, problem: ProblemRecord, picks: Sequence[_Points]
) -> list[list[Band]]:
    drawn = [bands for number, setting in members if (bands := _line(number, setting, store, problem, picks))]
    return [list(bands) for bands in zip(*drawn, strict=True)] or [[] for _ in picks]


def csv(drawn: Iterable[Band], digits: int = 4) -> str:
    """All points as CSV: a third of the size of JSON, and Vega reads it as it is."""
    rows = [
        f"{band.number},{k:.12g},{_short(middle, digits)}{quartiles}"
        for band in drawn
        for k, middle, quartiles in zip(band.iteration, band.median, _quartiles(band, digits), strict=True)
    ]
    return "\n".join(["n,x,height,low,high", *rows])


def scale(problem: ProblemRecord, drawn: Sequence[Band]) -> Scale:
    """The vertical axis on which all of the lines can be told apart, diverging ones cut off."""
    start = max(band.median[0] for band in drawn)
    finite = [height for band in drawn for height in band.median if math.isfinite(height)]
    lowest, highest = min(finite), max(finite)
    if measurable(problem):
        return Scale("relative objective gap", lowest, min(HEADROOM * start, 1.5 * highest), log=True)
    if lowest > 0 and start > 100 * lowest:
        return Scale("cost", lowest, min(HEADROOM * start, 1.5 * highest), log=True)
    room = 0.5 * (start - lowest) or abs(start) or 1.0
    return Scale("cost", lowest, start + room, log=False)


class _Points(NamedTuple):
    """Where lines have points: at most so many of their own, or shared ones that count in the unit."""

    most: int
    shared: Sequence[float]
    unit: Unit

    def along(self, run: RunRecord, setting: Setting) -> Sequence[float]:
        """Those of a line: what its one run recorded, or evenly spaced ones for several."""
        if self.shared:
            return self.shared
        if len(setting.runs) == 1:
            result = run.result
            keep = [k for k in (result.best_iteration, *result.iterations_to.values()) if k is not None]
            recorded = result.curve.iteration
            return [recorded[place] for place in thinned(recorded, self.most, keep)]
        return thinned(range(setting.iterations[2] + 1), self.most)

    def iterations(self, along: Sequence[float], setting: Setting) -> list[int]:
        """The last iteration done at each point. The pace is a mean: what rounding took is given back."""
        pace = self.unit.per_iteration(setting) if self.shared else 1.0
        return [math.floor(x / pace + 1e-9) for x in along]


def _recorded(run: RunRecord, curve: Curve, problem: ProblemRecord) -> Sequence[float]:
    """The run's value at each iteration that it recorded."""
    measure = problem.yardstick
    if not measure:
        return curve.cost
    floor = floor_of(run)
    return [max(gap / measure.length, floor) for gap in curve.gaps(measure.optimum)]


def _heights(
    run: RunRecord, curve: Curve, heights: Sequence[float], grid: Sequence[int], places: Sequence[int]
) -> list[float]:
    """The run's value at each iteration of the grid: the last one recorded until then."""
    if run.result.outcome != "diverged":
        return [heights[place] for place in places]
    end = curve.iteration[-1]
    return [math.inf if k > end else heights[place] for k, place in zip(grid, places, strict=True)]


def _places(recorded: Sequence[int], grid: Sequence[int]) -> list[int]:
    """Where in a curve the last iteration recorded until each of the grid is."""
    return [bisect_right(recorded, k) - 1 for k in grid]


def floor_of(run: RunRecord) -> float:
    """The least relative gap that is drawn of a run."""
    return FINEST if measures_gaps(run.spec) else FLOOR


def _line(
    number: int, setting: Setting, store: Store, problem: ProblemRecord, picks: Sequence[_Points]
) -> list[Band]:
    """A band for each way to pick points; none where no run of the setting has a curve."""
    columns: list[list[list[float]]] = [[] for _ in picks]
    along: list[Sequence[float]] = []
    grids: list[list[int]] = []
    seen: tuple[Sequence[int], list[list[int]]] = ((), [])
    for run, curve in _with_curves(setting, store):
        if curve.iteration:
            along = along or [pick.along(run, setting) for pick in picks]
            # the same for all runs, over which a pace is taken
            grids = grids or [pick.iterations(p, setting) for pick, p in zip(picks, along, strict=True)]
            if curve.iteration != seen[0]:  # most runs of a setting record the same
                seen = curve.iteration, [_places(curve.iteration, grid) for grid in grids]
            heights = _recorded(run, curve, problem)
            for column, grid, places in zip(columns, grids, seen[1], strict=True):
                column.append(_heights(run, curve, heights, grid, places))
    return [_band(setting, number, points, column) for points, column in zip(along, columns, strict=False)]


def _with_curves(setting: Setting, store: Store) -> Iterator[tuple[RunRecord, Curve]]:
    """The runs one after the other; a single one as it is recorded, since its crossings are kept."""
    runs = {run.key: run for run in setting.runs}
    if len(runs) == 1:
        return ((run, run.result.curve) for run in store.runs(runs))
    return ((runs[key], curve) for key, curve in store.curves(runs))


def _band(setting: Setting, number: int, along: Sequence[float], columns: Sequence[Sequence[float]]) -> Band:
    spreads = [known for column in zip(*columns, strict=True) if (known := spread(column))]
    middle, low, high, _ = zip(*spreads, strict=True)
    return Band(setting, number, tuple(along), middle, low, high, len(columns))


def _shared(members: Sequence[Setting], unit: Unit, points: int) -> list[float]:
    """Points along the axis for all lines, evenly spaced in the logarithm after 0."""
    paces = [(unit.per_iteration(cell), cell.iterations[2]) for cell in members]
    longest = max(pace * most for pace, most in paces)
    if unit is ITERATIONS:
        return [float(k) for k in thinned(range(int(longest) + 1), points)]
    least = min(pace for pace, _ in paces)
    steps = points - 2
    spaced = (least * (longest / least) ** (step / steps) for step in range(steps + 1))
    return [0.0, *(float(f"{x:.3g}") for x in spaced)]


def _quartiles(band: Band, digits: int) -> Iterator[str]:
    if band.runs == 1:
        yield from ("" for _ in band.median)
        return
    for low, high in zip(band.low, band.high, strict=True):
        yield f",{_short(low, digits)},{_short(high, digits)}"


def _short(height: float, digits: int) -> str:
    return "1e300" if height >= BEYOND else f"{height:.{digits}g}"


class GapLine(NamedTuple):
    """Of what stands for a method on a problem: relative gaps by iteration. problem: its id."""

    method: str
    problem: str
    tuning: str
    iterations: Sequence[int]
    gaps: Sequence[float]

    @property
    def name(self) -> str:
        return f"{self.method}, {self.tuning}" if self.tuning else self.method
