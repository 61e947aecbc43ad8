"""The table of diagnoses: what became of each setting and why, graded, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gdbench.descent.diagnosis import GRADES
from gdbench.judgement.diagnoses import Diagnosis, Verdicts
from gdbench.judgement.numerals import MISSING, count, figure
from gdbench.judgement.settings import Setting, words
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.report.tables.setting_rows import table_of_settings
from gdbench.report.tables.table import NOTHING_YET, Cell, Table
from gdbench.report.tables.table import words as said

_NAMES = ("diagnosis", "Why each run ended as it did")
_OUTCOME = Column("outcome", "string", "How many of the runs ended how; only converged is success.")
_VERDICT = Column("verdict", "string", "What the evidence points to; docs/verdicts has a page for each.")
_WHY = Column(
    "why", "string", "Its causes in sentences, the largest gain first, of the first run with this verdict."
)
#: What is small print on a page, and a column of its own in a file.
_GRADE = Column(
    "grade", "string", "proved: a theorem applies to this very run. estimated: measured. unknown: not known."
)
_RUNS = Column("runs", "string", "Of how many of the setting's runs this is the verdict.")
_EVIDENCE = Column("evidence", "string", "The numbers that the sentence rests on.")
_NOTE = (
    "Proved: a theorem applies to this very run, or the numbers themselves are the proof. Estimated: what was "
    "measured points to it. Unknown: no check recognised the cause, and none is made up."
)


def diagnosis_table(study: Study, found: Verdicts, *, apart: bool = False) -> Table:
    """A row for each setting and verdict, in the plan's order.

    apart: whether grade, runs and evidence have columns of their own, or are small print.
    """
    if not study.runs:
        return Table(*_NAMES, absent=NOTHING_YET)
    columns = (_OUTCOME, _VERDICT, _GRADE, _RUNS, _WHY, _EVIDENCE) if apart else (_OUTCOME, _VERDICT, _WHY)
    rows = (
        (setting, _cells(setting, example, apart=apart))
        for setting in study.settings
        for example in _groups(setting, found)
    )
    return table_of_settings(study, _NAMES, columns, rows, _NOTE, badged=True)


def _groups(setting: Setting, found: Verdicts) -> list[tuple[Diagnosis, int]]:
    """The first of a setting's diagnoses with each verdict, and how many have it, the most frequent first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for run in setting.runs:
        groups.setdefault(found.of[run.key], []).append(run.key)
    some = sorted(groups.values(), key=len, reverse=True)
    return [(found.examples[keys[0]], len(keys)) for keys in some]


def _cells(setting: Setting, example: tuple[Diagnosis, int], *, apart: bool) -> Iterator[Cell]:
    first, share = example[0], f"{example[1]} of {len(setting.runs)}"
    verdict, evidence = words(first.verdict), _evidence(first)
    yield Cell(setting.outcome_text, setting.outcome_text, "outcome")
    if apart:
        yield from map(said, (verdict, first.grade, share, first.text, evidence))
    else:
        runs = "" if len(setting.runs) == 1 else f" · {share} runs"
        yield said(verdict, note=f"{first.grade}{runs}")
        yield said(first.text, "sentence", evidence)


def _evidence(diagnosis: Diagnosis) -> str:
    """'gap 0.0012, gradient norm 3.1e-5, …': what is a number, or a list of them, in its last state."""
    parts = ((words(name), _shown(value)) for name, value in diagnosis.evidence.items())
    return ", ".join(f"{name} {value}" for name, value in parts if value is not None) or MISSING


def _shown(value: object) -> str | None:
    """A number or a word as it is, of a list the last; None of all else."""
    match value:
        case [*_, last]:
            return _shown(last)
        case bool():
            return None
        case int():
            return count(value)
        case float():
            return figure(value)
        case str():
            return value
    return None


def tally(found: Verdicts) -> str:
    """'24 runs: 18 proved, 4 estimated, 2 unknown. Most often: nothing wrong (12), rate above limit (6).'"""
    grades = Counter(grade for _, grade in found.of.values())
    verdicts = Counter(words(verdict) for verdict, _ in found.of.values())
    if not found.of:
        return ""
    by_grade = ", ".join(f"{count(grades[grade])} {grade}" for grade in GRADES if grades[grade])
    most = ", ".join(f"{verdict} ({count(number)})" for verdict, number in verdicts.most_common(4))
    return f"{count(len(found.of))} run{'s' if len(found.of) > 1 else ''}: {by_grade}. Most often: {most}."
