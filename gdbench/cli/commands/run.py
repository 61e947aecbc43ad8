"""The verbs that run, and that look after what runs: run, runners, status, sync."""

from __future__ import annotations

from pathlib import Path

import click

from gdbench.cli.options import (
    configs_argument,
    experiment_folders,
    experiments,
    json_option,
    names_argument,
    no_plugins_option,
    only_option,
    results_option,
    runners,
    set_option,
    tracking_uri_option,
    workers_option,
)

_RUN = """\b
Example: gdbench run configs/lr_sweep.yaml --workers 4
         gdbench run configs/lr_sweep.yaml --runner pypy --set runner.timeout=30s
         gdbench run configs/literature/*.yaml --runner serial
         gdbench run configs/lr_sweep.yaml --only learning_rate=0.1 --dry-run"""


@click.command("run", epilog=_RUN)
@configs_argument
@click.option(
    "--runner",
    default="auto",
    show_default=True,
    shell_complete=runners,
    help="Profile: a name that gdbench runners lists, or a path; auto: what ends first on this machine.",
)
@workers_option
@set_option(
    "Wins over the config, as grid.learning_rate='[0.1, 0.2]'; with runner. before the key, over the "
    "profile, as runner.timeout=30s. Repeatable."
)
@only_option(
    "These runs alone: learning_rate=0.1, optimizer=adam, the beginning of a key, or a word of a run's "
    "name. Repeatable: values of one axis are alternatives, different axes must all hold."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Begin no more than N runs.")
@click.option(
    "--rerun",
    "again",
    multiple=True,
    metavar="failed|outpaced|all|KEY",
    help="Do runs again that have a result: those that failed, crashed or timed out, all, or one by the "
    "beginning of its key; outpaced: go on with those that a race has paused. Repeatable.",
)
@click.option("--fail-fast", is_flag=True, help="Begin nothing more once a run failed, crashed or timed out.")
@click.option("--dry-run", is_flag=True, help="Say what would run, and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before more than 10,000 runs.")
@click.option("--no-tracking", is_flag=True, help="Record only; gdbench sync can track later.")
@json_option("The answer as JSON on stdout, instead of the summary.")
@click.option("-q", "--quiet", is_flag=True, help="No progress; only the summary.")
@results_option
@tracking_uri_option
@no_plugins_option
def run_command(
    *,
    config: tuple[Path, ...],
    runner: str,
    workers: int | None,
    overrides: tuple[str, ...],
    only: tuple[str, ...],
    limit: int | None,
    again: tuple[str, ...],
    fail_fast: bool,
    dry_run: bool,
    yes: bool,
    no_tracking: bool,
    as_json: bool,
    quiet: bool,
    results: Path,
    tracking_uri: str | None,
) -> int:
    """Run every combination of CONFIG that has no result yet; of several, one after the other.

    Each result is recorded the moment it is there: a sweep that was interrupted, or killed, goes on
    where it stopped when it is run again. Plug-ins of CONFIG are executed, here and in workers;
    --dry-run names each before. What CONFIG expects is held against the runs: a number that disagrees
    is exit status 1.
    """
    from gdbench.cli.verbs.run import Options, run_configs  # noqa: PLC0415  heavy: not for --help

    options = Options(
        runner=runner,
        workers=workers,
        overrides=overrides,
        only=only,
        again=again,
        limit=limit,
        fail_fast=fail_fast,
        tracking=not no_tracking,
        tracking_uri=tracking_uri,
    )
    return run_configs(config, results, options, dry_run=dry_run, yes=yes, as_json=as_json, quiet=quiet)


@click.group("runners", invoke_without_command=True, epilog="Example: gdbench runners check dask")
@click.pass_context
def runners_command(context: click.Context) -> None:
    """List the runner profiles that are found, each with its kind and where it comes from.

    A name is looked for in runners/, then among your own profiles, then among gdbench's built-in ones.
    """
    if context.invoked_subcommand is None:
        from gdbench.cli.verbs.runners import show_runners  # noqa: PLC0415  not for --help

        show_runners()


@runners_command.command("check", epilog="Example: gdbench runners check pypy")
@click.argument("name")
@workers_option
@set_option("Wins over the profile; repeatable.", metavar="runner.KEY=VALUE")
def check_runner_command(name: str, workers: int | None, overrides: tuple[str, ...]) -> None:
    """Reach the place of the profile NAME, have a run of one iteration done there, and say who did it."""
    from gdbench.cli.verbs.runner_trial import check_runner  # noqa: PLC0415  not for --help

    check_runner(name, workers, overrides)


@click.command("status", epilog="Example: gdbench status lr_sweep")
@click.argument("name", required=False, shell_complete=experiments)
@json_option("The same, for a program to read.")
@results_option
def status_command(*, name: str | None, as_json: bool, results: Path) -> None:
    """Say how far the experiment NAME is, or all of them, one line each.

    It only reads: a sweep that is running is not disturbed.
    """
    folder = None if name is None else experiment_folders(results, [name])[0]

    from gdbench.cli.verbs.status import show_status  # noqa: PLC0415  not for --help, nor for a name unknown

    show_status(folder, results, as_json=as_json)


@click.command("sync", epilog="Example: gdbench sync lr_sweep --tracking-uri http://mlflow.example:5000")
@names_argument(required=False)
@click.option(
    "--upgrade-database",
    is_flag=True,
    help="Copy an older MLflow's database, then bring it up to this MLflow's.",
)
@results_option
@tracking_uri_option
@no_plugins_option
def sync_command(
    *, names: tuple[str, ...], upgrade_database: bool, results: Path, tracking_uri: str | None
) -> None:
    """Send to MLflow whatever it does not have yet, of the named experiments or of all, and mend what it has.

    Runs that were deleted in MLflow come back; an experiment in MLflow's trash does where it is named here.
    """
    folders = experiment_folders(results, names)

    from gdbench.cli.verbs.sync import send  # noqa: PLC0415  MLflow is slow to import

    send(folders, results, tracking_uri, upgrade=upgrade_database, restore=bool(names))
