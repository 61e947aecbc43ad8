"""What lies behind a config: the card of each problem, the source of kernels and choices, the schema."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.syntax import Syntax

from gdbench.cli.consoles import Output
from gdbench.cli.streams import Styled, put, put_json
from gdbench.config.experiment import load_experiment
from gdbench.config.json_schema import config_schema, text_of
from gdbench.descent.recording.plain import plain_tree
from gdbench.planning.kernel_sources import definitions, kernels_of_choices, kernels_of_config
from gdbench.planning.plan import make_plan
from gdbench.plugins.installed import load_installed
from gdbench.plugins.loading import load_file
from gdbench.reference.problem import ProblemRecord
from gdbench.reference.problem_records import problem_record, with_local_curvature
from gdbench.report.page.theory_card import problem_lines
from gdbench.session.trace import follow_run


def show_sources(
    plugins: Sequence[Path],
    name: str | None = None,
    config: Path | None = None,
    given: Mapping[str, str] | None = None,
    features: int = 2,
    classes: int = 3,
) -> None:
    """The definitions of a name; or the Python that minimises each problem of a config, or what is given."""
    for path in plugins:
        load_file(path)
    if name is not None:
        _print_sources(definitions(name))
    else:
        _print_sources(
            kernels_of_config(config) if config else kernels_of_choices(given or {}, features, classes)
        )


def _print_sources(sources: Iterable[str]) -> None:
    """In colours on a terminal, as plain text into a pipe or file."""
    for number, source in enumerate(sources):
        if number:
            put()
        if sys.stdout.isatty():
            Output().print(
                Syntax(source, "python", theme="ansi_dark", background_color="default", word_wrap=True)
            )
        else:
            put(source.rstrip("\n"))


def show_schema(plugins: Sequence[Path]) -> None:
    """The JSON Schema of a config, with every name that it may choose."""
    load_installed()
    for path in plugins:
        load_file(path)
    put(text_of(config_schema()), end="")


def show_cards(config: Path, overrides: Sequence[str], *, as_json: bool) -> None:
    """The card of each problem: size, curvature, rates that work, optimum."""
    plan = make_plan(load_experiment(config, overrides))
    first = {run.problem: run.spec for run in reversed(plan.runs)}
    records = (
        with_local_curvature(problem_record(problem), problem, first[problem.id])
        for problem in plan.problems.values()
    )
    if as_json:
        put_json([_plain_card(record) for record in records])
        return
    for number, record in enumerate(records):
        if number:
            put()
        _print_card(record)


def _plain_card(record: ProblemRecord) -> dict[str, object]:
    """The record, its eigenvectors left out: they are packed, and of use to predictions only."""
    plain = plain_tree(record)
    plain["card"].pop("directions", None)
    return plain


def _print_card(record: ProblemRecord) -> None:
    put(Styled(record.label, bold=True))
    lines = problem_lines(record)
    width = max(len(name) for name, _ in lines)
    for name, text in lines:
        put("  ", Styled(name.ljust(width), dim=True), f"  {text}")


def show_trace(config: Path, overrides: Sequence[str], only: Sequence[str], steps: int) -> None:
    """The first steps of one run, by hand."""
    width = Output().width
    for line in follow_run(make_plan(load_experiment(config, overrides)), steps, only).lines:
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        # nothing is cut: what is longer than a line goes on below
        put(textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False) if line else "")
