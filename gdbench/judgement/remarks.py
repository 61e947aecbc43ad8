"""A remark on a setting: what its numbers do not say by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gdbench.judgement.contradictions import CONTRADICTIONS
from gdbench.judgement.numerals import figure, listing, span
from gdbench.judgement.settings import Setting

#: Outcomes whose own reason is worth repeating.
_WITH_REASON = ("failed", "crashed", "timed_out", "stalled")


class Remarks(NamedTuple):
    """missed: the gaps of the runs whose rule declared victory although they miss `target`, the loosest.

    runs: of the setting.  diverged_at: the iterations at which runs diverged.  rules: those that stopped
    runs at a limit.  reasons: why a rule that fired does not count, and why runs failed, crashed,
    timed out or stalled.
    """

    runs: int
    target: str
    missed: tuple[float, ...]
    diverged_at: tuple[int, ...]
    rules: tuple[str, ...]
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        """In words; often none."""
        parts = list(self.reasons)
        if self.rules:
            parts.insert(0, f"stopped by {listing(self.rules)}")
        if self.diverged_at:
            first, last = min(self.diverged_at), max(self.diverged_at)
            parts.insert(0, f"diverged at iteration{'s' if first != last else ''} {span(first, last)}")
        if self.missed:
            share = "" if len(self.missed) == self.runs else f" ({len(self.missed)} of {self.runs})"
            parts.insert(0, f"converged, but its gap {figure(max(self.missed), 2)} misses {self.target}{share}")
        return "; ".join(parts)


def remarks(setting: Setting, targets: Sequence[str]) -> Remarks:
    """What is worth saying of a setting besides its numbers."""
    results = [run.result for run in setting.runs]
    contradicted = [result for result in results if result.cause in CONTRADICTIONS]
    stopped = (r.rule for r in results if r.outcome == "stopped" and r.cause not in CONTRADICTIONS)
    telling = [result for result in results if result.outcome in _WITH_REASON]
    reasons = (result.reason.rstrip(".") for result in [*contradicted, *telling])
    loosest = max(targets, key=float, default="")
    return Remarks(
        runs=len(results),
        target=loosest,
        missed=_missed(setting, loosest) if loosest else (),
        diverged_at=tuple(result.diverged_at for result in results if result.diverged_at is not None),
        rules=tuple(dict.fromkeys(rule for rule in stopped if rule)),
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _missed(setting: Setting, loosest: str) -> tuple[float, ...]:
    """A rule may declare victory far from the optimum."""
    pairs = zip(setting.runs, setting.gaps(), strict=True)
    return tuple(
        gap
        for run, gap in pairs
        if run.result.outcome == "converged"
        and gap is not None
        and gap > float(loosest)
        and run.result.iterations_to.get(loosest) is None
    )
