"""A sample of a grid that may be too large to walk: Sobol's points over its axes and continuous ranges."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from random import Random
from typing import TYPE_CHECKING

from gdbench.config.grid.spans import filled, has_spans, spans_of
from gdbench.planning.combinations import Combination, applying, dimensions, excluded, included

if TYPE_CHECKING:
    from gdbench.config.experiment import Experiment
    from gdbench.config.grid.choice import Choice

#: So many points are tried for each combination that is wanted, before it is said that there are no more.
TRIES, AT_LEAST = 20, 1000


class Sample:
    """Combinations in the order of their points, each once; whoever takes them says which can be run.

    found: how many were.
    """

    def __init__(self, experiment: Experiment, data: Collection[str]) -> None:
        self._experiment, self._grid, self._data = experiment, experiment.combining, data
        self._order = list(experiment.grid)
        self._firm = list(dimensions(self._grid, self._order))
        self._soft = [[((axis, choice),) for choice in choices] for axis, choices in self._grid.when.items()]
        self.found = 0

    @property
    def coordinates(self) -> int:
        """One for each axis with several choices (of those that move together one), and for each span on it."""
        chosen = sum(len(parts) > 1 for parts in self._firm) + len(self._soft)
        return chosen + sum(map(_spans, self._firm)) + sum(map(_spans, self._soft))

    def __iter__(self) -> Iterator[Combination]:
        asked = self._experiment.sample
        assert asked is not None
        seen: set[tuple[tuple[str, Choice], ...]] = set()
        tries = max(AT_LEAST, TRIES * asked.runs)
        for number, point in enumerate(points(max(1, self.coordinates), asked.seed)):
            if self.found == asked.runs or number == tries:
                break
            combination = self._at(point)
            known = tuple(combination.choices.items())
            if known not in seen:
                seen.add(known)
                yield combination
        for combination in included(self._experiment, self._data):
            if tuple(combination.choices.items()) not in seen:
                yield combination

    def _at(self, point: list[float]) -> Combination:
        """The combination at a point. Each axis has its own coordinates, whatever is chosen on the others."""
        shares = iter(point)
        chosen: dict[str, Choice] = {}
        for parts in self._firm:
            part = parts[int(next(shares) * len(parts))] if len(parts) > 1 else parts[0]
            own = iter([next(shares) for _ in range(_spans(parts))])
            chosen.update((axis, filled(choice, own.__next__)) for axis, choice in part)
        for axis, choices in zip(self._grid.when, self._soft, strict=True):
            share = next(shares)
            own = iter([next(shares) for _ in range(_spans(choices))])
            fitting = applying(self._experiment, self._grid, axis, chosen, self._data)
            chosen[axis] = filled(fitting[int(share * len(fitting))], own.__next__)
        found = {axis: chosen[axis] for axis in self._order if axis in chosen}
        return Combination(found, excluded(self._grid.exclude, found, self._data))


def _spans(parts: Iterable[Iterable[tuple[str, Choice]]]) -> int:
    """How many spans the choices that are made together have at most."""
    return max(sum(1 for _, choice in part for _ in spans_of(choice)) for part in parts)


def dimensions_complaint(experiment: Experiment) -> str:
    """Why a sample cannot be taken of this grid; "" where it can."""
    needed = Sample(experiment, ()).coordinates
    if needed > DIMENSIONS:
        return (
            f"a sample varies {DIMENSIONS} choices and ranges at most, and here are {needed}. Fix some of them."
        )
    if any(has_spans(choices) for given in experiment.combining.include for choices in given.values()):
        return "'include' names combinations as they are: give numbers there, no ranges."
    return ""


# --- points

#: (the primitive polynomial's bits, m₁, …) of each dimension after the first.
_NUMBERS = (
    (3, 1),
    (7, 1, 3),
    (11, 1, 3, 1),
    (13, 1, 1, 1),
    (19, 1, 1, 3, 3),
    (25, 1, 3, 5, 13),
    (37, 1, 1, 5, 5, 17),
    (41, 1, 1, 5, 5, 5),
    (47, 1, 1, 7, 11, 19),
    (55, 1, 1, 5, 1, 1),
    (59, 1, 1, 1, 3, 11),
    (61, 1, 3, 5, 5, 31),
    (67, 1, 3, 3, 9, 7, 49),
    (91, 1, 1, 1, 15, 21, 21),
    (97, 1, 3, 1, 13, 27, 49),
    (103, 1, 1, 1, 15, 7, 5),
    (109, 1, 3, 1, 15, 13, 25),
    (115, 1, 1, 5, 5, 19, 61),
    (131, 1, 3, 7, 11, 23, 15, 103),
    (137, 1, 3, 7, 13, 13, 15, 69),
    (143, 1, 1, 3, 13, 7, 35, 63),
    (145, 1, 3, 5, 9, 1, 25, 53),
    (157, 1, 3, 1, 13, 9, 35, 107),
    (167, 1, 3, 1, 5, 27, 61, 31),
    (171, 1, 1, 5, 11, 19, 41, 61),
    (185, 1, 3, 5, 3, 3, 13, 69),
    (191, 1, 1, 7, 13, 1, 19, 1),
    (193, 1, 3, 7, 5, 13, 19, 59),
    (203, 1, 1, 3, 9, 25, 29, 41),
    (211, 1, 3, 5, 13, 23, 1, 55),
    (213, 1, 3, 7, 3, 13, 59, 17),
    (229, 1, 3, 1, 3, 5, 53, 69),
    (239, 1, 1, 5, 5, 23, 33, 13),
    (241, 1, 1, 7, 7, 1, 61, 123),
    (247, 1, 1, 7, 9, 13, 61, 49),
    (253, 1, 3, 3, 5, 3, 55, 33),
    (285, 1, 3, 1, 15, 31, 13, 49, 245),
    (299, 1, 3, 5, 15, 31, 59, 63, 97),
    (301, 1, 3, 1, 11, 11, 11, 77, 249),
)

#: Coordinates that a point may have.
DIMENSIONS = len(_NUMBERS) + 1
_BITS = 30


def points(dimensions: int, seed: int | None) -> Iterator[list[float]]:
    """Sobol's points of [0, 1)^dimensions, evenly from the first on  (Sobol 1967; Joe & Kuo 2008).

    seed: of a digital shift, a number that each coordinate is XORed with, which keeps them as even, if any.
    They are SciPy's without its scrambling, which follows a generator whose stream may change.
    """
    directions = [_directions(j) for j in range(dimensions)]
    chosen = Random(seed)  # noqa: S311  nothing is to be kept secret
    shifts = [0 if seed is None else chosen.getrandbits(_BITS) for _ in directions]
    now = list(shifts)
    for number in range(2**_BITS):
        yield [x / 2**_BITS for x in now]
        # Gray's code: the next differs by one direction, that of the lowest 0 in the number
        lowest = (~number & (number + 1)).bit_length() - 1
        if lowest < _BITS:
            now = [x ^ v[lowest] for x, v in zip(now, directions, strict=True)]


def _directions(dimension: int) -> list[int]:
    """v_k = m_k / 2^k in units of the last bit, m_k by the recurrence that the polynomial gives."""
    if dimension == 0:
        return [1 << (_BITS - 1 - k) for k in range(_BITS)]
    polynomial, *m = _NUMBERS[dimension - 1]
    degree = len(m)
    for k in range(degree, _BITS):
        new = m[k - degree]
        for i in range(1, degree + 1):
            if polynomial >> (degree - i) & 1:
                new ^= m[k - i] << i
        m.append(new)
    return [m_k << (_BITS - 1 - k) for k, m_k in enumerate(m)]
