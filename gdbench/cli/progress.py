"""Progress of a sweep on stderr: a bar in a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from gdbench.descent.result import OUTCOMES

_SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """Counts finished runs by outcome. `total` is what there is to do now."""

    def __init__(self, console: Console, total: int, *, quiet: bool) -> None:
        self._console, self._total, self._quiet = console, total, quiet
        self._counts: Counter[str] = Counter()
        self._began = self._said = time.monotonic()
        self._bar = Bar(
            TextColumn("running"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[outcomes]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._task = self._bar.add_task("run", total=total, outcomes="")

    def finished(self, outcome: str) -> None:
        """One more run has ended with this outcome."""
        self._counts[outcome] += 1
        self._bar.update(self._task, advance=1, outcomes=outcome_counts(self._counts))
        if not self._quiet and not self._console.is_terminal:
            self._say()

    def _say(self) -> None:
        now, done = time.monotonic(), self._counts.total()
        if done < self._total and now - self._said < _SECONDS_BETWEEN_LINES:
            return
        self._said = now
        left = (now - self._began) / done * (self._total - done)
        more = f" · about {left:.0f} s left" if done < self._total else ""
        self._console.print(f"{done}/{self._total} runs · {outcome_counts(self._counts)}{more}", soft_wrap=True)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


def outcome_counts(counts: Counter[str]) -> str:
    """54 converged · 3 diverged · 2 stopped"""
    return " · ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])
