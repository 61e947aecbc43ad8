"""Ctrl-C at the right moments: never in the middle of a transaction, and at once when it comes twice."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_STATUS = 130  # what a shell says of a command that Ctrl-C ended


class _Interrupts:
    """Counts Ctrl-C: the first raises KeyboardInterrupt as soon as it may, the second ends the process."""

    def __init__(self) -> None:
        self.came = 0
        self.held = 0

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.came += 1
        if self.came > 1:
            # workers end with their parent, and the store is whole after any kill
            os._exit(_STATUS)
        self.let_go()

    def let_go(self) -> None:
        if self.came == 1 and not self.held:
            raise KeyboardInterrupt


_handler: _Interrupts | None = None


@contextmanager
def interruptible() -> Iterator[None]:
    """Within the block, the first Ctrl-C raises KeyboardInterrupt and the second ends the process at once."""
    global _handler  # noqa: PLW0603  signals belong to the process
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _handler = _Interrupts()
    before = signal.signal(signal.SIGINT, _handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        _handler = None


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within the block, a first Ctrl-C waits until its end."""
    mine = _handler
    if mine is None:
        yield
        return
    mine.held += 1
    try:
        yield
    finally:
        mine.held -= 1
    mine.let_go()
