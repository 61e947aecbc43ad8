"""The kinds of place where runs can be done: our own, and those that installed packages add."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from gdbench.descent.errors import GdbenchError

#: An entry point here names a kind and points to a module like those in gdbench.execution.engines: it has
#: open_engine(profile, cargo, tasks, scratch) → Engine and, where it takes options, a pydantic model `Options`.
GROUP = "gdbench.runners"

OURS = ("serial", "processes", "pypy", "dask", "dask-slurm", "dask-ssh")


def kinds() -> tuple[str, ...]:
    """The names of all kinds."""
    return (*OURS, *(name for name in _offered() if name not in OURS))


def load_kind(name: str) -> Any:
    """The module that an installed package offers for a kind; raises GdbenchError in one sentence."""
    point = _offered()[name]
    origin = f"the package {point.dist.name}" if point.dist else "an installed package"
    try:
        found = point.load()
    except Exception as error:  # another's code, which may raise what it likes
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise GdbenchError(
            f"the runner kind '{name}' of {origin} cannot be loaded ({said}). Mend or remove that package."
        ) from error
    if not hasattr(found, "open_engine"):
        raise GdbenchError(
            f"the runner kind '{name}' of {origin} has no open_engine: its entry point {point.value} must be "
            "a module that has one."
        )
    return found


@lru_cache(maxsize=1)
def _offered() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
