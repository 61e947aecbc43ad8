"""Workers under PyPy, 20 times quicker from a thousand iterations on; everything else stays on CPython."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from gdbench.descent.errors import GdbenchError
from gdbench.execution.engines.pypy_process import PypyProcess
from gdbench.execution.engines.worker_pool import MOST_FAILED_STARTS, WorkerPool, memory_hint
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.task import Cargo, Delivery, Finished, Limits, Task, decode_result
from gdbench.execution.workers import module_finder
from gdbench.execution.workers.crash_results import read_death
from gdbench.execution.workers.pypy_worker import ChunkMessage, WorkerMessage
from gdbench.plugins.loading import Plugin

#: Seconds that an interpreter may take until it says what it is, and until it is ready for its first task.
_PATIENCE_TO_ANSWER, _PATIENCE = 5.0, 60.0
#: The least version under which workers run.
LEAST_PYTHON = (3, 9)
#: Seconds after a run's own alarm at which its worker is killed, should the run have silenced it.
_SPARE = 0.3

#: Bytes of a worker's address space that are not its heap: PyPy, gdbench, stacks, and some to spare.
_BESIDE_HEAP = 132 << 20
#: Bytes below which a worker cannot work.
_LEAST_MEMORY = 200_000_000

_REMEDY = "name a PyPy in the profile: options: {interpreter: /path/to/pypy3}"
_INSTEAD = f"{_REMEDY}, or choose --runner processes"


class Start(NamedTuple):
    """What a worker process is started with, again whenever one has ended.

    runner: name of the profile.  prints: the file for what it prints, "" for none.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    cargo: bytes
    limits: Limits
    runner: str = "pypy"
    prints: str = ""

    @property
    def program(self) -> str:
        """How messages begin: the profile, and the interpreter that it names."""
        return f"runner {self.runner}: {self.command[0]}"


def open_engine(profile: Profile, cargo: Cargo, tasks: int, scratch: Path) -> WorkerPool:
    """Workers of this machine, never more than there are tasks; GdbenchError where there is no interpreter."""
    interpreter = find_interpreter(profile.options.get("interpreter", "pypy3"))
    start = Start(
        command_for(interpreter, cargo.plugins),
        _environment(cargo.limits.memory),
        _line(cargo.to_plain()),
        cargo.limits,
        profile.name,
        cargo.prints,
    )
    workers = max(1, min(profile.worker_count, tasks))
    return WorkerPool([PypyLine(start, scratch / f"{i}.crash") for i in range(workers)], profile.retries)


def find_interpreter(name: str) -> str:
    """The path of a program, by its path or by its name on the PATH; raises GdbenchError."""
    path = shutil.which(os.path.expanduser(name))  # noqa: PTH111  a path object would lose the ./ of ./pypy3
    if path:
        return path
    if Path(name).name == name:
        raise GdbenchError(
            f"no '{name}' is on the PATH. Install PyPy (Debian: apt install pypy3; "
            f"elsewhere: https://pypy.org/download.html), or {_INSTEAD}."
        )
    raise GdbenchError(f"{name}: there is no such program. Install PyPy there, or {_INSTEAD}.")


def command_for(interpreter: str, plugins: Sequence[Plugin]) -> list[str]:
    """The command line of a worker, which has gdbench and plug-in packages from where the parent has them.

    -I: neither the current folder nor PYTHONPATH, which are meant for another interpreter, may shadow a module.
    """
    packages = {"gdbench", *(plugin.module.partition(".")[0] for plugin in plugins if plugin.module)}
    homes = {name: getattr(sys.modules.get(name), "__file__", None) for name in sorted(packages)}
    given = json.dumps({name: os.path.abspath(home) for name, home in homes.items() if home})  # noqa: PTH100  keeps links
    frugal = ["-B"] if sys.dont_write_bytecode else []
    return [interpreter, "-I", *frugal, str(module_finder.__file__), given]


def _environment(memory: int | None) -> dict[str, str]:
    """What bounds PyPy's heap before the system does, whose bound ends in an abort and not in a MemoryError."""
    if memory is None:
        return dict(os.environ)
    if memory < _LEAST_MEMORY:
        raise GdbenchError(
            f"memory_limit: a worker under PyPy needs {_LEAST_MEMORY // 1_000_000} MB for itself, "
            f"but {memory / 1e6:.0f} MB is the limit. Raise it."
        )
    # the heap grows by up to 16 % more before the collector looks; malloc would take 64 MB for each thread
    heap = (memory - _BESIDE_HEAP) * 4 // 5
    return {**os.environ, "PYPY_GC_MAX": str(heap), "MALLOC_ARENA_MAX": "1"}


