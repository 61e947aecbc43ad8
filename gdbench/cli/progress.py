"""Progress of a sweep on stderr: a bar in a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from gdbench.cli.consoles import say_line
from gdbench.cli.words import lasting, outcome_counts
from gdbench.execution.outlook import Pace
from gdbench.planning.plan import Run
from gdbench.record.records import RunRecord

_SECONDS_BETWEEN_LINES = 5.0

#: Columns of the bar where there are many, and how many that is.
_BAR, _WIDE = 24, 110


class Progress:
    """Counts finished runs by outcome. runs: what there is to do now."""

    def __init__(
        self, console: Console, runs: Sequence[Run], *, quiet: bool, between: float = _SECONDS_BETWEEN_LINES
    ) -> None:
        self._console, self._known = console, {run.key for run in runs}
        self._ended: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._told = -1
        self._pace = Pace(runs, time.monotonic())
        terminal = console.is_terminal and not console.is_dumb_terminal
        self._plain = not (quiet or terminal or not runs)
        self._between, self._over = between, threading.Event()
        self._lines = threading.Thread(target=self._print_now_and_then, name="progress", daemon=True)
        self._bar = Bar(
            TextColumn("running"),
            BarColumn(bar_width=_BAR if console.width >= _WIDE else _BAR // 3),
            MofNCompleteColumn(),
            TextColumn("{task.fields[standing]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=quiet or not terminal,
        )
        self._task = self._bar.add_task("run", total=self._total, standing="")

    def finished(self, run: Run, record: RunRecord) -> None:
        """One more run has ended."""
        self._ended[run.key] = record.result.outcome
        self._counts[record.result.outcome] += 1
        self._pace.learn(run, record.finished - record.started)
        if not self._bar.disable:
            self._bar.update(self._task, completed=len(self._ended), standing=self._standing(self._room))

    def grew(self, runs: Sequence[Run]) -> None:
        """There is more to do than was known; a run that had ended, paused, goes on."""
        for run in runs:
            self._known.add(run.key)
            paused = self._ended.pop(run.key, None)
            if paused is not None:
                self._counts[paused] -= 1
        self._pace.more(runs)
        if not self._bar.disable:
            self._bar.update(self._task, total=self._total, completed=len(self._ended))

    @property
    def _total(self) -> int:
        return len(self._known)

    @property
    def _room(self) -> int:
        """Columns beside the bar and its numbers."""
        bar = _BAR if self._console.width >= _WIDE else _BAR // 3
        return self._console.width - bar - 2 * len(str(self._total)) - len("running / 00:00:00") - 4

    def _standing(self, room: int = sys.maxsize) -> str:
        """Time left, outcomes so far, runs per second; what has no room is left out whole, from the end."""
        now, done = time.monotonic(), self._counts.total()
        left = self._pace.seconds_left(now)
        counts = outcome_counts(self._counts)
        pace = f"{self._pace.runs_per_second(now):.3g} runs/s" if done else ""
        ahead = f"about {lasting(left)} left" if left is not None and done < self._total else ""
        for parts in ([counts, pace, ahead], [counts, ahead], [ahead or counts]):
            said = " · ".join(filter(None, parts))
            if len(said) <= room:
                return said
        return ""

    def _print_now_and_then(self) -> None:
        while not self._over.wait(self._between):
            self._print_line()

    def _print_line(self) -> None:
        done = len(self._ended)
        if done == self._told == self._total:
            return  # the last line is there already
        self._told = done
        line = " · ".join(filter(None, [f"{self._counts.total()}/{self._total} runs", self._standing()]))
        say_line(self._console, line)

    def __enter__(self) -> Self:
        self._bar.start()
        if self._plain:
            self._lines.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if self._plain:
            self._over.set()
            self._lines.join()
            self._print_line()
