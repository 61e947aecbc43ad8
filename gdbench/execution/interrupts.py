"""Ctrl-C, SIGTERM and SIGHUP at the right moments: never in a transaction, and at once when one comes twice.

What asks a process to end takes the same way out, whoever asks: Ctrl-C, a system that shuts down, a terminal
that is closed. A signal that was ignored when the process began (nohup) stays so.
"""

from __future__ import annotations

import _thread
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: Signal → what is said of a command that it ended. Windows has SIGBREAK for a window that is closed.
_WORDS = {
    getattr(signal, name): word
    for name, word in {
        "SIGINT": "interrupted",
        "SIGTERM": "terminated",
        "SIGHUP": "hung up",
        "SIGBREAK": "terminated",
    }.items()
    if hasattr(signal, name)
}


class _Process:
    """What this process was asked. An object's attributes: names of a module are guarded from plug-ins."""

    #: The first signal that came; the status that was asked for instead of its own; who listens.
    came: int | None = None
    status: int | None = None
    handler: _Interrupts | None = None


_process = _Process()


def came() -> bool:
    """Whether a signal has asked this process to end."""
    return _process.came is not None


def status() -> int:
    """What a shell says of a command that this signal ended: 130 of Ctrl-C, 143 of SIGTERM, 129 of SIGHUP."""
    return 128 + (_process.came or signal.SIGINT) if _process.status is None else _process.status


def end(given: int) -> None:
    """From another thread: end this process as Ctrl-C does, but with this status."""
    _process.status = given
    _thread.interrupt_main()


def word() -> str:
    """The same for people: 'interrupted', 'terminated', 'hung up'."""
    return _WORDS[_process.came or signal.SIGINT]


class _Interrupts:
    """Counts signals: the first raises KeyboardInterrupt as soon as it may, the second ends the process."""

    def __init__(self) -> None:
        self.came = 0
        self.held = 0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        _process.came = _process.came or number
        self.came += 1
        if self.came > 1:
            # workers end with their parent, and the store is whole after any kill
            os._exit(status())
        self.let_go()

    def let_go(self) -> None:
        if self.came == 1 and not self.held:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[None]:
    """Within the block, the first signal raises KeyboardInterrupt and the second ends the process at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    around, listens = _process.handler, _Interrupts()
    _process.handler = listens
    if around is None:
        _process.came = _process.status = None
    before = {
        number: signal.signal(number, listens)
        for number in _WORDS
        if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        _process.handler = around


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within the block, a first signal waits until its end."""
    mine = _process.handler
    if mine is None:
        yield
        return
    mine.held += 1
    try:
        yield
    finally:
        mine.held -= 1
    mine.let_go()
