"""What a config says of a race: how many settings go on from each rung, and how many rungs there are."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from gdbench.descent.domains import Domain

#: Iterations up to which a curve keeps every point; beyond it keeps three digits.
_EVERY = 1000


class Race(NamedTuple):
    """Successive halving over iterations  (Jamieson & Talwalkar 2016; Li et al. 2018).

    keep: the share of settings that go on from a rung.  rungs: how many there are; the last is the end.
    """

    keep: Fraction = Fraction(1, 3)
    rungs: int = 4

    def iterations(self, most: int) -> list[int]:
        """The iterations at which settings are compared, of runs of at most `most`: most · keep^(rungs−1−r)."""
        found = [_rounded(math.ceil(most * self.keep**left)) for left in range(self.rungs - 1, 0, -1)]
        return sorted({k for k in found if k < most})

    def kept(self, count: int) -> int:
        """How many of so many settings go on."""
        return max(1, math.ceil(count * self.keep))


def _rounded(k: int) -> int:
    """Down to an iteration that every curve keeps."""
    spacing = 10 ** max(0, len(str(k)) - 3) if k >= _EVERY else 1
    return k - k % spacing


def _share(value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    read = Fraction(str(value))
    if not 0 < read < 1:
        raise ValueError
    return read


#: 1/3, as a text or a number.
share = Domain(
    "a fraction between 0 and 1, such as 1/3 or 0.5",
    {"anyOf": [{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, {"type": "string"}]},
    _share,
)
