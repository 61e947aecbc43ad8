"""A problem's definition: model, cost and penalty as plain arithmetic, whatever the scalars are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Callable, List, NamedTuple, Protocol, Sequence, Tuple

from gdbench.descent.costs import COSTS, Slope, Target, cost_facts
from gdbench.descent.functions import S, Scalar, dot, hold
from gdbench.descent.models import MODELS, ModelFacts, Score, model_facts
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.problems.shape import Shape
from gdbench.descent.problems.table import Row, Table, as_row
from gdbench.descent.problems.terms import Terms
from gdbench.descent.registry import Choice, find

NO_PENALTY: Choice = {"none": {}}


class Penalty(Protocol):
    """penalty(w), of the kind of w."""

    def __call__(self, w: Sequence[S], /) -> S: ...


class Choices(NamedTuple):
    """What a problem is made of, in config form."""

    model: Choice
    cost: Choice
    penalty: Choice


@dataclass(frozen=True)
class Definition:
    """The mean over the rows of pointwise(score(w, x), y), plus penalty(w).

    score: (w, x) → the model's score, a list of them where `outputs` > 1.
    pointwise: (score, y) → the row's cost; y is a list where `outputs` > 1.
    penalty: w → what is added once.  terms: x → the row that an affine score is w · row of, else None.
    made_of: the functions behind the names, which a plug-in that is loaded anew may replace.
    slope: (prediction, y) → the slope of a row's cost as its author gave it, else None.
    name: the choices as text. Two definitions of the same name, shape and functions are the same, so that
    compiling can be remembered.
    """

    name: str
    features: int
    outputs: int
    choices: Choices = field(compare=False)
    shape: Shape = field(compare=False)
    score: Callable[[Sequence[Scalar], Sequence[Scalar]], Score] = field(compare=False)
    pointwise: Callable[[Score, Score], Any] = field(compare=False)
    penalty: Penalty = field(compare=False)
    terms: Terms | None = field(compare=False, default=None)
    made_of: Tuple[Callable[..., object], ...] = ()
    slope: Slope | None = field(compare=False, default=None)

    @property
    def size(self) -> int:
        """p, the number of parameters."""
        return self.shape.size

    def cost_of_row(self, w: Sequence[S], x: Sequence[Scalar], y: Score) -> S:
        cost: S = self.pointwise(self.score(w, x), y)
        return cost

    def target(self, row: Row) -> float | Row:
        """y of a row as `pointwise` takes it."""
        return row[self.features] if self.outputs == 1 else row[self.features :]


def define(
    model: Choice, cost: Choice, features: int, penalty: Choice = NO_PENALTY, outputs: int = 1
) -> Definition:
    """The definition for choices in config form, such as {"linear": {}} and {"mse": {}}."""
    model_entry, model_parameters = find(MODELS, model)
    cost_entry, cost_parameters = find(COSTS, cost)
    fitted, compared = model_facts(model), cost_facts(cost)
    on_row = partial(cost_entry.function, **cost_parameters)
    respond: Callable[..., Scalar] | None = fitted.response if compared.on == "response" else None
    shape = _shape(fitted, features, outputs)
    return Definition(
        name=json.dumps([model, cost, penalty], sort_keys=True),
        features=features,
        outputs=outputs,
        choices=Choices(model, cost, penalty),
        shape=shape._replace(link=fitted.link if compared.link is None else compared.link),
        score=partial(model_entry.function, outputs=outputs, **model_parameters),
        pointwise=on_row if respond is None else lambda z, y: on_row(respond(z), y),
        penalty=_penalty(penalty, shape),
        terms=fitted.terms,
        made_of=(model_entry.function, cost_entry.function, find(PENALTIES, penalty)[0].function),
        slope=None if compared.gradient is None else _as_given(compared.gradient, respond),
    )


def with_given_slope(definition: Definition) -> Definition:
    """A definition whose derivative goes by the slope that was given: g(p, y) · p, with g held constant."""
    assert definition.slope is not None
    return replace(definition, pointwise=definition.slope, made_of=(*definition.made_of, definition.slope))


def _as_given(slope: Slope, respond: Callable[..., Scalar] | None) -> Slope:
    """(score, y) → what has this slope by the prediction, wherever the tracer differentiates it."""

    def pointwise(score: Target, y: Target) -> Target:
        p = score if respond is None else respond(score)
        if isinstance(p, (list, tuple)):
            return dot([hold(g) for g in slope(p, y)], p)
        return hold(slope(p, y)) * p

    return pointwise


def prepare(cost: Choice, table: Table, outputs: int = 0) -> Tuple[Table, int]:
    """The table as the cost wants it, and the number of outputs: classes become one column each.

    outputs: how many there are, where other rows say so; 0 for as many as are in the table.
    """
    if cost_facts(cost).targets != "classes" or table.targets > 1:
        return table, table.targets
    count = outputs or int(max(row[table.features] for row in table.rows)) + 1
    codes = [[1.0 if k == code else 0.0 for k in range(count)] for code in range(count)]
    rows = [as_row([*row[: table.features], *codes[int(row[table.features])]]) for row in table.rows]
    return Table(rows, table.features, count), count


def _shape(model: ModelFacts, features: int, outputs: int) -> Shape:
    if model.size is not None:
        return Shape(model.size(features))
    assert model.layers is not None
    layers = model.layers(features, outputs)
    return Shape(len([i for layer in layers for i in (*layer.weights, *layer.biases)]), layers)


def penalised(choice: Choice, shape: Shape) -> List[int]:
    """The places of the parameters that a penalty looks at."""
    _, parameters = find(PENALTIES, choice)
    weights = [i for layer in shape.layers for i in layer.weights]
    return weights if shape.layers and not parameters.get("bias") else list(range(shape.size))


def _penalty(choice: Choice, shape: Shape) -> Penalty:
    """The penalty on the weights of a model, or on all its parameters where no layer tells them apart."""
    entry, parameters = find(PENALTIES, choice)
    function: Callable[..., Any] = entry.function
    chosen = penalised(choice, shape)

    def penalty(w: Sequence[S]) -> S:
        value: S = function([w[i] for i in chosen], **parameters)
        return value

    return penalty
