"""gdbench run: expand the grid, run what is missing, record, track, summarise."""

from __future__ import annotations

from pathlib import Path

import click

from gdbench.cli.completing import configs, runners
from gdbench.cli.options import results_option, tracking_uri_option
from gdbench.cli.status import INTERRUPTED, OK, RUN_FAILED


@click.command("run", epilog="Example: gdbench run configs/lr_sweep.yaml --workers 4")
@click.argument("config", type=click.Path(path_type=Path), shell_complete=configs)
@click.option(
    "--runner",
    default="processes",
    show_default=True,
    shell_complete=runners,
    help="Profile: a name in runners/, or a path.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Number of workers (default: as the profile says).")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="As grid.learning_rate='[0.1, 0.2]'; repeatable.",
)
@click.option("--no-tracking", is_flag=True, help="Record only; gdbench sync can track later.")
@click.option("-q", "--quiet", is_flag=True, help="No progress; only the summary.")
@results_option
@tracking_uri_option
def command(
    config: Path,
    runner: str,
    workers: int | None,
    overrides: tuple[str, ...],
    no_tracking: bool,  # noqa: FBT001  click passes flags by name
    quiet: bool,  # noqa: FBT001
    results: Path,
    tracking_uri: str | None,
) -> int:
    """Run every combination of CONFIG that has no result yet.

    Each result is recorded the moment it is there: a sweep that was interrupted, or killed, goes on
    where it stopped when it is run again.
    """
    from gdbench.cli.sweep import Sweep  # noqa: PLC0415  heavy: not for --help
    from gdbench.descent.result import UNDONE  # noqa: PLC0415
    from gdbench.execution.profiles import load_profile  # noqa: PLC0415
    from gdbench.execution.store import Store  # noqa: PLC0415
    from gdbench.experiment.experiment import load_experiment  # noqa: PLC0415
    from gdbench.experiment.plan import make_plan  # noqa: PLC0415
    from gdbench.tracking.address import resolve_uri  # noqa: PLC0415

    # everything that can be wrong is found before a file is written
    profile = load_profile(runner, workers)
    uri = None if no_tracking else resolve_uri(tracking_uri, results)
    plan = make_plan(load_experiment(config, overrides))
    with Store.open(results / plan.experiment.name) as store:
        counts, interrupted = Sweep(plan, store, results, profile, uri, quiet=quiet).run()
    if interrupted:
        return INTERRUPTED
    return RUN_FAILED if any(counts[outcome] for outcome in UNDONE) else OK
