"""A random rotation by its seed, worked out once: a surface asks for it at every evaluation on numbers."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Tuple

from gdbench.descent.numerics.householder import rotation as drawn


@lru_cache(maxsize=16)
def rotation(size: int, seed: int) -> Tuple[Tuple[float, ...], ...]:
    """Q with QᵀQ = I, uniform over the rotations, as rows.

    size: rows and columns, ≥ 1.  seed: of the one generator used.
    """
    return tuple(tuple(row) for row in drawn(size, Random(seed)))
