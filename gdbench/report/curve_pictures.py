"""Curves as small pictures, written by hand in a fraction of a millisecond each: where thousands may be wanted.

Two files: a panel for each problem with all its runs, and a panel for each run, which an address shows alone by
its name (`curves.svg#run-<key>`). Both axes are logarithmic; iteration k stands at k + 1. Of more runs than the
page can draw lines of, without giving each fewer points, some are drawn, and it is said how many.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from gdbench.descent.recording.result import OUTCOMES
from gdbench.judgement.numerals import count
from gdbench.record.columns import series_column
from gdbench.record.recorded_plan import thinned
from gdbench.report.analysis.lines import CROWDED, evenly
from gdbench.report.charts.palette import DIVERGED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gdbench.descent.recording.result import Curve
    from gdbench.judgement.study import Study
    from gdbench.record.records import RunRecord
    from gdbench.record.store import Store
    from gdbench.reference.problem import ProblemRecord

#: What an address says behind "#" to be shown one run's curve.
PANEL = "run-{key}"

_POINTS = 100  # of a line: as many as a picture of this size can show;
_FEW = 40  # where they are crowded: a picture, axes and all, then stays below a megabyte
_WIDTH, _HEIGHT, _LEGEND = 560, 300, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 14, 30, 40
_NAMED = 13  # settings in a legend
_INK, _GRID = "#57606a", "#d8dee4"
_RAMP = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (190, 210, 40))  # viridis, its end dimmed
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{shown[0]}" height="{shown[1]}" '
    'viewBox="{view[0]} {view[1]} {view[2]} {view[3]}" font-family="system-ui, sans-serif" font-size="12">'
    '<rect width="{whole[0]}" height="{whole[1]}" fill="#ffffff"/>'
    "{content}</svg>\n"
)


#: Both logarithms of each point: of iteration + 1, and of the value.
Points = Sequence[tuple[float, float]]


class Line(NamedTuple):
    """heavy: drawn above the others."""

    points: Points
    colour: str
    heavy: bool = False
    lost: bool = False


def pictures(about: Study, store: Store) -> Mapping[str, str]:
    """File name → SVG."""
    problems = {run.key: about.problems[run.problem] for run in about.runs}
    crowded = len(problems) > CROWDED
    kept = _some(about) if crowded else problems
    across = _Across(_FEW if crowded else _POINTS)
    runs = {key: _points(curve, problems[key], across) for key, curve in store.curves(kept)}
    return {"picture.svg": _of_problems(about, kept, runs), "curves.svg": _of_runs(about, kept, runs)}


def _some(about: Study) -> Collection[str]:
    """The keys of the runs that are drawn of very many: the best of each problem, and others evenly.

    As on the page, values of the axis that has most of them are left out, evenly for each choice of the others.
    """
    axes = about.plan.axes
    widest = max(axes, key=lambda axis: len({setting.axes.get(axis) for setting in about.settings}), default="")
    groups: dict[tuple[str | None, ...], list[str]] = {}
    best = {setting.runs[0].key for setting in about.best[:CROWDED]}
    for setting in about.settings:
        others = (setting.problem.id, *(setting.axes.get(axis) for axis in axes if axis != widest))
        groups.setdefault(others, []).extend(run.key for run in setting.runs if run.key not in best)
    return best.union(evenly([key for keys in groups.values() for key in keys], CROWDED - len(best)))


class _Across:
    """The places of a curve that are drawn, and where across: often those of the run before."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._last: Sequence[int] = ()
        self._found: list[tuple[int, float]] = []

    def of(self, iterations: Sequence[int]) -> Sequence[tuple[int, float]]:
        if iterations != self._last:
            places = thinned(iterations, self._most)
            self._last = iterations
            self._found = [(place, math.log10(iterations[place] + 1)) for place in places]
        return self._found


def _points(curve: Curve, problem: ProblemRecord, across: _Across) -> Points:
    """Relative gaps where they are known, else costs; what a logarithmic axis has no place for is left out."""
    measure, best = problem.yardstick, problem.optimum.cost
    heights = curve.gaps(best) if measure and best is not None else curve.series.get("cost", [])
    length = measure.length if measure else 1.0
    return [
        (x, math.log10(heights[place] / length))
        for place, x in (across.of(curve.iteration) if heights else ())
        if 0 < heights[place] < math.inf
    ]


