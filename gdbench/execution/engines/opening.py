"""From a profile to its engine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from gdbench.execution.engines.engine import Engine
from gdbench.execution.profiles import Profile
from gdbench.execution.task import Cargo

#: Kind → its module here. Each has open_engine(profile, cargo, tasks, scratch) → Engine, as has whatever
#: an installed package offers under the entry-point group gdbench.runners.
_HOMES = {
    "serial": "serial",
    "processes": "processes",
    "pypy": "pypy",
    **dict.fromkeys(("dask", "dask-slurm", "dask-ssh"), "dask"),
}


@contextmanager
def open_engine(profile: Profile, cargo: Cargo, tasks: int) -> Iterator[Engine]:
    """The engine of a profile for so many tasks; closed at the end of the block, aborted by an exception."""
    with tempfile.TemporaryDirectory(prefix="gdbench-", ignore_cleanup_errors=True) as scratch:
        engine = _open(profile, cargo, tasks, Path(scratch))
        try:
            yield engine
        except BaseException:
            engine.abort()
            raise
        engine.close()


def _open(profile: Profile, cargo: Cargo, tasks: int, scratch: Path) -> Engine:
    opener = import_module(f"gdbench.execution.engines.{_HOMES[profile.kind]}").open_engine
    engine: Engine = opener(profile, cargo, tasks, scratch)
    return engine
