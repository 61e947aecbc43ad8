"""MLflow's database, opened by us beside MLflow: for writing in bulk, and for its statistics."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds to wait for another writer of an SQLite file; ours hold it for a tenth of a second at most.
_PATIENCE = 60.0

#: SQLite's planner then looks at so many rows of each index: enough to choose one, whatever the size.
_ANALYSIS_LIMIT = 1000


@contextmanager
def open_engine(uri: str) -> Iterator[Engine]:
    """An engine on the database of an address that is no server's."""
    patience = {"timeout": _PATIENCE} if uri.startswith("sqlite") else {}
    engine = create_engine(uri, poolclass=NullPool, connect_args=patience)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _relax)
    try:
        yield engine
    finally:
        engine.dispose()


def knock(uri: str) -> None:
    """Open a database once; MLflow tries ten times, for a minute and a half, before it says what is wrong."""
    with open_engine(uri) as engine:
        engine.connect().close()


def analyze(engine: Engine) -> None:
    """Bring the planner's statistics up to date; without them MLflow's pages crawl from 1,000 runs on."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA analysis_limit = {_ANALYSIS_LIMIT}")
        if engine.dialect.name in ("sqlite", "postgresql"):
            connection.exec_driver_sql("ANALYZE")


def _relax(connection: Any, _record: Any) -> None:
    # in WAL mode a kill loses nothing and a power cut the last runs, which `sync` sends again
    connection.execute("PRAGMA synchronous = NORMAL")
