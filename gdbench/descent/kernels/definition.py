"""A problem's definition: model, cost and penalty as plain arithmetic, whatever the scalars are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable, List, Mapping, Sequence, Tuple

from gdbench.descent.costs import COSTS
from gdbench.descent.models import MODELS
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.problems.shape import Layer, Shape
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Choice, Entry, find

NO_PENALTY: Choice = {"none": {}}

#: How a mean of the targets becomes a score, by cost or else by the model's response.
_LINKS_OF_COSTS = {
    "logistic": "logit",
    "squared_hinge": "",
    "hinge": "",
    "poisson": "log",
    "softmax": "softmax",
}
_LINKS_OF_MODELS = {"logistic": "logit", "poisson": "log"}


@dataclass(frozen=True)
class Definition:
    """The mean over the rows of pointwise(score(w, x), y), plus penalty(w).

    score: (w, x) → the model's score, a list of them where `outputs` > 1.
    pointwise: (score, y) → the row's cost; y is a list where `outputs` > 1.
    penalty: w → what is added once.  basis: x → what an affine score is affine in, else None.
    made_of: the functions behind the names, which a plug-in that is loaded anew may replace.
    Two definitions of the same name, shape and functions are the same, so that compiling can be remembered.
    """

    name: str
    features: int
    outputs: int
    shape: Shape = field(compare=False)
    score: Callable[[Sequence[Any], Sequence[Any]], Any] = field(compare=False)
    pointwise: Callable[[Any, Any], Any] = field(compare=False)
    penalty: Callable[[Sequence[Any]], Any] = field(compare=False)
    basis: Callable[[Sequence[Any]], List[Any]] | None = field(compare=False, default=None)
    made_of: Tuple[Callable[..., Any], ...] = ()

    @property
    def size(self) -> int:
        """p, the number of parameters."""
        return self.shape.size

    def cost_of_row(self, w: Sequence[Any], x: Sequence[Any], y: Any) -> Any:
        return self.pointwise(self.score(w, x), y)

    def target(self, row: Sequence[Any]) -> Any:
        """y of a row as `pointwise` takes it."""
        return row[self.features] if self.outputs == 1 else row[self.features :]


def define(
    model: Choice, cost: Choice, features: int, penalty: Choice = NO_PENALTY, outputs: int = 1
) -> Definition:
    """The definition for choices in config form, such as {"linear": {}} and {"mse": {}}."""
    model_entry, model_parameters = find(MODELS, model)
    cost_entry, cost_parameters = find(COSTS, cost)
    on_row = partial(cost_entry.function, **cost_parameters)
    respond = model_entry.facts["response"] if cost_entry.facts["on"] == "response" else None
    shape = _shape(model_entry, model_parameters, features, outputs)
    basis = model_entry.facts.get("basis")
    return Definition(
        name=json.dumps([model, cost, penalty], sort_keys=True),
        features=features,
        outputs=outputs,
        shape=shape._replace(link=_link(model_entry.name, cost_entry.name)),
        score=partial(model_entry.function, outputs=outputs, **model_parameters),
        pointwise=on_row if respond is None else lambda z, y: on_row(respond(z), y),
        penalty=_penalty(penalty, shape),
        basis=partial(basis, **model_parameters) if basis else None,
        made_of=(model_entry.function, cost_entry.function, find(PENALTIES, penalty)[0].function),
    )


def _link(model: str, cost: str) -> str:
    return _LINKS_OF_COSTS.get(cost, _LINKS_OF_MODELS.get(model, "identity"))


def prepare(cost: Choice, table: Table) -> Tuple[Table, int]:
    """The table as the cost wants it, and the number of outputs: classes become one column each."""
    ((name, _),) = cost.items()
    if COSTS[name].facts.get("targets") != "classes" or table.targets > 1:
        return table, table.targets
    count = int(max(row[table.features] for row in table.rows)) + 1
    codes = [tuple(1.0 if k == code else 0.0 for k in range(count)) for code in range(count)]
    rows = [row[: table.features] + codes[int(row[table.features])] for row in table.rows]
    return Table(rows, table.features, count), count


def _shape(entry: Entry[object], parameters: Mapping[str, Any], features: int, outputs: int) -> Shape:
    if "size" in entry.facts:
        return Shape(entry.facts["size"](features, **parameters))
    layers: Tuple[Layer, ...] = entry.facts["layers"](features, outputs, **parameters)
    return Shape(len([i for layer in layers for i in (*layer.weights, *layer.biases)]), layers)


def _penalty(choice: Choice, shape: Shape) -> Callable[[Sequence[Any]], Any]:
    """The penalty on the weights of a model, or on all its parameters where no layer tells them apart."""
    entry, parameters = find(PENALTIES, choice)
    weights = [i for layer in shape.layers for i in layer.weights]
    chosen = weights if shape.layers and not parameters.get("bias") else list(range(shape.size))

    def penalty(w: Sequence[Any]) -> Any:
        return entry.function([w[i] for i in chosen], **parameters)

    return penalty
