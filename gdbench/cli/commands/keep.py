"""The verbs about experiments that are recorded: rm, rename, merge. Nothing heavy comes with them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from gdbench.cli.options import experiment_folders, experiments, results_option, tracking_uri_option
from gdbench.cli.streams import put, say
from gdbench.cli.words import bytes_in_words, counted
from gdbench.config.outside import command
from gdbench.descent.errors import GdbenchError
from gdbench.record.locate import disk_use, words_for
from gdbench.session.keeping import InMlflow, give_name, in_mlflow, last_plan, remove
from gdbench.session.merging import Merged, merge

_RM = """\b
Example: gdbench rm lr_sweep

Exit status: 0 it is removed · 2 there is none, or somebody uses it · 130 it was not meant"""
_RENAME = "Example: gdbench rename lr_sweep rates_of_march"
_MERGE = """\b
Example: gdbench merge lr_sweep /media/stick/results/lr_sweep

Exit status: 0 all of it is there now · 1 some runs have other bits in OTHER, and
were left as they are in NAME · 2 one cannot be read, or somebody runs it"""


@click.command("rm", epilog=_RM)
@click.argument("name", shell_complete=experiments)
@click.option("--yes", is_flag=True, help="Do not ask.")
@results_option
@tracking_uri_option
def rm_command(*, name: str, yes: bool, results: Path, tracking_uri: str | None) -> None:
    """Remove the experiment NAME: its store, with all runs and curves, and what was written from it.

    What MLflow has of it stays there, and it is told how that is removed. Files of yours in the folder stay.
    """
    folder = experiment_folders(results, [name])[0]
    about = in_mlflow(last_plan(folder), folder.name, results, tracking_uri)
    question = f"{folder}: {bytes_in_words(disk_use(folder).total)} of runs, curves and reports"
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise GdbenchError(f"{question}. Add --yes to remove them for good.")
        click.confirm(f"{question}. Remove them for good?", abort=True, err=True)
    left = remove(folder)
    put(f"{folder}: removed")
    if left:
        names = ", ".join(path.name for path in left[:5])
        say(f"{counted(len(left), 'file')} that gdbench did not write stayed there: {names}")
    _say_what_mlflow_keeps(about)


def _say_what_mlflow_keeps(about: InMlflow) -> None:
    if about.has:
        runs = counted(len(about.has.keys), "run")
        say(f"MLflow keeps its copy of {runs}. To remove it too: {about.command('delete')}")
    elif not about.asked:
        say(f"MLflow at {about.address} was not asked, and keeps what it has of '{about.experiment}'.")


@click.command("rename", epilog=_RENAME)
@click.argument("old", metavar="NAME", shell_complete=experiments)
@click.argument("new", metavar="NEW")
@results_option
@tracking_uri_option
def rename_command(*, old: str, new: str, results: Path, tracking_uri: str | None) -> None:
    """Give the experiment NAME the name NEW: its folder, its plans, and its runs in MLflow's database.

    Write the new name into its config as well, and the next gdbench run goes on with what is recorded.
    """
    folder = experiment_folders(results, [old])[0]
    about = in_mlflow(last_plan(folder), folder.name, results, tracking_uri)
    moved = give_name(folder, new, about)
    put(f"{folder} is {folder.with_name(new)} now; in its config, write name: {new}")
    if moved:
        say(f"MLflow shows {counted(len(about.has.keys if about.has else ()), 'run')} of it")
    elif about.has:
        say(
            f"MLflow has another experiment called {new}: the runs stay in '{about.experiment}' there, and "
            "are sent there as long as no config says otherwise (tracking: {experiment_name: …})."
        )
    elif not about.asked:
        say(
            f"MLflow at {about.address} was not asked: what it has of '{about.experiment}' is called so until "
            f"{about.command('rename', f' --new-name {new}')}"
        )


@click.command("merge", epilog=_MERGE)
@click.argument("name", shell_complete=experiments)
@click.argument("other", shell_complete=experiments)
@results_option
def merge_command(*, name: str, other: str, results: Path) -> int:
    """Bring into the experiment NAME what OTHER has besides: a name or a folder, from another machine say.

    OTHER is only read. A run that both have stays as it is in NAME; where its bits differ, that is told.
    """
    folder, further = experiment_folders(results, [name, other])
    merged = merge(folder, further)
    for sentence in _merged(merged, folder, further):
        put(sentence)
    say(f"{command(['gdbench', 'sync', folder.name, *words_for(results)])} sends what is new to MLflow")
    return 1 if merged.other else 0


def _merged(merged: Merged, folder: Path, other: Path) -> Iterator[str]:
    """What came of it, a line each."""
    runs, plans = merged.counts["runs"], merged.counts["plans"]
    yield f"{folder.name}: {counted(runs, 'run')} came from {other}; {merged.same} were there already"
    if merged.crashed:
        yield f"{counted(merged.crashed, 'run')} that had crashed here came with a result"
    if plans:
        yield f"{counted(plans, 'plan')} came before the latest of {folder.name}, which stays the latest"
    if merged.other:
        names = ", ".join(merged.other[:3]) + (" …" if len(merged.other) > 3 else "")
        yield f"{counted(len(merged.other), 'run')} with other bits in {other} stayed as they are here: {names}"
    if merged.kept:
        yield f"{counted(len(merged.kept), 'problem')} with other bits in {other} stayed as they are here"
