"""What plug-ins print in a run goes into a file beside the results, up to a size, and never where results go.

Standard library and Python 3.9 only: worker processes import this module.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any

from gdbench.plugins.guard import descriptor_of_stdout
from gdbench.plugins.loading import Plugin

#: Name of the file in an experiment's folder.
NAME = "prints.log"
#: Bytes that it may have.
MOST = 1_000_000


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

    def text(self) -> io.TextIOWrapper:
        """For Python's own prints."""
        return io.TextIOWrapper(
            io.BufferedWriter(self), encoding="utf-8", errors="backslashreplace", line_buffering=True
        )


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
    sys.stdout = sys.stderr = prints.text()


@contextmanager
def printing_to(prints: Prints) -> Iterator[None]:
    """Have what is printed to standard output within the block, in gdbench's own process."""
    text = prints.text()
    try:
        with redirect_stdout(text), descriptor_of_stdout(prints.fileno()):
            yield
            text.flush()
    finally:
        prints.trim()
        text.detach().detach()  # type: ignore[attr-defined]  # the raw file, which stays open


def remark(path: Path, plugins: Sequence[Plugin]) -> str:
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
    names = " or ".join(dict.fromkeys(plugin.origin for plugin in plugins))
    rest = f"; only its first {MOST:,} bytes are kept" if size >= MOST else ""
    return f"{names} printed while runs were done: {path}{rest}."
