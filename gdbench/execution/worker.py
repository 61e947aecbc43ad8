"""What happens to one run wherever it runs: it is executed, and whatever goes wrong becomes its result.

Nothing heavy may be imported here: every worker process imports this module.
"""

from __future__ import annotations

import platform
import signal
import time
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gdbench.descent.execute import execute
from gdbench.descent.facts import Facts
from gdbench.descent.result import RunResult
from gdbench.descent.table import PackedTable, Table
from gdbench.experiment.plugins.loading import Plugin, install


class Task(NamedTuple):
    """A run on its way to a worker. facts: what is known of its problem."""

    key: str
    spec: Mapping[str, Any]
    facts: Facts


class Finished(NamedTuple):
    """A run on its way back. started, finished: Unix seconds, UTC."""

    result: RunResult
    started: float
    finished: float


#: The data of a plan by digest, unpacked once in each worker.
_tables: dict[str, Table] = {}


def set_up(tables: Mapping[str, PackedTable], plugins: Sequence[Plugin] = ()) -> None:
    """Prepare a worker process: take in the data and the plug-ins, and leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for plugin in plugins:
        install(plugin)
    receive(tables)


def receive(tables: Mapping[str, PackedTable]) -> None:
    """Unpack the data of a plan in this process."""
    _tables.update({digest: packed.unpack() for digest, packed in tables.items()})


def work(task: Task) -> Finished:
    """Run a task. It never raises: an exception that cannot be unpickled would take the pool down."""
    started = time.time()
    try:
        result = execute(task.spec, _tables.get(task.spec["digest"]), task.facts)
    except Exception as error:  # noqa: BLE001  a run's failure is a result, with its traceback
        result = failure("failed", f"{type(error).__name__}: {error}", traceback.format_exc())
    return Finished(result, started, time.time())


def failure(outcome: str, reason: str, trace: str | None = None) -> RunResult:
    """The result of a run that left nothing but a reason."""
    return RunResult(
        outcome=outcome,
        reason=" ".join(reason.split()),
        traceback=trace,
        interpreter=f"{platform.python_implementation()} {platform.python_version()}",
        host=platform.node(),
    )
