"""What a run goes down, in letters and in numbers: a surface's formula, or model and cost on rows of data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from gdbench.config.wording import label
from gdbench.descent.iterate import Iterate
from gdbench.descent.kernels.definition import define, penalised, prepare
from gdbench.descent.kernels.differentiate import gradient_of
from gdbench.descent.kernels.expression import Trace
from gdbench.descent.kernels.printer import written
from gdbench.descent.kernels.reference import pointwise_of, scores, traced_pointwise
from gdbench.descent.models import parameter_names
from gdbench.descent.optimizers import optimizer_facts
from gdbench.descent.penalties import strengths
from gdbench.descent.problems.table import Row, Table
from gdbench.descent.registry import Spec, find
from gdbench.descent.surfaces import SURFACES, surface_facts
from gdbench.judgement.numerals import count, figure
from gdbench.plugins.choices import BY_AXIS

#: Rows of data, and terms of a sum, that are written out.
ROWS = 3
#: Parameters that are written out.
PARAMETERS = 8
#: The longest formula that is written out.
_LONGEST = 300
#: Digits of the numbers in the place of letters; results have all of theirs.
_DIGITS = 6


class Telling(Protocol):
    """names: of the parameters.  The others give lines: of the formulas, and of them at an iterate."""

    names: Sequence[str]

    def cost(self) -> list[str]: ...
    def gradient(self) -> list[str]: ...
    def cost_at(self, now: Iterate) -> list[str]: ...
    def gradient_at(self, now: Iterate) -> list[str]: ...


def said(axis: str, spec: Spec) -> str:
    """A choice with its formula."""
    (name,) = spec[axis]
    return f"{label(spec[axis])}: {BY_AXIS[axis][name].summary}"


def short(value: float, *, inside: bool = False) -> str:
    """inside: a product or sum, where a negative number has parentheses."""
    text = figure(value, _DIGITS)
    return f"({text})" if inside and text.startswith("-") else text


class OnSurface:
    """f of the parameters alone."""

    def __init__(self, spec: Spec) -> None:
        self._choice = spec["surface"]
        entry, parameters = find(SURFACES, self._choice)
        size, trace = surface_facts(self._choice).dimension, Trace()
        w = trace.variables("w", size)
        self._f = trace.lift(entry.function(w, **parameters))
        self._slopes = gradient_of(self._f, w)
        self._letters = [variable.label for variable in w]
        self._summary = entry.summary
        self.names: Sequence[str] = [f"w{_below(j)}" for j in range(1, size + 1)]

    @property
    def _named(self) -> dict[str, str]:
        return dict(zip(self._letters, self.names, strict=True))

    def cost(self) -> list[str]:
        formula = f"f(w) = {_pretty(written(self._f, self._named))}"
        return [f"{label(self._choice)}: {self._summary}", *_fitting(formula)]

    def gradient(self) -> list[str]:
        return [
            line
            for name, slope in zip(self.names[:PARAMETERS], self._slopes, strict=False)
            for line in _fitting(f"∂f/∂{name} = {_pretty(written(slope, self._named))}")
        ]

    def cost_at(self, now: Iterate) -> list[str]:
        return _fitting(f"= {_pretty(written(self._f, _numbers(self._letters, now.w)))}")

    def gradient_at(self, now: Iterate) -> list[str]:
        found = []
        for j, name in enumerate(self.names[:PARAMETERS]):
            worked = _fitting(f" = {_pretty(written(self._slopes[j], _numbers(self._letters, now.w)))}")
            found.append(f"∂f/∂{name}{worked[0] if worked else ''} = {now.gradient[j]!r}")
        return found


def _numbers(letters: Sequence[str], values: Sequence[float]) -> dict[str, str]:
    return {letter: short(value, inside=True) for letter, value in zip(letters, values, strict=True)}


def _fitting(text: str) -> list[str]:
    """A formula that somebody would read."""
    return [text] if len(text) <= _LONGEST else []


def _pretty(text: str) -> str:
    return re.sub(r"(\d)\.0\b", r"\1", text.replace(" * ", " · ").replace(" - ", " − "))


def _below(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


class OnRows:
    """A model and a cost on rows of data."""

    def __init__(self, spec: Spec, table: Table, features: Sequence[str], classes: Sequence[str] = ()) -> None:
        self._spec = spec
        self._table, outputs = prepare(spec["cost"], table)
        penalty = spec.get("penalty", {"none": {}})
        self._definition = define(spec["model"], spec["cost"], table.features, penalty, outputs)
        scored = [*classes[:outputs], *map(str, range(len(classes), outputs))] if outputs > 1 else [""]
        named = parameter_names(spec["model"], features, scored)
        self.names: Sequence[str] = [name.text for name in named]

    @property
    def _simple(self) -> bool:
        """Whether a row has one score, affine in what the parameters multiply."""
        return self._definition.terms is not None and self._definition.outputs == 1

    @property
    def _bias(self) -> bool:
        return self._definition.terms is not None and self._definition.terms.bias

    def cost(self) -> list[str]:
        n = count(len(self._table.rows))
        penalty = self._spec.get("penalty", {"none": {}})
        more = [] if "none" in penalty else [f"penalty  {said('penalty', self._spec)}"]
        return [
            f"model    {said('model', self._spec)}",
            f"cost     {said('cost', self._spec)}",
            *more,
            f"f(w) is the mean of the cost over {n} rows{', plus the penalty' if more else ''}.",
        ]

    def gradient(self) -> list[str]:
        if not self._simple:
            return []
        point = traced_pointwise(self._definition)
        slope = written(point.slopes[0], {point.z[0].label: "z", point.y[0].label: "y"})
        front = "" if point.factor == 1.0 else f"{figure(point.factor)} · "
        text = f"∂f/∂wⱼ = (1/n) Σ {front}s xⱼ, where s = {_pretty(slope)}"
        text += "; for the bias xⱼ = 1" if self._bias else ""
        return _fitting(text)

    def cost_at(self, now: Iterate) -> list[str]:
        if not self._simple:
            return []
        found = []
        for number, row in enumerate(self._table.rows[:ROWS], start=1):
            x, y = self._point(row)
            z = scores(now.w, x, 1)
            assert isinstance(z, float)
            products = [f"{short(w)} · {short(x_j, inside=True)}" for w, x_j in zip(now.w, x, strict=True)]
            if self._bias:
                products[-1] = short(now.w[-1], inside=True)
            score = " + ".join(products)
            cost, _ = pointwise_of(self._definition).cost_and_slopes(z, y)
            of = score if len(score) <= _LONGEST // 4 else "w · x + b" if self._bias else "w · x"
            found.append(f"row {number}: z = {of} = {short(z)}; y = {short(y)}; cost {short(cost)}")
        left = len(self._table.rows) - ROWS
        return [*found, *([f"… and {count(left)} more rows"] if left > 0 else [])]

    def gradient_at(self, now: Iterate) -> list[str]:
        terms = self._terms(now) if self._simple else []
        found = []
        for j, name in enumerate(self.names[:PARAMETERS]):
            worked = f" = {terms[j]}{self._of_penalty(j, now.w[j])}" if terms else ""
            found.append(f"∂f/∂{name}{worked} = {now.gradient[j]!r}")
        left = len(self.names) - PARAMETERS
        return [*found, *([f"… and {count(left)} more parameters"] if left > 0 else [])]

    def _of_penalty(self, j: int, w_j: float) -> str:
        """What the penalty adds to a slope; at a kink a proximal step sees the least that there is."""
        penalty = self._spec.get("penalty", {"none": {}})
        added = strengths(penalty)
        if "none" in penalty or j not in penalised(penalty, self._definition.shape):
            return ""
        if added is None:
            return " + ∂penalty"
        squared = f" + {figure(added.l2)} · {short(w_j, inside=True)}" if added.l2 else ""
        if not added.l1:
            return squared
        if w_j:
            return f"{squared} {'+' if w_j > 0.0 else '−'} {figure(added.l1)}"
        if optimizer_facts(self._spec["optimizer"]).proximal:
            return f"{squared}, drawn towards 0 by up to {figure(added.l1)},"
        return squared

    def _terms(self, now: Iterate) -> list[str]:
        """For each parameter the sum that its slope is, the first rows written out."""
        pointwise, n = pointwise_of(self._definition), len(self._table.rows)
        slopes = []
        for row in self._table.rows[:ROWS]:
            x, y = self._point(row)
            slopes.append((pointwise.cost_and_slopes(scores(now.w, x, 1), y)[1][0], x))
        more = " + …" if n > ROWS else ""
        front = f"{figure(pointwise.factor)}/{count(n)}"
        return [
            f"{front} · ("
            + " + ".join(f"{short(s, inside=True)} · {short(x[j], inside=True)}" for s, x in slopes)
            + f"{more})"
            for j in range(min(len(self.names), PARAMETERS))
        ]

    def _point(self, row: Row) -> tuple[list[float], float]:
        terms = self._definition.terms
        assert terms is not None
        return terms(row[: self._definition.features]), row[self._definition.features]
