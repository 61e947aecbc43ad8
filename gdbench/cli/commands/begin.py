"""The verbs to begin with: new, list, plan, inspect."""

from __future__ import annotations

from pathlib import Path

import click

from gdbench.cli.options import (
    PATH,
    config_argument,
    example_names,
    json_option,
    kinds,
    no_plugins_option,
    only_option,
    plugin_option,
    results_option,
    set_option,
)

_NEW = """\b
Examples: gdbench new                                        asks
          gdbench new houses.csv --target price              writes houses.yaml
          gdbench new --example lr_sweep                     one of those that come with gdbench"""

#: What a first config may compare; the first where nobody can be asked.
COMPARED = ("learning_rates", "optimizers", "initializations", "costs")

#: Rows of a plan's table without --all.
ROWS = 30


@click.command("new", epilog=_NEW)
@click.argument("table", metavar="[FILE]", required=False)
@click.option(
    "--data", metavar="DATA", help="A table of your own, or the name of a bundled set (diabetes, iris, …)."
)
@click.option("--target", metavar="COLUMN", help="The column to predict.")
@click.option("--compare", type=click.Choice(COMPARED), help="What varies (default: learning_rates).")
@click.option("--name", help="Of the experiment (default: as the data is called).")
@click.option("-o", "--output", type=PATH, help="The file to write (default: NAME.yaml).")
@click.option("-f", "--force", is_flag=True, help="Write over a file that is there.")
@click.option(
    "--example",
    metavar="NAME",
    shell_complete=example_names,
    help="A config or runner profile that comes with gdbench, and the files that it names.",
)
def new_command(
    *,
    table: str | None,
    data: str | None,
    target: str | None,
    compare: str | None,
    name: str | None,
    output: Path | None,
    force: bool,
    example: str | None,
) -> None:
    """Write a commented config that runs, for the table in FILE or a bundled data set.

    How the file is read is found out and written down; column by column it is told what is taken, what is left
    out and why. What is not given is asked for in a terminal. The model and the cost follow from the target:
    numbers, two classes, or more.
    """
    if table and data and table != data:
        raise click.UsageError("give FILE or --data, not both.")
    from gdbench.cli.verbs import new  # noqa: PLC0415  not for --help

    if example is not None:
        if table or data or target or compare or name:
            raise click.UsageError("--example is whole: of the others, only -o and --force go with it.")
        new.write_example(example, output, force=force)
        return
    new.write_config(table or data, target, compare, name, output, force=force)


@click.command("list", epilog="Example: gdbench list costs")
@click.argument("kind", required=False, shell_complete=kinds)
@json_option("The same with all that is documented, for a program.")
@plugin_option("A plug-in file whose choices are listed as well; repeatable.")
@no_plugins_option
def list_command(*, kind: str | None, as_json: bool, plugins: tuple[Path, ...]) -> None:
    """Name the choices of one KIND (costs, …, data, examples), or of all, with formulas and parameters."""
    from gdbench.cli.verbs.choices import show_choices  # noqa: PLC0415  not for --help

    show_choices(kind, plugins, as_json=as_json)


@click.command("plan", epilog="Example: gdbench plan configs/lr_sweep.yaml --set repeats=5")
@config_argument
@set_option("As grid.learning_rate='[0.1, 0.2]'; repeatable.")
@click.option("--all", "everything", is_flag=True, help=f"Every row, not only the first {ROWS}.")
@json_option("Every run with its spec, for a program to read.")
@results_option
@no_plugins_option
def plan_command(
    *, config: Path, overrides: tuple[str, ...], everything: bool, as_json: bool, results: Path
) -> None:
    """Show the runs that CONFIG asks for, which are done already, and what the others will take.

    Nothing runs and nothing is written. Plug-ins are executed, each named before; see --no-plugins.
    Seconds are told where runs like these have been measured.
    """
    from gdbench.cli.verbs.plan import show_plan  # noqa: PLC0415  not for --help

    show_plan(config, overrides, results, as_json=as_json, most=None if everything else ROWS)


@click.command("inspect", epilog="Example: gdbench inspect configs/lr_sweep.yaml")
@config_argument
@set_option("As data.standardize=false; repeatable.")
@json_option("The cards with all their digits, as JSON.")
@no_plugins_option
def inspect_command(*, config: Path, overrides: tuple[str, ...], as_json: bool) -> None:
    """Print the card of each problem of CONFIG: size, curvature, rates that work, optimum. Nothing is run.

    Of a table (a CSV or Parquet file in the place of CONFIG) print its columns: type, gaps, range, what is
    suspicious, and how ill-conditioned they are, raw and standardized.

    Plug-ins are executed, each named before; see --no-plugins.
    """
    from gdbench.cli.verbs.inspect import show_cards  # noqa: PLC0415  not for --help

    show_cards(config, overrides, as_json=as_json)


@click.command("trace", epilog="Example: gdbench trace configs/quickstart.yaml --steps 2")
@config_argument
@click.option("--steps", default=3, show_default=True, metavar="N", help="Updates to follow.")
@only_option("Which run, as for gdbench run; the first of those named. Repeatable.")
@set_option("As grid.learning_rate=0.5; repeatable.")
def trace_command(*, config: Path, steps: int, only: tuple[str, ...], overrides: tuple[str, ...]) -> None:
    """Follow the first steps of one run of CONFIG by hand: the algorithm with its numbers put in.

    Cost, gradient, update and the stopping rules' comparisons, with the bits of a run. Nothing is recorded.
    """
    from gdbench.cli.verbs.inspect import show_trace  # noqa: PLC0415  not for --help

    show_trace(config, overrides, only, steps)
