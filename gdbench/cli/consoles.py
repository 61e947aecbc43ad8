"""Where results and talk go: stdout and stderr, as wide as their reader is."""

from __future__ import annotations

import os

import click
from rich.console import Console
from rich.table import Table

#: Columns of a pipe or a file, where nobody's lines break; and of the summary there, which is a layout.
_UNBOUNDED, _SUMMARY = 10_000, 140


def output() -> Console:
    """Results: a terminal's width or COLUMNS decide the layout; a pipe gets whole lines, without colours."""
    return _console(_UNBOUNDED, emoji=False)


def summary_output() -> Console:
    """A sweep's summary: the same, but for the width of a pipe."""
    return _console(_SUMMARY, emoji=True)


def talk() -> Console:
    """Everything that is not the result."""
    return Console(stderr=True, emoji=False)


def _console(pipe: int, *, emoji: bool) -> Console:
    console = Console(emoji=emoji)
    fits = console.is_terminal or "COLUMNS" in os.environ
    return console if fits else Console(width=pipe, emoji=emoji)


def print_table(console: Console, table: Table) -> None:
    """A table; into a pipe without the spaces that fill up its last column."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        console.print(line.rstrip(), markup=False, highlight=False, soft_wrap=True)


def say_unreported(reason: str) -> None:
    """A report that cannot be written costs a line, and tracking goes on."""
    click.echo(f"MLflow gets no report: {reason}", err=True)
