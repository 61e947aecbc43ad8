"""The words for what a race has done, and for what cannot be compared after one."""

from __future__ import annotations

from collections.abc import Sequence

from gdbench.judgement.numerals import count
from gdbench.judgement.racing.outpaced import Outpaced

#: So many rungs are told one by one.
_TOLD = 4


def told_of_race(race: Outpaced) -> str:
    """60 of 72 runs were outpaced: 36 proved slower by exact prediction, 24 at iteration 75."""
    parts = [_part(k, number) for k, number in race.at.items()]
    where = ", ".join(parts) if len(parts) <= _TOLD else f"at {count(len(parts))} places"
    return (
        f"{count(race.count)} of {count(race.runs)} runs were outpaced: {where}. At most "
        f"{count(race.spared)} iterations, {race.share:.0%} of all, were spared."
    )


def _part(k: int, number: int) -> str:
    if k == 0:
        return f"{count(number)} proved slower by exact prediction"
    return f"{count(number)} at iteration {count(k)}"


def unequal(settings: int) -> str:
    """Why some running times are left out."""
    which = "1 setting that was" if settings == 1 else f"{count(settings)} settings that were"
    return f"Left out: {which} outpaced, for running times compare equal budgets only."


def not_compared(methods: Sequence[str]) -> str:
    """Why there is no profile."""
    which = ", ".join(methods[:3]) + (" and others" if len(methods) > 3 else "")
    return f"Running times compare equal budgets only, and a race outpaced what stands for {which}."
