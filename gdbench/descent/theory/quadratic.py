"""A quadratic in its eigenvectors' coordinates, and how each component of the way to its minimum goes."""

from __future__ import annotations

import math
from typing import NamedTuple, Sequence, Tuple

from gdbench.descent.theory.rates import Update


class Quadratic(NamedTuple):
    """½ Σ λ e²: eigenvalues λ and the start's components e, in the same order."""

    eigenvalues: Sequence[float]
    components: Sequence[float]

    @property
    def gap(self) -> float:
        """f(w_0) − f*; inf where it overflows."""
        return height(self.eigenvalues, self.components)


def height(eigenvalues: Sequence[float], components: Sequence[float]) -> float:
    try:
        return 0.5 * math.fsum([lam * e * e for lam, e in zip(eigenvalues, components)])
    except OverflowError:  # finite parts whose sum is not
        return math.inf


def radius(update: Update, lam: float) -> float:
    """The larger modulus of the roots of z² − a z + b, where e_{k+1} = a e_k − b e_{k−1}."""
    a, b = recursion(update, lam)
    square = a * a - 4.0 * b
    if square <= 0.0:
        return math.sqrt(b)
    return 0.5 * (abs(a) + math.sqrt(square))


def recursion(update: Update, lam: float) -> Tuple[float, float]:
    beta, kept = update.beta or 0.0, 1.0 - update.rate * update.kept * lam
    if update.kind == "nesterov":
        return (1.0 + beta) * kept, beta * kept
    ahead = update.gamma * update.rate * lam  # of the triple momentum, whose y obey what its ξ do
    return kept + beta - ahead, beta - ahead
