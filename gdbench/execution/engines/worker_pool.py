"""Tasks shared out among workers in chunks; a run that ends its worker is retried, then given up."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from gdbench.descent.errors import GdbenchError
from gdbench.execution.engines.chunks import ChunkSize
from gdbench.execution.engines.engine import Line
from gdbench.execution.task import Death, Delivery, Finished, Task
from gdbench.execution.workers.crash_results import ended

#: Tasks in flight for each worker: what chunks are made of.
_SLOTS = 64


class _Errand:
    """A task on its way: its future, and how often it has ended its worker."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.future: Future[Finished] = Future()
        self.deaths = 0


class Crew:
    """An engine of several workers, each behind a `Line`. retries: of a run that ended its worker.

    Chunks come back on the lines' own threads; the lock keeps one of them at a time here.
    """

    def __init__(self, lines: Sequence[Line], retries: int) -> None:
        self.slots = _SLOTS * len(lines)
        self._lines, self._idle = list(lines), list(lines)
        self._retries = retries
        self._waiting: deque[_Errand] = deque()
        self._size = ChunkSize()
        self._halted = False
        self._lock = threading.RLock()

    def submit(self, task: Task) -> Future[Finished]:
        errand = _Errand(task)
        with self._lock:
            self._waiting.append(errand)
        self._share_out()
        return errand.future

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
                sent = line.send([errand.task for errand in chunk])
            sent.add_done_callback(partial(self._back, line, chunk))

    def _chunk(self) -> list[_Errand]:
        if self._waiting[0].deaths:
            # alone, so that it takes nobody else's time when it does it again
            return [self._waiting.popleft()]
        size, chunk = self._size.of(len(self._waiting), len(self._lines)), list[_Errand]()
        while len(chunk) < size and self._waiting and not self._waiting[0].deaths:
            chunk.append(self._waiting.popleft())
        return chunk

    def _back(self, line: Line, chunk: list[_Errand], sent: Future[Delivery]) -> None:
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
        for errand, finished in settled:
            errand.future.set_result(finished)
        if refusal:
            self._refuse(left, refusal)
        self._share_out()

    def _after_death(self, left: list[_Errand], death: Death) -> list[tuple[_Errand, Finished]]:
        """Give the first of `left` up, or leave it there to be tried again."""
        victim = left[0]
        victim.deaths += 1
        if not death.timed_out and victim.deaths <= self._retries:
            return []
        del left[0]
        return [(victim, ended(victim.task, death, victim.deaths))]

    def _refuse(self, left: list[_Errand], why: str) -> None:
        """Nothing can be done here: every future says so."""
        with self._lock:
            self._halted = True
            refused, self._waiting = [*left, *self._waiting], deque()
        for errand in refused:
            errand.future.set_exception(GdbenchError(why))
