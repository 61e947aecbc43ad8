"""Where descents went: their recorded iterates in a plane, and the landscape under them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from contourpy import contour_generator

from gdbench.descent.errors import GdbenchError
from gdbench.descent.execute import starting_point
from gdbench.descent.problems.problem import Problem, build_problem
from gdbench.descent.problems.table import Table
from gdbench.descent.recording.result import OUTCOMES
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord

#: Rows that are passed over for the heights of one landscape; with more data the grid is coarser, to a limit.
MOST_ROWS, FEWEST = 20_000_000, 12
#: Points of a side of the grid in the plane of two parameters, and in one through more of them.
SIDE, SIDE_OF_MANY = 48, 28
#: Of other numbers of parameters: numbers (rows × parameters) that are worked on for one picture, and in one
#: evaluation; where those are more, a report would wait for its pictures.
MOST_NUMBERS, LARGEST = 8_000_000, 400_000
#: A triangle whose height is less than this share of its base is no plane.
_FLAT = 1e-3

Point = Sequence[float]


@dataclass(frozen=True)
class Path:
    """Some of a run's iterates, the first and the last among them: parallel lists."""

    setting: Setting
    number: int
    run: RunRecord
    iteration: tuple[int, ...]
    points: tuple[tuple[float, ...], ...]

    def at(self, iterations: Sequence[int]) -> Path:
        """With these of its iterations, and the last."""
        wanted = {*iterations, self.iteration[-1]}
        kept = [pair for pair in zip(self.iteration, self.points, strict=True) if pair[0] in wanted]
        iteration, points = zip(*kept, strict=True)
        return Path(self.setting, self.number, self.run, iteration, points)


def paths(study: Study, problem: ProblemRecord) -> list[Path]:
    """Those of one problem's runs that their record holds whole: of two parameters. No repetitions."""
    found = []
    for setting in study.of_problem(problem):
        for run in setting.runs:
            points = run.result.path
            if points and len(points[0]) == 3 and not run.spec.get("replicate"):
                found.append(Path(setting, study.numbers[setting], run, *_parted(points)))
    return found


def path_of(setting: Setting, number: int, run: RunRecord, on: Ground) -> Path | None:
    """A run's path of any number of parameters. run: with its curve, which tells where it ended."""
    result, start = run.result, starting_point(run.spec, on.problem.shape)
    if len(result.parameters) != len(start) or not result.curve.iteration or not result.curve.iteration[-1]:
        return None
    inside = [] if len(start) == 2 else result.path
    last = [float(result.curve.iteration[-1]), *result.parameters]
    return Path(setting, number, run, *_parted([[0.0, *start], *inside, last]))


def _parted(points: Sequence[Point]) -> tuple[tuple[int, ...], tuple[tuple[float, ...], ...]]:
    return tuple(int(point[0]) for point in points), tuple(tuple(point[1:]) for point in points)


def frames(drawn: Sequence[Path], most: int) -> list[int]:
    """Iterations at which the paths are looked at together: kept ones, the first and the last among them."""
    kept = sorted({k for path in drawn for k in path.iteration})
    if len(kept) <= most:
        return kept
    return sorted({kept[round(i * (len(kept) - 1) / (most - 1))] for i in range(most)})


class Ground(NamedTuple):
    """What a run went down."""

    problem: Problem

    def height(self, w: Point) -> float:
        """NaN where the formula has no value."""
        try:
            return self.problem.objective.cost(list(w))
        except (ArithmeticError, ValueError):
            return math.nan

    def slope(self, w: Point) -> tuple[float, list[float]]:
        """(f, ∇f)."""
        try:
            return self.problem.objective.cost_and_gradient(list(w))
        except (ArithmeticError, ValueError):
            return math.nan, [math.nan] * len(w)

    @property
    def rows(self) -> int:
        """Rows that one evaluation passes over; 1 of a surface."""
        return len(self.problem.table.rows) if self.problem.table else 1

    @property
    def affordable(self) -> int:
        """How many evaluations one picture can have."""
        size = self.problem.objective.size
        return MOST_ROWS // self.rows if size == 2 else MOST_NUMBERS // (self.rows * size)


def ground(run: RunRecord, problem: ProblemRecord, table: Table | None) -> Ground | None:
    """table: its data; None of a surface, or where it is not at hand: nor is the ground then, or a plug-in."""
    if table is None and "surface" not in run.spec:
        return None
    kernel = run.spec["kernel"] if table else {"compiled": {}}
    try:
        return Ground(build_problem({**run.spec, "kernel": kernel}, table, problem.constants))
    except (GdbenchError, ArithmeticError):
        return None


@dataclass(frozen=True)
class Plane:
    """origin + x·across + y·up, the two directions of length 1 and at right angles: distances are true."""

    origin: Point
    across: Point
    up: Point

    def point(self, x: float, y: float) -> list[float]:
        """The parameters at a place."""
        return [o + x * a + y * b for o, a, b in zip(self.origin, self.across, self.up, strict=True)]

    def seen(self, w: Point) -> tuple[float, float]:
        """The place of parameters, or of the nearest point of the plane."""
        away = _minus(w, self.origin)
        return _dot(away, self.across), _dot(away, self.up)

    def off(self, w: Point) -> float:
        """How far parameters are from the plane."""
        return math.dist(w, self.point(*self.seen(w)))


#: The plane of two parameters, as they are.
OF_TWO = Plane((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))


