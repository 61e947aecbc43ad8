"""The kinds of place where runs can be done: our own, and those that installed packages add."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from gdbench.descent.errors import GdbenchError, one_line

#: An entry point here names a kind and points to a module like those in gdbench.execution.engines: it has
#: open_engine(profile, cargo, tasks, scratch) → Engine and, where it takes options, a pydantic model `Options`.
GROUP = "gdbench.runners"

OURS = ("serial", "processes", "pypy", "dask", "dask-slurm", "dask-ssh")


def kinds() -> tuple[str, ...]:
    """The names of all kinds."""
    return (*OURS, *(name for name in _offered() if name not in OURS))


def load_kind(name: str) -> ModuleType:
    """The module that an installed package offers for a kind; raises GdbenchError in one sentence."""
    point = _offered()[name]
    origin = f"the package {point.dist.name}" if point.dist else "an installed package"
    try:
        module: ModuleType = point.load()
    except Exception as error:  # another's code, which may raise what it likes
        raise GdbenchError(
            f"the runner kind '{name}' of {origin} cannot be loaded ({one_line(error)}). "
            "Mend or remove that package."
        ) from error
    if not hasattr(module, "open_engine"):
        raise GdbenchError(
            f"the runner kind '{name}' of {origin} has no open_engine: its entry point {point.value} must be "
            "a module that has one."
        )
    return module


@lru_cache(maxsize=1)
def _offered() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
