"""Two experiments setting by setting: the iterations of the one beside those of the other."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.judgement.numerals import MISSING, count, listing
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.comparison.matching import Match, same_starts
from gdbench.report.analysis.effects import paired_ratio, told
from gdbench.report.analysis.effort import effort
from gdbench.report.tables.settings_table import axis_cell, axis_column
from gdbench.report.tables.table import Cell, Row, Table, censored, measured, words


def versus_table(
    title: str,
    names: tuple[str, str],
    studies: tuple[Study, Study],
    rows: Sequence[tuple[ProblemRecord, str, Match]],
) -> Table:
    """The settings that both have, the first experiment's iterations beside the second's."""
    pairs = [couple for _, _, match in rows for couple in match.pairs]
    axes = studies[0].varying_in([one for one, _ in pairs]) or ["learning_rate"]
    columns = (
        Column("problem", "string", "What was minimised: model, cost and data."),
        *map(axis_column, axes),
        Column("target", "string", "The tightest relative gap that both reached somewhere."),
        *(
            Column(f"iterations_{n}", "float64", f"Iterations of {name} to it: the median run; ∞: never.", name)
            for n, name in enumerate(names, 1)
        ),
        Column(
            "ratio", "float64", f"Iterations of {names[1]} / of {names[0]}, run by run where starts are shared."
        ),
        Column("difference", "string", "The ratio in words."),
    )
    cells = (
        _row(problem, target, one, other, axes) for problem, target, match in rows for one, other in match.pairs
    )
    alone = [sum(match.alone[side] for _, _, match in rows) for side in (0, 1)]
    parts = [
        f"{count(n)} setting{'' if n == 1 else 's'} only in {name}"
        for n, name in zip(alone, names, strict=True)
        if n
    ]
    return Table("versus", title, columns, tuple(cells), f"Left out: {listing(parts)}." if parts else "")


def _row(problem: ProblemRecord, target: str, one: Setting, other: Setting, axes: Sequence[str]) -> Row:
    ratio = paired(other, one, target)
    return Row(
        (
            words(problem.label),
            *(axis_cell(one, axis) for axis in axes),
            words(target),
            *(_reach(setting, target) for setting in (one, other)),
            _ratio(ratio),
            words(told(ratio)),
        )
    )


def _ratio(ratio: float | None) -> Cell:
    if ratio is None:
        return Cell(MISSING, None, "number censored")
    return censored("∞") if ratio == float("inf") else measured(ratio, 3)


def _reach(setting: Setting, target: str) -> Cell:
    needed = effort(setting, target)
    if needed is None:
        return Cell("not measured", None, "number censored")
    middle = needed.spread
    return Cell(needed.text, middle.median, "number") if middle.finite else censored(needed.text)


def paired(one: Setting, other: Setting, target: str) -> float | None:
    """Iterations of one / of the other, run by run where both began at the same points."""
    return paired_ratio(one, other, target, paired=same_starts(one, other))
