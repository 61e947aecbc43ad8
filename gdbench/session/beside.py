"""MLflow's attachments made by a process beside this one, so that tracking goes on meanwhile.

A page of hundreds of runs holds the interpreter's lock for a second or two, in which a thread that tracks can
do next to nothing. The process is forked before there is another thread or an open store: it has all that is
loaded already, plug-ins too, and no start to wait for. It is ended before its parent goes on.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from gdbench.descent.errors import GdbenchError
from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.study import Study, study
from gdbench.record.store import Store

#: Told why there is no report.
Refused = Callable[[str], None]

#: What takes longest to import, Altair with it.
_PAGE = "gdbench.report.page.page"


def attached(about: Study, store: Store, refused: Refused) -> Mapping[str, Path]:
    """The same in this process."""
    from gdbench.session.attachments import attachments  # noqa: PLC0415  a page's charts are slow to import

    return attachments(about, store, refused)


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

    def attached(self, about: Study, store: Store, refused: Refused) -> Mapping[str, Path]:
        """What it has made; meanwhile runs are diagnosed, which MLflow is told too."""
        try:
            diagnoses(about, store)
        except (GdbenchError, MemoryError) as error:
            refused(str(error) or "there is not enough memory.")
            return {}
        with os.fdopen(os.dup(self._hears), encoding="utf-8") as answer:
            text = answer.read()
        if not text:
            refused("the process that makes it has ended without a word.")
            return {}
        told = json.loads(text)
        for reason in told["refused"]:
            refused(reason)
        return {name: Path(path) for name, path in told["files"].items()}

    def end(self) -> None:
        os.close(self._asks)
        os.close(self._hears)
        with suppress(OSError):
            os.kill(self._number, signal.SIGKILL)
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
        with os.fdopen(reads, encoding="utf-8") as orders, os.fdopen(answers, "w", encoding="utf-8") as answer:
            if orders.readline():
                import_module(_PAGE)
            if orders.readline():
                json.dump(_made(folder), answer)
    finally:
        os._exit(0)


def _made(folder: Path) -> Mapping[str, object]:
    refused: list[str] = []
    files: Mapping[str, Path] = {}
    try:
        with Store.read(folder) as store:
            files = attached(study(store), store, refused.append)
    except Exception as error:  # noqa: BLE001  a sweep must not end because of its report
        refused.append(f"{type(error).__name__}: {error}")
    return {"files": {name: str(path) for name, path in files.items()}, "refused": refused}
