"""What plug-ins print, and the streams that gdbench keeps for itself in the processes where they run.

While gdbench reads a plug-in, prints are talk and go to standard error; while runs are done, into a file
beside the results, up to a size. Standard library and Python 3.9 only: worker processes import this module.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any

#: Characters of what a plug-in prints while gdbench reads it that are shown.
_SHOWN = 10_000
#: Name of the file in an experiment's folder.
NAME = "prints.log"
#: Bytes that it may have.
MOST = 1_000_000


class Streams:
    """Standard input, output and error of this process, kept so that they can be had again."""

    def __init__(self) -> None:
        self._kept = {}
        for number, name in enumerate(("standard input", "standard output", "standard error")):
            with suppress(OSError):  # it may have been closed before
                self._kept[number] = (name, os.dup(number), _identity(number))

    def restore(self) -> str:
        """Have them again; the names of those that were not there any more, "" for none."""
        lost = []
        for number, (name, kept, identity) in self._kept.items():
            if _identity(number) != identity:
                os.dup2(kept, number)
                lost.append(name)
        return " and ".join(lost)

    def close(self) -> None:
        """Give up what was kept."""
        for _, kept, _ in self._kept.values():
            os.close(kept)
        self._kept = {}


def _identity(descriptor: int) -> tuple[int, int]:
    try:
        found = os.fstat(descriptor)
    except OSError:
        return -1, -1
    return found.st_dev, found.st_ino


class _Prints(io.TextIOBase):
    """Passes on to standard error what is not too much."""

    def __init__(self) -> None:
        self.count = 0

    def write(self, text: str) -> int:
        room = max(0, _SHOWN - self.count)
        self.count += len(text)
        if room and sys.stderr is not None:
            sys.stderr.write(text[:room])
        return len(text)

    def close_with(self, sentence: str) -> None:
        """Say something below what was shown."""
        if sys.stderr is not None:
            sys.stderr.write(f"\n{sentence}\n")

    def writable(self) -> bool:
        return True


@contextmanager
def prints_to_stderr(who: str) -> Iterator[None]:
    """What is printed is talk, and no result; a little of it is shown."""
    prints = _Prints()
    with redirect_stdout(prints), descriptor_of_stdout(2):
        yield
    if prints.count > _SHOWN:
        prints.close_with(f"{who}: it printed {prints.count:,} characters; the rest is not shown.")


@contextmanager
def descriptor_of_stdout(to: int) -> Iterator[None]:
    """What is printed below Python within the block, by a library or a child, goes to another descriptor."""
    try:
        kept, before = os.dup(1), _identity(1)
        os.dup2(to, 1)
    except OSError:
        yield
        return
    meanwhile = _identity(1)
    try:
        yield
    finally:
        # what the block closed is told by who kept all three
        if _identity(1) == meanwhile and before != (-1, -1):
            os.dup2(kept, 1)
        os.close(kept)


# --- while runs are done


class Prints(io.RawIOBase):
    """The end of the file; workers share it. Raises OSError where there can be no such file."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, content: Any, /) -> int:
        room = MOST - os.fstat(self._descriptor).st_size
        if room > 0:
            with suppress(OSError):  # a full disk is told by who records results
                os.write(self._descriptor, bytes(content[:room]))
        return len(content)

    def trim(self) -> None:
        """Cut off what was written past this object, by a library or a child."""
        if os.fstat(self._descriptor).st_size > MOST:
            os.ftruncate(self._descriptor, MOST)

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def _text(into: io.BufferedWriter[Prints]) -> io.TextIOWrapper:
    """For Python's own prints."""
    return io.TextIOWrapper(into, encoding="utf-8", errors="backslashreplace", line_buffering=True)


def open_prints(path: str) -> Prints | None:
    """None where nothing is to be written, or where the file cannot be had: on another machine, say."""
    if path:
        with suppress(OSError):
            return Prints(path)
    return None


def take_over(prints: Prints) -> None:
    """Have everything that this process prints from now on."""
    for number in (1, 2):
        os.dup2(prints.fileno(), number)
    sys.stdout = sys.stderr = _text(io.BufferedWriter(prints))


@contextmanager
def printing_to(prints: Prints) -> Iterator[None]:
    """Have what is printed to standard output within the block, in gdbench's own process."""
    buffered = io.BufferedWriter(prints)
    text = _text(buffered)
    try:
        with redirect_stdout(text), descriptor_of_stdout(prints.fileno()):
            yield
            text.flush()
    finally:
        prints.trim()
        text.detach()
        buffered.detach()  # the file stays open


def remark(path: Path, origins: Sequence[str]) -> str:
    """What was printed in a sweep, in a sentence; "" for nothing, and then there is no file either."""
    try:
        size = path.stat().st_size
        if not size:
            path.unlink()
            return ""
        if size > MOST:
            os.truncate(path, MOST)
    except OSError:
        return ""
    names = " or ".join(dict.fromkeys(origins))
    rest = f"; only its first {MOST:,} bytes are kept" if size >= MOST else ""
    return f"{names} printed while runs were done: {path}{rest}."
