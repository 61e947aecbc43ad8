"""gdbench report: the page, the tables and the data of one experiment, or of several side by side."""

from __future__ import annotations

from pathlib import Path

import click

from gdbench.cli.completing import experiments
from gdbench.cli.options import results_option

FORMATS = ("html", "md", "csv", "latex")
USUAL = ("html", "md", "csv")


@click.command("report", epilog="Example: gdbench report lr_sweep --open")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=experiments)
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
    from gdbench.record.locate import locate  # noqa: PLC0415  `--help` needs no store

    folders = locate(results, names)

    written = _one(folders[0], wanted) if len(folders) == 1 else _several(folders, wanted)
    for path in written:
        click.echo(path)
    page = next((path for path in written if path.suffix == ".html"), None)
    if open_page and page:
        click.launch(str(page))


def _one(folder: Path, formats: list[str]) -> list[Path]:
    """The short version on stderr, so that stdout holds the files' names alone."""
    from rich.console import Console  # noqa: PLC0415  all of these are slow to import

    from gdbench.record.store import Store  # noqa: PLC0415
    from gdbench.report.page.terminal import summary  # noqa: PLC0415
    from gdbench.report.page.write import write_report  # noqa: PLC0415

    with Store.read(folder) as store:
        Console(stderr=True).print(summary(store))
    return write_report(folder, formats)


def _several(folders: list[Path], formats: list[str]) -> list[Path]:
    from rich.console import Console  # noqa: PLC0415

    from gdbench.report.page.terminal import findings  # noqa: PLC0415
    from gdbench.report.page.write import write_comparison  # noqa: PLC0415

    compared, written = write_comparison(folders, formats)
    Console(stderr=True).print(findings(compared))
    return written
