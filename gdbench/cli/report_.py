"""gdbench report: the page, the tables and the data of one experiment."""

from __future__ import annotations

from pathlib import Path

import click

from gdbench.cli.completing import experiments
from gdbench.cli.options import experiment_folder, results_option

FORMATS = ("html", "md", "csv")


@click.command("report", epilog="Example: gdbench report lr_sweep --open")
@click.argument("name", shell_complete=experiments)
@click.option(
    "--format",
    "formats",
    default=",".join(FORMATS),
    show_default=True,
    metavar="LIST",
    help="Which to write, separated by commas.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@results_option
def command(name: str, formats: str, open_page: bool, results: Path) -> None:  # noqa: FBT001  click's flag
    """Write the report of the experiment NAME into <results>/NAME/report/."""
    wanted = [part.strip() for part in formats.split(",") if part.strip()]
    for part in wanted:
        if part not in FORMATS:
            raise click.BadParameter(
                f"no format is called '{part}'. Known: {', '.join(FORMATS)}.", param_hint="--format"
            )
    folder = experiment_folder(results, name)

    from gdbench.report.write import write_report  # noqa: PLC0415  pandas and Altair are slow to import

    written = write_report(folder, wanted)
    for path in written:
        click.echo(path)
    page = next((path for path in written if path.suffix == ".html"), None)
    if open_page and page:
        click.launch(str(page))
