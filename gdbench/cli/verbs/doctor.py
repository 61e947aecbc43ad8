"""gdbench doctor: whether everything that gdbench rests on is here and works."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table
from rich.text import Text

from gdbench.cli import OK, RUN_FAILED
from gdbench.cli.consoles import Output
from gdbench.cli.doctor_checks import CheckupLine, checkup
from gdbench.cli.streams import put, put_json
from gdbench.cli.words import wrong_and_doubtful

_MARKS = {"fine": ("✓", "green"), "absent": ("·", "dim"), "doubt": ("!", "yellow"), "wrong": ("✗", "red")}


def examine(results: Path, tracking_uri: str | None, *, as_json: bool) -> int:
    """Print what is found, and return the exit status."""
    lines = checkup(results, tracking_uri)
    wrong = any(line.state == "wrong" for line in lines)
    if as_json:
        plain = {"status": "wrong" if wrong else "fine", "findings": [asdict(line) for line in lines]}
        put_json(plain)
    else:
        _print(lines)
    return RUN_FAILED if wrong else OK


def _print(lines: Sequence[CheckupLine]) -> None:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    about = ""
    for line in lines:
        if line.about != about:
            about = line.about
            table.add_row("", Text(about, "bold"), "")
        sign, style = _MARKS[line.state]
        table.add_row(Text(sign, style), Text(f"  {line.name}"), Text(line.said))
    Output().table(table)
    counts = Counter(line.state for line in lines)
    put(wrong_and_doubtful(counts["wrong"], counts["doubt"], "to look at"))
