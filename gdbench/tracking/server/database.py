"""MLflow's database: the embedded one made whole or not at all, any opened by us beside MLflow, or upgraded."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager, suppress
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from mlflow.store.db.utils import _upgrade_db
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gdbench.tracking.server.address import sqlite_path
from gdbench.tracking.server.embedded import ANALYSIS_LIMIT, PATIENCE
from gdbench.tracking.server.schema import (
    REVISION,
    Age,
    age_of,
    check,
    check_file,
    keep_template,
    known_revisions,
    making,
    revision_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: PostgreSQL's planner then looks at 300 times as many rows; its own choice of 100 takes it five times as long.
_STATISTICS_TARGET = 20


def ensure_database(path: Path, artifacts: str) -> None:
    """Make MLflow's SQLite database at `path` unless it is there.

    WAL mode is kept in the file, so MLflow's own server reads while a sweep writes.
    """
    with making(path) as beside:
        if beside is None:
            return
        store = SqlAlchemyStore(f"sqlite:///{beside.as_posix()}", artifacts)
        store.engine.dispose()
        connection = sqlite3.connect(beside)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.close()  # the last connection to close folds the log back into the file
        keep_template(beside)


@contextmanager
def open_database(uri: str) -> Iterator[Engine]:
    """SQLAlchemy's engine on the database of an address that is no server's."""
    if uri.startswith("sqlite"):
        engine = create_engine(uri, poolclass=NullPool, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", _relax)
    else:  # a server takes 10 ms to let one in; whether a connection has been cut meanwhile is asked first
        engine = create_engine(uri, pool_size=1, pool_pre_ping=True)
    try:
        yield engine
    finally:
        engine.dispose()


def check_database(uri: str, results: Path) -> None:
    """Open a database once, and look at its schema.

    MLflow tries ten times, for a minute and a half, before it says what is wrong, and upgrades without a word.
    """
    path = sqlite_path(uri)
    if path is not None:
        check_file(path, results)
    else:
        check(uri, results, _revision(uri))


def _revision(uri: str) -> str | None:
    with open_database(uri) as engine, engine.connect() as connection, suppress(DBAPIError):
        found = connection.exec_driver_sql(REVISION).scalar()
        return None if found is None else str(found)
    return None  # nothing of MLflow's is in it yet


class Upgraded(NamedTuple):
    """age: what the database was. backup: what it was, in a file; None where there is none."""

    age: Age
    backup: Path | None


def upgrade_database(uri: str, results: Path) -> Upgraded:
    """Bring a database of an older MLflow to the schema of the installed one; a file is copied first."""
    path = sqlite_path(uri)
    revision = revision_of(path) if path else _revision(uri)
    age = age_of(revision, known_revisions())
    if age is not Age.OLDER:
        check(uri, results, revision)
        return Upgraded(age, None)
    backup = _copied(path) if path else None
    with open_database(uri) as engine:
        _upgrade_db(engine)
    return Upgraded(age, backup)


def _copied(path: Path) -> Path:
    """A copy beside the database, its log folded in."""
    backup = path.with_name(f"{path.name}.before-{version('mlflow')}")
    number = 1
    while backup.exists():
        number += 1
        backup = path.with_name(f"{path.name}.before-{version('mlflow')}-{number}")
    with closing(sqlite3.connect(path)) as whole, closing(sqlite3.connect(backup)) as copy:
        whole.backup(copy)
    return backup


def analyze(engine: Engine) -> None:
    """Bring the planner's statistics up to date; without them MLflow's pages crawl from 1,000 runs on."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA analysis_limit = {ANALYSIS_LIMIT}")
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET default_statistics_target = {_STATISTICS_TARGET}")
        if engine.dialect.name in ("sqlite", "postgresql"):
            connection.exec_driver_sql("ANALYZE")


def _relax(connection: sqlite3.Connection, _record: object) -> None:
    # in WAL mode a kill loses nothing and a power cut the last runs, which `sync` sends again
    connection.execute("PRAGMA synchronous = NORMAL")
