"""Methods from best to worst, one table for each view, and what tuning takes: a row for each method."""

from __future__ import annotations

import math

from gdbench.judgement.methods.breadth import FACTOR as AS_GOOD
from gdbench.judgement.methods.breadth import breadth
from gdbench.judgement.methods.matrix import absent_from, matrix, not_in_grid, shared_target
from gdbench.judgement.methods.standings import Standing, Standings, standings
from gdbench.judgement.methods.summary import FEWEST_PROBLEMS, of_plugins
from gdbench.judgement.methods.tuning import FACTOR, TOLD, TuningCurve, tuning_curves
from gdbench.judgement.methods.views import DEFAULTS, TUNED, VIEWS
from gdbench.judgement.numerals import MISSING, count, figure
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.report.tables.table import Cell, Row, Table, censored, counted, unknown, words

METHOD = Column("method", "string", "A choice of what is compared.")

#: View → id and title of its table.
_NAMES = {
    TUNED: ("methods", "Methods, tuned for each problem"),
    VIEWS[1]: ("methods-one-setting", "Methods with one setting for all problems"),
    DEFAULTS: ("methods-defaults", "Methods with their authors' defaults"),
}


def methods_tables(study: Study) -> list[Table]:
    """One for each view, and what tuning takes; without tuning the first alone."""
    absent = _why_not(study)
    if absent:
        return [Table("methods", "Methods", absent=absent), Table("tuning", "What tuning takes", absent=absent)]
    views = VIEWS if study.methods.has_grid else (TUNED,)
    return [*(_table(study, view) for view in views), tuning_table(study)]


def _why_not(study: Study) -> str:
    """Why a table of methods would say nothing; "" where it does."""
    board = study.methods
    if len(board.methods) < 2:
        return "There are fewer than two methods, so there is nothing to compare."
    if not board.tunes and len(board.problems) < FEWEST_PROBLEMS:
        return f"Nothing is tuned, and there are fewer than {FEWEST_PROBLEMS} problems: see the settings."
    return ""


def _table(study: Study, view: str) -> Table:
    names = _NAMES[view] if study.methods.tunes else ("methods", "Methods")
    found = standings(study, view)
    if found is None:
        left = not_in_grid(absent_from(study, view))
        return Table(*names, absent=left or "No effort to a target could be measured.")
    columns = [
        METHOD,
        *([Column("setting", "string", "What it tunes, the same for all problems.")] if view != TUNED else []),
        Column("solved", "Int64", f"Problems on which it keeps a relative gap of {found.target}."),
        Column("best", "Int64", "Problems on which it is the fastest, or under 1 % slower.", "best on"),
        Column(
            "multiple",
            "float64",
            "Iterations as a multiple of the fastest method's: the median over the problems that any method "
            "solves; ∞ where it misses half of them.",
            "× fastest",
        ),
    ]
    foreign = of_plugins(study)
    rows = tuple(
        Row(_cells(one, view, "plug-in" if one.method in foreign else ""), best=place == 0 < one.solved)
        for place, one in enumerate(found.methods)
    )
    return Table(*names, tuple(columns), rows, _note(study, found, view))


def _cells(one: Standing, view: str, note: str) -> tuple[Cell, ...]:
    multiple = (
        Cell(figure(one.multiple, 3), one.multiple, "number")
        if math.isfinite(one.multiple)
        else censored("misses most")
    )
    setting = [words(one.setting or MISSING)] if view != TUNED else []
    return (words(one.method, note=note), *setting, counted(one.solved), counted(one.best), multiple)


def _note(study: Study, found: Standings, view: str) -> str:
    target = f"Of {count(found.problems)} problems; the target is a relative gap of {found.target}."
    parts = [
        f"{target} First those that solve most, then by the multiple.",
        matrix(study, view).how,
        not_in_grid(absent_from(study, view)),
    ]
    return " ".join(filter(None, parts))


def tuning_table(study: Study) -> Table:
    """How good a method is after a few tries, how many it needs, and how wide its range of good rates is."""
    title = "What tuning takes"
    curves = tuning_curves(study)
    if not curves:
        return Table("tuning", title, absent="No grid of settings is tuned.")
    columns = (
        METHOD,
        Column("settings", "Int64", "Settings of its grid."),
        Column(
            "needed",
            "Int64",
            f"Tries until the best is within {FACTOR:g}× of the method's own best, with 90 % chance, over the "
            "problems that it solves.",
            "tries needed",
        ),
        Column(
            "breadth",
            "string",
            f"Range of learning rates within {AS_GOOD:g}× of the best, in decades: the median over problems; "
            "≥ where the grid ends first.",
            "good rates, decades",
        ),
        *(_chance(k) for k in TOLD),
        Column("after_all", "float64", "The same after all settings: tuned.", "after all"),
        *(_best(k) for k in TOLD),
    )
    order = {one.method: place for place, one in enumerate(_ordered(study))}
    rows = tuple(
        Row(tuple(_tuning_cells(study, curve)))
        for curve in sorted(curves, key=lambda curve: order.get(curve.method, len(order)))
    )
    return Table("tuning", title, columns, rows, _TUNING_NOTE + f" {study.methods.parting_text}")


_TUNING_NOTE = (
    "Good after k: the chance that the best of k settings, drawn without replacement from the grid, keeps the "
    f"target within {FACTOR:g}× of the iterations of the best method, tuned: the mean over all problems, not "
    "sampled. Fastest after k: where every method has k tries (Sivaprasad et al. 2020)."
)


def _chance(k: int) -> Column:
    return Column(
        f"after_{k}", "float64", f"Chance to be within {FACTOR:g}× of the best method.", f"good after {k}"
    )


def _best(k: int) -> Column:
    return Column(f"best_{k}", "float64", "Chance to be the fastest of all methods.", f"fastest after {k}")


def _ordered(study: Study) -> tuple[Standing, ...]:
    found = standings(study)
    return found.methods if found else ()


def _tuning_cells(study: Study, curve: TuningCurve) -> list[Cell]:
    target = shared_target(study)
    range_ = breadth(study.methods, study.methods.candidates[curve.method], target) if target else None
    return [
        words(curve.method),
        counted(curve.settings),
        counted(curve.needed) if curve.needed is not None else unknown("solves none"),
        Cell(range_.text, range_.decades, "number") if range_ else unknown(MISSING),
        *(share(float(curve.within[min(k, curve.settings) - 1])) for k in TOLD),
        share(float(curve.within[-1])),
        *(share(float(curve.best[k])) for k in TOLD),
    ]


def share(value: float) -> Cell:
    """A share of problems, or a chance."""
    return Cell(f"{100 * value:.0f} %", value, "number")
