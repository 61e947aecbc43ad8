"""Looks a store through, row by row, and writes what is sound into a new one where something is damaged.

The damaged file is moved aside as it was found. Whoever is killed on the way loses nothing: the new store is
whole, under a name of its own, before the old one is touched.
"""

from __future__ import annotations

import shutil
import sqlite3
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from gdbench.descent.errors import GdbenchError
from gdbench.record.checksums import BARE, CHECKED_SINCE, CURVES, UNREADABLE, sound_runs, sums_of, teach
from gdbench.record.database import (
    PARTS,
    REFUSALS,
    Damaged,
    connect,
    free_name,
    is_damage,
    is_empty,
    log_without_store,
    lost_from_log,
    part_of,
    transaction,
    words_of,
)
from gdbench.record.rows import pause_of, plan_of, problem_of, run_of, session_of, trial_of
from gdbench.record.tables import PAGE_SIZE, TABLES, check_tables, checksums_of, columns_of, integrity, prepare

#: Bytes of a store whose structure is looked through even where nothing speaks for damage.
_SMALL = 100_000_000

#: Sessions that are looked for one by one, for no index knows them.
_MOST_SESSIONS = 10_000

_READERS: dict[str, Callable[..., object]] = {
    "problems": problem_of,
    "plans": plan_of,
    "sessions": session_of,
    "trials": trial_of,
    "pauses": pause_of,
}


@dataclass(frozen=True)
class Damage:
    """What is wrong with a store.

    why: in a few words, "" where nothing is.  rows: (table, name) of the damaged ones.  sound: table → others.
    """

    why: str
    rows: Sequence[tuple[str, str]]
    sound: dict[str, int]


def mend(path: Path) -> str:
    """Look the store through; say in a sentence what was wrong and where it is now, "" if nothing was.

    Whoever calls holds the store's lock. Nothing is ever overwritten.
    """
    rebuilt = path.with_name(f"{path.name}.rebuilt")
    if rebuilt.exists():  # somebody was killed who had all but exchanged the two
        return _exchange(path, rebuilt, "it was being rebuilt", {})
    found = damage_of(path)
    if not found.why:
        return ""
    return _exchange(path, rebuilt, found.why, {} if is_empty(path) else _rebuild(path, rebuilt))


def damage_of(path: Path, *, thorough: bool = False, alone: bool = True) -> Damage:
    """What is wrong with the file, which is not changed. thorough: whatever its size.  alone: nobody writes.

    Raises GdbenchError where it is no store.
    """
    if is_empty(path):
        return Damage(log_without_store(path), (), {})
    # read-only, so that it is moved as it was found; only a torn first write needs more to be read at all
    mode = "rw" if part_of(path, "-journal").exists() else "ro"
    try:
        with closing(connect(path, mode)) as connection:
            connection.text_factory = _text
            version = check_tables(connection, path, making=True)
            lost = lost_from_log(path) if alone else ""
            if lost or not version:
                return Damage(lost, (), {})
            if thorough or path.stat().st_size <= _SMALL or not _ended_well(connection, version):
                wrong = integrity(connection)
                if wrong:
                    return Damage(wrong[0], (), {})
            return _row_by_row(connection, version)
    except Damaged as error:
        return Damage(error.what, (), {})
    except REFUSALS as error:
        if not is_damage(error):
            raise
        return Damage(words_of(error), (), {})


def _row_by_row(connection: sqlite3.Connection, version: int) -> Damage:
    bad: list[tuple[str, str]] = []
    sound: dict[str, int] = {}
    for table in _tables(version):
        all_sound = sound_runs(connection) if table == "runs" and version >= CHECKED_SINCE else None
        sound[table] = all_sound or 0
        for name, _, is_sound in _rows(connection, table, version, "") if all_sound is None else ():
            sound[table] += is_sound
            bad += [] if is_sound else [(table, name)]
    return Damage(_named(bad), bad, sound)


def _named(bad: Sequence[tuple[str, str]]) -> str:
    """run 3f2a…, problem 77c0… and 3 more rows"""
    if not bad:
        return ""
    shown = [f"{table.removesuffix('s')} {name}" for table, name in bad[:3]]
    return ", ".join(shown) + (f" and {len(bad) - 3} more rows" if len(bad) > 3 else "")


def _ended_well(connection: sqlite3.Connection, version: int) -> bool:
    """Whether the last session had the time to say so."""
    if version < 2:
        return False
    last = connection.execute("SELECT state FROM sessions ORDER BY number DESC LIMIT 1").fetchone()
    return last is not None and last[0] in ("finished", "interrupted")


def _tables(version: int) -> list[str]:
    return [table for table, (since, _) in TABLES.items() if version >= since]


# --- rows, one by one

#: A row: its name, its values as today's tables have them, and whether they are what was written.
_Row = tuple[str, dict[str, object], bool]


def _rows(connection: sqlite3.Connection, table: str, version: int, end: str, *given: object) -> Iterator[_Row]:
    """The rows that the end of a query chooses."""
    columns = columns_of(table, version)
    sums = list(checksums_of(table)) if version >= CHECKED_SINCE else []
    chosen = ", ".join([*(f"{expression} AS {name}" for name, expression in columns.items()), *sums])
    for row in connection.execute(f"SELECT {chosen} FROM {table} {end}", given):  # noqa: S608  the words are ours
        values = dict(zip(columns, row, strict=False))
        yield _name(values), values, _is_sound(table, values, row[len(columns) :])


