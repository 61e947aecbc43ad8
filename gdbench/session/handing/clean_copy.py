"""A copy of a store for others: every bit of the results, and nothing of the machines and people behind them.

The same rows make the same file, byte for byte, under one version of SQLite.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from gdbench.config.private import folders_of, impersonal
from gdbench.descent.errors import GdbenchError
from gdbench.record.checksums import teach
from gdbench.record.database import connect, explained, transaction
from gdbench.record.salvage import damage_of
from gdbench.record.tables import checksums_of, connect_to_read, prepare

#: Table → by what its rows are known, and the text in them that is a record in JSON.
_RECORDS = {
    "runs": ("position", "result"),
    "problems": ("id", "record"),
    "plans": ("position", "record"),
    "sessions": ("number", "record"),
    "trials": ("key", "result"),
}

#: What names a machine, and what is of no use elsewhere, whatever it says.
_HOST, _EMPTIED = "host", {"pid": 0, "address": ""}
#: Where words are that people or machines have written; all else is numbers, or names of choices.
_WORDS = (
    *("config_path", "config_text", "description", "overrides", "environment", "tracking", "report", "skipped"),
    *("asked", "reason", "traceback"),
)
#: Texts that are code, part of what runs are known by.
_CODE = "plugins"


def clean_copy(path: Path, target: Path) -> None:
    """Write it; raises GdbenchError where the store is damaged, for nobody is to build on that."""
    wrong = damage_of(path, alone=False)
    if wrong.why:
        raise GdbenchError(
            f"{path}: is damaged: {wrong.why}. gdbench doctor {path.parent.name} --mend keeps what is sound."
        )
    beside = target.with_name(f"{target.name}.making")
    with explained(path):
        with closing(connect_to_read(path)) as source:
            source.execute("VACUUM INTO ?", (str(beside),))
        with closing(connect(beside, "rw")) as copy:
            teach(copy)
            prepare(copy, beside)
            with transaction(copy):
                copy.execute("DELETE FROM holder")
                cleaning = _Cleaning(_machines(copy), folders_of([path.absolute(), *_named(copy)]))
                for table in _RECORDS:
                    _clean(copy, table, cleaning)
            copy.execute("VACUUM INTO ?", (str(target),))
    beside.unlink()


def _machines(copy: sqlite3.Connection) -> Mapping[str, str]:
    """Host → what it is called elsewhere: seconds stay comparable where they were."""
    places = {"runs": "result", "sessions": "record"}
    hosts: set[str] = set()
    for table, text in places.items():
        found = copy.execute(f"SELECT DISTINCT json_extract({text}, '$.host') FROM {table}")  # noqa: S608  the words are ours
        hosts.update(host for (host,) in found if host)
    for (record,) in copy.execute("SELECT record FROM plans"):
        hosts.add(json.loads(record).get("environment", {}).get("host", ""))
    return {host: f"machine-{number}" for number, host in enumerate(sorted(hosts - {""}), 1)}


def _named(copy: sqlite3.Connection) -> Iterator[str]:
    """Every path that a plan names."""
    for (record,) in copy.execute("SELECT record FROM plans"):
        plan = json.loads(record)
        yield from (plan["config_path"], *plan.get("plugins", ()))


def _clean(copy: sqlite3.Connection, table: str, cleaning: _Cleaning) -> None:
    name, text = _RECORDS[table]
    for (row,) in copy.execute(f"SELECT {name} FROM {table}").fetchall():  # noqa: S608  the words are ours
        (written,) = copy.execute(f"SELECT {text} FROM {table} WHERE {name} = ?", (row,)).fetchone()  # noqa: S608
        cleaned = json.dumps(cleaning.record(json.loads(written)))
        copy.execute(f"UPDATE {table} SET {text} = ? WHERE {name} = ?", (cleaned, row))  # noqa: S608
    copy.execute(f"UPDATE {table} SET checksum = {checksums_of(table)['checksum']}")  # noqa: S608


class _Cleaning(NamedTuple):
    """machines: host → what it is called elsewhere.  folders: that texts may name."""

    machines: Mapping[str, str]
    folders: Sequence[str]

    def record(self, plain: Mapping[str, object]) -> dict[str, object]:
        """The same record, JSON-plain."""
        return {key: self._value(key, value) for key, value in plain.items()}

    def _value(self, key: str, value: object) -> object:
        if key == _HOST and isinstance(value, str):
            return self.machines.get(value, value)
        if key == _CODE and isinstance(value, dict):
            return {impersonal(origin, self.folders): text for origin, text in value.items()}
        if isinstance(value, dict) and _HOST in value:
            return self.record(value)
        return _EMPTIED[key] if key in _EMPTIED else self._words(value) if key in _WORDS else value

    def _words(self, plain: object) -> object:
        match plain:
            case str():
                return impersonal(plain, self.folders)
            case list():
                return [self._words(one) for one in plain]
            case dict():
                return {key: self._words(value) for key, value in plain.items()}
        return plain
