"""Which columns of whole numbers depend on others, exactly but for chances that do not matter."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Sequence
from random import Random

from gdbench.reference.digits.gram import apart, side_by_side

#: Rank is looked for modulo this, which sees it too low once in 2⁶¹.
PRIME = (1 << 61) - 1
#: So many random sums of rows, more than there are columns, have less than the rows' own rank once in 2⁴⁰.
SPARE = 40


def independent(rows: Sequence[Sequence[int]]) -> list[int]:
    """The columns that depend on none before them, by elimination."""
    columns = [j for j, column in enumerate(zip(*rows, strict=True)) if any(column)]
    reduced: list[tuple[int, list[int]]] = []
    for row in _sums(rows) if len(rows) > len(columns) + SPARE else rows:
        rest = [row[j] % PRIME for j in columns]
        for lead, unit in reduced:
            if factor := rest[lead]:
                rest = [(a - factor * b) % PRIME for a, b in zip(rest, unit, strict=True)]
        found = next((j for j, value in enumerate(rest) if value), None)
        if found is not None:
            inverse = pow(rest[found], -1, PRIME)
            insort(reduced, (found, [value * inverse % PRIME for value in rest]))
        if len(reduced) == len(columns):
            break
    return [columns[j] for j, _ in reduced]


def _sums(rows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Of rows chosen by coins."""
    width, coins = len(rows[0]), Random(0)  # noqa: S311  any coins will do, if they are the same ones
    room = max(abs(value).bit_length() for row in rows for value in row) + len(rows).bit_length() + 1
    packed = side_by_side(list(zip(*rows, strict=True)), room)
    for _ in range(width + SPARE):
        chosen = coins.getrandbits(len(rows))
        yield apart(sum(row for i, row in enumerate(packed) if chosen >> i & 1), room, width)
