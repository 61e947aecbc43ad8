"""The table of diagnoses: what became of each setting and why, graded, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from gdbench.descent.diagnosis import GRADES, Diagnosis
from gdbench.report.columns import Column
from gdbench.report.numerals import count
from gdbench.report.settings import Setting, words
from gdbench.report.sheet import axis_cell, axis_column, badge, shown_axes
from gdbench.report.study import Study
from gdbench.report.table import Cell, Row, Table
from gdbench.report.table import words as said

TITLE = "Why each run ended as it did"
_COLUMNS = (
    Column("outcome", "string", "How many of the runs ended how; only converged is success."),
    Column("verdict", "string", "What the evidence points to; docs/verdicts has a page for each."),
    Column(
        "grade",
        "string",
        "proved: a theorem applies to this very run. estimated: measured. unknown: not known.",
    ),
    Column("runs", "string", "Of how many of the setting's runs this is the verdict."),
    Column("why", "string", "A sentence, of the first of these runs, with the numbers it rests on."),
)
_NOTE = (
    "Proved: a theorem applies to this very run, or the numbers themselves are the proof. Estimated: what was "
    "measured points to it. Unknown: no check recognised the cause, and none is made up."
)


def diagnosis_table(study: Study, found: Mapping[str, Diagnosis]) -> Table:
    """A row for each setting and verdict, in the plan's order. found: key → diagnosis of each run."""
    if not study.runs:
        return Table("diagnosis", TITLE, absent="No run has finished yet.")
    axes = shown_axes(study)
    rows = [row for setting in study.settings for row in _rows(study, setting, found, axes)]
    return Table("diagnosis", TITLE, (*map(axis_column, axes), *_COLUMNS), tuple(rows), _NOTE)


def _rows(study: Study, setting: Setting, found: Mapping[str, Diagnosis], axes: list[str]) -> list[Row]:
    """The verdicts on a setting's runs, the most frequent first."""
    groups: dict[tuple[str, str], list[Diagnosis]] = {}
    for run in setting.runs:
        diagnosis = found[run.key]
        groups.setdefault((diagnosis.verdict, diagnosis.grade), []).append(diagnosis)
    ordered = sorted(groups.values(), key=len, reverse=True)
    return [_row(study, setting, axes, members) for members in ordered]


def _row(study: Study, setting: Setting, axes: list[str], members: list[Diagnosis]) -> Row:
    first, total = members[0], len(setting.runs)
    cells = (
        *(axis_cell(setting, axis) for axis in axes),
        Cell(setting.outcome_text, setting.outcome_text, "outcome"),
        said(words(first.verdict)),
        said(first.grade),
        said(f"{len(members)} of {total}"),
        said(first.sentence),
    )
    return Row(cells, setting in study.best, badge(setting), study.numbers[setting])


def tally(found: Mapping[str, Diagnosis]) -> str:
    """'24 runs: 18 proved, 4 estimated, 2 unknown. Most often: nothing wrong (12), rate above limit (6).'"""
    grades = Counter(diagnosis.grade for diagnosis in found.values())
    verdicts = Counter(words(diagnosis.verdict) for diagnosis in found.values())
    if not found:
        return ""
    by_grade = ", ".join(f"{count(grades[grade])} {grade}" for grade in GRADES if grades[grade])
    most = ", ".join(f"{verdict} ({count(number)})" for verdict, number in verdicts.most_common(4))
    return f"{count(len(found))} run{'s' if len(found) > 1 else ''}: {by_grade}. Most often: {most}."
