"""gdbench ui: MLflow's own UI on our results."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from gdbench.cli.completing import experiments
from gdbench.cli.options import recorded_experiments, results_option, tracking_uri_option
from gdbench.descent.errors import GdbenchError


@click.command("ui", epilog="Example: gdbench ui --experiment lr_sweep --port 5000")
@click.option(
    "--experiment",
    metavar="NAME",
    shell_complete=experiments,
    help="Print the address of this experiment (default: the latest).",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port to listen on (default: a free one from 5000 on)."
)
@results_option
@tracking_uri_option
def command(
    experiment: str | None, host: str, port: int | None, results: Path, tracking_uri: str | None
) -> int:
    """Browse all experiments in the MLflow UI; Ctrl-C ends it."""
    from gdbench.tracking.server.address import resolve_uri  # noqa: PLC0415  not for --help
    from gdbench.tracking.server.ui import serve  # noqa: PLC0415

    uri = resolve_uri(tracking_uri, results)
    names = _mlflow_names(results)
    wanted = names.get(experiment, experiment) if experiment else None
    return serve(uri, results, host=host, port=port, experiment=wanted, latest=tuple(names.values()))


def _mlflow_names(results: Path) -> dict[str, str]:
    """What MLflow calls the recorded experiments, the one that was written to last first."""
    from gdbench.record.store import STORE_NAME, Store  # noqa: PLC0415
    from gdbench.tracking.options import options  # noqa: PLC0415

    folders = [results / name for name in recorded_experiments(results)]
    folders.sort(key=lambda folder: (folder / STORE_NAME).stat().st_mtime, reverse=True)
    found: dict[str, str] = {}
    for folder in folders:
        # a store that cannot be read is no reason not to look at the others
        with suppress(GdbenchError), Store.read(folder) as store:
            plan = store.last_plan()
            found[folder.name] = options(plan).experiment if plan else folder.name
    return found