def plane(start: Point, end: Point, others: Sequence[Point]) -> Plane | None:
    """Through start, end and that of the others which is farthest from their line; None where all lie on it."""
    length = math.dist(start, end)
    if not 0 < length < math.inf:
        return None
    across = [part / length for part in _minus(end, start)]
    heights = []
    for other in others:
        away = _minus(other, start)
        share = _dot(away, across)
        heights.append([part - share * a for part, a in zip(away, across, strict=True)])
    up = max(heights, key=lambda height: math.hypot(*height), default=[0.0])
    height = math.hypot(*up)
    if not _FLAT * length < height < math.inf:
        return None
    return Plane(tuple(start), tuple(across), tuple(part / height for part in up))


@dataclass(frozen=True)
class Box:
    """A rectangle of the plane."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def wide(self) -> float:
        return self.right - self.left

    @property
    def high(self) -> float:
        return self.top - self.bottom

    def holds(self, x: float, y: float, room: float = 0.0) -> bool:
        """Whether a place is in it. room: how much larger it is taken to be at each side, as a share of it."""
        wide, high = room * self.wide, room * self.high
        across = self.left - wide <= x <= self.right + wide
        return across and self.bottom - high <= y <= self.top + high

    def shaped(self, narrow: float, broad: float) -> Box:
        """Larger, so that a frame of any shape from `narrow` to `broad` (width to height) is filled."""
        wide, high = max(self.wide, broad * self.high), max(self.high, self.wide / narrow)
        x, y = (self.left + self.right) / 2, (self.bottom + self.top) / 2
        return Box(x - wide / 2, x + wide / 2, y - high / 2, y + high / 2)


def box(drawn: Sequence[Path], on: Plane, optimum: Point, margin: float = 0.15) -> Box:
    """What holds the starts, the optimum, the best end, and paths that stayed within ten times their spread."""
    placed = [(OUTCOMES[path.run.result.outcome], [on.seen(point) for point in path.points]) for path in drawn]
    firm = [places[0] for _, places in placed]
    firm += [on.seen(optimum)] if optimum else []
    firm += [p[-1] for place, (end, p) in enumerate(placed) if end.at_rest or (end.usable and not place)]
    reach = max(1e-3, *(max(c) - min(c) for c in zip(*firm, strict=True)))
    centre = [(max(c) + min(c)) / 2 for c in zip(*firm, strict=True)]
    wide = Box(centre[0] - 2 * reach, centre[0] + 2 * reach, centre[1] - 2 * reach, centre[1] + 2 * reach)
    inside = [place for end, places in placed if end.usable for place in places if wide.holds(*place)]
    xs, ys = zip(*firm, *inside, strict=True)
    return Box(*_roomy(xs, margin, reach / 4), *_roomy(ys, margin, reach / 4))


def _roomy(values: Sequence[float], margin: float, least: float) -> tuple[float, float]:
    room = margin * max(max(values) - min(values), least)
    return min(values) - room, max(values) + room


@dataclass(frozen=True)
class Contours:
    """cost[row][column] at (x[column], y[row]); NaN where the formula has no value there."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    cost: tuple[tuple[float, ...], ...]


def contours(on: Ground, seen: Plane, within: Box) -> Contours | None:
    """The heights of a rectangle of a plane; None where they take too long."""
    two = len(seen.origin) == 2
    points = SIDE if on.problem.quadratic or two else SIDE_OF_MANY
    if not on.problem.quadratic:
        points = min(points, math.isqrt(on.affordable))
    if points < FEWEST:
        if not two:
            return None
        points = FEWEST
    xs = spaced(within.left, within.right, points)
    ys = spaced(within.bottom, within.top, points)
    height = _parabolic(on, seen, within) if on.problem.quadratic else lambda x, y: on.height(seen.point(x, y))
    heights = [[height(x, y) for x in xs] for y in ys]
    return Contours(xs, ys, tuple(tuple(h if math.isfinite(h) else math.nan for h in row) for row in heights))


def _parabolic(on: Ground, seen: Plane, within: Box) -> Callable[[float, float], float]:
    """The heights of a quadratic: six of them tell all others."""
    x0, y0 = (within.left + within.right) / 2, (within.bottom + within.top) / 2
    a, b = within.wide / 2, within.high / 2
    places = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1))
    c, east, west, north, south, corner = (on.height(seen.point(x0 + i * a, y0 + j * b)) for i, j in places)
    bx, cx = (east - west) / 2, (east + west) / 2 - c
    by, cy = (north - south) / 2, (north + south) / 2 - c
    both = corner - c - bx - by - cx - cy

    def height(x: float, y: float) -> float:
        u, v = (x - x0) / a, (y - y0) / b
        return c + u * (bx + cx * u + both * v) + v * (by + cy * v)

    return height


def level_lines(
    xs: Sequence[float], ys: Sequence[float], heights: Sequence[Sequence[float]], levels: Sequence[float]
) -> list[tuple[float, Sequence[Sequence[float]]]]:
    """(level, points of a line along which the height is that); NaN where there is no height."""
    generator = contour_generator(xs, ys, heights)
    found = ((level, cast("Sequence[Sequence[Sequence[float]]]", generator.lines(level))) for level in levels)
    return [(level, line) for level, lines in found for line in lines]


def spaced(low: float, high: float, points: int) -> tuple[float, ...]:
    """So many numbers, evenly, both ends among them."""
    return tuple(low + (high - low) * i / (points - 1) for i in range(points))


def _minus(a: Point, b: Point) -> list[float]:
    return [one - other for one, other in zip(a, b, strict=True)]


def _dot(a: Point, b: Point) -> float:
    return math.fsum(one * other for one, other in zip(a, b, strict=True))
