"""gdbench check: look at a plug-in before it is used, and say in words what was found."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gdbench.cli.completing import plugins
from gdbench.cli.status import OK, RUN_FAILED

if TYPE_CHECKING:
    from gdbench.plugins.checking import Checked, Finding
    from gdbench.plugins.loading import Plugin

_MARKS = {"wrong": ("✗", "red"), "caution": ("!", "yellow"), "note": ("·", "cyan"), "fine": ("✓", "green")}
_ENDING = "\b\nExit status: 0 nothing is wrong · 1 something is · 2 the file cannot be loaded"


@click.command("check", epilog=f"Example: gdbench check configs/plugins/pseudo_huber.py\n\n{_ENDING}")
@click.argument("file", type=click.Path(path_type=Path), shell_complete=plugins)
@click.option("--json", "as_json", is_flag=True, help="Everything found, with its numbers, as JSON.")
def command(file: Path, as_json: bool) -> int:  # noqa: FBT001  click passes flags by name
    """Trace each formula in FILE, compare its gradients, find its kinks and limits, and time it."""
    from gdbench.plugins.checking import check_plugin  # noqa: PLC0415  not for --help
    from gdbench.plugins.loading import load_file  # noqa: PLC0415

    plugin = load_file(file)
    checked = check_plugin(plugin)
    wrong = any(choice.is_wrong for choice in checked)
    if as_json:
        click.echo(json.dumps(_plain(plugin, checked), indent=2, ensure_ascii=False))
    else:
        _tell(plugin, checked)
    return RUN_FAILED if wrong else OK


def _plain(plugin: Plugin, checked: list[Checked]) -> object:
    status = "wrong" if any(choice.is_wrong for choice in checked) else "fine"
    choices = [_finite(choice.to_plain()) for choice in checked]
    return {"file": plugin.origin, "digest": plugin.digest, "status": status, "choices": choices}


def _finite(value: object) -> object:
    """JSON has no infinities: they become text."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return str(value) if isinstance(value, float) and value - value != 0.0 else value


def _tell(plugin: Plugin, checked: list[Checked]) -> None:
    for choice in checked:
        parameters = ", ".join(f"{name}={value}" for name, value in choice.parameters.items())
        click.secho(f"{choice.kind} {choice.name}{f'({parameters})' if parameters else ''}", bold=True)
        for finding in choice.findings:
            mark, colour = _MARKS[finding.severity]
            click.echo(f"  {click.style(mark, fg=colour)} {_placed(plugin, finding)}{finding.said}")
        click.echo()
    counts = Counter(finding.severity for choice in checked for finding in choice.findings)
    click.echo(_verdict(counts))


def _placed(plugin: Plugin, finding: Finding) -> str:
    return f"{plugin.origin}:{finding.line}: " if finding.line else ""


def _verdict(counts: Counter[str]) -> str:
    wrong, cautions = counts["wrong"], counts["caution"]
    said = f"{wrong} thing{'s are' if wrong > 1 else ' is'} wrong" if wrong else "Nothing is wrong"
    return f"{said}; {cautions} to be careful about." if cautions else f"{said}."
