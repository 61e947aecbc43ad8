"""Step 1 of gradient descent, where to begin: each initializer gives the parameters w₀.

An initializer receives the shape of the parameters and the run's own random generator. Those that draw
are marked `random`: only they are repeated. Those that scale by layer are marked `layers`, and those
that look at the data `data`. A starting point never depends on the learning rate, so runs that differ
in it alone start from the same place.
"""

from gdbench.descent.initializers.by_layer import (
    gain_of,
    he_normal,
    he_uniform,
    identity,
    lecun_normal,
    lecun_uniform,
    orthogonal,
    sparse,
    xavier_normal,
    xavier_uniform,
)
from gdbench.descent.initializers.data import from_data
from gdbench.descent.initializers.drawn import normal, truncated_normal, uniform
from gdbench.descent.initializers.given import constant, published, values, zeros
from gdbench.descent.initializers.room import INITIALIZERS, initializer

__all__ = [
    "INITIALIZERS",
    "constant",
    "from_data",
    "gain_of",
    "he_normal",
    "he_uniform",
    "identity",
    "initializer",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "orthogonal",
    "published",
    "sparse",
    "truncated_normal",
    "uniform",
    "values",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]
