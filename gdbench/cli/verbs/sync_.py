"""gdbench sync: bring MLflow up to date with what is recorded."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from gdbench.cli.completing import experiments
from gdbench.cli.options import experiment_folder, recorded_experiments, results_option, tracking_uri_option
from gdbench.descent.errors import GdbenchError


@click.command("sync", epilog="Example: gdbench sync lr_sweep --tracking-uri http://mlflow.example:5000")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=experiments)
@results_option
@tracking_uri_option
def command(names: tuple[str, ...], results: Path, tracking_uri: str | None) -> None:
    """Send to MLflow whatever it does not have yet, of the named experiments or of all."""
    known = names or tuple(recorded_experiments(results))
    if not known:
        raise GdbenchError(f"{results}: nothing has been run yet, so there is nothing to send.")
    folders = [experiment_folder(results, name) for name in known]

    from gdbench.cli.attachments import attachments  # noqa: PLC0415  not for --help
    from gdbench.record.store import Store  # noqa: PLC0415
    from gdbench.tracking.server.address import resolve_uri  # noqa: PLC0415
    from gdbench.tracking.sync import sync  # noqa: PLC0415

    uri = resolve_uri(tracking_uri, results)
    for folder in folders:
        with Store.read(folder) as store:
            report = sync(store, uri, results, files=partial(attachments, folder))
        click.echo(f"{folder.name}: {report.sent} runs sent to {report.address}")
        if report.page:
            click.echo(f"see them at {report.page}")
