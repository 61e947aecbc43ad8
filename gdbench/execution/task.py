"""What travels between the parent and a worker: plain data both ways, JSON-plain where a pipe wants it.

Standard library and Python 3.9 only: workers under PyPy import this module.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypedDict

from gdbench.descent.numerics.packing import pack_text, unpack_text
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import PackedTable
from gdbench.descent.recording.result import Curve, RunResult
from gdbench.descent.registry import Spec
from gdbench.plugins.loading import Plugin


class PlainTask(TypedDict):
    """A `Task` as JSON has it."""

    key: str
    spec: Spec
    constants: Mapping[str, object]
    pause: int | None
    state: str


class Task(NamedTuple):
    """A run on its way to a worker. constants: what is known of its problem.

    pause: after so many iterations.  state: that it was paused in, and goes on from.
    """

    key: str
    spec: Spec
    constants: ProblemConstants
    pause: int | None = None
    state: str = ""

    def to_plain(self) -> PlainTask:
        return {
            "key": self.key,
            "spec": self.spec,
            "constants": self.constants.to_plain(),
            "pause": self.pause,
            "state": self.state,
        }

    @classmethod
    def from_plain(cls, plain: PlainTask) -> Task:
        constants = ProblemConstants.from_plain(plain["constants"])
        return cls(plain["key"], plain["spec"], constants, plain["pause"], plain["state"])


class PlainFinished(TypedDict):
    """A `Finished` as JSON has it."""

    result: Mapping[str, object]
    started: float
    finished: float


class Finished(NamedTuple):
    """A run on its way back. started, finished: Unix seconds, UTC."""

    result: RunResult
    started: float
    finished: float

    def to_plain(self) -> PlainFinished:
        return {"result": self.result.to_plain(), "started": self.started, "finished": self.finished}

    @classmethod
    def from_plain(cls, plain: PlainFinished) -> Finished:
        return cls(RunResult.from_plain(plain["result"]), plain["started"], plain["finished"])


class Limits(NamedTuple):
    """What a run may take: seconds of wall clock, bytes of its worker's address space; None is no limit."""

    timeout: float | None = None
    memory: int | None = None


class PlainCargo(TypedDict):
    """A `Cargo` as JSON has it: tables in base 64, fields by their names."""

    tables: Mapping[str, tuple[str, int, int, int]]
    plugins: Sequence[Mapping[str, Any]]
    limits: Mapping[str, Any]
    identity: Mapping[str, str]
    prints: str


class Cargo(NamedTuple):
    """What a worker gets once, before any task: the plan's data, its plug-ins, the limits.

    identity: of the parent's gdbench (see `gdbench.execution.workers.identity`); a worker of another refuses.
    prints: the file for what plug-ins print, "" for none.
    """

    tables: Mapping[str, PackedTable]
    plugins: tuple[Plugin, ...]
    limits: Limits
    identity: Mapping[str, str]
    prints: str = ""

    def to_plain(self) -> PlainCargo:
        tables = {
            digest: (base64.b64encode(table.content).decode(), table.length, table.features, table.targets)
            for digest, table in self.tables.items()
        }
        return {
            "tables": tables,
            "plugins": [plugin._asdict() for plugin in self.plugins],
            "limits": self.limits._asdict(),
            "identity": dict(self.identity),
            "prints": self.prints,
        }

    @classmethod
    def from_plain(cls, plain: PlainCargo) -> Cargo:
        tables = {d: PackedTable(base64.b64decode(c), *shape) for d, (c, *shape) in plain["tables"].items()}
        plugins = (
            Plugin(**{**plugin, **{key: tuple(map(tuple, plugin[key])) for key in ("entries", "definition")}})
            for plugin in plain["plugins"]
        )
        return cls(tables, tuple(plugins), Limits(**plain["limits"]), plain["identity"], plain["prints"])


class Death(NamedTuple):
    """How a run ended its worker. curve: what it had recorded until then. started, ended: Unix seconds."""

    reason: str
    timed_out: bool
    curve: Curve
    started: float
    ended: float

    @classmethod
    def unseen(cls, reason: str) -> Death:
        """A death of which nothing is known but that it happened."""
        now = time.time()
        return cls(reason, timed_out=False, curve=Curve(), started=now, ended=now)


class Delivery(NamedTuple):
    """What came back of a chunk of tasks.

    finished: the results of its first tasks, in their order.  death: how the next task ended the worker,
    where one did; the tasks after it were not begun.  refusal: why the worker would not begin any.
    """

    finished: list[Finished]
    death: Death | None = None
    refusal: str = ""


class PackedFinished(PlainFinished):
    """A `Finished` as a JSON message that is quick to write and read: its curve is packed, in base 64.

    Measured on a curve of 1,000 points, to write and read it: 2.4 and 0.7 ms as plain JSON, 0.2 and 0.2 packed.
    iteration: whole numbers.  series: name → doubles.
    """

    iteration: str
    series: dict[str, str]


def encode_result(done: Finished) -> PackedFinished:
    """JSON-plain."""
    curve = done.result.curve
    bare = done._replace(result=replace(done.result, curve=Curve()))
    packed = {name: pack_text("d", values) for name, values in curve.series.items()}
    return {**bare.to_plain(), "iteration": pack_text("q", curve.iteration), "series": packed}


def decode_result(message: PackedFinished) -> Finished:
    """The inverse of `encode_result`, bit for bit."""
    done = Finished.from_plain(message)
    series = {name: unpack_text("d", text) for name, text in message["series"].items()}
    curve = Curve(unpack_text("q", message["iteration"]), series)
    return done._replace(result=replace(done.result, curve=curve))
