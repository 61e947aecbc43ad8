"""What theory says of a problem before a step is taken: how it bends, and how fast a rate is on it.

The card of a problem holds its constants, each with the way it was found; predictions follow from the card,
the start and the update, and are exact on quadratics.
"""

from __future__ import annotations

from gdbench.descent.numerics.eigenvalues import largest_eigenvalue, smallest_eigenvalue
from gdbench.descent.theory.curvature import (
    CURVATURE,
    Basis,
    Smoothness,
    Strengths,
    basis,
    is_convex,
    smoothness,
    strengths,
    strong_convexity,
)

__all__ = [
    "CURVATURE",
    "Basis",
    "Smoothness",
    "Strengths",
    "basis",
    "is_convex",
    "largest_eigenvalue",
    "smallest_eigenvalue",
    "smoothness",
    "strengths",
    "strong_convexity",
]
