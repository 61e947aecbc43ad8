"""How soon targets are met: what each setting needed to each, misses counted; and the main effects on that.

An effect compares each value of an axis with the best one, everything else being equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from gdbench.judgement.methods.effort import Effort, effort
from gdbench.judgement.numerals import count, figure, span
from gdbench.judgement.sentences.few_words import unequal
from gdbench.judgement.settings import Setting, measurable
from gdbench.judgement.settings import words as spaced
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.report.analysis.effects import Contrast, Effect, effects
from gdbench.report.analysis.starts import Starts, starts
from gdbench.report.tables.setting_rows import table_of_settings
from gdbench.report.tables.table import (
    NOTHING_YET,
    Cell,
    Row,
    Table,
    censored,
    counted,
    measured,
    middle_of,
    unknown,
    words,
)

_MEANINGS = {
    "iterations": "Updates until the relative gap stayed at {target} or less",
    "gradient evaluations": "Gradients computed until the relative gap stayed at {target} or less",
    "evaluations": "Evaluations of cost and gradient, together, until the gap stayed at {target} or less",
}
_NOTE = (
    "The median of a setting's runs, with quartiles beneath where they differ. “> N”: the median run does not "
    "get there and stay in N. “ERT” is the expected effort of restarting until a run succeeds: that of all "
    "runs, misses counted in full, by the number of successes; ∞ where none succeeded."
)


def speed_table(study: Study, unit: str = "iterations") -> Table:
    """One row per setting, best first; per target the median with quartiles, and the expected effort (ERT)."""
    names = (f"{unit.replace(' ', '-')}-to-target", f"{unit.capitalize()} to each target")
    targets = targets_met(study, unit)
    if not targets:
        return Table(*names, absent=_why_not(study, unit))
    columns = (column for target in targets for column in _columns(target, unit))
    whole = [setting for setting in study.ranked if not setting.outpaced]
    rows = ((setting, _cells(setting, targets, unit)) for setting in whole)
    left = len(study.ranked) - len(whole)
    return table_of_settings(study, names, columns, rows, f"{_NOTE} {unequal(left)}" if left else _NOTE)


def _why_not(study: Study, unit: str) -> str:
    """Why there is no effort to a target."""
    if not study.settings:
        return NOTHING_YET
    if not study.plan.targets:
        return "The config names no targets (as in targets: [1e-2, 1e-4])."
    if not any(map(measurable, study.problems.values())):
        which = next(iter(study.problems.values()))
        return f"Gaps cannot be measured: the optimum of {which.label} is {which.optimum.kind}."
    return f"An older gdbench recorded these runs without counting {unit} to targets."


def targets_met(study: Study, unit: str) -> list[str]:
    """The targets to which efforts in a unit can be told; none where older records count no such unit."""
    if not _recorded(study, unit):
        return []
    return [target for target in study.plan.targets if any(effort(s, target, unit) for s in study.settings)]


def _recorded(study: Study, unit: str) -> bool:
    """Whether a run that reached a target tells its effort until then; older records do not."""
    met = [(run, t) for run in study.runs for t, first in run.result.iterations_to.items() if first is not None]
    return unit == "iterations" or not met or any(run.result.work_to.get(target) for run, target in met)


def _columns(target: str, unit: str) -> tuple[Column, Column]:
    name = f"{unit.replace(' ', '_')}_to_{target}"
    meaning = _MEANINGS[unit].format(target=target)
    expected = f"Expected {unit} to {target}: those of all runs, misses in full, by successes; ∞ without any."
    return (
        Column(name, "float64", f"{meaning}: the median run; ∞, shown as > N, where never.", f"to {target}"),
        Column(f"ert_{name}", "float64", expected, f"ERT to {target}"),
    )


def _cells(setting: Setting, targets: Sequence[str], unit: str) -> Iterator[Cell]:
    for target in targets:
        needed = effort(setting, target, unit)
        yield effort_cell(needed, _quartiles(needed) if needed else "")
        yield _expected(needed)


def effort_cell(needed: Effort | None, note: str = "") -> Cell:
    """The median run's effort; censored where it never got there."""
    if needed is None:
        return unknown("not measured")
    middle = needed.spread
    return Cell(needed.text, middle.median, "number", note) if middle.finite else censored(needed.text)


def _quartiles(needed: Effort) -> str:
    _, low, high, _ = needed.spread
    return span(low, high) if low != high and math.isfinite(high) else ""


def _expected(needed: Effort | None) -> Cell:
    if needed is None:
        return unknown("not measured")
    return Cell(count(needed.expected), needed.expected, "number") if needed.reached else censored("∞")


