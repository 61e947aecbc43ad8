"""The best of k tries: what tuning brings that stops after k settings, drawn at random from a grid, exactly.

Nothing is sampled: of n settings k are drawn without replacement, so that the i-th best of them is the best of
the draw in C(n − i, k − 1) of C(n, k) draws. With replacement (Dodge et al. 2019, "Show your work") the
expectation is biased: of {1, 3, 5, 8} and k = 2 it is 2.8125 there, and 7/3 here.

Settings stand in the order in which tuning prefers them, the best first. The value of each may be measured
elsewhere than the order, on other starts: the formulas hold for any values. A miss is ∞.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from fractions import Fraction


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
    ordered = sorted(counted.items())
    after = [0]
    for _, ways in reversed(ordered):
        after.append(after[-1] + ways)
    return ordered, after[::-1], math.comb(len(values), k)


def _wins(value: float, ways: int, name: str, draws: Mapping[str, _Draws]) -> Fraction:
    """The chance that a rival draws this value and that none of the others draws a lower one, ties shared."""
    # ways[j]: of so many draws of the others j are equal and the rest higher
    together, total = [ways], draws[name][2]
    for other, (ordered, after, number) in draws.items():
        if other == name:
            continue
        total *= number
        place = bisect_left(ordered, (value, 0))
        equal = ordered[place][1] if place < len(ordered) and ordered[place][0] == value else 0
        higher = after[place] - equal
        together = [
            higher * (together[j] if j < len(together) else 0) + equal * (together[j - 1] if j else 0)
            for j in range(len(together) + bool(equal))
        ]
    return sum((Fraction(number, j + 1) for j, number in enumerate(together)), Fraction(0)) / total
