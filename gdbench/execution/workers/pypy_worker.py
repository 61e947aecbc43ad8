"""A worker process at the end of a pipe: cargo and chunks of tasks come in as JSON lines, results go out.

In: a greeting; the cargo; then chunks, each with its number and tasks.
Out: `here`; `ready` with a refusal, "" for none; then of each chunk its results, each at once, and `back`.
The one argument is the path of the black box.
Standard library and Python 3.9 only.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from gdbench.execution.task import Cargo, Task
from gdbench.execution.workers.crash_log import BlackBox
from gdbench.execution.workers.result_codec import wrap
from gdbench.execution.workers.worker import BUDGET, Worker, settle, wears_out

#: Sends one message.
Say = Callable[[Any], None]


def serve() -> None:
    """Work until the parent closes the pipe or the process is worn out."""
    heard, say = _take_pipes()
    heard.readline()
    say({"here": sys.version})
    box = BlackBox(Path(sys.argv[1]))
    worker = settle(Cargo.from_plain(json.loads(heard.readline())), box)
    say({"ready": worker.refusal})
    for line in heard:
        chunk = json.loads(line)
        box.begin_chunk(chunk["number"], time.time())
        worn = _work_through([Task.from_plain(task) for task in chunk["tasks"]], worker, say)
        say({"back": chunk["number"], "worn": worn})


def _work_through(tasks: Sequence[Task], worker: Worker, say: Say) -> bool:
    """Bring each result back at once, until tasks or time are used up; whether the process is worn out."""
    began = time.monotonic()
    for task in tasks:
        done = worker.work(task)
        say({"finished": wrap(done)})
        if wears_out(done):
            return True
        if time.monotonic() - began > BUDGET:
            break
    return False


def _take_pipes() -> tuple[BinaryIO, Say]:
    """Keep the pipes to ourselves: plug-ins read nothing, and what they print goes to standard error."""
    heard, spoken = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  open as long as the process

    def say(message: Any) -> None:
        spoken.write(json.dumps(message).encode() + b"\n")
        spoken.flush()

    return heard, say
