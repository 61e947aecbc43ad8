"""Surfaces: problems without data, from the plain quadratic to the test functions of the literature.

Importing this package fills the registry; each file holds one family.
"""

from __future__ import annotations

from gdbench.descent.surfaces import (
    classics,
    equations,
    fits,
    many_minima,
    more_garbow_hillstrom,
    quadratic,
    scalable,
    shared,
    worst_case,
)
from gdbench.descent.surfaces.registry import SURFACES, Minimum, SurfaceFacts, surface, surface_facts

__all__ = ["SURFACES", "Minimum", "SurfaceFacts", "surface", "surface_facts"]
FAMILIES = (
    *(quadratic, worst_case, classics, many_minima, shared),
    *(more_garbow_hillstrom, fits, scalable, equations),
)
