"""Fewer settings for charts, where there are more than eyes or a page can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gdbench.judgement.numerals import count, listing
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import DEFINING, Study
from gdbench.report.charts.encoding import Looks, title

#: Charts of one problem hold so many settings; beyond, those that differ in minor axes alone are merged.
HELD = 600


def merged(study: Study, looks: Looks) -> tuple[Study, str]:
    """The same runs as a study of at most `HELD` settings a problem, and what was done to get there.

    The most telling axes are kept, as many as fit; the runs of settings that agree in them become one setting.
    Where the first axis alone has too many values, evenly spaced ones of them are left.
    """
    crowd = max((study.of_problem(problem) for problem in study.problems.values()), key=len, default=[])
    if len(crowd) <= HELD:
        return study, ""
    kept = _fitting(crowd, looks)
    labels = looks.order[kept[0]]
    chosen = _evenly(labels) if len(kept) == 1 else labels
    axes = {axis: study.plan.axes[axis] for axis in study.plan.axes if axis in kept or axis in DEFINING}
    few = set(chosen)
    runs = [run for s in study.settings if s.axes.get(kept[0]) in few for run in s.runs]
    plan = replace(study.plan, axes=axes, varying=[axis for axis in study.plan.varying if axis in axes])
    return Study(plan, tuple(runs), study.problems), _note(kept, len(labels) - len(chosen), looks)


def homes(gathered: Study) -> dict[str, int]:
    """Key of a run → the number of its setting in a study that `merged` gave."""
    return {run.key: number for setting, number in gathered.numbers.items() for run in setting.runs}


def _fitting(settings: Sequence[Setting], looks: Looks) -> list[str]:
    """The most telling axes of which all combinations fit; the first in any case."""
    kept: list[str] = []
    for axis in looks.axes:
        combinations = {tuple(s.axes.get(a) for a in [*kept, axis]) for s in settings}
        if not kept or len(combinations) <= HELD:
            kept.append(axis)
    return kept


def _evenly(labels: Sequence[str]) -> list[str]:
    if len(labels) <= HELD:
        return list(labels)
    return [labels[round(i * (len(labels) - 1) / (HELD - 1))] for i in range(HELD)]


def _note(kept: Sequence[str], skipped: int, looks: Looks) -> str:
    sentences = []
    if len(kept) < len(looks.axes):
        names = listing([title(axis) for axis in kept])
        sentences.append(
            f"Charts merge the runs of settings that agree in {names}: a page holds at most {HELD} curves."
        )
    if skipped:
        word = title(kept[0])
        sentences.append(f"Charts leave out {count(skipped)} values of {word}, evenly; {HELD} remain.")
    return " ".join(sentences)
