"""What nothing determines: directions along which no prediction changes, told by the parameters in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gdbench.descent.costs import cost_facts
from gdbench.descent.problems.shape import ParameterName
from gdbench.descent.registry import Spec
from gdbench.descent.theory.card import unpacked
from gdbench.reference.problem import ProblemRecord

#: Problems of more parameters are not looked into, and no more directions are told apart.
MOST_PARAMETERS, MOST_DIRECTIONS = 100, 12
#: An entry below this share of the largest of a direction is none: eigenvectors are so exact.
ENTRY = 1e-7


class Flat(NamedTuple):
    """A direction, each name with its entry, the largest 1; or a group that is known to hold such directions.

    kind: "direction", "group" (which of them is not known), or "classes": each term's sum over all classes.
    """

    kind: str
    names: tuple[str, ...]
    entries: tuple[float, ...] = ()

    def to_plain(self) -> dict[str, object]:
        return {"kind": self.kind, "names": list(self.names), "entries": list(self.entries)}


#: A direction of what was fitted → the same in the units of the data; empty where there are none.
Undo = Callable[[Sequence[float]], Mapping[ParameterName, float | None]]


def flat_directions(
    spec: Spec, problem: ProblemRecord, names: Sequence[ParameterName], outputs: Sequence[str], undo: Undo
) -> tuple[Flat, ...]:
    """The directions, from the spectrum of a quadratic, from the rows' gradients, or from the cost itself."""
    card, size = problem.theory, len(names)
    if card.flat and card.directions and size <= MOST_PARAMETERS:
        vectors = _complement(unpacked(card.directions, size), size)
        if len(vectors) <= MOST_DIRECTIONS:
            return tuple(_direction(vector, names, undo(vector)) for vector in vectors)
    if card.alike:
        return tuple(Flat("group", tuple(names[j].text for j in group)) for group in card.alike)
    penalized = spec.get("penalty", {"none": {}}) != {"none": {}}
    if len(outputs) > 1 and not penalized and cost_facts(spec["cost"]).link == "softmax":
        return (Flat("classes", ()),)
    return ()


def _direction(
    vector: Sequence[float], names: Sequence[ParameterName], original: Mapping[ParameterName, float | None]
) -> Flat:
    """In the units of the data; of a column that was made 0, which has no say there, as it was fitted."""
    told = {name: entry for name, entry in original.items() if entry}
    fitted = dict(zip(names, vector, strict=True))
    vanished = max(map(abs, told.values()), default=0.0) <= ENTRY * max(map(abs, vector))
    entries = fitted if vanished else told
    largest = max(entries.values(), key=abs)
    kept = {name: e / largest for name, e in entries.items() if abs(e) > ENTRY * abs(largest)}
    return Flat("direction", tuple(name.text for name in kept), tuple(float(f"{e:.6g}") for e in kept.values()))


def _complement(rows: Sequence[Sequence[float]], size: int) -> list[list[float]]:
    """Vectors that are orthogonal to all rows, each with as few entries as elimination leaves it."""
    left, pivots = [list(row) for row in rows], list[int]()
    for step in range(len(left)):
        places = ((i, j) for i in range(step, len(left)) for j in range(size) if j not in pivots)
        found, column = max(places, key=lambda at: abs(left[at[0]][at[1]]))
        left[step], left[found] = left[found], left[step]
        if abs(left[step][column]) < ENTRY:
            return []
        _eliminate(left, step, column)
        pivots.append(column)
    return [_solved(left, pivots, j, size) for j in range(size) if j not in pivots]


def _eliminate(rows: list[list[float]], step: int, column: int) -> None:
    """Make the entry of row `step` in a column 1, and that of all others 0."""
    pivot = rows[step][column]
    chosen = rows[step] = [value / pivot for value in rows[step]]
    for i, row in enumerate(rows):
        if i != step and row[column]:
            rows[i] = [a - row[column] * b for a, b in zip(row, chosen, strict=True)]


def _solved(rows: Sequence[Sequence[float]], pivots: Sequence[int], free: int, size: int) -> list[float]:
    """The vector whose free entry is 1, all other free ones 0."""
    vector = [float(j == free) for j in range(size)]
    for row, column in zip(rows, pivots, strict=True):
        vector[column] = -row[free]
    return vector
