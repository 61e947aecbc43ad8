"""From a profile to its engine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from gdbench.descent.errors import GdbenchError
from gdbench.execution.engines.engine import Engine
from gdbench.execution.profiles.kinds import OURS, load_kind
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.task import Cargo


@contextmanager
def open_engine(profile: Profile, cargo: Cargo, tasks: int) -> Iterator[Engine]:
    """The engine of a profile for so many tasks; closed at the end of the block, aborted by an exception."""
    with tempfile.TemporaryDirectory(prefix="gdbench-", ignore_cleanup_errors=True) as scratch:
        engine: Engine = _module(profile.kind).open_engine(profile, cargo, tasks, Path(scratch))
        try:
            yield engine
        except BaseException:
            engine.abort()
            raise
        engine.close()


def _module(kind: str) -> Any:
    """It has open_engine(profile, cargo, tasks, scratch) → Engine."""
    if kind not in OURS:
        return load_kind(kind)
    if kind == "dask-slurm" and not shutil.which("sbatch"):
        # Dask would submit into the void and wait for a worker
        raise GdbenchError("this machine has no sbatch on its PATH: start gdbench where SLURM's commands are.")
    home = "dask" if kind.startswith("dask") else kind
    return import_module(f"gdbench.execution.engines.{home}")
