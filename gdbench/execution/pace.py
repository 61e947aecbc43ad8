"""How long a sweep will still take: what an iteration has cost until now, times the iterations to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from gdbench.descent.stopping.limits import most_iterations
from gdbench.planning.plan import Run

#: What a run costs besides its iterations, in iterations.
_OVERHEAD = 100


class Pace:
    """Learns from each finished run what an iteration of its problem costs.

    An iteration is one that a run was allowed, whether or not it needed it: runs that end early make the
    others look shorter as well. began: monotonic seconds.
    """

    def __init__(self, runs: Sequence[Run], began: float) -> None:
        self._began, self._done = began, 0
        self._left: Counter[str] = Counter()
        for run in runs:
            self._left[run.problem] += _weight(run)
        self._learned: Counter[str] = Counter()
        self._seconds: dict[str, float] = {}

    def learn(self, run: Run, seconds: float) -> None:
        """A run has ended and took so many seconds of a worker."""
        self._done += 1
        self._left[run.problem] -= _weight(run)
        self._learned[run.problem] += _weight(run)
        self._seconds[run.problem] = self._seconds.get(run.problem, 0.0) + max(0.0, seconds)

    def runs_per_second(self, now: float) -> float:
        return self._done / max(now - self._began, 1e-9)

    def seconds_left(self, now: float) -> float | None:
        """None before the first run has ended.  now: monotonic seconds.

        Workers are as busy as they were: `elapsed` seconds of the clock had `worked` seconds of work in them.
        """
        worked, weighed = _total(self._seconds), self._learned.total()
        if not worked or not weighed:
            return None
        usual = worked / weighed
        work = _total(
            {
                problem: left
                * (self._seconds[problem] / self._learned[problem] if problem in self._seconds else usual)
                for problem, left in self._left.items()
            }
        )
        return work * (now - self._began) / worked


def _weight(run: Run) -> int:
    return _OVERHEAD + (most_iterations(run.spec["convergence"]) or 0)


def _total(seconds: Mapping[str, float]) -> float:
    return sum(seconds.values())
