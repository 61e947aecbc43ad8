"""How many short runs travel together: enough to pay for the journey, few enough to share the work out."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.execution.task import Finished

#: Seconds of work that a chunk should hold. The worker comes back sooner or later than this on its own
#: account (`worker.BUDGET`), so a wrong guess costs nothing but a journey.
_AIM = 0.25
#: Weight of the latest chunk in the running mean.
_LATEST = 0.3


class ChunkSize:
    """Learns how long a run takes; the first chunks hold one run each."""

    def __init__(self) -> None:
        self._seconds: float | None = None

    def learn(self, finished: Sequence[Finished]) -> None:
        """Take in how long these runs took, from their beginning to their end."""
        if finished:
            mean = sum(done.finished - done.started for done in finished) / len(finished)
            before = mean if self._seconds is None else self._seconds
            self._seconds = before + _LATEST * (mean - before)

    def of(self, waiting: int, workers: int) -> int:
        """Runs in the next chunk, of so many waiting: a fair share, and less towards the end."""
        if self._seconds is None:
            return 1
        share = -(-waiting // (2 * workers))
        return max(1, min(share, int(_AIM / max(self._seconds, 1e-6))))
