"""Runner profiles: where a plan runs, kept apart from what it is, so that moving it changes no result."""

from __future__ import annotations

import math
import os
import re
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ByteSize, ConfigDict, Field, TypeAdapter

from gdbench.descent.errors import GdbenchError, one_line

_SECONDS = {"": 1.0, "ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_SPAN = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*([a-z]*)\s*")

#: Bytes below which a worker cannot even start.
_LEAST_MEMORY = 100_000_000

_bytes = TypeAdapter(ByteSize)

#: An entry point here names a kind and points to a module like those in gdbench.execution.engines: it has
#: open_engine(profile, cargo, tasks, scratch) → Engine and, where it takes options, a pydantic model `Options`.
GROUP = "gdbench.runners"

#: The kind that chooses among those of this machine; see `gdbench.execution.auto`.
AUTO = "auto"
OURS = (AUTO, "serial", "processes", "pypy", "dask", "dask-slurm", "dask-ssh")


def seconds(value: object) -> float:
    """Seconds of a text with a unit, or of a bare number; raises ValueError unless finite and above 0."""
    if isinstance(value, str):
        match = _SPAN.fullmatch(value)
        if not match or match[2] not in _SECONDS:
            raise ValueError(value)
        value = float(match[1]) * _SECONDS[match[2]]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(value)
    return float(value)


def memory(value: object) -> int:
    """Bytes of a text with a unit, or of a bare number; raises ValueError where no worker could live on it."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(value)  # noqa: TRY004  pydantic turns it into our own sentence
    size = int(_bytes.validate_python(value))
    if size < _LEAST_MEMORY:
        raise ValueError(value)
    return size


Seconds = Annotated[float, BeforeValidator(seconds)]
Memory = Annotated[int, BeforeValidator(memory)]

#: What is expected, for messages.
A_SPAN = "a time above 0, as 30s, 500ms, 5min or 1h (a bare number: seconds)"
A_SIZE = "a size of 100MB or more, as 2GB or 512MiB (a bare number: bytes)"

#: What a kind of place is told; each kind checks its own.
Options = dict[str, Any]

Workers = Literal["all"] | Annotated[int, Field(ge=1)]

#: Kinds whose workers share this machine's cores.
LOCAL = (AUTO, "serial", "processes", "pypy")


class Profile(BaseModel):
    """One place to run: its kind, and how many workers it has ("all": one for each core).

    timeout: seconds of wall clock a run may take.  memory_limit: bytes of address space a worker may take.
    retries: of a run that ended its worker.  options: what the kind of place needs.  name: for records.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    # a description is what a message says is expected
    kind: str = Field(description=f"{', '.join(OURS)}, or a kind that an installed package adds")
    workers: Workers = Field("all", description="a whole number of 1 or more, or all")
    timeout: Seconds | None = Field(None, description=A_SPAN)
    memory_limit: Memory | None = Field(None, description=A_SIZE)
    retries: int = Field(1, ge=0, description="a whole number of 0 or more")
    options: Options = Field(default_factory=dict, description="a mapping of what this kind needs")
    name: str = Field("", description="a text")

    @property
    def worker_count(self) -> int:
        if self.kind == "serial":
            return 1
        return available_cores() if self.workers == "all" else self.workers

    @property
    def comparable(self) -> bool:
        """Whether seconds of different runs can be compared: not where local workers outnumber the cores."""
        local = self.kind in LOCAL or (self.kind == "dask" and "address" not in self.options)
        return not local or self.worker_count <= available_cores()


#: What `--runner` knows without any file; runners/ says the same with comments.
BUILT_IN = {
    profile.name: profile
    for profile in (
        Profile(kind=AUTO, name=AUTO),
        Profile(kind="serial", name="serial"),
        Profile(kind="processes", name="processes"),
        Profile(kind="pypy", name="pypy"),
        Profile(kind="dask", name="dask"),
        Profile(kind="dask-slurm", name="slurm"),
        Profile(kind="dask-ssh", options={"hosts": ["localhost", "localhost"]}, name="ssh"),
    )
}


def available_cores() -> int:
    """The cores that this process may use, which in a container are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
