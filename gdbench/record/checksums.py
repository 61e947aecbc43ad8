"""A checksum for each row of the store: a flipped byte is found before anybody takes it for a result.

CRC-32 finds every change of up to 32 neighbouring bits for certain, and costs about a microsecond a run. It
guards against disks, copies and accidents; nobody is kept from forging a store.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

from gdbench.descent.recording.result import OUTCOMES, RunResult
from gdbench.record.database import REFUSALS, Damaged, explained

Record = TypeVar("Record")

#: What SQLite gives of a row.
Row = tuple[Any, ...]

#: Table → the columns that its `checksum` is made of, in this order. The runs have three of their own: what an
#: index answers by itself, the record without its curves, and these.
CHECKED = {
    "problems": ("id", "record"),
    "plans": ("position", "id", "created", "record"),
    "sessions": ("number", "state", "ended", "record"),
    "trials": ("key", "of", "cause", "remedy", "result"),
    "pauses": ("key", "state"),
    "holder": ("pid", "host", "since"),
}
ENDING = ("key", "outcome", "session", "finished")
BARE = ("started", "finished", "runner", "key", "problem", "spec", "result")
CURVES = ("iteration", "cost", "gradient_norm", "parameters", "series")

#: The version of the tables from which on rows have checksums.
CHECKED_SINCE = 5


def checksum(*values: object) -> int:
    """Of texts and numbers, none of which holds a zero byte."""
    return crc32("\0".join(map(str, values)).encode())


_double, _two_doubles = struct.Struct("<d").pack, struct.Struct("<dd").pack


def checksum_of_ending(key: str, outcome: str, session: int | None, finished: float) -> int:
    """Of what an index answers by itself about a run."""
    return crc32(f"{key}\0{outcome}\0{session}".encode(), crc32(_double(finished)))


def checksum_of_record(
    started: float, finished: float, runner: str, key: str, problem: str, spec: str, result: str
) -> int:
    """Of a run's record. Its times are taken as bytes: to write them out would take as long as all the rest."""
    texts = f"{runner}\0{key}\0{problem}\0{spec}\0{result}"
    return crc32(texts.encode(), crc32(_two_doubles(started, finished)))


def checksum_of_curves(
    key: str, iteration: bytes, cost: bytes, gradient_norm: bytes, parameters: bytes, series: str
) -> int:
    """Of a run's packed numbers; the lengths keep one from being taken for the end of another."""
    lengths = f"{key} {len(iteration)} {len(cost)} {len(gradient_norm)} {len(parameters)} {series}"
    return crc32(b"".join((iteration, cost, gradient_norm, parameters)), crc32(lengths.encode()))


def sums_of(table: str, values: Mapping[str, Any]) -> dict[str, int]:
    """Checksum → what it is for a row of today's tables."""
    if table != "runs":
        return {"checksum": checksum(*(values[name] for name in CHECKED[table]))}
    return {
        "ending": checksum_of_ending(*(values[name] for name in ENDING)),
        "checksum": checksum_of_record(*(values[name] for name in BARE)),
        "curves": checksum_of_curves(values["key"], *(values[name] for name in CURVES)),
    }


def teach(connection: sqlite3.Connection) -> None:
    """Let SQL work them out, where rows are copied or changed in place."""
    connection.create_function("checksum", -1, checksum, deterministic=True)
    connection.create_function("checksum_of_ending", 4, checksum_of_ending, deterministic=True)
    connection.create_function("checksum_of_record", 7, checksum_of_record, deterministic=True)
    connection.create_function("checksum_of_curves", 6, checksum_of_curves, deterministic=True)


#: What reading something else than was written may raise.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, struct.error)


# --- many rows at once: the sums of above, written out, for a call of a function takes as long as a sum

#: key, outcome, session, finished, and their checksum, which tables of before have not.
Ending = tuple[str, str, int | None, float, int | None]


def _ended_so(rows: Iterable[Ending]) -> bool:
    """Whether the checksums of endings are all as `checksum_of_ending` has them."""
    try:
        return not any(
            sum_ != crc32(f"{key}\0{outcome}\0{session}".encode(), crc32(_double(finished)))
            for key, outcome, session, finished, sum_ in rows
        )
    except UNREADABLE:
        return False


_WITH_SUMS = ", ".join((*ENDING, "ending", "started", "runner", *BARE[4:], "checksum", *CURVES, "curves"))


