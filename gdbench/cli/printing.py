"""Plain output: columns for people, JSON for programs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence

import click


def print_json(plain: object) -> None:
    click.echo(json.dumps(plain, indent=2, ensure_ascii=False))


def print_columns(rows: Sequence[Sequence[str]], colours: Mapping[str, str] | None = None) -> None:
    """In columns; no line is broken, so that a command can be copied and a pipe gets whole lines.

    colours: of words in the second column.
    """
    known = {} if os.environ.get("NO_COLOR") else colours or {}
    last = max(map(len, rows)) - 1
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(last)]
    for row in rows:
        cells = [*map(str.ljust, row[:-1], widths), row[-1]]
        if len(row) > 1 and row[1] in known:
            cells[1] = click.style(cells[1], fg=known[row[1]])
        click.echo("  ".join(cells).rstrip())
