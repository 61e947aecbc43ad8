"""gdbench check: look at a plug-in before it is used, and say in words what was found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from gdbench.cli import OK, RUN_FAILED
from gdbench.cli.streams import Styled, put, put_json
from gdbench.cli.words import wrong_and_doubtful
from gdbench.plugins.checking import Checked, Finding, check_plugin
from gdbench.plugins.loading import Plugin, load_file

_MARKS = {"wrong": ("✗", "red"), "caution": ("!", "yellow"), "note": ("·", "cyan"), "fine": ("✓", "green")}


def check(file: Path, *, as_json: bool) -> int:
    """Print what is found, and return the exit status."""
    plugin = load_file(file)
    checked = check_plugin(plugin)
    wrong = any(choice.is_wrong for choice in checked)
    if as_json:
        put_json(_plain(plugin, checked))
    else:
        _print(plugin, checked)
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


def _print(plugin: Plugin, checked: list[Checked]) -> None:
    for choice in checked:
        parameters = ", ".join(f"{name}={value}" for name, value in choice.parameters.items())
        put(Styled(f"{choice.kind} {choice.name}{f'({parameters})' if parameters else ''}", bold=True))
        for finding in choice.findings:
            mark, colour = _MARKS[finding.severity]
            put("  ", Styled(mark, colour), f" {_placed(plugin, finding)}{finding.said}")
        put()
    counts = Counter(finding.severity for choice in checked for finding in choice.findings)
    put(wrong_and_doubtful(counts["wrong"], counts["caution"], "to be careful about"))


def _placed(plugin: Plugin, finding: Finding) -> str:
    return f"{plugin.origin}:{finding.line}: " if finding.line else ""
