"""Where results and talk go: stdout and stderr, as wide as their reader is."""

from __future__ import annotations

import os

from rich.console import Console
from rich.table import Table

#: Columns of a pipe or a file, where nobody's lines break.
_UNBOUNDED = 10_000


def output() -> Console:
    """Results: a terminal's width or COLUMNS decide the layout; a pipe gets whole lines, without colours."""
    console = Console(emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        return Console(width=_UNBOUNDED, emoji=False)
    return console


def talk() -> Console:
    """Everything that is not the result."""
    return Console(stderr=True, emoji=False)


def print_table(console: Console, table: Table) -> None:
    """A table; into a pipe without the spaces that fill up its last column."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        console.print(line.rstrip(), markup=False, highlight=False, soft_wrap=True)
