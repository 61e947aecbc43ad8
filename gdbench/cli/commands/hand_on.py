"""The verbs that hand an experiment on: bundle, verify, archive."""

from __future__ import annotations

from pathlib import Path

import click

from gdbench.cli.options import (
    PATH,
    experiment_folders,
    experiments,
    json_option,
    no_plugins_option,
    results_option,
    runners,
    set_option,
    workers_option,
)

_BUNDLE = """\b
Example: gdbench bundle lr_sweep
         gdbench bundle lr_sweep -o paper/lr_sweep.zip --data-up-to 0"""
_VERIFY = """\b
Example: gdbench verify lr_sweep.gdbench.zip
         gdbench verify lr_sweep.gdbench.zip --sample 1 --runner pypy

Exit status: 0 what was looked at is as it was written · 1 something is not ·
2 this is no bundle, or it cannot be computed here"""


_ARCHIVE = """\b
Example: gdbench archive                  what there is to stand against
         gdbench archive ours-1
         gdbench report mine --against ours-1.json.xz"""


@click.command("bundle", epilog=_BUNDLE)
@click.argument("name", shell_complete=experiments)
@click.option("-o", "--output", type=PATH, metavar="FILE", help="Default: NAME.gdbench.zip, in this folder.")
@click.option(
    "--data-up-to",
    type=click.FloatRange(min=0),
    default=20.0,
    show_default=True,
    metavar="MB",
    help="Tables and files up to this size go in; of larger ones, the digest and how they are made.",
)
@results_option
@no_plugins_option
def bundle_command(*, name: str, output: Path | None, data_up_to: float, results: Path) -> None:
    """Write the experiment NAME into one file: configs, plug-ins, data, store, environment, answer, page.

    Whoever gets it can read it, run it, and check by gdbench verify that it is so. Folders, names of
    machines and addresses with passwords are left out.
    """
    folder = experiment_folders(results, [name])[0]

    from gdbench.cli.bundles import write_bundle  # noqa: PLC0415  heavy: not for --help

    write_bundle(folder, output, round(data_up_to * 1e6))


@click.command("verify", epilog=_VERIFY)
@click.argument("file", type=PATH)
@click.option(
    "--sample",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="Share of the runs that are done again, of every problem in turn.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the lot that draws them.")
@click.option("--trust", is_flag=True, help="Execute the plug-ins of FILE, which run with all of your rights.")
@click.option(
    "--runner",
    default="processes",
    show_default=True,
    shell_complete=runners,
    help="Profile of where they are done again: a name that gdbench runners lists, or a path.",
)
@workers_option
@set_option("Wins over the profile, as runner.timeout=30s; repeatable.", metavar="runner.KEY=VALUE")
@json_option("What came of it, for a program to read.")
@no_plugins_option
def verify_command(
    *,
    file: Path,
    sample: float,
    seed: int,
    trust: bool,
    runner: str,
    workers: int | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> int:
    """Check FILE, which gdbench bundle wrote: all digests and checksums, and some runs by doing them again.

    The same bits come out everywhere, under every interpreter; what differs is named, with its
    iteration. Its plug-ins are executed with --trust only.
    """
    from gdbench.cli.bundles import verify_bundle  # noqa: PLC0415  heavy: not for --help

    return verify_bundle(file, (sample, seed), (runner, workers, overrides), trust=trust, as_json=as_json)


@click.command("archive", epilog=_ARCHIVE)
@click.argument("name", required=False, shell_complete=experiments)
@click.option("-o", "--output", type=PATH, metavar="FILE", help="Default: NAME.json.xz, in this folder.")
@results_option
def archive_command(*, name: str | None, output: Path | None, results: Path) -> None:
    """Freeze the experiment NAME into a small file that others compare with; without NAME, list what there is.

    It holds the config, a line for each run, what each method needed to each target when tuned for each
    problem, and a thinned curve of each.
    """
    folder = None if name is None else experiment_folders(results, [name])[0]

    from gdbench.cli.archives import list_archives, write_archive  # noqa: PLC0415  not for --help

    if folder is None:
        list_archives()
    else:
        write_archive(folder, output)
