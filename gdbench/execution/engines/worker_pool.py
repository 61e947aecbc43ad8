"""Tasks shared out among workers in chunks; a run that ends its worker is retried, then given up."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from gdbench.descent.errors import GdbenchError
from gdbench.execution.engines.engine import Line
from gdbench.execution.task import Death, Delivery, Finished, Limits, Task
from gdbench.execution.workers.crash_results import crash_result

#: Tasks in flight for each worker: what chunks are made of.
_SLOTS = 64
#: Workers of one line that may end before they took their first task, one after the other.
MOST_FAILED_STARTS = 3

#: Seconds of work that a chunk should hold: enough to pay for the journey, few enough to share the work out.
#: A worker comes back sooner or later than this on its own account (`worker.BUDGET`), so a wrong guess costs
#: nothing but a journey.
_CHUNK_SECONDS = 0.25
#: Weight of the latest chunk in the running mean.
_LATEST = 0.3


class ChunkSize:
    """Learns how long a run takes; the first chunks hold one run each."""

    def __init__(self) -> None:
        self._seconds: float | None = None

    def learn(self, finished: Sequence[Finished]) -> None:
        """Take in how long these runs took, from their beginning to their end."""
        if finished:
            mean = sum(done.finished - done.started for done in finished) / len(finished)
            before = mean if self._seconds is None else self._seconds
            self._seconds = before + _LATEST * (mean - before)

    def of(self, waiting: int, workers: int) -> int:
        """Runs in the next chunk, of so many waiting: a fair share, and less towards the end."""
        if self._seconds is None:
            return 1
        share = -(-waiting // (2 * workers))
        return max(1, min(share, int(_CHUNK_SECONDS / max(self._seconds, 1e-6))))


class _PendingTask:
    """A task on its way: its future, and how often it has ended its worker."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.future: Future[Finished] = Future()
        self.deaths = 0


class WorkerPool:
    """An engine of several workers, each behind a `Line`. retries: of a run that ended its worker.

    Chunks come back on the lines' own threads; the lock keeps one of them at a time here.
    """

    def __init__(self, lines: Sequence[Line], retries: int) -> None:
        self.slots = _SLOTS * len(lines)
        self._lines, self._idle = list(lines), list(lines)
        self._retries = retries
        self._waiting: deque[_PendingTask] = deque()
        self._size = ChunkSize()
        self._halted = False
        self._lock = threading.RLock()

    @property
    def remarks(self) -> list[str]:
        """What is to be told of the workers, which does not keep them from working."""
        return [*dict.fromkeys(filter(None, (getattr(line, "remark", "") for line in self._lines)))]

    def submit(self, task: Task) -> Future[Finished]:
        pending = _PendingTask(task)
        with self._lock:
            self._waiting.append(pending)
        self._share_out()
        return pending.future

    def halt(self) -> None:
        with self._lock:
            self._halted = True

    def close(self) -> None:
        self._end(lambda line: line.close())

    def abort(self) -> None:
        self.halt()
        self._end(lambda line: line.abort())

    def _end(self, how: Callable[[Line], None]) -> None:
        """All at the same time: each line takes some tenths of a second."""
        with ThreadPoolExecutor(len(self._lines)) as threads:
            list(threads.map(how, self._lines))

    def _share_out(self) -> None:
        """Send a chunk down every idle line while there is work."""
        while True:
            with self._lock:
                if self._halted or not (self._idle and self._waiting):
                    return
                line, chunk = self._idle.pop(0), self._chunk()
                sent = line.send([pending.task for pending in chunk])
            sent.add_done_callback(partial(self._take_back, line, chunk))

    def _chunk(self) -> list[_PendingTask]:
        if self._waiting[0].deaths:
            # alone, so that it takes nobody else's time when it does it again
            return [self._waiting.popleft()]
        size, chunk = self._size.of(len(self._waiting), len(self._lines)), list[_PendingTask]()
        while len(chunk) < size and self._waiting and not self._waiting[0].deaths:
            chunk.append(self._waiting.popleft())
        return chunk

    def _take_back(self, line: Line, chunk: list[_PendingTask], sent: Future[Delivery]) -> None:
        error = sent.exception()
        delivery = Delivery([]) if error else sent.result()
        with self._lock:
            self._size.learn(delivery.finished)
            self._idle.append(line)
            left = chunk[len(delivery.finished) :]
            settled = list(zip(chunk, delivery.finished, strict=False))
            if delivery.death and left:
                settled += self._after_death(left, delivery.death)
            refusal = str(error) if error else delivery.refusal
            if not refusal:
                self._waiting.extendleft(reversed(left))
        for pending, finished in settled:
            pending.future.set_result(finished)
        if refusal:
            self._refuse(left, refusal)
        self._share_out()

    def _after_death(self, left: list[_PendingTask], death: Death) -> list[tuple[_PendingTask, Finished]]:
        """Give the first of `left` up, or leave it there to be tried again."""
        victim = left[0]
        victim.deaths += 1
        if not death.timed_out and victim.deaths <= self._retries:
            return []
        del left[0]
        return [(victim, crash_result(victim.task, death, victim.deaths))]

    def _refuse(self, left: list[_PendingTask], why: str) -> None:
        """Nothing can be done here: every future says so."""
        with self._lock:
            self._halted = True
            refused, self._waiting = [*left, *self._waiting], deque()
        for pending in refused:
            pending.future.set_exception(GdbenchError(why))


def memory_hint(limits: Limits) -> str:
    """What may have ended workers before they could begin: a sentence where their memory is limited, or ""."""
    if limits.memory is None:
        return ""
    return f" The memory_limit of {limits.memory / 1e6:.0f} MB may be less than an idle worker needs: raise it."
