"""A worker process at the end of a pipe: cargo and chunks of tasks come in as JSON lines, results go out.

In: a greeting; the cargo; then chunks (`ChunkMessage`).
Out: `WorkerMessage`s: `here`; `ready`; then of each chunk `finished` for each result, at once, and `back`.
The one argument is the path of the crash log.
Standard library and Python 3.9 only.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, TypedDict

from gdbench.execution.task import Cargo, PackedFinished, PlainTask, Task, encode_result
from gdbench.execution.workers.crash_log import CrashLog
from gdbench.execution.workers.worker import BUDGET, Worker, exhausts_memory, worker_of_this_process


class ChunkMessage(TypedDict):
    """Tasks for the worker. number: by which the parent knows the chunk."""

    number: int
    tasks: list[PlainTask]


class WorkerMessage(TypedDict, total=False):
    """One of the worker's messages.

    here: its Python's version, as `module_finder` says it.  ready: a refusal, "" for none.
    finished: a result (`encode_result`).
    back: the number of a chunk that is done; exhausted: whether the process can do no more.
    """

    here: str
    ready: str
    finished: PackedFinished
    back: int
    exhausted: bool


#: Sends one message.
Send = Callable[[WorkerMessage], None]


def serve() -> None:
    """Work until the parent closes the pipe or the process is exhausted."""
    lines, send = _take_pipes()
    lines.readline()
    log = CrashLog(Path(sys.argv[1]))
    worker = worker_of_this_process(Cargo.from_plain(json.loads(lines.readline())), log)
    send({"ready": worker.refusal})
    for line in lines:
        chunk: ChunkMessage = json.loads(line)
        log.begin_chunk(chunk["number"], time.time())
        exhausted = _work_through([Task.from_plain(task) for task in chunk["tasks"]], worker, send)
        send({"back": chunk["number"], "exhausted": exhausted})


def _work_through(tasks: Sequence[Task], worker: Worker, send: Send) -> bool:
    """Bring each result back at once, until tasks or time are used up; whether the process is exhausted."""
    began = time.monotonic()
    for task in tasks:
        done = worker.work(task)
        send({"finished": encode_result(done)})
        if exhausts_memory(done):
            return True
        if time.monotonic() - began > BUDGET:
            break
    return False


def _take_pipes() -> tuple[BinaryIO, Send]:
    """Keep the pipes to ourselves: plug-ins read nothing, and what they print goes to standard error."""
    lines, output = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  open as long as the process

    def send(message: WorkerMessage) -> None:
        output.write(json.dumps(message).encode() + b"\n")
        output.flush()

    return lines, send
