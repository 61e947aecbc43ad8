"""What lies behind a config: the card of each problem, the source of kernels and choices, the schema."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.syntax import Syntax

from gdbench.cli.consoles import Output
from gdbench.cli.streams import Styled, put, put_json, say
from gdbench.config.experiment import load_experiment
from gdbench.config.json_schema import config_schema, text_of
from gdbench.data.files.layout import is_table
from gdbench.descent.recording.plain import plain_tree
from gdbench.planning.kernel_sources import definitions, kernels_of_choices, kernels_of_config
from gdbench.planning.plan import cards, make_plan
from gdbench.plugins.guard import Consent
from gdbench.plugins.installed import load_installed
from gdbench.plugins.loading import load_file
from gdbench.reference.problem import ProblemRecord
from gdbench.report.page.fitted import Fitted, FittedColumn
from gdbench.report.page.table_card import table_card
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
    """The card of each problem: size, curvature, rates that work, optimum; of a table its columns."""
    if is_table(config):
        _show_table(config, as_json=as_json)
        return
    Consent.tell = say
    plan = make_plan(load_experiment(config, overrides))
    if as_json:
        put_json([_plain_card(record) for record in cards(plan)])
        return
    for number, record in enumerate(cards(plan)):
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
    # nothing is cut: what is longer than a line goes on below
    rows = [["", name, text] for name, text in problem_lines(record)]
    Output().table(Fitted([FittedColumn(), FittedColumn(style="dim"), FittedColumn()], rows, gap=2))


def show_trace(config: Path, overrides: Sequence[str], only: Sequence[str], steps: int) -> None:
    """The first steps of one run, by hand."""
    width = Output().width
    for line in follow_run(make_plan(load_experiment(config, overrides)), steps, only).lines:
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        # nothing is cut: what is longer than a line goes on below
        put(textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False) if line else "")


# --- the columns of a table


def _show_table(path: Path, *, as_json: bool) -> None:
    card = table_card(path)
    if as_json:
        put_json(card.to_plain())
        return
    put(Styled(card.title, bold=True))
    for line in card.lines:
        put(line)
