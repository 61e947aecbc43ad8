"""The table of main effects: each value of each axis against the best one, everything else being equal."""

from __future__ import annotations

from gdbench.judgement.numerals import figure
from gdbench.judgement.settings import words as spaced
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.report.analysis.effects import Contrast, Effect, effects
from gdbench.report.tables.table import Cell, Row, Table, censored, counted, middle_of, unknown, words

_COLUMNS = (
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
_NOTE = "Pairs are exact: data, starting points and batches do not depend on what was changed."


def effects_table(study: Study) -> Table:
    """Every contrast of every axis, over all problems."""
    found = effects(study)
    rows = tuple(_row(effect, contrast) for effect in found for contrast in effect.contrasts)
    if not rows:
        reasons = dict.fromkeys(effect.absent for effect in found)
        absent = " ".join(reasons) or "Nothing about how to descend varies, so there is no effect to tell."
        return Table("effects", "Main effects", absent=absent)
    target = next(effect.target for effect in found if effect.contrasts)
    note = " ".join(dict.fromkeys(effect.note for effect in found if effect.contrasts))
    return Table("effects", f"Main effects on iterations to {target}", _COLUMNS, rows, f"{_NOTE} {note}")


def _row(effect: Effect, contrast: Contrast) -> Row:
    interval = contrast.interval
    around = f" ({figure(interval.low, 3)} to {figure(interval.high, 3)})" if interval else ""
    return Row(
        (
            words(spaced(effect.axis)),
            words(contrast.level),
            words(effect.reference),
            *map(counted, (contrast.pairs, contrast.faster, contrast.slower, contrast.same, contrast.neither)),
            _ratio(contrast),
            words(f"{contrast.text}{around}"),
        )
    )


def _ratio(contrast: Contrast) -> Cell:
    if contrast.ratio is None:
        return unknown("split" if contrast.neither < contrast.pairs else "neither")
    return middle_of(contrast.ratio, 3) if contrast.ratio.finite else censored("∞")
