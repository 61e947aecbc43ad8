"""Runner profiles: where a plan runs, kept apart from what it is, so that moving it changes no result."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gdbench.execution.profiles.kinds import OURS
from gdbench.execution.profiles.quantities import A_SIZE, A_SPAN, Memory, Seconds

Workers = Literal["all"] | Annotated[int, Field(ge=1)]

#: Kinds whose workers share this machine's cores.
LOCAL = ("serial", "processes", "pypy")


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
    options: dict[str, Any] = Field(default_factory=dict, description="a mapping of what this kind needs")
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
