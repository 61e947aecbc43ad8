"""A user's own file as columns: the target that the config names, and the features beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gdbench.data.columns import Columns, Rows, choose_features
from gdbench.data.files import USUAL, Reading
from gdbench.data.files.draft import FEWEST_ROWS, Draft, none_left
from gdbench.data.files.judging import (
    looks_like_names,
    looks_like_totals,
)
from gdbench.data.files.layout import Obstacle, Obstructed
from gdbench.data.files.remedies import Refusal, Remedy, remedy
from gdbench.data.files.sheets import Sheet, open_sheet
from gdbench.data.preparation import Preparation
from gdbench.descent.errors import BadParameter, GdbenchError, nearest

#: Remedies that are tried one upon the other.
_TRIES = 3


def read_file(
    path: Path, target: str | None, features: Sequence[str] | None = None, reading: Reading = USUAL
) -> Columns:
    """Read a file as the config asks. All columns but the target are features, unless the config chooses.

    A target of text is read as classes: the labels in sorted order are 0, 1, ….
    Raises Refusal with what cannot be read and the line that reads it, BadParameter and GdbenchError.
    """
    try:
        return _read(path, target, features, reading)
    except Obstructed as error:
        settings, first = _remedy(path, target, features, reading), error.obstacles[0]
        if first.kind == "no_target" and not settings:
            wrong = f"{path}: no column is called '{first.column}'. {first.text}"
            raise BadParameter("target", wrong) from None
        raise Refusal(path, error.obstacles, settings) from None


def read_rows(path: Path, numbers: Sequence[str], texts: Sequence[str], reading: Reading = USUAL) -> Rows:
    """Rows of a file that need no target. numbers, texts: the columns of these that are wanted.

    Raises Refusal with what cannot be read, and GdbenchError for columns that are not there.
    """
    reading = replace(reading, columns=None, drop=())
    try:
        sheet = open_sheet(path, reading)
        sheet.check_there((*numbers, *texts))
        content = sheet.read(sheet.names)
    except Obstructed as error:
        raise Refusal(path, error.obstacles, {}) from None
    draft = Draft(content, reading, explicit=True)
    for name in (*numbers, *texts):
        draft.take(name, text=name in texts)
    if draft.obstacles:
        raise Refusal(path, draft.obstacles, {})
    columns = Columns(path.name, path.name, draft.features, "", [0.0] * content.length, labels=draft.labels)
    return Rows(columns, {name: content.cells(name) for name in sheet.names})


def _remedy(
    path: Path, target: str | None, features: Sequence[str] | None, reading: Reading
) -> dict[str, object]:
    """What to write under `data:` so that a file is read, tried out; empty where nothing helps."""
    found = Remedy(reading, None if features is None else tuple(features))
    for _ in range(_TRIES):
        try:
            found = remedy(path, target or "", found.features, found.reading)
            _read(path, target, found.features, found.reading)
        except Obstructed:
            continue
        except GdbenchError:
            break
        return found.settings(reading, features)
    return {}


def _read(path: Path, target: str | None, features: Sequence[str] | None, reading: Reading) -> Columns:
    sheet = open_sheet(path, reading)
    target = _choose_target(sheet, target)
    chosen = choose_columns(sheet, target, features, reading)
    totals = looks_like_totals(sheet)
    if totals:
        raise Obstructed(totals)
    content = sheet.read([*chosen, target])
    if content.length < FEWEST_ROWS:
        raise GdbenchError(f"{path}: rows of data: {content.length}; expected {FEWEST_ROWS} or more.")
    draft = Draft(content, reading, explicit=features is not None or reading.columns is not None)
    for name in chosen:
        draft.add(name)
    return draft.columns(target)


def read_new(path: Path, preparation: Preparation, reading: Reading, target: str) -> Columns:
    """Rows to predict, from a file in the same form: the columns that were learned from, and no target.

    reading, target: of the file that was learned from. Raises Refusal, BadParameter and GdbenchError.
    """
    reading = replace(reading, columns=None, drop=(), skip_last=reading.skip_last or None)
    try:
        sheet = open_sheet(path, _without_target(path, reading, target))
        absent = [one.name for one in preparation.inputs if one.name not in sheet.names]
        if absent:
            wrong = (
                f"no column is called '{absent[0]}', which was learned from. {nearest(absent[0], sheet.names)}"
            )
            raise BadParameter("file", f"{path}: {wrong}")
        content = sheet.read([one.name for one in preparation.inputs])
        draft = Draft(content, reading, explicit=True)
        for one in preparation.inputs:
            draft.add_like(one)
        draft.check()
    except Obstructed as error:
        raise Refusal(path, error.obstacles, {}) from None
    return Columns(path.name, path.name, draft.features, "", [0.0] * content.length, labels=draft.labels)


def _check_present(sheet: Sheet, preparation: Preparation) -> None:
    for one in preparation.inputs:
        if one.name not in sheet.names:
            wrong = (
                f"no column is called '{one.name}', which was learned from. {nearest(one.name, sheet.names)}"
            )
            raise BadParameter("file", f"{sheet.path}: {wrong}")


def _without_target(path: Path, reading: Reading, target: str) -> Reading:
    """The names of a file that has none itself, where it is a column short."""
    if reading.names is None or target not in reading.names:
        return reading
    width = len(open_sheet(path, replace(reading, names=None)).names)
    short = width == len(reading.names) - 1
    return replace(reading, names=tuple(name for name in reading.names if name != target)) if short else reading


def _choose_target(sheet: Sheet, target: str | None) -> str:
    if target is None:
        known = ", ".join(sheet.names)
        raise BadParameter(
            "target", f"{sheet.path}: 'target:' must name the column to predict. Known: {known}."
        )
    if target not in sheet.names:
        if not looks_like_names(sheet):
            raise Obstructed(Obstacle("header", 1, "", ", ".join(sheet.names)))
        if len(sheet.names) == 1:
            raise Obstructed(Obstacle("one_column", 1, "", sheet.names[0]))
        raise Obstructed(Obstacle("no_target", 1, target, nearest(target, sheet.names)))
    return target


def choose_columns(
    sheet: Sheet, target: str, features: Sequence[str] | None, reading: Reading
) -> tuple[str, ...]:
    """The features that are wanted, in order; raises BadParameter and Obstructed."""
    for key, names in (("columns", reading.columns or ()), ("drop", reading.drop)):
        for name in names:
            if name not in sheet.names:
                wrong = f"no column is called '{name}'. {nearest(name, sheet.names)}"
                raise BadParameter(key, f"{sheet.path}: {wrong}")
    if target in reading.drop:
        raise BadParameter("drop", f"{sheet.path}: '{target}' is the target, so it cannot be dropped.")
    wanted = features
    if wanted is None:
        dropped = {*reading.drop, target}
        wanted = [name for name in reading.columns or sheet.names if name not in dropped]
    if len(sheet.names) == 1:
        raise Obstructed(Obstacle("one_column", 1, "", sheet.names[0])) if _is_row(sheet) else none_left(sheet)
    _check_repeated(sheet, {*wanted, target}, {*reading.drop, *(reading.columns or ()), *(features or ())})
    return choose_features(str(sheet.path), sheet.names, target, wanted)


def _is_row(sheet: Sheet) -> bool:
    return any(mark in sheet.names[0] for mark in ";\t| ")


def _check_repeated(sheet: Sheet, wanted: set[str], mentioned: set[str]) -> None:
    """Two columns of one name are told apart by the config, or not at all."""
    found = [
        Obstacle("repeated", 1, called, name)
        for called, name in sheet.repeated.items()
        if called not in mentioned and not wanted.isdisjoint((called, name))
    ]
    if found:
        raise Obstructed(*found)
