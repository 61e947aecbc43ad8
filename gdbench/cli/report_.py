"""gdbench report: the page, the tables and the data of experiments."""

from __future__ import annotations

from pathlib import Path

import click

from gdbench.cli.options import results_option

FORMATS = ("html", "md", "csv", "latex")


@click.command("report", epilog="Example: gdbench report lr_sweep --open")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--format",
    "formats",
    default="html,md,csv",
    show_default=True,
    metavar="LIST",
    help=f"Which to write, separated by commas: {', '.join(FORMATS)}.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@results_option
def command(names: tuple[str, ...], formats: str, open_page: bool, results: Path) -> None:  # noqa: FBT001  click's flag
    """Write the report of the experiment NAME into <results>/NAME/report/.

    Several NAMEs, or folders of experiments elsewhere, are told side by side, each compared with the first.
    """
    wanted = [part.strip() for part in formats.split(",") if part.strip()]
    for part in wanted:
        if part not in FORMATS:
            raise click.BadParameter(
                f"no format is called '{part}'. Known: {', '.join(FORMATS)}.", param_hint="--format"
            )

    from gdbench.report.locate import locate  # noqa: PLC0415  the store is slow to import
    from gdbench.report.write import write_reports  # noqa: PLC0415  and so are pandas and Altair

    written = write_reports(locate(results, names), wanted)
    for path in written:
        click.echo(path)
    page = next((path for path in written if path.suffix == ".html"), None)
    if open_page and page:
        click.launch(str(page))
