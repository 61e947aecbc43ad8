"""Paths in the plane: the recorded iterates of problems with two parameters, and the landscape under them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from contourpy import contour_generator

from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
from gdbench.descent.recording.result import OUTCOMES
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.reference.problem import ProblemRecord

#: Rows that are passed over for the heights of one landscape; with more data the grid is coarser, to a limit.
MOST_ROWS, FEWEST = 20_000_000, 12


@dataclass(frozen=True)
class Path:
    """Parallel lists: some of a run's iterates, the first and the last among them."""

    setting: Setting
    number: int
    run: RunRecord
    iteration: tuple[int, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Box:
    """A rectangle of the plane."""

    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True)
class Contours:
    """cost[row][column] at (x[column], y[row]); None where the formula has no value there."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    cost: tuple[tuple[float | None, ...], ...]


def paths(study: Study, problem: ProblemRecord) -> list[Path]:
    """The paths of one problem's runs; empty where it has not two parameters, or older records kept none."""
    found = []
    for setting in study.of_problem(problem):
        for run in setting.runs:
            points = run.result.path
            if points and len(points[0]) == 3:  # k, and two parameters
                k, x, y = zip(*points, strict=True)
                found.append(Path(setting, study.numbers[setting], run, tuple(map(int, k)), x, y))
    return found


def box(drawn: Sequence[Path], problem: ProblemRecord, margin: float = 0.15) -> Box:
    """What holds the starts, the optimum and every path that stayed within ten times their spread."""
    firm = [(path.x[0], path.y[0]) for path in drawn]
    if len(problem.optimum.parameters) == 2:
        firm.append((problem.optimum.parameters[0], problem.optimum.parameters[1]))
    firm += [(p.x[-1], p.y[-1]) for p in drawn if OUTCOMES[p.run.result.outcome].at_rest]
    reach = max(1e-3, *(max(c) - min(c) for c in zip(*firm, strict=True)))
    centre = [(max(c) + min(c)) / 2 for c in zip(*firm, strict=True)]
    inside = [
        (x, y)
        for path in drawn
        if OUTCOMES[path.run.result.outcome].usable
        for x, y in zip(path.x, path.y, strict=True)
        if abs(x - centre[0]) <= 2 * reach and abs(y - centre[1]) <= 2 * reach
    ]
    xs, ys = zip(*firm, *inside, strict=True)
    wide, high = margin * max(max(xs) - min(xs), reach / 4), margin * max(max(ys) - min(ys), reach / 4)
    return Box(min(xs) - wide, max(xs) + wide, min(ys) - high, max(ys) + high)


def contours(run: RunRecord, table: Table | None, within: Box, points: int = 48) -> Contours | None:
    """The heights of what a run went down. table: its data; None of a surface, or where it is not at hand."""
    if table is None and "surface" not in run.spec:
        return None
    kernel = run.spec["kernel"] if table else {"compiled": {}}
    cost = build_problem({**run.spec, "kernel": kernel}, table, ProblemConstants()).objective.cost
    points = min(points, max(FEWEST, math.isqrt(MOST_ROWS // len(table.rows)))) if table else points
    xs = _spaced(within.left, within.right, points)
    ys = _spaced(within.bottom, within.top, points)

    def at(x: float, y: float) -> float | None:
        try:
            value = cost([x, y])
        except (ArithmeticError, ValueError):
            return None
        return value if math.isfinite(value) else None

    return Contours(xs, ys, tuple(tuple(at(x, y) for x in xs) for y in ys))


def level_lines(
    xs: Sequence[float], ys: Sequence[float], heights: Sequence[Sequence[float]], levels: Sequence[float]
) -> list[tuple[float, Sequence[Sequence[float]]]]:
    """(level, points of a line along which the height is that); NaN where there is no height."""
    generator = contour_generator(xs, ys, heights)
    found = ((level, cast("Sequence[Sequence[Sequence[float]]]", generator.lines(level))) for level in levels)
    return [(level, line) for level, lines in found for line in lines]


def _spaced(low: float, high: float, points: int) -> tuple[float, ...]:
    return tuple(low + (high - low) * i / (points - 1) for i in range(points))
