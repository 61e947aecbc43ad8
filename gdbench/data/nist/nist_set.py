"""What NIST says of one data set: the data, the model, and the certified fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gdbench.descent.registry import Choice


@dataclass(frozen=True)
class NistSet:
    """One Statistical Reference Dataset.

    difficulty: "lower" | "average" | "higher".  generated: made by a formula, not observed.
    formula: the model in the syntax of `parse_formula`, its variables the predictors.
    response: what the formula predicts, "y" or "log(y)" (Nelson).  y: as observed.
    degree: of the polynomial with intercept that the model is (1: linear), or None for any other.
    parameters: names, in natural order, that of all that follows.  certified: the least-squares fit, 11
    digits (nonlinear) or 15 (linear).  deviations: standard deviations of these estimates.
    starts: NIST's starting points, the far and the near one; none for linear problems.
    residual_sum_of_squares: Σ (response − formula)² at the certified fit; its n-th part is the least mse.
    """

    name: str
    difficulty: str
    generated: bool
    formula: str
    response: str
    degree: int | None
    parameters: tuple[str, ...]
    certified: tuple[float, ...]
    deviations: tuple[float, ...]
    starts: tuple[tuple[float, ...], ...]
    residual_sum_of_squares: float
    predictors: Mapping[str, Sequence[float]]
    y: Sequence[float]

    @property
    def model(self) -> Choice:
        """The model in config form: linear, polynomial, or the formula."""
        if self.degree == 1:
            return {"linear": {}}
        if self.degree is not None:
            return {"polynomial": {"degree": self.degree}}
        return {"formula": {"expression": self.formula}}

    @property
    def optimum(self) -> tuple[float, ...]:
        """The certified fit as `model` orders its parameters: linear ones have their intercept last."""
        if self.degree is None:
            return self.certified
        return (*self.certified[1:], self.certified[0])
