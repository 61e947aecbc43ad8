"""gdbench inspect: what theory says of each problem of a config, before anything runs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gdbench.reference.problem import ProblemRecord


@click.command("inspect", epilog="Example: gdbench inspect configs/lr_sweep.yaml")
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="As data.standardize=false; repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="The cards with all their digits, as JSON.")
def command(config: Path, overrides: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001  click's flag
    """Print the card of each problem of CONFIG: size, curvature, rates that work, optimum. Nothing is run."""
    from gdbench.config.experiment import load_experiment  # noqa: PLC0415
    from gdbench.planning.plan import make_plan  # noqa: PLC0415
    from gdbench.reference.problem_records import problem_record, with_local_curvature  # noqa: PLC0415  not for --help

    plan = make_plan(load_experiment(config, overrides))
    first = {run.problem: run.spec for run in reversed(plan.runs)}
    records = (
        with_local_curvature(problem_record(problem), problem, first[problem.id])
        for problem in plan.problems.values()
    )
    if as_json:
        click.echo(json.dumps([_plain(record) for record in records], indent=2, ensure_ascii=False))
        return
    for number, record in enumerate(records):
        click.echo("\n" if number else "", nl=False)
        _tell(record)


def _plain(record: ProblemRecord) -> dict[str, Any]:
    """The record, its eigenvectors left out: they are packed, and of use to predictions only."""
    plain = asdict(record)
    plain["card"].pop("directions", None)
    return plain


def _tell(record: ProblemRecord) -> None:
    from gdbench.report.page.theory_card import problem_lines  # noqa: PLC0415  not for --help

    click.secho(record.label, bold=True)
    lines = problem_lines(record)
    width = max(len(name) for name, _ in lines)
    for name, text in lines:
        click.echo(f"  {click.style(name.ljust(width), dim=True)}  {text}")