def sound_runs(connection: sqlite3.Connection) -> int | None:
    """How many runs there are, where all their checksums are right; None where one is not, or cannot be read.

    Which one that is, is for who looks row by row.
    """
    query = f"SELECT {_WITH_SUMS} FROM runs"  # noqa: S608  the words are ours
    count, before = 0, connection.text_factory
    connection.text_factory = str
    try:
        for row in connection.execute(query):
            key, outcome, session, finished, ending, started, runner, problem, spec, result, record = row[:11]
            iteration, cost, gradient_norm, parameters, series, curves = row[11:]
            ended = crc32(f"{key}\0{outcome}\0{session}".encode(), crc32(_double(finished)))
            texts = f"{runner}\0{key}\0{problem}\0{spec}\0{result}".encode()
            lengths = f"{key} {len(iteration)} {len(cost)} {len(gradient_norm)} {len(parameters)} {series}"
            packed = b"".join((iteration, cost, gradient_norm, parameters))
            recorded = crc32(texts, crc32(_two_doubles(started, finished)))
            if (ending, record, curves) != (ended, recorded, crc32(packed, crc32(lengths.encode()))):
                return None
            count += 1
    except (*UNREADABLE, *REFUSALS):
        return None
    finally:
        connection.text_factory = before
    return count


class CheckedRows:
    """The rows of a store over one connection: none is handed on before its checksum has been looked at."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection, self._path = connection, path

    @property
    def version(self) -> int:
        """Of the tables; a writer may bring them up to date while we read."""
        ((version,),) = self.select("PRAGMA user_version")
        return int(version)

    def select(self, query: str, *values: object) -> Iterator[Row]:
        """As they stand, unchecked; SQLite's refusals are told in a sentence."""
        with explained(self._path):
            rows = self.connection.execute(query, values)
            for row in rows:  # noqa: UP028  `yield from` closes it, be it after the connection
                yield row

    def read(self, name: str, reader: Callable[[Row], Record], rows: Iterator[Row]) -> Iterator[Record]:
        """What the reader, which checks for itself, makes of rows. name: what to call them."""
        for row in rows:
            try:
                yield reader(row)
            except UNREADABLE as error:
                raise self.damage(name) from error

    def of(self, table: str, reader: Callable[..., Record], order: str = "") -> Iterator[Record]:
        """The records of a small table. order: the end of the query."""
        columns = CHECKED[table]
        sums = "checksum" if self.version >= CHECKED_SINCE else "NULL"
        for row in self.select(f"SELECT {', '.join(columns)}, {sums} FROM {table} {order}"):  # noqa: S608  the words are ours
            *values, sum_ = row
            if sum_ is not None and sum_ != checksum(*values):
                raise self.damage(f"a row of {table}")
            try:
                yield reader(*values)
            except UNREADABLE as error:
                raise self.damage(f"a row of {table}") from error

    def endings(self) -> list[Ending]:
        """(key, outcome, session, finished, checksum) of every run: one index alone is read."""
        version = self.version
        columns = ", ".join(ENDING)
        if version == 1:
            columns = "key, json_extract(result, '$.outcome'), NULL, finished"
        sums = "ending" if version >= CHECKED_SINCE else "NULL"
        query = f"SELECT {columns}, {sums} FROM runs"  # noqa: S608  the words are ours
        with explained(self._path):
            rows: list[Ending] = self.connection.execute(query).fetchall()
        if version >= CHECKED_SINCE and not _ended_so(rows):
            raise self.damage("how a run ended")
        return rows

    def put(self, table: str, *values: object, verb: str = "INSERT") -> None:
        """A row with its checksum."""
        marks = ", ".join("?" * (len(values) + 1))
        columns = ", ".join((*CHECKED[table], "checksum"))
        query = f"{verb} INTO {table} ({columns}) VALUES ({marks})"
        self.connection.execute(query, (*values, checksum(*values)))

    def damage(self, what: str) -> Damaged:
        """The error that names what is damaged."""
        return Damaged(self._path, what)


class Pauses:
    """The states of runs that a race has paused.

    Whoever writes alone knows which runs may have one, and need not ask for every other.
    """

    def __init__(self, rows: CheckedRows) -> None:
        self._rows = rows
        self._known: set[str] | None = None

    def know(self) -> None:
        """Nobody else writes from now on."""
        self._known = {key for (key,) in self._rows.select("SELECT key FROM pauses")}

    def may_have(self, key: str) -> bool:
        return self._known is None or key in self._known

    def of(self, key: str) -> str:
        """The state in which a run was paused; "" where it has none, and in stores of before."""
        if not self.may_have(key) or self._rows.version < 6:
            return ""
        rows = self._rows.select("SELECT key, state, checksum FROM pauses WHERE key = ?", key)
        return next(self._rows.read(f"the pause of run {key}", _state, rows), "")

    def keep(self, key: str, result: RunResult) -> None:
        """Write the state that a run brings; forget that of before, unless its process died with it."""
        if result.paused:
            self._rows.put("pauses", key, result.paused, verb="INSERT OR REPLACE")
            if self._known is not None:
                self._known.add(key)
        elif not OUTCOMES[result.outcome].tried_again:
            self._rows.connection.execute("DELETE FROM pauses WHERE key = ?", (key,))


def _state(row: Row) -> str:
    key, state, sum_ = row
    if sum_ != checksum(key, state):
        raise ValueError("its state")
    return str(state)
