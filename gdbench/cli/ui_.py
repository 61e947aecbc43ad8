"""gdbench ui: MLflow's own UI on our results."""

from __future__ import annotations

from pathlib import Path

import click

from gdbench.cli.completing import experiments
from gdbench.cli.options import results_option, tracking_uri_option


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
    from gdbench.tracking.address import resolve_uri  # noqa: PLC0415  not for --help
    from gdbench.tracking.ui import serve  # noqa: PLC0415

    return serve(resolve_uri(tracking_uri, results), results, host=host, port=port, experiment=experiment)
