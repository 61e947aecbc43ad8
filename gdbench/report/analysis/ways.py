"""The descents of one problem that are looked at together: which, at which iterations, in which plane."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from gdbench.descent.errors import GdbenchError
from gdbench.judgement.expectations.replay import replayed
from gdbench.judgement.model.predicting import PlanData
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study, median_run
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.paths import (
    LARGEST,
    OF_TWO,
    Box,
    Ground,
    Path,
    Plane,
    box,
    frames,
    ground,
    path_of,
    paths,
    plane,
)

#: Paths at most; iterations at which they are looked at, and on a page of many problems.
PATHS, FRAMES, FEWER = 6, 60, 24
#: With more problems than these there are fewer of them.
MANY = 12
#: Where one side is so many times as long as the other, equal scales would leave nothing to see.
STRETCHED = 25.0
#: The longest arrow, and the shortest that is drawn, as shares of the shorter side.
LONGEST, SHORTEST = 0.22, 0.04
#: What comes after the last iterate of a path.
NEVER = 10**15


class Stop(NamedTuple):
    """An iterate, which is shown until another is: where it is seen, and where an arrow downhill ends."""

    k: int
    until: int
    x: float
    y: float
    tip: tuple[float, float] | None


@dataclass(frozen=True)
class Ways:
    """Paths, the best first. of: how many there were.  on: None where the cost cannot be evaluated here.

    seen: the plane in which they are looked at, None where all lies on one line.  third: what it goes through
    besides start and end: "optimum", "iterate", or "" of two parameters, which have one.
    """

    problem: ProblemRecord
    paths: Sequence[Path]
    names: Sequence[str]
    axes: Sequence[str]
    of: int
    on: Ground | None
    seen: Plane | None
    third: str

    @property
    def two(self) -> bool:
        return len(self.paths[0].points[0]) == 2

    @property
    def optimum(self) -> Sequence[float]:
        """Where it is; empty where nobody knows."""
        place = self.problem.optimum.parameters
        return place if len(place) == len(self.paths[0].points[0]) else ()

    @property
    def frames(self) -> list[int]:
        """The iterations of all of them."""
        return sorted({k for path in self.paths for k in path.iteration})

    @cached_property
    def within(self) -> Box:
        assert self.seen is not None
        return box(self.paths, self.seen, self.optimum)

    @property
    def equal(self) -> bool:
        """Whether both axes can have one scale."""
        return max(self.within.wide, self.within.high) < STRETCHED * min(self.within.wide, self.within.high)

    @property
    def measured(self) -> bool:
        """Whether costs and slopes at the iterates are known."""
        stops = sum(len(path.iteration) for path in self.paths)
        return self.on is not None and 4 * stops <= self.on.affordable

    @property
    def arrows(self) -> bool:
        return self.measured and self.equal

    def stops(self) -> list[list[Stop]]:
        """Of each path its iterates, up to the first that is far outside."""
        assert self.seen is not None
        tips = _tips(self) if self.arrows else {}
        return [
            _until_lost(
                [Stop(k, until, *self.seen.seen(w), tips.get(w)) for k, until, w in spans(path)], self.within
            )
            for path in self.paths
        ]


def ways(
    study: Study, store: Store, problem: ProblemRecord, data: PlanData, asked: Sequence[int] = ()
) -> Ways | None:
    """None where no path was recorded, and none can be told from start and end.

    asked: iterations that are wanted besides: where they were not kept, the run is done again up to there.
    """
    found, on = _found(study, store, problem, data)
    if not found:
        return None
    kept = frames(found[:PATHS], FRAMES if len(study.problems) <= MANY else FEWER)
    drawn = [passing_through(path, problem, data, asked).at([*kept, *asked]) for path in found[:PATHS]]
    varying, first = study.varying_in(study.of_problem(problem)), drawn[0]
    names, axes, seen, third = [path.setting.name(varying) for path in drawn], _axes(first, problem), OF_TWO, ""
    if len(first.points[0]) == 2:
        return Ways(problem, drawn, names, axes, len(found), on, seen, third)
    start, end, optimum = first.points[0], first.points[-1], problem.optimum.parameters
    through = plane(start, end, [optimum] if len(optimum) == len(start) else [])
    third = "optimum" if through else "iterate"
    through = through or plane(start, end, first.points[1:-1])
    return Ways(problem, drawn, names, axes, len(found), on, through, third)


def passing_through(path: Path, problem: ProblemRecord, data: PlanData, asked: Sequence[int]) -> Path:
    """A path with iterates that were not kept: the same as they were, bit for bit."""
    points = dict(zip(path.iteration, path.points, strict=True))
    for k in asked:
        if k not in points and 0 < k < path.iteration[-1]:
            found = replayed(path.run, problem, k, data)
            if found is not None:
                points[k] = tuple(found.parameters)
    ordered = sorted(points)
    return replace(path, iteration=tuple(ordered), points=tuple(points[k] for k in ordered))


def spans(path: Path) -> Iterator[tuple[int, int, tuple[float, ...]]]:
    """(k, the next k that is kept, w)."""
    return zip(path.iteration, [*path.iteration[1:], NEVER], path.points, strict=True)


def _found(
    study: Study, store: Store, problem: ProblemRecord, data: PlanData
) -> tuple[list[Path], Ground | None]:
    """Those to be drawn first, in front; of another number of parameters than two that of the best setting."""
    best = next((setting for setting in study.best if setting.problem.id == problem.id), None)
    found = _telling(paths(study, problem), best)
    if not found and (best is None or problem.parameters == 2):
        return [], None
    if not found and problem.rows * problem.parameters > LARGEST:
        return [], None
    known = data.of(problem)  # plug-ins are then loaded as well
    table = known.table if known else None
    if found or best is None:
        return found, ground(found[0].run, problem, table)
    run = median_run(best)
    on = ground(run, problem, table)
    path = path_of(best, study.numbers[best], store.run(run.key), on) if on else None
    return [path] if path else [], on


def _telling(found: list[Path], best: Setting | None) -> list[Path]:
    """The path of the best setting first, then evenly chosen ones of the rest."""
    first = next((path for path in found if path.setting == best), None)
    rest = [path for path in found if path is not first]
    places = PATHS - 1 if first else PATHS
    if len(rest) > places:
        chosen = {round(i * (len(rest) - 1) / (places - 1)) for i in range(places)}
        rest = [rest[i] for i in sorted(chosen)] + [path for i, path in enumerate(rest) if i not in chosen]
    return [*([first] if first else []), *rest]


def _axes(path: Path, problem: ProblemRecord) -> list[str]:
    """What the axes are called: two parameters by their names, a plane through more by where it lies."""
    if len(path.points[0]) > 2:
        return ["along the line from start to end", "at right angles to it"]
    names: list[str] = []
    try:
        if "model" in path.run.spec and problem.data.get("features"):
            _, found = problem.names(path.run.spec, len(path.points[0]))
            names = [name.text for name in found]
    except GdbenchError:
        pass
    return [f"{w} · {names[j]}" if j < len(names) and names[j] else w for j, w in enumerate(("w₁", "w₂"))]


def _tips(of: Ways) -> dict[tuple[float, ...], tuple[float, float]]:
    """Where arrows along −∇f end: their length grows with the fourth root of its own."""
    assert of.seen is not None
    assert of.on is not None
    ends: dict[tuple[float, ...], tuple[float, float, float]] = {}
    for w in dict.fromkeys(w for path in of.paths for w in path.points):
        _, slope = of.on.slope(w)
        x, y = of.seen.seen([o - g for o, g in zip(of.seen.origin, slope, strict=True)])
        if 0 < math.hypot(x, y) < math.inf:
            ends[w] = x, y, math.hypot(x, y)
    inside = (length for w, (*_, length) in ends.items() if of.within.holds(*of.seen.seen(w)))
    steepest = max(inside, default=1.0)
    unit = min(of.within.wide, of.within.high)
    tips = {}
    for w, (x, y, length) in ends.items():
        size = LONGEST * min(1.0, length / steepest) ** 0.25
        if size >= SHORTEST:
            at, reach = of.seen.seen(w), unit * size / length
            tips[w] = at[0] + reach * x, at[1] + reach * y
    return tips


def _until_lost(stops: list[Stop], within: Box) -> list[Stop]:
    """Up to the first that is far outside: a diverging path would have no end."""
    kept = stops[:1]
    for _, now in pairwise(stops):
        kept.append(now)
        if not within.holds(now.x, now.y, 1.0):
            break
    return kept
