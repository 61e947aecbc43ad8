"""stdout and stderr as the environment gives them: full, closed, left by their reader, unable to show a sign.

Results that cannot be written are an error; talk that cannot be written is lost, and the work goes on.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import IO, NamedTuple

import click

from gdbench.config.outside import as_json, visible
from gdbench.config.processes import memory_limit
from gdbench.descent.errors import one_line


class Unwritable(Exception):
    """stdout takes no more: its reader has left (`gdbench list | head -1`), or its disk is full."""

    def __init__(self, why: OSError) -> None:
        self.why = why
        super().__init__(f"stdout cannot be written: {why.strerror or why}.")


class Styled(NamedTuple):
    """A piece of a line in click's colours."""

    text: str
    colour: str | None = None
    bold: bool = False
    dim: bool = False


def put(*pieces: str | Styled, end: str = "\n") -> None:
    """A line of results. Nothing in it acts on the terminal but our own colours."""
    with results():
        click.echo("".join(map(_shown, pieces)) + end, nl=False)


def put_json(plain: object) -> None:
    """A result for a program to read."""
    with results():
        click.echo(as_json(plain, ascii_only=not _shows_all()))


def say(*pieces: str | Styled) -> None:
    """A line of talk."""
    with suppress(OSError):
        click.echo("".join(map(_shown, pieces)), err=True)


def _shown(piece: str | Styled) -> str:
    if isinstance(piece, str):
        return visible(piece)
    return click.style(visible(piece.text), fg=piece.colour, bold=piece.bold or None, dim=piece.dim or None)


def _shows_all() -> bool:
    """Whether stdout has all signs, and not those of ASCII or of one alphabet alone."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return encoding.lower().replace("-", "").replace("_", "").startswith("utf")


@contextmanager
def results() -> Iterator[None]:
    """Whatever the system says of a write to stdout within the block is raised as Unwritable."""
    try:
        yield
    except OSError as error:
        raise Unwritable(error) from error


def make_ready() -> None:
    """Signs that a stream cannot encode are replaced, and no file of ours takes the place of a closed one."""
    with suppress(OSError):
        while (free := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(free)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  it stays open
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def flush() -> None:
    """Everything written is out, or Unwritable says why not."""
    with suppress(OSError):
        sys.stderr.flush()
    with results():
        sys.stdout.flush()


def give_up() -> None:
    """At the end: what a stream does not take goes nowhere, lest the interpreter complain of it at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)


def reader_left(error: Exception) -> bool:
    """Whether all that went wrong is that nobody reads stdout any more."""
    return isinstance(error.why if isinstance(error, Unwritable) else error, BrokenPipeError)


#: What a system may say of a file or a process of ours without anybody's mistake.
_FAULTS = {
    getattr(errno, name)
    for name in (
        *("EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "EFBIG", "EIO", "ESTALE", "ENODEV", "ENXIO"),
        *("EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "ENAMETOOLONG", "ELOOP", "EBUSY", "ETXTBSY"),
    )
    if hasattr(errno, name)
}


def fault(error: Exception) -> str:
    """A sentence where the environment is at fault, and not gdbench; or ""."""
    match error:
        case Unwritable():
            return str(error)
        case OSError() if error.errno in _FAULTS:
            where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
            return f"{where}{error.strerror}."
        case MemoryError():
            return f"there is not enough memory{_limit()}. Give it more, or ask for less."
        case ImportError() | RuntimeError() | SystemError() if _limit():
            return f"there is not enough memory{_limit()}: {one_line(error)}"
    return ""


#: Bytes of address space beyond which a bound on it is no reason for what Python code meets.
_PLENTY = 8 << 30


def _limit() -> str:
    """The bound on this process's memory (ulimit -v) in words, where there is one that can be felt."""
    limit = memory_limit()
    return f": the limit is {limit / 1e6:.0f} MB (ulimit -v)" if 0 < limit < _PLENTY else ""


class Unfailing:
    """A stream for talk: what it refuses is lost. Everything else is as the stream has it."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
