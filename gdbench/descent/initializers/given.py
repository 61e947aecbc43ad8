"""Starting points that are written down: zeros, one number, or one for each parameter."""

from __future__ import annotations

from random import Random
from typing import List, Sequence

from gdbench.descent.domains import natural, number, numbers
from gdbench.descent.errors import BadPairing
from gdbench.descent.initializers.room import initializer
from gdbench.descent.problems.shape import Shape


@initializer("zeros", facts={"also": ("zero", "none")})
def zeros(shape: Shape, random: Random) -> List[float]:
    """wⱼ = 0."""
    return [0.0] * shape.size


@initializer("constant", facts={"also": ("ones", "fill")}, value=number)
def constant(shape: Shape, random: Random, value: float) -> List[float]:
    """wⱼ = value."""
    return [value] * shape.size


@initializer("values", given=numbers)
def values(shape: Shape, random: Random, given: Sequence[float]) -> List[float]:
    """wⱼ = givenⱼ.

    given: as many numbers as the model has parameters, in their order: weights before biases.
    """
    if len(given) != shape.size:
        raise BadPairing(
            f"initializer 'values' gives {len(given)} numbers, but there are {shape.size} parameters. "
            f"Give {shape.size}, biases among them."
        )
    return list(given)


@initializer("published", facts={"starts": True}, number=natural)
def published(shape: Shape, random: Random, number: int = 1) -> List[float]:
    """w₀ as the problem's authors give it: the starting points of a surface, or of a certified data set.

    number: which of them, from 1; NIST gives two, the second nearer to the solution.
    """
    if number > len(shape.starts):
        known = f"gives only {len(shape.starts)}" if shape.starts else "has none of its own"
        raise BadPairing(
            f"initializer 'published' was asked for starting point {number}, but this problem {known}. "
            "Choose another initializer, such as zeros."
        )
    return list(shape.starts[number - 1])
