"""gdbench export: runs, curves and problems of one experiment as Parquet or CSV."""

from __future__ import annotations

from pathlib import Path

import click

from gdbench.cli.options import results_option


@click.command("export", epilog="Example: gdbench export lr_sweep --to csv --output data/")
@click.argument("name")
@click.option(
    "--to",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="Parquet is a fraction of the size, and typed.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write to.  [default: <results>/NAME/export]",
)
@results_option
def command(name: str, to: str, output: Path | None, results: Path) -> None:
    """Write all runs, curves and problems of NAME for other programs, and what each column means.

    The frames are whole: every recorded iteration of every run is in curves.
    """
    from gdbench.record.locate import locate  # noqa: PLC0415  `--help` needs no store

    [folder] = locate(results, [name])

    from gdbench.report.page.export import export  # noqa: PLC0415  pandas and Arrow are slow to import

    for path in export(folder, to, output):
        click.echo(path)
