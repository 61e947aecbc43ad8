"""Bounds on a scheduler's silence: a network that stalls raises nothing, it only never answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from gdbench.descent.errors import one_line

T = TypeVar("T")

#: Looks within the time that silence may last.
_LOOKS = 10


class Hopeless(Exception):
    """No worker will come; the text is a sentence's end, as "has no worker, as …"."""


def within(seconds: float, ask: Callable[[], T]) -> T:
    """What ask() gives; raises TimeoutError where that takes longer. It is left to itself then."""
    answer: Future[T] = Future()

    def go() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001  whoever asked is told
            answer.set_exception(error)

    # not an executor's thread: those are waited for when the interpreter ends
    threading.Thread(target=go, name="question to a scheduler", daemon=True).start()
    return answer.result(timeout=seconds)


class Heartbeat:
    """Asks a scheduler for its workers, again and again.

    ask: gives what is false where it has none, and raises Hopeless where none will come.  silence,
    desertion: seconds that it may say nothing, and that it may have no worker.  lost: called once with a
    sentence's end where that lasts too long.
    """

    def __init__(
        self, ask: Callable[[], object], silence: float, desertion: float, lost: Callable[[str], None]
    ) -> None:
        self._ask, self._silence, self._desertion, self._lost = ask, silence, desertion, lost
        self._over = threading.Event()
        threading.Thread(target=self._watch, name="heartbeat of a scheduler", daemon=True).start()

    def stop(self) -> None:
        self._over.set()

    def _watch(self) -> None:
        seen = time.monotonic()
        while not self._over.wait(min(self._silence, self._desertion) / _LOOKS):
            trouble = ""
            try:
                if within(self._silence, self._ask):
                    seen = time.monotonic()
                elif time.monotonic() - seen > self._desertion:
                    trouble = f"has had no worker for {self._desertion:g} s"
            except Hopeless as error:
                trouble = str(error)
            except TimeoutError:
                trouble = f"has not answered for {self._silence:g} s"
            except Exception as error:  # noqa: BLE001  a client that has lost its scheduler raises what it likes
                trouble = f"is gone ({one_line(error)})"
            if trouble and not self._over.is_set():
                self._lost(trouble)
                return
