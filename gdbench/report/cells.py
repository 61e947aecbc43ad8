"""Which lines a chart draws: one for each setting, or for each group of settings where there are too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gdbench.execution.records import ProblemRecord
from gdbench.report.encoding import Looks
from gdbench.report.numerals import count
from gdbench.report.settings import Setting, group
from gdbench.report.study import Study

#: Up to this many settings have a line each; more are drawn as medians and quartiles of groups.
EACH = 60
#: A page holds the curves of so many settings; beyond, those that differ in minor axes alone are merged.
HELD = 600


@dataclass(frozen=True)
class Cells:
    """What lines stand for, each a setting or several merged into one, with its number.

    grouped: whether lines are medians over groups of these.  kept: the axes that were not merged away.
    skipped: how many values of the first axis were left out, evenly.
    """

    members: tuple[tuple[int, Setting], ...]
    grouped: bool
    kept: tuple[str, ...]
    skipped: int = 0

    @property
    def note(self) -> str:
        """What was aggregated and left out, in sentences; "" where each setting has its line."""
        if not self.grouped:
            return ""
        said = f"More than {EACH} settings: each line is the median over the settings of its colour and dashes"
        sentences = [f"{said}, and follows what is selected."]
        if self.skipped:
            sentences.append(f"{count(self.skipped)} values are left out, evenly, so that {HELD} remain.")
        return " ".join(sentences)


def cells(study: Study, problem: ProblemRecord, looks: Looks) -> Cells:
    """The lines of one problem: all axes kept if they fit, else the most telling ones."""
    settings = study.of_problem(problem)
    numbered = {setting: number for number, setting in enumerate(study.settings)}
    if len(settings) <= HELD:
        members = tuple((numbered[setting], setting) for setting in settings)
        return Cells(members, len(settings) > EACH, looks.axes)
    kept = _fitting(settings, looks)
    merged = group((run for setting in settings for run in setting.runs), kept, {problem.id: problem})
    first = {tuple(s.axes.get(axis) for axis in kept): numbered[s] for s in reversed(settings)}
    members = tuple((first[tuple(cell.axes.get(axis) for axis in kept)], cell) for cell in merged)
    chosen = _evenly(members, looks.order[kept[0]], kept[0])
    return Cells(chosen, grouped=True, kept=tuple(kept), skipped=len(members) - len(chosen))


def _fitting(settings: Sequence[Setting], looks: Looks) -> list[str]:
    """The most telling axes of which all combinations fit; the first in any case."""
    kept: list[str] = []
    for axis in looks.axes:
        combinations = {tuple(s.axes.get(a) for a in [*kept, axis]) for s in settings}
        if not kept or len(combinations) <= HELD:
            kept.append(axis)
    return kept


def _evenly(
    members: tuple[tuple[int, Setting], ...], labels: Sequence[str], axis: str
) -> tuple[tuple[int, Setting], ...]:
    if len(members) <= HELD:
        return members
    chosen = {labels[round(i * (len(labels) - 1) / (HELD - 1))] for i in range(HELD)}
    return tuple((number, cell) for number, cell in members if cell.axes.get(axis) in chosen)
