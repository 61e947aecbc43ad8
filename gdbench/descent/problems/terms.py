"""What an affine score is a weighted sum of: the one place that knows whether a 1, the bias's, is among it."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any, Callable, Iterator, List, NamedTuple, Sequence

from gdbench.descent.penalties import Strengths

#: x → the numbers that an affine score is affine in.
Basis = Callable[[Sequence[Any]], List[Any]]


class Terms(NamedTuple):
    """x → the row that a score is w · row of: basis(x), and behind it the bias's 1 where the model has one.

    So every score is a plain sum of products, and few others need to ask for a bias: b · 1 is b to the bit.
    """

    basis: Basis
    bias: bool = True

    def __call__(self, x: Sequence[Any]) -> List[Any]:
        return self.row(self.basis(x))

    def row(self, expanded: Sequence[Any]) -> List[Any]:
        """The row of what the basis gave."""
        return [*expanded, 1.0] if self.bias else list(expanded)

    def columns(self, features: int) -> int:
        """How many numbers the basis gives."""
        return len(self.basis([0.0] * features))

    def ridge(self, added: Strengths, size: int) -> List[float]:
        """λ of the squared penalty on each of the `size` parameters."""
        return [added.l2 if on else 0.0 for on in self.penalised(added, size)]

    def penalised(self, added: Strengths, size: int) -> List[bool]:
        """Whether the penalty is on a parameter: on all, but on the bias only if it says so."""
        weights = size - 1 if self.bias else size
        return [True] * weights + [added.bias] * (size - weights)


def raw(x: Sequence[Any], **_: object) -> List[Any]:
    """The features as they are."""
    return list(x)


def powers(x: Sequence[Any], degree: int, *, interactions: bool = False, **others: object) -> List[Any]:
    """x₁, x₁², … x₁ᵈ, x₂, …: each feature's powers; with interactions, then products of different features."""
    found: List[Any] = []
    for x_j in x:
        power = x_j
        for _ in range(degree):
            found.append(power)
            power = power * x_j
    return [*found, *_products(x, degree)] if interactions else found


def _products(x: Sequence[Any], degree: int) -> Iterator[Any]:
    """x₁x₂, x₁x₃, …, x₁²x₂, …: the products of different features, by their degree."""
    for factors in range(2, degree + 1):
        for chosen in combinations_with_replacement(range(len(x)), factors):
            if chosen[0] != chosen[-1]:
                product = x[chosen[0]]
                for j in chosen[1:]:
                    product = product * x[j]
                yield product
