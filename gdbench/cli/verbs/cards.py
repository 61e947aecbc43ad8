"""gdbench inspect: what theory says of each problem of a config, before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from gdbench.cli.words import print_json
from gdbench.config.experiment import load_experiment
from gdbench.descent.recording.plain import plain_tree
from gdbench.planning.plan import make_plan
from gdbench.reference.problem import ProblemRecord
from gdbench.reference.problem_records import problem_record, with_local_curvature
from gdbench.report.page.theory_card import problem_lines


def show_cards(config: Path, overrides: Sequence[str], *, as_json: bool) -> None:
    """The card of each problem: size, curvature, rates that work, optimum."""
    plan = make_plan(load_experiment(config, overrides))
    first = {run.problem: run.spec for run in reversed(plan.runs)}
    records = (
        with_local_curvature(problem_record(problem), problem, first[problem.id])
        for problem in plan.problems.values()
    )
    if as_json:
        print_json([_plain(record) for record in records])
        return
    for number, record in enumerate(records):
        click.echo("\n" if number else "", nl=False)
        _print(record)


def _plain(record: ProblemRecord) -> dict[str, object]:
    """The record, its eigenvectors left out: they are packed, and of use to predictions only."""
    plain = plain_tree(record)
    plain["card"].pop("directions", None)
    return plain


def _print(record: ProblemRecord) -> None:
    click.secho(record.label, bold=True)
    lines = problem_lines(record)
    width = max(len(name) for name, _ in lines)
    for name, text in lines:
        click.echo(f"  {click.style(name.ljust(width), dim=True)}  {text}")
