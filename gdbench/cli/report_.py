"""gdbench report: the page, the tables and the data of one experiment, or of several side by side."""

from __future__ import annotations

from pathlib import Path

import click

from gdbench.cli.options import results_option

FORMATS = ("html", "md", "csv", "latex")
USUAL = ("html", "md", "csv")


@click.command("report", epilog="Examples: gdbench report lr_sweep --open · gdbench report monday tuesday")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--format",
    "formats",
    default=",".join(USUAL),
    show_default=True,
    metavar="LIST",
    help=f"Which to write, separated by commas: {', '.join(FORMATS)}.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@results_option
def command(names: tuple[str, ...], formats: str, open_page: bool, results: Path) -> None:  # noqa: FBT001  click's flag
    """Write the report of the experiment NAME into <results>/NAME/report/.

    Of several, the first is compared with each other one. NAME may be the path of an experiment's folder
    elsewhere, as of another machine's results.
    """
    wanted = [part.strip() for part in formats.split(",") if part.strip()]
    for part in wanted:
        if part not in FORMATS:
            raise click.BadParameter(
                f"no format is called '{part}'. Known: {', '.join(FORMATS)}.", param_hint="--format"
            )
    from gdbench.report.locate import locate  # noqa: PLC0415  `--help` needs no store

    folders = locate(results, names)

    from gdbench.report.write import write_reports  # noqa: PLC0415  slow to import

    written = write_reports(folders, wanted)
    for path in written:
        click.echo(path)
    page = next((path for path in written if path.suffix == ".html"), None)
    if open_page and page:
        click.launch(str(page))
