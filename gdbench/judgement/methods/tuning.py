"""What tuning takes: the chance of a method to be good after k settings of its grid, the tries it needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from gdbench.judgement.methods.board import Board
from gdbench.judgement.methods.matrix import shared_target
from gdbench.judgement.methods.tries import best_at, hit
from gdbench.judgement.methods.views import ordered
from gdbench.judgement.racing.outpaced import is_outpaced

if TYPE_CHECKING:
    from gdbench.judgement.study import Study

#: A setting is good where it needs at most so many times the iterations of the best.
FACTOR = 2.0
#: A method needs so many tries until one is good with this chance.
SURE = Fraction(9, 10)
#: At how many tries the chance to be best of all is told.
TOLD = (1, 3)

_NONE = Fraction(0)


@dataclass(frozen=True)
class TuningCurve:
    """What tuning one method takes; chances are means over the problems.

    settings: how many its grid has.  within: of k = 1 … settings tries the chance that the best needs at most
    `FACTOR` times the iterations of the best method.  needed: the tries until the best is as near to the
    method's own best with the chance `SURE`, over the problems that it solves; None where it solves none.
    best: tries → the chance to be best of all methods with as many.
    """

    method: str
    settings: int
    within: tuple[Fraction, ...]
    needed: int | None
    best: Mapping[int, Fraction]


def tuning_curves(study: Study) -> list[TuningCurve]:
    """One for each method that was tried with two settings or more on a problem; none without a target."""
    return study.methods.once("tuning", lambda: _curves(study))


def _curves(study: Study) -> list[TuningCurve]:
    board, target = study.methods, shared_target(study)
    # what a race has outpaced says nothing of what it would have taken
    if target is None or not board.has_grid or is_outpaced(study.runs):
        return []
    values = {
        family: {
            method: found
            for method in board.methods
            if (found := _values(board, method, family, target, study.ranked_by))
        }
        for family in board.problems
    }
    best = {k: _best(list(values.values()), k) for k in TOLD}
    made = (_curve(method, values, best) for method in board.methods)
    return [curve for curve in made if curve and curve.settings > 1]


def _values(board: Board, method: str, family: str, target: str, by: str) -> list[float]:
    """The iterations of each candidate on the reported runs, in the order in which tuning prefers them."""
    preferred = ordered(board, board.candidates[method], family, target, by)
    known = [board.effort(one, family, target) for one in preferred]
    return [found.spread.median for found in known if found]


def _best(problems: Sequence[Mapping[str, Sequence[float]]], k: int) -> Mapping[str, Fraction]:
    """The mean over the problems of the chance to be best."""
    each = [best_at(rivals, k) for rivals in problems if rivals]
    return {
        method: sum((of.get(method, _NONE) for of in each), _NONE) / len(each)
        for method in dict.fromkeys(name for of in each for name in of)
    }


def _curve(
    method: str,
    values: Mapping[str, Mapping[str, Sequence[float]]],
    best: Mapping[int, Mapping[str, Fraction]],
) -> TuningCurve | None:
    mine = {family: of[method] for family, of in values.items() if method in of}
    if not mine:
        return None
    tries = range(1, max(map(len, mine.values())) + 1)
    limits = {family: FACTOR * max(min(v[0] for v in values[family].values()), 0.5) for family in mine}
    within = tuple(_mean([hit(own, k, limits[family]) for family, own in mine.items()]) for k in tries)
    return TuningCurve(method, len(tries), within, _needed(mine.values()), _of(best, method))


def _of(best: Mapping[int, Mapping[str, Fraction]], method: str) -> Mapping[int, Fraction]:
    return {k: of.get(method, _NONE) for k, of in best.items()}


def _needed(problems: Iterable[Sequence[float]]) -> int | None:
    """The tries to be as near to the method's own best as `FACTOR`, with the chance `SURE`."""
    solved = [own for own in problems if math.isfinite(own[0])]
    for k in range(1, max(map(len, solved), default=0) + 1):
        if _mean([hit(own, k, FACTOR * max(own[0], 0.5)) for own in solved]) >= SURE:
            return k
    return None


def _mean(chances: Sequence[Fraction]) -> Fraction:
    return sum(chances, _NONE) / len(chances)
