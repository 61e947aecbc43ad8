"""Two experiments setting by setting: the iterations of the one beside those of the other.

Settings are each other's where they are equal in every choice that the two experiments could share.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gdbench.judgement.methods.effort import effort
from gdbench.judgement.methods.ratios import ratio_in_words
from gdbench.judgement.numerals import MISSING, count, listing
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.reference.problem import ProblemRecord
from gdbench.report.analysis.effects import paired_ratio
from gdbench.report.tables.setting_rows import axis_cells, axis_column
from gdbench.report.tables.speed import effort_cell
from gdbench.report.tables.table import Cell, Row, Table, censored, measured, unknown, words


def versus_table(
    title: str,
    names: tuple[str, str],
    studies: tuple[Study, Study],
    rows: Sequence[tuple[ProblemRecord, str, Match]],
) -> Table:
    """The settings that both have, the first experiment's iterations beside the second's."""
    first = [one for _, _, match in rows for one, _ in match.pairs]
    axes = studies[0].varying_in(first) or ["learning_rate"]
    cells = (
        _row(problem, target, one, other, axes) for problem, target, match in rows for one, other in match.pairs
    )
    return Table("versus", title, _columns(names, axes), tuple(cells), _left_out(names, rows))


def _columns(names: tuple[str, str], axes: Sequence[str]) -> tuple[Column, ...]:
    first, second = names
    return (
        Column("problem", "string", "What was minimised: model, cost and data."),
        *map(axis_column, axes),
        Column("target", "string", "The tightest relative gap that both reached somewhere."),
        Column("iterations_1", "float64", _ITERATIONS.format(name=first), first),
        Column("iterations_2", "float64", _ITERATIONS.format(name=second), second),
        Column("ratio", "float64", f"Iterations of {second} / of {first}, run by run where starts are shared."),
        Column("difference", "string", "The ratio in words."),
    )


_ITERATIONS = "Iterations of {name} to it: the median run; ∞: never."


def _left_out(names: tuple[str, str], rows: Sequence[tuple[ProblemRecord, str, Match]]) -> str:
    alone = [sum(match.alone[side] for _, _, match in rows) for side in (0, 1)]
    parts = [
        f"{count(number)} setting{'' if number == 1 else 's'} only in {name}"
        for number, name in zip(alone, names, strict=True)
        if number
    ]
    return f"Left out: {listing(parts)}." if parts else ""


def _row(problem: ProblemRecord, target: str, one: Setting, other: Setting, axes: Sequence[str]) -> Row:
    ratio = paired(other, one, target)
    efforts = (effort_cell(effort(setting, target)) for setting in (one, other))
    cells = (words(problem.label), *axis_cells(one, axes), words(target), *efforts, _ratio(ratio))
    return Row((*cells, words(ratio_in_words(ratio))))


def _ratio(ratio: float | None) -> Cell:
    if ratio is None:
        return unknown(MISSING)
    return censored("∞") if math.isinf(ratio) else measured(ratio, 3)


def paired(one: Setting, other: Setting, target: str) -> float | None:
    """Iterations of one / of the other, run by run where both began at the same points."""
    return paired_ratio(one, other, target, paired=same_starts(one, other))


@dataclass(frozen=True)
class Match:
    """The pairs of settings, the first experiment's first, in its order.

    differing: axis → the labels here and there, of the axes on which the two have nothing in common.
    alone: how many settings of the first and of the second have no partner.
    """

    pairs: tuple[tuple[Setting, Setting], ...]
    differing: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    alone: tuple[int, int]


def matched(first: Study, second: Study, problem: str) -> Match:
    """Pairs of settings of one problem, known by its id.

    An axis on which the two have no value in common is what tells the experiments apart (two optimizers, say):
    it is left out of the matching, and where several settings then are alike the best one stands for them.
    """
    here, there = (_of(study, problem) for study in (first, second))
    axes = dict.fromkeys(axis for setting in (*here, *there) for axis in setting.axes)
    labels = {axis: (_labels(here, axis), _labels(there, axis)) for axis in axes}
    differing = {axis: two for axis, two in labels.items() if not set(two[0]) & set(two[1])}
    shared = [axis for axis in axes if axis not in differing]
    left, right = (_by_key(settings, shared) for settings in (here, there))
    pairs = [(setting, right[key]) for key, setting in left.items() if key in right]
    return Match(tuple(pairs), differing, (len(left) - len(pairs), len(right) - len(pairs)))


def same_starts(one: Setting, other: Setting) -> bool:
    """Whether both began at the same points: one seed, one initialization, one set of replicates."""
    names = ("seed", "initialization", "replicate", "digest")
    starts = [[[run.spec.get(name) for name in names] for run in s.runs] for s in (one, other)]
    return starts[0] == starts[1]


def _of(study: Study, problem: str) -> list[Setting]:
    """The settings of a problem, best first."""
    return [setting for setting in study.ranked if setting.problem.id == problem]


def _labels(settings: Sequence[Setting], axis: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(setting.axes.get(axis, "none") for setting in settings))


def _by_key(settings: Sequence[Setting], axes: Sequence[str]) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for setting in settings:
        found.setdefault(json.dumps([setting.axes.get(axis) for axis in axes]), setting)
    return found