def _of_problems(about: Study, kept: Collection[str], runs: Mapping[str, Points]) -> str:
    told = _told(about.runs, kept)
    problems = [problem for problem in about.problems.values() if problem.id in told]
    across = 1 if len(problems) == 1 else 2
    width = _WIDTH + (_LEGEND if across == 1 else 0)
    whole = (width * across, _HEIGHT * max(1, math.ceil(len(problems) / across)))
    few = len(kept) < len(about.runs)
    panels = []
    for number, problem in enumerate(problems):
        lines, names = _lines(about, problem, runs)
        panel = _panel(_heading(problem), lines, f" · {told[problem.id]}" if few else "")
        legend = _legend(names) if across == 1 else _few_names(names)
        panels.append(_at(number % across * width, number // across * _HEIGHT, panel + legend))
    return _SVG.format(shown=whole, view=(0, 0, *whole), whole=whole, content="".join(panels))


def _told(runs: Sequence[RunRecord], kept: Collection[str]) -> Mapping[str, str]:
    """Problem's id → how many of its runs are drawn, where any is."""
    all_of, drawn = Counter(run.problem for run in runs), Counter(r.problem for r in runs if r.key in kept)
    return {problem: f"{count(drawn[problem])} of {count(all_of[problem])} runs" for problem in drawn}


def _of_runs(about: Study, kept: Collection[str], runs: Mapping[str, Points]) -> str:
    """Where some are left out, their address shows a panel that says so: the picture without a name."""
    labels = {run.key: run.label for run in about.plan.runs}
    panels, across = [], 4
    shown = [run for run in about.runs if run.key in kept]
    for number, run in enumerate(shown):
        x, y = number % across * _WIDTH, number // across * _HEIGHT
        key = escape(PANEL.format(key=run.key))
        lost = run.result.outcome == "diverged"
        line = Line(runs.get(run.key, ()), DIVERGED if lost else "#0072b2", heavy=True, lost=lost)
        title = f"{labels.get(run.key, run.key)}: {_measure(about.problems[run.problem])}"
        panels.append(
            f'<view id="{key}" viewBox="{x} {y} {_WIDTH} {_HEIGHT}"/>{_at(x, y, _panel(title, [line]))}'
        )
    few = len(shown) < len(about.runs)
    whole = (_WIDTH * across, _HEIGHT * max(1, math.ceil((len(shown) + few) / across)))
    last = (len(shown) % across * _WIDTH, len(shown) // across * _HEIGHT)
    if few:
        panels.append(_at(*last, _left_out(f"{count(len(shown))} of {count(len(about.runs))} runs are drawn.")))
    view = (*last, _WIDTH, _HEIGHT) if few else (0, 0, *whole)
    return _SVG.format(shown=(_WIDTH, _HEIGHT), view=view, whole=whole, content="".join(panels))


def _left_out(told: str) -> str:
    """The panel of a run that has none. told: how many have one."""
    told = f"{told} This one is not: curves.parquet beside this picture has its curve."
    return f'<text x="{_LEFT}" y="60" fill="{_INK}">{told}</text>'


def _lines(
    about: Study, problem: ProblemRecord, runs: Mapping[str, Points]
) -> tuple[list[Line], list[tuple[str, str]]]:
    """(the lines of a problem, the best last; the names of its settings with their colours, the best first)."""
    ranked = sorted(about.of_problem(problem), key=about.places.__getitem__)
    axes = about.varying_in(ranked)
    lines, names = list[Line](), list[tuple[str, str]]()
    for place, setting in enumerate(ranked):
        failed = not any(OUTCOMES[run.result.outcome].usable for run in setting.runs)
        colour = DIVERGED if failed else _ramp(place / max(1, len(ranked) - 1))
        names.append((setting.name(axes), colour))
        lines += [Line(runs.get(run.key, ()), colour, place == 0, failed) for run in setting.runs]
    return lines[::-1], names


def _heading(problem: ProblemRecord) -> str:
    return f"{_measure(problem)} · {problem.label}"


def _measure(problem: ProblemRecord) -> str:
    known = problem.yardstick and problem.optimum.cost is not None
    return series_column("relative_gap" if known else "cost").heading


def _panel(title: str, lines: Sequence[Line], told: str = "") -> str:
    """Axes by powers of ten, and the lines. told: how many of how many, where it is some."""
    points = [point for line in lines for point in line.points]
    words = escape(_cut(title, 76 - len(told)) + told)
    heading = f'<text x="{_LEFT}" y="18" fill="#1f2328" font-weight="600">{words}</text>'
    if not points:
        return f'{heading}<text x="{_LEFT}" y="60" fill="{_INK}">No curve was recorded.</text>'
    last = max(1.0, *(x for x, _ in points))
    heights = [y for _, y in points]
    low = math.floor(min(heights))
    high = max(low + 1, math.ceil(max(heights)))
    drawn = (_drawn(line, last, low, high) for line in lines if line.points)
    return "".join([heading, *_axes(last, low, high), *drawn])


def _axes(last: float, low: int, high: int) -> Iterator[str]:
    across, up = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    for power in range(low, high + 1, max(1, math.ceil((high - low) / 6))):
        y = _TOP + up * (high - power) / (high - low)
        yield f'<path d="M{_LEFT} {y:.1f}h{across}" stroke="{_GRID}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{_INK}">1e{power}</text>'
    for power in range(math.floor(last) + 1):
        x = _LEFT + across * power / last
        yield f'<path d="M{x:.1f} {_TOP}v{up}" stroke="{_GRID}"/>'
        yield f'<text x="{x:.1f}" y="{_TOP + up + 16}" text-anchor="middle" fill="{_INK}">{10**power}</text>'
    middle = _LEFT + across / 2
    yield f'<text x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle" fill="{_INK}">iteration + 1</text>'


def _drawn(line: Line, last: float, low: int, high: int) -> str:
    across, up = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    places = [
        f"{_LEFT + across * x / last:.1f} {_TOP + up * (high - y) / (high - low):.1f}" for x, y in line.points
    ]
    path = "L".join(places)
    dashes, width = ' stroke-dasharray="5 3"' if line.lost else "", 2.5 if line.heavy else 1.3
    return f'<path d="M{path}" fill="none" stroke="{line.colour}" stroke-width="{width}"{dashes}/>'


def _legend(names: Sequence[tuple[str, str]]) -> str:
    shown = [
        (f"{'★ ' if number == 0 else ''}{name}", colour) for number, (name, colour) in enumerate(names[:_NAMED])
    ]
    more = [(f"… and {len(names) - _NAMED} settings more", _INK)] if len(names) > _NAMED else []
    rows = []
    for number, (name, colour) in enumerate([*shown, *more]):
        y = _TOP + 8 + 18 * number
        rows.append(f'<path d="M{_WIDTH} {y}h18" stroke="{colour}" stroke-width="3"/>')
        rows.append(f'<text x="{_WIDTH + 24}" y="{y + 4}" fill="{_INK}">{escape(_cut(name, 34))}</text>')
    return "".join(rows)


def _few_names(names: Sequence[tuple[str, str]]) -> str:
    """The best setting, and the next where there are few, within the panel of one of several problems."""
    shown = [
        (f"{'★ ' if number == 0 else ''}{name}", colour) for number, (name, colour) in enumerate(names[:3])
    ]
    return "".join(
        f'<text x="{_WIDTH - _RIGHT - 6}" y="{_TOP + 14 + 16 * number}" text-anchor="end" fill="{colour}" '
        f'font-weight="600">{escape(_cut(name, 44))}</text>'
        for number, (name, colour) in enumerate(shown if len(names) <= len(shown) else shown[:1])
    )


def _at(x: int, y: int, content: str) -> str:
    return f'<g transform="translate({x} {y})">{content}</g>'


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def _ramp(share: float) -> str:
    """0 is dark, 1 is light."""
    place = share * (len(_RAMP) - 1)
    below = min(int(place), len(_RAMP) - 2)
    mixed = (a + (b - a) * (place - below) for a, b in zip(_RAMP[below], _RAMP[below + 1], strict=True))
    return "#{:02x}{:02x}{:02x}".format(*(round(part) for part in mixed))