class PypyLine:
    """One worker process and the thread that talks to it. log: path of the worker's crash log."""

    def __init__(self, start: Start, log: Path) -> None:
        self._start, self._log = start, log
        self._process: PypyProcess | None = None
        self._refusal = ""
        self.remark = ""
        self._chunks = 0
        self._failed_starts = 0
        self._over = False
        self._lock = threading.Lock()  # between this line's thread and whoever ends the line
        # the thread that starts a worker must outlive it: the kernel ends a worker with that thread
        self._thread = ThreadPoolExecutor(1, "line to a worker")

    def send(self, chunk: list[Task]) -> Future[Delivery]:
        return self._thread.submit(self._exchange, chunk)

    def close(self) -> None:
        with self._lock:
            self._over = True
            if self._process:
                self._process.kill()
        self._thread.shutdown()
        self._end_process()

    abort = close

    def _exchange(self, chunk: list[Task]) -> Delivery:
        """Have a chunk worked through, by a new worker where there is none."""
        process = self._ready_process()
        if process is None or self._refusal:
            return Delivery([], refusal=self._refusal)
        self._chunks += 1
        process.send(_line(ChunkMessage(number=self._chunks, tasks=[task.to_plain() for task in chunk])))
        finished, last = _receive_results(process, self._start.limits.timeout)
        if last is None:
            return self._after_death(process, finished)
        self._failed_starts = 0
        if last["exhausted"]:
            self._end_process()
        return Delivery(finished)

    def _ready_process(self) -> PypyProcess | None:
        """The worker, ready for a task; None once the line is over."""
        while self._process is None:
            with self._lock:
                if self._over:
                    return None
                command = [*self._start.command, str(self._log)]
                self._process = PypyProcess(command, self._start.environment, self._start.prints)
            answer = self._handshake(self._process)
            if answer is None and self._process.late and not self._over:
                self._end_process()
                raise GdbenchError(f"{self._start.program}: no worker is ready within {_PATIENCE:g} s.")
            if answer is None:
                self._count_failed_start(self._process, self._end_process())
            elif "ready" not in answer:
                self._end_process()
                raise GdbenchError(f"{self._start.program}: this program is no Python. Instead, {_INSTEAD}.")
            else:
                self._refusal = answer["ready"]
        return self._process

    def _handshake(self, process: PypyProcess) -> WorkerMessage | None:
        """The worker's answer to the cargo; None where it ended, anything where it is no worker."""
        # few bytes first: a pipe takes them from us even if nobody reads
        process.send(_line({"who": "gdbench"}))
        answer = process.receive(_PATIENCE_TO_ANSWER)
        if answer is None and process.late and not self._over:
            self._end_process()
            raise GdbenchError(
                f"{self._start.program}: it does not answer within {_PATIENCE_TO_ANSWER:g} s, as a Python "
                f"would. Instead, {_INSTEAD}."
            )
        if answer is None or "here" not in answer:
            return answer
        self._look_at(answer["here"])
        process.send(self._start.cargo)
        return process.receive(_PATIENCE)

    def _look_at(self, version: str) -> None:
        """Refuse a Python that is too old; remark on one that is no PyPy."""
        words = version.split() or ["nothing"]
        number = tuple(int(part) for part in words[0].split(".")[:2] if part.isdigit())
        if number < LEAST_PYTHON:
            self._end_process()
            least = ".".join(map(str, LEAST_PYTHON))
            raise GdbenchError(
                f"{self._start.program}: this is Python {words[0]}, and workers need {least}. "
                f"Instead, {_INSTEAD}."
            )
        if "PyPy" not in version:
            self.remark = (
                f"{self._start.program}: this is Python {words[0]} and no PyPy. The results are the same, no "
                f"sooner than with --runner processes; to have them sooner, {_REMEDY}."
            )

    def _after_death(self, process: PypyProcess, finished: list[Finished]) -> Delivery:
        code, last_words = self._end_process(), process.last_words()
        limit = self._start.limits.timeout
        kept = read_death(self._log, self._chunks, code, limit, late=process.late, last_words=last_words)
        if kept is None:
            # it ended between two chunks, as an idle one may where memory is short
            self._count_failed_start(process, code)
            return Delivery(finished)
        self._failed_starts = 0
        return Delivery(finished, None if self._over else kept.death)

    def _count_failed_start(self, process: PypyProcess, code: int | None) -> None:
        """Count a worker that ended before it began a run; raises GdbenchError once it is hopeless."""
        self._failed_starts += 1
        if self._failed_starts >= MOST_FAILED_STARTS and not self._over:
            program, last_words = self._start.program, process.last_words() or "it said nothing"
            raise GdbenchError(
                f"{program}: {self._failed_starts} workers ended before they could begin a run, the last with "
                f"status {code}: {last_words}.{memory_hint(self._start.limits)} Mend that, or {_INSTEAD}."
            )

    def _end_process(self) -> int | None:
        """End the worker if it has not ended, and forget it; its exit status."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return None
        process.kill()
        return process.wait()


def _receive_results(process: PypyProcess, limit: float | None) -> tuple[list[Finished], WorkerMessage | None]:
    """What a worker brings back of a chunk: (its results, its last message), None for the last if it died.

    limit: seconds a run may take.
    """
    finished = list[Finished]()
    while True:
        answer = process.receive(None if limit is None else limit + _SPARE)
        if answer is None or "finished" not in answer:
            return finished, answer
        finished.append(decode_result(answer["finished"]))


def _line(message: object) -> bytes:
    return json.dumps(message).encode()
