"""From a file of NIST's to the data set that it describes: the data, the model, and the certified fit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gdbench.descent.errors import GdbenchError
from gdbench.descent.registry import Choice

_NUMBER = r"([-+.\dEe]+)"
_LINEAR = re.compile(rf"^ +B(\d+) +{_NUMBER} +{_NUMBER} *$", re.MULTILINE)
_NONLINEAR = re.compile(rf"^ +b(\d+) = +{_NUMBER} +{_NUMBER} +{_NUMBER} +{_NUMBER} *$", re.MULTILINE)
_RESIDUAL = re.compile(rf"^Residual(?: +\d+| Sum of Squares:) +{_NUMBER}", re.MULTILINE)
# after the class and the number of parameters: all lines up to the tables, Roszman1's value of pi apart
_MODEL = re.compile(r"^Model:.*\n.*Parameters?\b.*\n(?:.*\bpi = .*\n|\s*\n)*((?:.*\S.*\n)+)", re.MULTILINE)


class _Fit(NamedTuple):
    """The certified fit, each parameter's figures at its place."""

    parameters: tuple[str, ...]
    certified: tuple[float, ...]
    deviations: tuple[float, ...]
    starts: tuple[tuple[float, ...], ...]


def parse(name: str, text: str) -> NistSet:
    """The data set in the text of a .dat file; raises GdbenchError where it is not laid out as NIST's."""
    try:
        return _parse(name, text)
    except (AttributeError, ValueError) as error:
        raise GdbenchError(f"{name}.dat: this is not laid out as NIST's file; install gdbench anew.") from error


def _parse(name: str, text: str) -> NistSet:
    fit = _fit(text)
    response, formula = _model(text, len(fit.parameters))
    labels, columns = _data(text)
    return NistSet(
        name=name,
        difficulty=_first_group(re.compile(r"(Lower|Average|Higher) Level of Difficulty"), text).lower(),
        generated=_first_group(re.compile(r"(Observed|Generated) Data"), text) == "Generated",
        formula=formula,
        response=response,
        degree=_degree(fit, len(columns) - 1),
        parameters=fit.parameters,
        certified=fit.certified,
        deviations=fit.deviations,
        starts=fit.starts,
        residual_sum_of_squares=float(_first_group(_RESIDUAL, text)),
        predictors=dict(zip(labels[1:], columns[1:], strict=True)),
        y=columns[0],
    )


def _first_group(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    if match is None:
        raise ValueError(pattern.pattern)
    return match.group(1)


def _fit(text: str) -> _Fit:
    linear, nonlinear = _LINEAR.findall(text), _NONLINEAR.findall(text)
    numbers, *columns = zip(*(linear or nonlinear), strict=True)
    *starts, certified, deviations = [tuple(float(value) for value in column) for column in columns]
    return _Fit(tuple(f"b{number}" for number in numbers), certified, deviations, tuple(starts))


def _degree(fit: _Fit, predictors: int) -> int | None:
    """Linear problems with an intercept: B0, and then one coefficient for each power or predictor."""
    if fit.starts or "b0" not in fit.parameters:
        return None
    return (len(fit.parameters) - 1) // predictors


def _model(text: str, parameters: int) -> tuple[str, str]:
    """(what is predicted, the formula for it), in our syntax: round brackets, small letters, no error term."""
    equation = " ".join(_first_group(_MODEL, text).split()).translate(str.maketrans("[]B", "()b"))
    response, formula = (side.strip() for side in equation.split("=", 1))
    formula = re.sub(r"\s*\+ e$", "", formula)
    if "..." in formula:  # Filip's, which NIST abbreviates
        formula = " + ".join(["b0", "b1*x", *(f"b{j}*x**{j}" for j in range(2, parameters))])
    return response, formula


def _data(text: str) -> tuple[list[str], list[tuple[float, ...]]]:
    """(labels, columns): the response, then the predictors."""
    header, *lines = text[text.rindex("\nData:") + 1 :].split("\n")
    labels = header.split()[1:]
    rows = [[float(value) for value in line.split()] for line in lines if line.strip()]
    return labels, list(zip(*rows, strict=True))


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
