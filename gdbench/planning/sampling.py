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


#: Coordinates that a point may have: as many as anybody looks at.
DIMENSIONS = 100
_BITS = 30


def points(dimensions: int, seed: int | None) -> Iterator[list[float]]:
    """Sobol's points of [0, 1)^dimensions, evenly from the first on  (Sobol 1967; Joe & Kuo 2008), by SciPy.

    seed: of a digital shift, a number that each coordinate is XORed with, which keeps them as even, if any: in
    place of SciPy's scrambling, which follows a generator whose stream may change.
    """
    from scipy.stats import qmc  # noqa: PLC0415  takes a second to import, and few grids are sampled

    chosen = Random(seed)  # noqa: S311  nothing is to be kept secret
    shifts = [0 if seed is None else chosen.getrandbits(_BITS) for _ in range(dimensions)]
    sobol, asked = qmc.Sobol(dimensions, scramble=False, bits=_BITS), 1
    for _ in range(_BITS):  # as many again as there were, so that the number is a power of two
        for point in sobol.random(asked).tolist():
            yield [(int(x * 2**_BITS) ^ shift) / 2**_BITS for x, shift in zip(point, shifts, strict=True)]
        asked = sobol.num_generated
