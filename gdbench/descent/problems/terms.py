"""What an affine score is a weighted sum of: the one place that knows whether a 1, the bias's, is among it."""

from __future__ import annotations

from typing import Any, Callable, List, NamedTuple, Sequence

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