_COLUMNS_OF_STARTS = (
    Column("way", "string", "How to descend, whatever the start.", "way to descend"),
    Column("starts", "Int64", "Its runs: starts, seeds and folds."),
    Column("arrived", "Int64", "How many of them keep the target; without one, were not lost."),
    Column("least", "float64", "Of the runs that arrived: the least."),
    Column("median", "float64", "The median of all; ∞ where fewer than half arrive."),
    Column("most", "float64", "Of the runs that arrived: the most."),
    Column("factor", "float64", "The most by the least: how much a start can matter.", "most / least"),
)


def starts_table(study: Study) -> Table:
    """A row for each way to descend: how far apart its runs lie from one start to another."""
    several = len(study.problems) > 1
    told = {problem.label: starts(study, problem) for problem in study.problems.values()}
    rows = tuple(
        Row((*([words(label)] if several else []), words(one.name), *_starts_cells(one)), setting=None)
        for label, (_, ways) in told.items()
        for one in ways
    )
    if not rows:
        return Table("starts", "Starts", absent="No setting has more than one run, from another start or seed.")
    what = dict.fromkeys(measure for measure, ways in told.values() if ways)
    columns = (*([Column("problem", "string", "What was minimised.")] if several else []), *_COLUMNS_OF_STARTS)
    return Table("starts", "From one start to another", columns, rows, f"Counted: {'; '.join(what)}.")


def _starts_cells(one: Starts) -> Iterator[Cell]:
    reached = one.reached
    yield counted(len(one.each))
    yield counted(len(reached))
    if not reached:
        yield from (censored("none arrived") for _ in range(3))
        yield unknown("–")
        return
    middle = sorted(value for _, value in one.each)[(len(one.each) - 1) // 2]
    yield measured(reached[0])
    yield measured(middle) if math.isfinite(middle) else censored("fewer than half")
    yield measured(reached[-1])
    yield measured(reached[-1] / reached[0], 3) if reached[0] > 0 else unknown("–")


_COLUMNS_OF_EFFECTS = (
    Column("axis", "string", "What was changed, everything else being equal."),
    Column("level", "string", "To this value …", "value"),
    Column("reference", "string", "… from this one, which the best setting has.", "against"),
    Column("pairs", "Int64", "Pairs of settings that differ in this alone."),
    Column("faster", "Int64", "Pairs in which this value needs fewer iterations to the target."),
    Column("slower", "Int64", "Pairs in which it needs more, or never gets there while the other does."),
    Column("same", "Int64", "Pairs in which both need the same."),
    Column("neither", "Int64", "Pairs in which neither side gets there."),
    Column("ratio", "float64", "Iterations here / there: the median pair; ∞: never here, 0: never there."),
    Column("effect", "string", "The ratio in words, with a 95 % interval over problems where there is one."),
)
_NOTE_ON_EFFECTS = "Pairs are exact: data, starting points and batches do not depend on what was changed."


def effects_table(study: Study) -> Table:
    """Every contrast of every axis, over all problems."""
    found = effects(study)
    rows = tuple(_effect_row(effect, contrast) for effect in found for contrast in effect.contrasts)
    if not rows:
        reasons = dict.fromkeys(effect.absent for effect in found)
        absent = " ".join(reasons) or "Nothing about how to descend varies, so there is no effect to tell."
        return Table("effects", "Main effects", absent=absent)
    target = next(effect.target for effect in found if effect.contrasts)
    note = " ".join(dict.fromkeys(effect.note for effect in found if effect.contrasts))
    return Table(
        "effects",
        f"Main effects on iterations to {target}",
        _COLUMNS_OF_EFFECTS,
        rows,
        f"{_NOTE_ON_EFFECTS} {note}",
    )


def _effect_row(effect: Effect, contrast: Contrast) -> Row:
    interval = contrast.interval
    around = f" ({figure(interval.low, 3)} to {figure(interval.high, 3)})" if interval else ""
    return Row(
        (
            words(spaced(effect.axis)),
            words(contrast.level),
            words(effect.reference),
            *map(counted, (contrast.pairs, contrast.faster, contrast.slower, contrast.same, contrast.neither)),
            _effect_ratio(contrast),
            words(f"{contrast.text}{around}"),
        )
    )


def _effect_ratio(contrast: Contrast) -> Cell:
    if contrast.ratio is None:
        return unknown("split" if contrast.neither < contrast.pairs else "neither")
    return middle_of(contrast.ratio, 3) if contrast.ratio.finite else censored("∞")
