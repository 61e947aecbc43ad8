"""Which schema MLflow's database has, beside those that the installed MLflow knows; and a new one with it.

MLflow brings an older database up to date without a word, after which the MLflow that made it refuses it, and
of a newer one it says only that an upgrade is needed, which cannot help. So we look before MLflow opens it: at
its own migrations, as files, because importing it takes seconds.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from enum import Enum
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from gdbench.config.outside import command
from gdbench.descent.errors import GdbenchError
from gdbench.record.locate import cache_folder, words_for
from gdbench.record.lock import exclusive
from gdbench.tracking.server.address import masked, sqlite_path, words_for_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Where MLflow keeps the name of its schema.
REVISION = "SELECT version_num FROM alembic_version"

#: The last schema of releases that may be newer than the installed one.
_RELEASES = {"dc11669786a5": "3.17", "f4a9b2c7d1e6": "3.18"}

_DECLARED = re.compile(r"^(revision|down_revision)\b[^=\n]*=\s*[\"'](\w+)[\"']", re.MULTILINE)


class Age(Enum):
    """Of a database, seen from the installed MLflow. NONE: it is yet to be made."""

    NONE = "none"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def age_of(revision: str | None, known: Sequence[str]) -> Age:
    """revision: the database's, None where it has none.  known: MLflow's, the oldest first."""
    if revision is None or not known:
        return Age.NONE
    if revision == known[-1]:
        return Age.CURRENT
    return Age.OLDER if revision in known else Age.NEWER


@cache
def known_revisions() -> tuple[str, ...]:
    """Those of the installed MLflow, the oldest first; () where they are not laid out as we know it."""
    found = find_spec("mlflow")
    places = found.submodule_search_locations if found else None
    if not places:
        return ()
    following: dict[str, str] = {}
    for file in Path(places[0], "store", "db_migrations", "versions").glob("*.py"):
        declared = dict(_DECLARED.findall(file.read_text(encoding="utf-8")))
        following[declared.get("down_revision", "")] = declared.get("revision", "")
    chain, here = list[str](), following.get("", "")
    while here and len(chain) < len(following):
        chain.append(here)
        here = following.get(here, "")
    return tuple(chain) if len(chain) == len(following) else ()


def revision_of(path: Path) -> str | None:
    """The schema of a database in a file; None of a file that is not there, empty, or no such database."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute(REVISION).fetchone()
    except (sqlite3.Error, UnicodeDecodeError):
        return None  # what is damaged is told by those who look for damage
    return str(row[0]) if row else None


def check_file(path: Path, results: Path) -> None:
    """Raise GdbenchError unless the installed MLflow can open a database file as it is."""
    check(f"sqlite:///{path.absolute().as_posix()}", results, revision_of(path))


def check(uri: str, results: Path, revision: str | None) -> None:
    """Raise GdbenchError unless the installed MLflow can open a database with this schema as it is."""
    age = age_of(revision, known_revisions())
    if age is Age.OLDER:
        raise GdbenchError(_older(uri, results))
    if age is Age.NEWER:
        raise GdbenchError(_newer(uri, str(revision)))


def _older(uri: str, results: Path) -> str:
    path, here = sqlite_path(uri), version("mlflow")
    told = (
        f"{path or masked(uri, uri)}: this database is an older MLflow's. MLflow {here} must upgrade it before "
        "use, and older ones cannot open it after that."
    )
    words = ["gdbench", "sync", "--upgrade-database", *words_for(results)]
    if path is None:
        return f"{told} Back it up; then, with the same address: {command(words)}"
    return f"{told} To copy it, then upgrade it: {command([*words, *words_for_address(uri, results)])}"


def _newer(uri: str, revision: str) -> str:
    path, here = sqlite_path(uri), version("mlflow")
    release = _RELEASES.get(revision)
    made = f"this database is MLflow {release}'s" if release else "this database is a newer MLflow's"
    wanted = f"mlflow>={release},<4" if release else f"mlflow>{here}"
    beside = path.with_name(f"mlflow-{here}.db") if path else Path(f"mlflow-{here}.db")
    elsewhere = command(["--tracking-uri", f"sqlite:///{beside.as_posix()}"])
    return (
        f"{path or masked(uri, uri)}: {made}, and {here} is installed, which cannot read it; an upgrade of the "
        f"database does not help. Either {command(['pip', 'install', wanted])}, or keep the runs in another "
        f"database: {elsewhere}"
    )


# --- a new database

#: Seconds to wait while another process makes the same database (about 70 migrations, 1–3 s).
_WAIT = 60.0


@contextmanager
def making(path: Path) -> Iterator[Path | None]:
    """The file in which to make a database that will be at `path`; None if it is there, or another made it.

    It is moved into place at the end of the block: a process killed half way leaves nothing that the next one
    would trip over, and nobody ever opens a half-made database.
    """
    if _is_there(path):
        yield None
        return
    busy = f"{path}: another process is still making this database. Try again in a minute."
    with exclusive(path.with_name(f"{path.name}.lock"), _WAIT, busy):
        if _is_there(path):
            yield None
            return
        beside = path.with_name(f"{path.name}.new")
        for end in ("", "-journal", "-wal", "-shm"):
            beside.with_name(f"{beside.name}{end}").unlink(missing_ok=True)
        yield beside
        beside.replace(path)


def make_from_template(path: Path, artifacts: str) -> None:
    """Make the database that MLflow would make, if it is not there and one of its schema was kept."""
    content = None if _is_there(path) else _template()
    if content is None:
        return
    with making(path) as beside:
        if beside:
            beside.write_bytes(content)
            _set_default(beside, f"{artifacts}/0", time.time_ns() // 1_000_000)


def keep_template(path: Path) -> None:
    """Keep a copy of a database that MLflow has just made: its migrations take seconds, for the same result."""
    folder = cache_folder()
    with suppress(OSError, sqlite3.Error, IndexError):  # then the next one is made by MLflow as well
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as own:
            copy = Path(own, "copy.db")
            copy.write_bytes(path.read_bytes())
            _set_default(copy, "", 0)
            kept = folder / f"{_name()}{hashlib.sha256(copy.read_bytes()).hexdigest()}.db"
            copy.replace(kept)
        for other in set(folder.glob(f"{_name()}*.db")) - {kept}:
            other.unlink()


def _template() -> bytes | None:
    """What was kept; None where there is nothing, or not all of it."""
    with suppress(OSError, IndexError):
        for kept in cache_folder().glob(f"{_name()}*.db"):
            content = kept.read_bytes()
            if kept.stem.endswith(hashlib.sha256(content).hexdigest()):
                return content
    return None


def _name() -> str:
    return f"mlflow-{known_revisions()[-1]}-"


def _is_there(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _set_default(path: Path, artifacts: str, moment: int) -> None:
    """The one experiment that is there from the beginning is all that differs from database to database."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "UPDATE experiments SET artifact_location = ?1, creation_time = ?2, last_update_time = ?2",
            (artifacts, moment),
        )
