"""Where results and talk go: stdout and stderr, as wide as their reader is."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import IO, NoReturn, cast

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from gdbench.cli.streams import Unfailing, results, say
from gdbench.config.outside import visible

#: Columns of a pipe or a file, where nobody's lines break; and of the summary there, which is a layout.
_UNBOUNDED, _SUMMARY = 10_000, 140
#: Columns below which no layout is left.
_NARROWEST = 20


class _SafeConsole(Console):
    """rich's, but no text is markup, and nothing in it acts on the terminal."""

    def __init__(self, *, width: int | None = None, stderr: bool = False) -> None:
        super().__init__(width=width, stderr=stderr, markup=False, emoji=False, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)

    def on_broken_pipe(self) -> NoReturn:
        raise  # noqa: PLE0704  rich calls it while it handles the error, and would end the process here


class _Talk(_SafeConsole):
    """What it cannot write is lost: a sweep goes on when nobody listens."""

    @property
    def file(self) -> IO[str]:
        return cast("IO[str]", Unfailing(super().file))

    @file.setter
    def file(self, new_file: IO[str]) -> None:
        self._file = new_file


class Output:
    """Results through rich: in a terminal as wide as it is, or as COLUMNS says; a pipe gets whole lines."""

    def __init__(self, pipe: int = _UNBOUNDED) -> None:
        console = _SafeConsole(width=_asked_width())
        fits = console.is_terminal or _asked_width()
        self._console = console if fits else _SafeConsole(width=pipe)

    @property
    def width(self) -> int:
        """In columns."""
        return self._console.width

    @property
    def is_terminal(self) -> bool:
        """Whether people read it, or a program may."""
        return self._console.is_terminal

    def print(self, shown: RenderableType) -> None:
        """A layout, as a summary is."""
        with results():
            self._console.print(shown)

    def line(self, text: str | Text) -> None:
        """A line that nothing breaks."""
        with results():
            self._console.print(text, soft_wrap=True)

    def table(self, table: RenderableType) -> None:
        """A table; into a pipe without the spaces that fill up its last column."""
        if self._console.is_terminal:
            self.print(table)
            return
        with self._console.capture() as captured:
            self._console.print(table)
        for line in captured.get().splitlines():
            self.line(line.rstrip())


def summary_output() -> Output:
    """A sweep's summary: the same, but for the width of a pipe."""
    return Output(_SUMMARY)


def talk() -> Console:
    """Everything that is not the result."""
    return _Talk(width=_asked_width(), stderr=True)


def _asked_width() -> int | None:
    """What COLUMNS says, where it is a number to lay out by."""
    asked = os.environ.get("COLUMNS", "")
    return max(_NARROWEST, int(asked)) if asked.isdecimal() and int(asked) else None


def say_line(console: Console, text: str, sign: str = "") -> None:
    """A line of talk that nothing breaks. sign: what it is about, in colour: 'unwise:'."""
    line = Text.assemble((sign, "yellow"), " ", text) if sign else Text(text)
    console.print(line, soft_wrap=True)


def say_unreported(reason: str) -> None:
    """A report that cannot be written costs a line, and tracking goes on."""
    say(f"MLflow gets no report: {reason}")