def _name(values: dict[str, object]) -> str:
    name = next(values[column] for column in ("key", "id", "number") if column in values)
    return name if isinstance(name, str) and name.isprintable() else ascii(name)


def _is_sound(table: str, values: dict[str, object], sums: Sequence[object]) -> bool:
    """As its checksums say; a row without any must at least be readable."""
    try:
        if sums:
            return list(sums) == list(sums_of(table, values).values())
        if table == "runs":
            run_of((None, None, *(values[name] for name in (*BARE, *CURVES))))
        else:
            _READERS[table](*values.values())
    except UNREADABLE:
        return False
    return all(isinstance(value, str) for name, value in values.items() if name in ("key", "id", "outcome"))


def _reachable(connection: sqlite3.Connection, table: str, version: int) -> Iterator[_Row]:
    """Every row that can be got at: from the front, from the back, and one by one between."""
    place = "key" if table == "runs" and version == 1 else TABLES[table][1]
    indexed = "NOT INDEXED" if place in ("position", "number") else ""
    reached: list[object] = []
    for end in (f"{indexed} ORDER BY {place}", f"{indexed} ORDER BY {place} DESC"):
        try:
            for row in _rows(connection, table, version, end):
                reached.append(row[1].get(place))
                yield row
        except REFUSALS:
            continue
        return
    if indexed:
        for number in sorted(_numbers(connection, table, place).difference(reached)):
            with suppress(*REFUSALS):
                yield from _rows(connection, table, version, f"{indexed} WHERE {place} = ?", number)


def _numbers(connection: sqlite3.Connection, table: str, place: str) -> set[int]:
    """The numbers that rows may have, as an index knows them."""
    index = {"runs": "INDEXED BY endings", "plans": "INDEXED BY sqlite_autoindex_plans_1"}.get(table)
    if index is None:
        return set(range(1, _MOST_SESSIONS))
    found: set[int] = set()
    with suppress(*REFUSALS):
        found.update(n for (n,) in connection.execute(f"SELECT {place} FROM {table} {index}"))  # noqa: S608  the words are ours
    return found


# --- the new store


def _rebuild(path: Path, rebuilt: Path) -> dict[str, int]:
    """Write what is sound into a new store; table → how many rows that were."""
    copy, new = path.with_name(f"{path.name}.reading"), path.with_name(f"{path.name}.rebuilding")
    kept: dict[str, int] = {}
    try:
        _clear(copy)
        _clear(new)
        with closing(connect(new)) as target:
            teach(target)
            target.execute(f"PRAGMA page_size = {PAGE_SIZE}")
            prepare(target, new)
            with closing(_opened(path, copy)) as source, transaction(target):
                version = check_tables(source, path, making=True)
                for table in _tables(version):
                    kept[table] = _copy(source, target, table, version)
        new.rename(rebuilt)
    finally:
        _clear(copy)
        _clear(new)
    return kept


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, table: str, version: int) -> int:
    kept = 0
    for _, values, sound in _reachable(source, table, version):
        if sound:
            row = {**values, **sums_of(table, values)}
            if table == "runs" and row["position"] is None:
                del row["position"]
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            query = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  the words are ours
            kept += target.execute(query, tuple(row.values())).rowcount
    return kept


def _opened(path: Path, copy: Path) -> sqlite3.Connection:
    """A copy of the damaged file with its log; where its first page is of no use, with that of a new store."""
    for first_page in (b"", _fresh_page()[:100], _fresh_page()):
        _clear(copy)
        for part in ("", "-wal"):
            if part_of(path, part).exists():
                shutil.copyfile(part_of(path, part), part_of(copy, part))
        if first_page:
            with copy.open("r+b") as file:
                pages = max(1, path.stat().st_size // PAGE_SIZE)
                file.write(first_page[:28] + struct.pack(">I", pages) + first_page[32:])
        source = connect(copy)
        source.text_factory = _text
        try:
            check_tables(source, copy)
        except (*REFUSALS, GdbenchError):
            source.close()
        else:
            return source
    return sqlite3.connect(":memory:")


def _fresh_page() -> bytes:
    """The first page of a store that has just been made."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        prepare(connection, Path())
        page = bytearray(connection.serialize()[:PAGE_SIZE])
    page[18:20] = b"\2\2"  # it has a log
    return bytes(page)


def _text(raw: bytes) -> str | bytes:
    """What is no text is no sound row either."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _clear(path: Path) -> None:
    for part in PARTS:
        part_of(path, part).unlink(missing_ok=True)


def _exchange(path: Path, rebuilt: Path, why: str, kept: dict[str, int]) -> str:
    """Move the damaged file aside, and the new one into its place."""
    aside = free_name(path)
    for part in PARTS:
        present = part_of(path, part)
        if present.exists():
            present.rename(part_of(aside, part))
    begins = "a new store begins"
    if rebuilt.exists():
        rebuilt.rename(path)
        runs = kept.get("runs", 0)
        which = "run that is" if runs == 1 else "runs that are"
        begins += f" with {runs} {which} sound" if runs else ""
    return f"{path} is damaged ({why}): it was moved to {aside.name} beside it, and {begins}."
