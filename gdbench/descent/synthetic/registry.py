"""The registry of generators, and what they draw from."""

from __future__ import annotations

from random import Random
from typing import List

from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Registry

GENERATORS: Registry[Table] = Registry("generator", "generators")
generator = GENERATORS.register

#: Classes are the target's 0 and 1.
BINARY = {"classes": ("0", "1")}


def normals(random: Random, size: int) -> List[float]:
    return [random.gauss(0.0, 1.0) for _ in range(size)]
