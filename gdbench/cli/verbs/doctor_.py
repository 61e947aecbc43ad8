"""gdbench doctor: whether everything that gdbench rests on is here and works."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gdbench.cli.options import results_option, tracking_uri_option
from gdbench.cli.status import OK, RUN_FAILED

if TYPE_CHECKING:
    from gdbench.cli.checkup import Finding

_MARKS = {"fine": ("✓", "green"), "absent": ("·", "dim"), "doubt": ("!", "yellow"), "wrong": ("✗", "red")}
_ENDING = "\b\nExit status: 0 nothing is wrong · 1 something is"


@click.command("doctor", epilog=f"Example: gdbench doctor\n\n{_ENDING}")
@click.option("--json", "as_json", is_flag=True, help="The same, for a program to read.")
@results_option
@tracking_uri_option
def command(as_json: bool, results: Path, tracking_uri: str | None) -> int:  # noqa: FBT001  click's flag
    """Tell versions, interpreters, optional parts, the tracking store, write access and the clock.

    Nothing is changed: a file is written to see whether that can be done, and taken away again.
    """
    from gdbench.cli.checkup import checkup  # noqa: PLC0415  not for --help

    findings = checkup(results, tracking_uri)
    wrong = any(finding.state == "wrong" for finding in findings)
    if as_json:
        plain = {"status": "wrong" if wrong else "fine", "findings": [asdict(f) for f in findings]}
        click.echo(json.dumps(plain, indent=2, ensure_ascii=False))
    else:
        _tell(findings)
    return RUN_FAILED if wrong else OK


def _tell(findings: Sequence[Finding]) -> None:
    from rich.table import Table  # noqa: PLC0415  not for --help
    from rich.text import Text  # noqa: PLC0415

    from gdbench.cli.consoles import output, print_table  # noqa: PLC0415

    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    about = ""
    for finding in findings:
        if finding.about != about:
            about = finding.about
            table.add_row("", Text(about, "bold"), "")
        sign, style = _MARKS[finding.state]
        table.add_row(Text(sign, style), Text(f"  {finding.name}"), Text(finding.said))
    print_table(output(), table)
    counts = [sum(finding.state == state for finding in findings) for state in ("wrong", "doubt")]
    click.echo(_verdict(*counts))


def _verdict(wrong: int, doubts: int) -> str:
    said = f"{wrong} thing{'s are' if wrong > 1 else ' is'} wrong" if wrong else "Nothing is wrong"
    return f"{said}; {doubts} to look at." if doubts else f"{said}."
