"""What tuning takes: the chance of a method to be good after k settings of its grid, the tries it needs."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from gdbench.judgement.methods.board import Board
from gdbench.judgement.methods.matrix import shared_target
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


# --- The best of k tries: what tuning brings that stops after k settings, drawn at random from a grid, exactly


def shares(n: int, k: int) -> list[int]:
    """In how many of the C(n, k) draws each setting is the best: C(n − i, k − 1) of the i-th, i = 1 … n."""
    return [math.comb(n - i, k - 1) for i in range(1, n + 1)]


def expected(values: Sequence[float], k: int) -> Fraction | float:
    """E = Σᵢ v₍ᵢ₎ C(n − i, k − 1) / C(n, k); ∞ where a draw may have nothing but misses."""
    k = min(k, len(values))
    drawn = [(value, share) for value, share in zip(values, shares(len(values), k), strict=True) if share]
    if any(math.isinf(value) for value, _ in drawn):
        return math.inf
    return sum((Fraction(value) * share for value, share in drawn), Fraction(0)) / math.comb(len(values), k)


def hit(values: Sequence[float], k: int, within: float = math.inf) -> Fraction:
    """The chance that the best of k is finite, and at most `within`.

    Of settings in the order of their values, m of which miss: 1 − C(m, k) / C(n, k).
    """
    k = min(k, len(values))
    pairs = zip(values, shares(len(values), k), strict=True)
    hits = sum(share for value, share in pairs if math.isfinite(value) and value <= within)
    return Fraction(hits, math.comb(len(values), k))


def quantile(values: Sequence[float], k: int, share: Fraction) -> float:
    """The least value that the best of k is at or below with at least this chance; ∞ where misses take more."""
    k = min(k, len(values))
    needed, done = share * math.comb(len(values), k), 0
    for value, ways in sorted(zip(values, shares(len(values), k), strict=True)):
        done += ways
        if done >= needed:
            return value
    return math.inf


def best_at(rivals: Mapping[str, Sequence[float]], k: int) -> dict[str, Fraction]:
    """The chance of each rival to be the best of all when each has k tries  (Sivaprasad et al. 2020).

    Draws are independent. Equal values share the win in equal parts, and nobody wins where all miss.
    """
    draws = {name: _draws(values, k) for name, values in rivals.items() if values}
    return {
        name: sum(
            (_wins(value, ways, name, draws) for value, ways in own[0] if math.isfinite(value)), Fraction(0)
        )
        for name, own in draws.items()
    }


#: Values in increasing order, each with its number of draws; those numbers from each place on; all draws.
_Draws = tuple[list[tuple[float, int]], list[int], int]


def _draws(values: Sequence[float], k: int) -> _Draws:
    k = min(k, len(values))
    counted: dict[float, int] = {}
    for value, share in zip(values, shares(len(values), k), strict=True):
        counted[value] = counted.get(value, 0) + share
    rising = sorted(counted.items())
    after = [0]
    for _, ways in reversed(rising):
        after.append(after[-1] + ways)
    return rising, after[::-1], math.comb(len(values), k)


def _wins(value: float, ways: int, name: str, draws: Mapping[str, _Draws]) -> Fraction:
    """The chance that a rival draws this value and that none of the others draws a lower one, ties shared."""
    # ways[j]: of so many draws of the others j are equal and the rest higher
    together, total = [ways], draws[name][2]
    for other, (rising, after, number) in draws.items():
        if other == name:
            continue
        total *= number
        place = bisect_left(rising, (value, 0))
        equal = rising[place][1] if place < len(rising) and rising[place][0] == value else 0
        higher = after[place] - equal
        together = [
            higher * (together[j] if j < len(together) else 0) + equal * (together[j - 1] if j else 0)
            for j in range(len(together) + bool(equal))
        ]
    return sum((Fraction(number, j + 1) for j, number in enumerate(together)), Fraction(0)) / total
