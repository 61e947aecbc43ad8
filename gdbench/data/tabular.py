"""A user's own file as columns: the target that the config names, and the features beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gdbench.data.columns import Columns, choose_features
from gdbench.data.sheets import Sheet, is_label, is_missing, number, read_sheet, shown
from gdbench.descent.errors import BadParameter, GdbenchError, nearest

_FEWEST_ROWS = 2
_NAMES_SHOWN = 8


def read_file(path: Path, target: str | None, features: Sequence[str] | None = None) -> Columns:
    """Read a CSV or Parquet file. All columns but the target are features, unless `features` chooses.

    A target of text is read as classes: the labels in sorted order are 0, 1, ….
    Raises GdbenchError with the line (or row), the column and the value of whatever is wrong.
    """
    sheet = read_sheet(path)
    target = _choose_target(sheet, target)
    chosen = choose_features(str(path), sheet.names, target, features)
    if sheet.length < _FEWEST_ROWS:
        raise GdbenchError(f"{path}: rows of data: {sheet.length}; expected {_FEWEST_ROWS} or more.")
    columns = {name: _feature(sheet, name, target, features) for name in chosen}
    values, classes = _target(sheet, target)
    return Columns(path.name, f"{path.name} → {target}", columns, target, values, classes)


def numeric_columns(path: Path, target: str) -> list[str]:
    """The columns of a file that could be features: those but the target that hold nothing but numbers."""
    sheet = read_sheet(path)
    _choose_target(sheet, target or None)
    return [name for name in sheet.names if name != target and not _bad_rows(sheet.column(name))]


def _choose_target(sheet: Sheet, target: str | None) -> str:
    if target is None:
        known = ", ".join(sheet.names)
        raise BadParameter(
            "target", f"{sheet.path}: 'target:' must name the column to predict. Known: {known}."
        )
    if target not in sheet.names:
        headless = not _bad_rows(sheet.names)
        hint = "Its names are numbers: is a header missing?" if headless else nearest(target, sheet.names)
        raise BadParameter("target", f"{sheet.path}: no column is called '{target}'. {hint}")
    return target


def _feature(sheet: Sheet, name: str, target: str, wanted: Sequence[str] | None) -> list[float]:
    try:
        return _numbers(sheet, name)
    except _CellError as error:
        if wanted is not None:
            way_out = f"take '{name}' out of 'features:'"
        else:
            way_out = f"choose columns of numbers{_suggestion(sheet, target)}"
        raise GdbenchError(f"{error} Correct it, remove the row, or {way_out}.") from None


def _suggestion(sheet: Sheet, target: str) -> str:
    """A `features:` line of the columns that hold nothing but numbers, ready to paste."""
    names = [name for name in sheet.names if name != target and not _bad_rows(sheet.column(name))]
    shown = [*names[:_NAMES_SHOWN], "…"] if len(names) > _NAMES_SHOWN else names
    return f", such as features: [{', '.join(shown)}]" if names else " with 'features:'"


def _target(sheet: Sheet, name: str) -> tuple[list[float], tuple[str, ...]]:
    """The target's numbers, and the names of its classes where it is text."""
    cells = sheet.column(name)
    present = [cell for cell in cells if not is_missing(cell)]
    try:
        if present and all(map(is_label, present)):
            _refuse_cells(sheet, name, [i for i, cell in enumerate(cells) if is_missing(cell)])
            return _codes(sheet, name, [str(cell).strip() for cell in cells])
        return _numbers(sheet, name), ()
    except _CellError as error:
        raise GdbenchError(f"{error} Correct it or remove the row.") from None


def _codes(sheet: Sheet, name: str, labels: Sequence[str]) -> tuple[list[float], tuple[str, ...]]:
    classes = tuple(sorted(set(labels)))
    if len(classes) == 1:
        raise BadParameter(
            "target",
            f"{sheet.path}: column '{name}' holds one class only, '{classes[0]}'; expected two or more.",
        )
    code = {label: float(i) for i, label in enumerate(classes)}
    return [code[label] for label in labels], classes


# --- numbers, and the cells that are none


class _CellError(Exception):
    """The first cell of a column that is not a number: a sentence, to which a remedy is added."""


def _numbers(sheet: Sheet, name: str) -> list[float]:
    cells = sheet.column(name)
    try:
        return [number(cell) for cell in cells]
    except ValueError:
        _refuse_cells(sheet, name, _bad_rows(cells))
        raise


def _refuse_cells(sheet: Sheet, name: str, rows: Sequence[int]) -> None:
    """Raise for the first of the bad rows, if there is any, and count the others."""
    if rows:
        others = f" (and {len(rows) - 1} more in this column)" if len(rows) > 1 else ""
        problem = _problem(sheet.column(name)[rows[0]])
        raise _CellError(f"{sheet.place(rows[0])}, column {shown(name)}: {problem}{others}.") from None


def _bad_rows(cells: Sequence[object]) -> list[int]:
    return [i for i, cell in enumerate(cells) if _problem(cell)]


def _problem(cell: object) -> str:
    try:
        number(cell)
    except ValueError as error:
        return str(error)
    return ""
