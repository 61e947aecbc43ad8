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
from gdbench.config.first_config import Chosen, choose
from gdbench.config.json_schema import config_schema, text_of
from gdbench.data.files import config_text
from gdbench.data.files.cells import shown
from gdbench.data.files.judging import Judged
from gdbench.data.files.layout import is_table
from gdbench.data.files.remedies import holds, reason, told
from gdbench.data.preparation import Treatment, fit
from gdbench.data.tabular import read_file
from gdbench.descent.recording.plain import plain_tree
from gdbench.judgement.numerals import figure
from gdbench.planning.kernel_sources import definitions, kernels_of_choices, kernels_of_config
from gdbench.planning.plan import make_plan
from gdbench.plugins.guard import Consent
from gdbench.plugins.installed import load_installed
from gdbench.plugins.loading import load_file
from gdbench.reference.problem import ProblemRecord
from gdbench.reference.problem_records import problem_record, with_local_curvature
from gdbench.reference.standardized import conditions_of_columns
from gdbench.report.page.fitted import Fitted, FittedColumn
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
    """Column by column: type, gaps, range, and why one had better be left out; then κ raw and standardized."""
    chosen = choose(str(path))
    columns = read_file(path, chosen.target.name, None, chosen.reading)
    features = fit(columns, Treatment(chosen.reading.missing)).apply(columns)
    raw, standardized = conditions_of_columns(list(features.values()))
    if as_json:
        put_json(
            {
                "file": str(path),
                "rows": len(columns.target),
                "read_with": chosen.reading.to_plain(),
                "target": chosen.target.name,
                "columns": [_plain_column(one) for one in _all_columns(chosen)],
                "notes": [note._asdict() for note in columns.notes],
                "condition": {"raw": raw, "standardized": standardized},
            }
        )
        return
    put(Styled(f"{path}: {chosen.target.rows} rows", bold=True))
    width = max(len(shown(one.facts.name)) - 2 for one in _all_columns(chosen))
    for one in _all_columns(chosen):
        target = " (the target, as it seems)" if one.facts.name == chosen.target.name else ""
        suspicious = f" — {reason(one)}" if one.reason else ""
        put(f"  {shown(one.facts.name)[1:-1]:<{width}}  {holds(one.facts)}{target}{suspicious}")
    settings = chosen.reading.to_plain()
    if settings:
        put(f"Read with {config_text(settings)}")
    for note in columns.notes:
        put(f"Note: {told(note)}.")
    if raw is not None and standardized is not None:
        kappas = f"{figure(raw)} raw, {figure(standardized)} standardized"
        put(f"κ of the {len(features)} features and a bias: {kappas}")


def _all_columns(chosen: Chosen) -> list[Judged]:
    """Every column, the target first."""
    return [Judged(chosen.target), *chosen.others]


def _plain_column(one: Judged) -> dict[str, object]:
    facts = one.facts
    numbers = {"low": facts.low, "high": facts.high} if facts.kind == "number" else {}
    return {
        "name": facts.name,
        "kind": facts.kind,
        "gaps": facts.gaps,
        "distinct": facts.distinct,
        **numbers,
        **({"unit": facts.unit} if facts.unit else {}),
        **({"labels": dict(facts.labels)} if facts.kind == "text" else {}),
        **({"suspicious": one.reason} if one.reason else {}),
        **({"copy_of": one.other} if one.other else {}),
    }
