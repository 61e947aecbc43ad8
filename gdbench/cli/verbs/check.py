"""gdbench check: look at a plug-in before it is used, and say in words what was found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from gdbench.cli import OK, RUN_FAILED
from gdbench.cli.streams import Styled, put, put_json
from gdbench.cli.words import wrong_and_doubtful
from gdbench.descent.errors import GdbenchError
from gdbench.descent.gradients import STEPS
from gdbench.judgement.sentences.strides import step_words
from gdbench.plugins.checking import Checked, Finding, check_plugin, steps_of
from gdbench.plugins.checking.check import Stepped
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


def check_steps(file: Path, output: Path | None, *, as_json: bool) -> int:
    """Print how numerical gradients err by their step, or write the picture of the first choice."""
    found = steps_of(load_file(file))
    if not found:
        raise GdbenchError(f"{file}: no formula here has a gradient to compare. gdbench check {file} says why.")
    if as_json:
        put_json([{**one._asdict(), "errors": [e._asdict() for e in one.errors]} for one in found])
    elif output:
        from gdbench.report.charts.step_chart import checked_figure  # noqa: PLC0415  vl-convert is slow to import

        title = f"{found[0].kind} {found[0].name}, {found[0].at}"
        try:
            output.write_text(checked_figure(found[0].errors, title).svg(), encoding="utf-8")
        except OSError as error:
            raise GdbenchError(f"{output}: cannot be written: {error.strerror or error}.") from error
        put(str(output))
    else:
        for one in found:
            _print_steps(one)
    return OK


def _print_steps(one: Stepped) -> None:
    """What is best, and a line for each power of ten."""
    put(Styled(f"{one.kind} {one.name}", bold=True), f", at {one.at}")
    for line in step_words(one.errors):
        put(f"  {line}")
    known = {(error.method, error.step): error.error for error in one.errors}
    methods = list(dict.fromkeys(error.method for error in one.errors))
    put(Styled(f"  {'step h':>8}" + "".join(f"{method:>14}" for method in methods), dim=True))
    for step in STEPS[::2]:
        cells = [known.get((method, step)) for method in methods]
        shown = ["–" if cell is None else f"{cell:.1e}" for cell in cells]
        put(f"  {step:>8.0e}" + "".join(f"{cell:>14}" for cell in shown))
    put()


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
