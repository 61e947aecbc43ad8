"""What a race has paused of a study: how many runs, where, and what that spared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gdbench.descent.recording.result import OUTCOMES
from gdbench.descent.stopping.limits import most_iterations
from gdbench.record.records import RunRecord


@dataclass(frozen=True)
class Outpaced:
    """at: iteration → how many runs were paused there; at 0 those that were proved slower.

    runs: of the study that are done.  spared: iterations that the paused ones would have taken at most.
    share: of all iterations.
    """

    at: Mapping[int, int]
    runs: int
    spared: int
    share: float

    @property
    def count(self) -> int:
        return sum(self.at.values())

    def to_plain(self) -> dict[str, object]:
        return {"at": {str(k): n for k, n in self.at.items()}, "spared": self.spared, "share": self.share}


def is_outpaced(runs: Iterable[RunRecord]) -> bool:
    """Whether a race has paused one of these."""
    return any(OUTCOMES[run.result.outcome].unfinished for run in runs)


def outpaced(runs: Sequence[RunRecord]) -> Outpaced | None:
    """None where nothing was."""
    paused = [run for run in runs if is_outpaced([run])]
    if not paused:
        return None
    at = Counter(run.result.iterations for run in paused)
    most = (most_iterations(run.spec["convergence"]) or run.result.iterations for run in paused)
    spared = sum(limit - run.result.iterations for limit, run in zip(most, paused, strict=True))
    done = sum(run.result.iterations for run in runs)
    return Outpaced(dict(sorted(at.items())), len(runs), spared, spared / max(1, spared + done))
