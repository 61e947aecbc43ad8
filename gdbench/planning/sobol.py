"""Sobol's points, which fill a unit cube evenly from the first on (Sobol 1967; numbers of Joe & Kuo 2008).

They are those of SciPy without its scrambling, which follows a generator whose stream may change. A digital
shift takes its place: each coordinate is XORed with a number that the seed gives, and stays as even.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

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
    """Points of [0, 1)^dimensions without an end that anybody comes to.  seed: of the shift; None for none."""
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
