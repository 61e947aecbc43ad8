"""gdbench report: what it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from gdbench.cli.options import (
    experiment_folders,
    iterations,
    json_option,
    names_argument,
    no_plugins_option,
    results_option,
)
from gdbench.report import FORMATS, STILLS, USUAL


@click.command("report", epilog="Example: gdbench report lr_sweep --open")
@names_argument(required=True)
@click.option(
    "--format",
    "formats",
    default=",".join(USUAL),
    show_default=True,
    metavar="LIST",
    help=f"Which to write, separated by commas: {', '.join(FORMATS)}; md shows what svg draws.",
)
@click.option(
    "--against", metavar="ARCHIVE", help="Where NAME stands in an archive: one that gdbench has, or a file."
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--still",
    type=iterations,
    metavar="LIST",
    help="Instead, pictures of the descent at these iterations, for slides: 0,5,50, or all. As --format svg, "
    "png, or gif, which moves.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Instead, serve the page to the browser of this machine while the sweep runs: it follows as results "
    "arrive. Ctrl-C ends it.",
)
@json_option("The answer as JSON on stdout; nothing is written.")
@results_option
@no_plugins_option
def report_command(
    *,
    names: tuple[str, ...],
    formats: str,
    against: str | None,
    open_page: bool,
    still: Sequence[int] | str | None,
    watch: bool,
    as_json: bool,
    results: Path,
) -> None:
    """Write the report of the experiment NAME into <results>/NAME/report/.

    Of several, the first is compared with each other one. NAME may be the path of an experiment's folder
    elsewhere, as of another machine's results. The plug-ins of its config are executed to plan the next
    experiment; see --no-plugins.
    """
    known = FORMATS if still is None else STILLS
    wanted = [part.strip() for part in formats.split(",") if part.strip()]
    if still is not None and wanted == list(USUAL):
        wanted = [STILLS[0]]
    for part in wanted:
        if part not in known:
            raise click.BadParameter(
                f"no format is called '{part}'. Known: {', '.join(known)}.", param_hint="--format"
            )
    folders = experiment_folders(results, names)

    from gdbench.cli.verbs.report import show_report, show_stills, watch_report  # noqa: PLC0415  slow

    if watch:
        if len(folders) > 1 or against or as_json or still is not None:
            raise click.UsageError("--watch takes one experiment, and neither --against, --still nor --json.")
        watch_report(folders[0], open_page=open_page)
        return
    if still is not None:
        show_stills(folders, still, wanted)
        return
    show_report(folders, None if as_json else wanted, open_page=open_page, against=against)
