"""gdbench run: expand the grid, run what is missing, record, track, summarise."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gdbench.cli.completing import configs, runners
from gdbench.cli.options import results_option, tracking_uri_option
from gdbench.cli.status import INTERRUPTED, OK, RUN_FAILED

if TYPE_CHECKING:
    from gdbench.cli.sweep import Wanted
    from gdbench.execution.profiles.profile import Profile
    from gdbench.planning.plan import Plan


_EPILOG = """\b
Example: gdbench run configs/lr_sweep.yaml --workers 4
         gdbench run configs/lr_sweep.yaml --runner pypy --set runner.timeout=30s
         gdbench run configs/lr_sweep.yaml --only learning_rate=0.1 --dry-run"""


@click.command("run", epilog=_EPILOG)
@click.argument("config", type=click.Path(path_type=Path), shell_complete=configs)
@click.option(
    "--runner",
    default="processes",
    show_default=True,
    shell_complete=runners,
    help="Profile: a name that gdbench runners lists, or a path.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Number of workers (default: as the profile says).")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Wins over the config, as grid.learning_rate='[0.1, 0.2]'; with runner. before the key, over the "
    "profile, as runner.timeout=30s. Repeatable.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="EXPR",
    help="These runs alone: learning_rate=0.1, optimizer=adam, the beginning of a key, or a word of a run's "
    "name. Repeatable: values of one axis are alternatives, different axes must all hold.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Begin no more than N runs.")
@click.option(
    "--rerun",
    "again",
    multiple=True,
    metavar="failed|all|KEY",
    help="Do runs again that have a result: those that failed, crashed or timed out, all, or one by the "
    "beginning of its key. Repeatable.",
)
@click.option("--fail-fast", is_flag=True, help="Begin nothing more once a run failed, crashed or timed out.")
@click.option("--dry-run", is_flag=True, help="Say what would run, and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before more than 10,000 runs.")
@click.option("--no-tracking", is_flag=True, help="Record only; gdbench sync can track later.")
@click.option("-q", "--quiet", is_flag=True, help="No progress; only the summary.")
@results_option
@tracking_uri_option
def command(
    config: Path,
    runner: str,
    workers: int | None,
    overrides: tuple[str, ...],
    only: tuple[str, ...],
    limit: int | None,
    again: tuple[str, ...],
    fail_fast: bool,  # noqa: FBT001  click passes flags by name
    dry_run: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
    no_tracking: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    results: Path,
    tracking_uri: str | None,
) -> int:
    """Run every combination of CONFIG that has no result yet.

    Each result is recorded the moment it is there: a sweep that was interrupted, or killed, goes on
    where it stopped when it is run again.
    """
    from gdbench.cli.size import confirm_size  # noqa: PLC0415
    from gdbench.cli.sweep import Sweep, Wanted  # noqa: PLC0415  heavy: not for --help
    from gdbench.config.experiment import load_experiment  # noqa: PLC0415
    from gdbench.descent.recording.result import UNDONE  # noqa: PLC0415
    from gdbench.execution.profiles.profile_files import asked, load_profile, split_overrides  # noqa: PLC0415
    from gdbench.execution.selection import chosen, to_do  # noqa: PLC0415
    from gdbench.planning.plan import make_plan  # noqa: PLC0415
    from gdbench.record.store import Store  # noqa: PLC0415
    from gdbench.tracking.server.address import resolve_uri  # noqa: PLC0415

    # everything that can be wrong is found before a file is written
    for_config, for_runner = split_overrides(overrides)
    profile = load_profile(runner, workers, for_runner)
    uri = None if no_tracking else resolve_uri(tracking_uri, results)
    plan, wanted = make_plan(load_experiment(config, for_config)), Wanted(only, again, limit)
    limits = [limit for limit in (profile.timeout, plan.experiment.timeout) if limit is not None]
    profile = profile.model_copy(update={"timeout": min(limits, default=None)})
    to_do(chosen(plan, only), {}, again)
    if dry_run:
        return _tell(plan, wanted, profile, results)
    confirm_size(plan, yes=yes)
    with Store.open(results / plan.experiment.name) as store:
        counts, interrupted = Sweep(
            plan,
            store,
            results,
            profile,
            uri,
            quiet=quiet,
            wanted=wanted,
            fail_fast=fail_fast,
            asked=asked(runner, workers, for_runner),
            resume=_same_command(),
        ).run()
    if interrupted:
        return INTERRUPTED
    return RUN_FAILED if any(counts[outcome] for outcome in UNDONE) else OK


def _tell(plan: Plan, wanted: Wanted, profile: Profile, results: Path) -> int:
    """What would run, a line each on stdout; how many, on stderr."""
    from gdbench.execution.selection import chosen, to_do  # noqa: PLC0415
    from gdbench.record.store import STORE_NAME, Store  # noqa: PLC0415

    outcomes: dict[str, str] = {}
    folder = results / plan.experiment.name
    if (folder / STORE_NAME).exists():
        with Store.read(folder) as store:
            outcomes = store.outcomes(run.key for run in plan.runs)
    meant = chosen(plan, wanted.only)
    missing = to_do(meant, outcomes, wanted.again)
    runs = missing[: wanted.limit]
    for run in runs:
        click.echo(f"{run.key}  {run.label}")
    before = len(meant) - len(missing)
    click.echo(
        f"{plan.experiment.name}: {len(runs)} of {len(plan.runs)} runs would run on {profile.name} with "
        f"{profile.worker_count} worker{'' if profile.worker_count == 1 else 's'}; {before} are done before",
        err=True,
    )
    return OK


def _same_command() -> str:
    """The command line that was given, with no password in it."""
    words = [re.sub(r"(?<=://)[^\s/]*@", "***@", word) for word in sys.argv[1:]]
    return shlex.join(["gdbench", *words])
