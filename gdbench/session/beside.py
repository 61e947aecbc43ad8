"""MLflow's attachments made by a process beside this one, so that tracking goes on meanwhile.

A page of hundreds of runs holds the interpreter's lock for a second or two, in which a thread that tracks can
do next to nothing. The process is forked before there is another thread or an open store: it has all that is
loaded already, plug-ins too, and no start to wait for. It is ended before its parent goes on.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, NoReturn

from gdbench.config.outside import command
from gdbench.config.processes import kill
from gdbench.judgement.diagnoses import Diagnosis
from gdbench.judgement.numerals import count
from gdbench.judgement.study import Study, study
from gdbench.record.locate import words_for
from gdbench.record.store import Store

#: Runs of a plan beyond which neither a sweep nor `gdbench sync` writes a report by itself: it would take
#: longer than to read it.
MOST_RUNS = 1000

#: Runs of a plan below which another process delays the answer, as it imports what a page needs while the sweep
#: wants both cores, by more than it gains to the end: of 60 runs by 0.15 s for 0.07, of 600 by 0.14 for 0.72.
FEWEST_RUNS = 200

#: Told why there is no report.
Refused = Callable[[str], None]

#: What takes longest to import: the page with its charts, and Arrow.
_NEEDED = ("gdbench.report.page.page", "gdbench.session.attachments")


def attached(about: Study, store: Store, refused: Refused) -> Mapping[str, Path]:
    """The same in this process; none of a plan that is too large for it."""
    if len(about.plan.runs) > MOST_RUNS:
        report = ["gdbench", "report", about.plan.experiment, *words_for(store.path.parent.parent)]
        refused(f"of more than {count(MOST_RUNS)} runs it is left to: {command(report)}")
        return {}
    from gdbench.session.attachments import attachments  # noqa: PLC0415  pyarrow is slow to import

    return attachments(about, store, refused)


class _Made(NamedTuple):
    """What the process has to say, and the diagnoses of all runs by their keys."""

    files: Mapping[str, Path]
    refused: Sequence[str]
    diagnosed: Mapping[str, Diagnosis]


class Beside:
    """The process, as its parent sees it."""

    def __init__(self, number: int, asks: int, hears: int) -> None:
        self._number, self._asks, self._hears = number, asks, hears

    def prepare(self) -> None:
        """Have it import what it will need."""
        self._ask("prepare")

    def begin(self) -> None:
        """All that the report is to tell of is recorded."""
        self._ask("begin")

    def attached(self, about: Study, refused: Refused) -> Mapping[str, Path]:
        """What it has made. The study gets the diagnoses that the page has: MLflow is told them next."""
        with os.fdopen(os.dup(self._hears), "rb") as answer:
            packed = answer.read()
        if not packed:
            refused("the process that makes it has ended without a word.")
            return {}
        made: _Made = pickle.loads(packed)  # noqa: S301  our own process wrote it
        for reason in made.refused:
            refused(reason)
        about.diagnosed.update(made.diagnosed)
        return made.files

    def end(self) -> None:
        os.close(self._asks)
        os.close(self._hears)
        kill(self._number)
        with suppress(OSError):
            os.waitpid(self._number, 0)

    def _ask(self, word: str) -> None:
        with suppress(OSError):  # that it has ended is seen when it is to answer
            os.write(self._asks, f"{word}\n".encode())


@contextmanager
def beside(folder: Path, *, wanted: bool) -> Iterator[Beside | None]:
    """For an experiment's folder; None where it is not wanted, or cannot be forked safely."""
    made = _forked(folder) if wanted and _alone() else None
    try:
        yield made
    finally:
        if made:
            made.end()


def _alone() -> bool:
    """Whether this process is known to have one thread: locks that others hold would be held for ever."""
    tasks = Path("/proc/self/task")
    return tasks.is_dir() and len(list(tasks.iterdir())) == 1


def _forked(folder: Path) -> Beside | None:
    (reads, asks), (hears, answers) = os.pipe(), os.pipe()
    try:
        number = os.fork()
    except OSError:  # no more processes
        for end in (reads, asks, hears, answers):
            os.close(end)
        return None
    if number == 0:
        _serve(folder, reads, answers, (asks, hears))
    os.close(reads)
    os.close(answers)
    return Beside(number, asks, hears)


def _serve(folder: Path, reads: int, answers: int, others: Sequence[int]) -> NoReturn:
    """In the process beside: nothing of what its parent has begun is ended or flushed here."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent decides
        for end in others:
            os.close(end)
        with os.fdopen(reads, encoding="utf-8") as orders, os.fdopen(answers, "wb") as answer:
            if orders.readline():
                for name in _NEEDED:
                    import_module(name)
            if orders.readline():
                pickle.dump(_made(folder), answer)
    finally:
        os._exit(0)


def _made(folder: Path) -> _Made:
    refused: list[str] = []
    try:
        with Store.read(folder) as store:
            about = study(store)
            files = attached(about, store, refused.append)
            return _Made(files, refused, about.diagnosed)
    except Exception as error:  # noqa: BLE001  a sweep must not end because of its report
        return _Made({}, [*refused, f"{type(error).__name__}: {error}"], {})
