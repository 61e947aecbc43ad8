"""gdbench report: the page, the tables and the data of one experiment, or of several side by side."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from gdbench.cli.consoles import say_line, talk
from gdbench.cli.streams import put, put_json, say
from gdbench.cli.words import counted
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.model.predicting import load_plugins
from gdbench.judgement.next_experiment import conclusion_of, next_experiment
from gdbench.judgement.study import study
from gdbench.record.locate import words_for
from gdbench.record.store import Store
from gdbench.report.comparison.archive import archive_of
from gdbench.report.live import LivePage, address, serving
from gdbench.report.page.terminal import observations, standing, summary
from gdbench.report.page.write import live_page, write_against, write_comparison, write_stills, write_study


def show_report(
    folders: Sequence[Path], formats: Sequence[str] | None, *, open_page: bool, against: str | None = None
) -> None:
    """Write the files. A pipe gets their names, a line each; a terminal one line, after the answer.

    The short version goes to stderr.  formats: None for the answers alone, as JSON.
    """
    if formats is None:
        answers = [_plain_answer(folder) for folder in folders]
        put_json(answers[0] if len(answers) == 1 else answers)
        return
    alone = len(folders) == 1 and against is None
    terminal = sys.stdout.isatty()
    if alone:
        files = _one(folders[0], formats, terminal=terminal)
    else:
        files = _several(folders, formats) if against is None else _against(folders, against, formats)
        _put_names(files, terminal=terminal)
    if terminal:
        put(_in_few_words(files))
    page = next((path for path in files if path.suffix == ".html"), None)
    if open_page and page:
        click.launch(str(page))


def watch_report(folder: Path, *, open_page: bool) -> None:
    """Serve the page of a sweep while it runs, until Ctrl-C, which is no failure. stdout gets the address."""
    page = LivePage(folder, lambda version: live_page(folder, version, _say_missing), failed=say)
    page.fresh()
    with serving(page) as server:
        put(address(server))
        say("The page follows as results arrive. Press Ctrl-C to end it.")
        if open_page:
            click.launch(address(server))
        with suppress(KeyboardInterrupt):
            server.serve_forever()


def show_stills(folders: Sequence[Path], asked: Sequence[int] | str, formats: Sequence[str]) -> None:
    """Write the pictures of the descents and name the files, a line each."""
    for folder in folders:
        for path in write_stills(folder, None if isinstance(asked, str) else asked, formats):
            put(str(path))


def _in_few_words(files: Sequence[Path]) -> str:
    """The first, which is to be opened, and how many others there are."""
    if len(files) < 2:
        return "".join(f"written: {path}" for path in files)
    return f"written: {files[0]} and {counted(len(files) - 1, 'more file')} in {files[0].parent}"


def _say_missing(reason: str) -> None:
    say(f"charts are left out: {reason}")


def _put_names(files: Sequence[Path], *, terminal: bool) -> None:
    for path in () if terminal else files:
        put(str(path))


def _one(folder: Path, formats: Sequence[str], *, terminal: bool) -> list[Path]:
    """The files, the short report with the answer at its end, and what to do next."""
    with Store.read(folder) as store:
        about = study(store)
        load_plugins(about)
        files = write_study(about, store, formats, _say_missing)
        _put_names(files, terminal=terminal)
        talk().print(summary(store, about))
        offered = next_experiment(about, store)
    if offered.line:
        say_line(talk(), f"next: {offered.line_for(words_for(folder.parent))}")
    return files


def _plain_answer(folder: Path) -> object:
    with Store.read(folder) as store:
        return conclusion_of(study(store), store)


def _several(folders: Sequence[Path], formats: Sequence[str]) -> list[Path]:
    compared, files = write_comparison(folders, formats, _say_missing)
    talk().print(observations(compared))
    return files


def _against(folders: Sequence[Path], archive: str, formats: Sequence[str]) -> list[Path]:
    if len(folders) > 1:
        raise GdbenchError("--against takes one experiment. Name one.")
    stands, files = write_against(folders[0], archive_of(archive), formats, _say_missing)
    talk().print(standing(stands, folders[0].name))
    return files
