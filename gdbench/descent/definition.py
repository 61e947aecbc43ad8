"""A problem's definition: model and cost as plain arithmetic, whatever the scalars are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable, Mapping, Sequence

from gdbench.descent.costs import COSTS
from gdbench.descent.models import MODELS

Choice = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Definition:
    """score(w, x), its cost on one row, and the number of parameters.

    score: (w, x) → the model's score.  pointwise: (score, y) → the row's cost.
    size: parameters for d features.  The objective is the mean of pointwise over the rows.
    Two definitions of the same name and shape are the same, so that compiling can be remembered.
    """

    name: str
    size: int
    features: int
    score: Callable[[Sequence[Any], Sequence[Any]], Any] = field(compare=False)
    pointwise: Callable[[Any, Any], Any] = field(compare=False)

    def cost_of_row(self, w: Sequence[Any], x: Sequence[Any], y: Any) -> Any:
        return self.pointwise(self.score(w, x), y)


def define(model: Choice, cost: Choice, features: int) -> Definition:
    """The definition for choices in config form, such as {"linear": {}} and {"mse": {}}."""
    model_entry, model_parameters = find(MODELS, model)
    cost_entry, cost_parameters = find(COSTS, cost)
    on_row = partial(cost_entry.function, **cost_parameters)
    respond = model_entry.facts["response"] if cost_entry.facts["on"] == "response" else None
    return Definition(
        name=json.dumps([model, cost], sort_keys=True),
        size=model_entry.facts["size"](features, **model_parameters),
        features=features,
        score=partial(model_entry.function, **model_parameters),
        pointwise=on_row if respond is None else lambda z, y: on_row(respond(z), y),
    )


def find(registry: Any, choice: Choice) -> Any:
    """(entry, parameters) of a choice in config form; raises UnknownName and BadParameter."""
    ((name, given),) = choice.items()
    entry = registry[name]
    parameters = entry.resolve(given)
    entry.check(parameters)
    return entry, parameters
