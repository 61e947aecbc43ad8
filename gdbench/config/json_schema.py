"""The config language as JSON Schema (2020-12), so that editors complete it and check it while one types.

The settings come from the models that check them, the names and parameters from the registries, plug-ins
included. It is the looser of the two checks: what keys mean together, only gdbench knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gdbench.config.expectations import expectation_schema
from gdbench.config.grid.axes import AXES, Axis
from gdbench.config.grid.choice import plain
from gdbench.config.grid.conditions import COMPARISONS, DATA
from gdbench.config.grid.ranges import EXAMPLES as RANGE_EXAMPLES
from gdbench.config.grid.spans import EXAMPLES as SPAN_EXAMPLES
from gdbench.config.shapes import ConfigShape
from gdbench.data.bundled import BUNDLED, SCIKIT_LEARN
from gdbench.data.held_out import held_out_parameters
from gdbench.data.perturbation import perturbation_parameters
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.stopping import STOPPING_RULES
from gdbench.descent.synthetic import GENERATORS

if TYPE_CHECKING:
    from gdbench.descent.registry import Entry, Parameter, Registry

Schema = dict[str, Any]

TITLE = "gdbench config"

_DESCRIPTIONS = {
    "surface": "a test function that is minimised as it is, without data",
    "model": "what predicts: step 1",
    "cost": "what is minimised: step 1",
    "penalty": "what is added to the cost, to keep parameters small",
    "gradient": "how the slope is found: step 3",
    "optimizer": "how a step is made from the gradient: step 4",
    "learning_rate": "how far a step goes: a number, a schedule or a line search",
    "initialization": "where the descent begins: step 2",
    "batch_size": "rows in each gradient: full, or a number",
    "clipping": "a bound on the gradient",
    "weight_decay": "shrinking parameters in each step, beside any optimizer: a number, or none",
    "average": "an average of iterates beside any optimizer, which the run then answers with",
    "convergence": "when a run ends: step 5; it must bound the iterations",
    "kernel": "how cost and gradient are computed",
    "zip": "axes that move together: lists of equal length",
    "exclude": "combinations to leave out",
    "include": "combinations to add: some axes given, the others as in the grid",
}


def config_schema() -> Schema:
    """The schema of a whole config, JSON-plain."""
    schema: Schema = ConfigShape.model_json_schema()
    definitions = schema.pop("$defs")
    source, grid = definitions["SourceShape"], definitions["GridShape"]
    _fill_source(source["properties"])
    grid["properties"] = _grid()
    for definition in (*definitions.values(), schema):
        _without_empty_defaults(definition["properties"])
        definition.pop("title", None)
    properties = schema["properties"]
    _refill(properties, "data", _one_or_more({"$ref": "#/$defs/SourceShape"}))
    _refill(properties, "plugins", _one_or_more({"type": "string"}))
    one_target = {"anyOf": [properties["targets"].get("items", {}), {"$ref": "#/$defs/range"}]}
    _refill(properties, "targets", _one_or_more(one_target))
    name = properties["compare"]["items"]
    _refill(properties, "compare", _one_or_more(name))
    _refill(properties, "tune", {"anyOf": [name, {"type": "array", "items": name}]})
    _refill(properties, "expect", _one_or_more({"$ref": "#/$defs/expectation"}))
    _refill(properties, "watch", _one_or_more({"$ref": "#/$defs/rule"}))
    _refill(properties, "audit", _choice(GRADIENTS))
    about = "another config, which this one says the differences to"
    properties["extends"] = {"type": "string", "description": about}
    schema.pop("required")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": TITLE,
        "description": "What gdbench runs: one experiment.",
        # a config that extends another may leave anything to it
        "if": {"not": {"required": ["extends"]}},
        "then": {
            "required": ["name", "grid"],
            "properties": {
                "grid": {"anyOf": [{"required": ["learning_rate", "convergence"]}, {"required": ["zip"]}]}
            },
        },
        "$defs": {**definitions, **_definitions()},
    }


def text_of(schema: Schema) -> str:
    """As it is written into a file: a line for each key and each definition, so that changes can be read."""
    return (
        _lines({**schema, "$defs": None}).replace('"$defs": null', f'"$defs": {_lines(schema["$defs"])}') + "\n"
    )


def _lines(content: Schema) -> str:
    rows = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in content.items())
    return "{\n" + ",\n".join(rows) + "\n}"


# --- what stands under a key


def _fill_source(properties: Schema) -> None:
    names = [{"const": name, "description": known.summary} for name, known in SCIKIT_LEARN.items()]
    nist = [name for name in BUNDLED if name not in SCIKIT_LEARN]
    properties["dataset"] |= {"anyOf": [*names, {"enum": nist, "description": "a reference set of NIST"}]}
    properties["dataset"].pop("type", None)
    properties["synthetic"] |= _choice(GENERATORS)
    for key in ("features", "names", "columns", "drop"):
        _refill(properties, key, _one_or_more({"type": "string"}))
    _refill(properties, "missing_values", _one_or_more({"type": ["string", "number"]}))
    properties["perturb"] |= _options(perturbation_parameters())
    fraction, *_ = held_out_parameters()
    properties["test"] |= {"anyOf": [dict(fraction.domain.schema), _options(held_out_parameters())]}


def _options(parameters: Iterable[Parameter]) -> Schema:
    """A mapping of these, each of them optional."""
    return {
        "type": "object",
        "properties": {parameter.name: dict(parameter.domain.schema) for parameter in parameters},
        "additionalProperties": False,
    }


def _grid() -> Schema:
    axes = {axis.name: {"$ref": f"#/$defs/{axis.name}"} for axis in AXES}
    listed = {
        "type": "object",
        "properties": {name: {"type": ["array", "object"]} for name in axes},
        "additionalProperties": False,
        "minProperties": 2,
    }
    given = {"type": "object", "properties": axes, "additionalProperties": False, "minProperties": 1}
    rest = {
        "zip": _one_or_more(listed),
        "exclude": _one_or_more({"$ref": "#/$defs/condition"}),
        "include": _one_or_more(given),
    }
    return {name: content | {"description": _DESCRIPTIONS[name]} for name, content in {**axes, **rest}.items()}


def _definitions() -> Schema:
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3}
    ends = numbers | {"minItems": 2, "maxItems": 2}
    tests = {axis.name: {"$ref": f"#/$defs/{axis.name}_test"} for axis in AXES}
    return {
        "range": {
            "type": "object",
            "description": "numbers, both ends included",
            "properties": {
                **{name: numbers | {"description": said} for name, said in RANGE_EXAMPLES.items()},
                **{
                    name: ends | {"description": f"for a sample: {said}"}
                    for name, said in SPAN_EXAMPLES.items()
                },
            },
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        },
        "rule": _rule(),
        "expectation": expectation_schema(_one_or_more),
        "condition": {
            "type": "object",
            "description": "all of its axes must match; of several values on one, one is enough",
            "properties": {**tests, DATA: _one_or_more({"type": "string"})},
            "additionalProperties": False,
            "minProperties": 1,
        },
        "comparison": {
            "type": "object",
            "properties": {word: {"type": "number"} for word in COMPARISONS},
            "additionalProperties": False,
            "minProperties": 1,
        },
        **{axis.name: _axis(axis) for axis in AXES},
        **{f"{axis.name}_value": _values(axis) for axis in AXES},
        **{f"{axis.name}_test": _test(axis) for axis in AXES},
    }


def _values(axis: Axis) -> Schema:
    """One value of an axis."""
    if axis.name == "convergence":
        return {"$ref": "#/$defs/rule"}
    more: list[Schema] = [{"const": name} for name in axis.extra]
    if axis.number:
        of = axis.registry[axis.number].parameters[0].domain.schema
        more += [dict(of), {"$ref": "#/$defs/range"}]
    return _choice(axis.registry, more, {entry.name: _parameters(entry) for entry in axis.searches or ()})


def _axis(axis: Axis) -> Schema:
    value = {"$ref": f"#/$defs/{axis.name}_value"}
    block = {
        "type": "object",
        "description": "values that apply where a condition holds",
        "properties": {"values": _one_or_more(value), "when": {"$ref": "#/$defs/condition"}},
        "required": ["values", "when"],
        "additionalProperties": False,
    }
    return {"anyOf": [value, block, {"type": "array", "items": {"anyOf": [value, block]}, "minItems": 1}]}


def _test(axis: Axis) -> Schema:
    """What a condition may ask for on an axis."""
    names = [*axis.registry.names, *axis.extra, *(entry.name for entry in axis.searches or ())]
    one: Schema = {
        "anyOf": [
            {"enum": names},
            *([{"type": "number"}] if axis.number else []),
            {"$ref": "#/$defs/comparison"},
            {
                "type": "object",
                "properties": dict.fromkeys((*names, "not"), True),
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            },
        ]
    }
    return _one_or_more(one)


def _rule() -> Schema:
    several = {"type": "array", "items": {"$ref": "#/$defs/rule"}, "minItems": 1}
    combined = {
        "any": several | {"description": "ends a run as soon as one of them fires"},
        "all": several | {"description": "ends a run once all of them have fired"},
    }
    return _choice(STOPPING_RULES, names=combined)


# --- names with parameters


def _choice(
    registry: Registry[object], more: Iterable[Schema] = (), names: Mapping[str, Schema] | None = None
) -> Schema:
    """A name alone, or {name: parameters}; `more` beside them, and more `names` of the second kind."""
    alone = [
        {"const": entry.name, "description": entry.summary}
        for entry in registry
        if not any(parameter.required for parameter in entry.parameters)
    ]
    given = {
        "type": "object",
        "properties": {**{entry.name: _parameters(entry) for entry in registry}, **(names or {})},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [*alone, given, *more]}


def _parameters(entry: Entry[object]) -> Schema:
    whole = {
        "type": "object",
        "properties": {parameter.name: _parameter(parameter) for parameter in entry.parameters},
        "required": [parameter.name for parameter in entry.parameters if parameter.required],
        "additionalProperties": False,
    }
    # the value alone is the first one's
    first = [way for parameter in entry.parameters[:1] for way in _parameter(parameter)["anyOf"]]
    return {"description": entry.summary, "anyOf": [whole, *first, {"type": "null"}]}


def _parameter(parameter: Parameter) -> Schema:
    """A value, several as an axis, or a range of numbers; of a parameter that is a list, a list of lists."""
    value = dict(parameter.domain.schema)
    ways: list[Schema] = [value, {"type": "array", "items": {} if parameter.domain.sequence else value}]
    if '"number"' in json.dumps(value) or '"integer"' in json.dumps(value):
        ways.append({"$ref": "#/$defs/range"})
    default = {} if parameter.required else {"default": plain(parameter.default)}
    return {"description": parameter.domain.expected, "anyOf": ways, **default}


def _one_or_more(value: Schema) -> Schema:
    return {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}


def _refill(properties: Schema, key: str, content: Schema) -> None:
    """What a key may hold, more exactly than its model says, under the model's description."""
    properties[key] = content | {"description": properties[key]["description"]}


def _without_empty_defaults(properties: Schema) -> None:
    for content in properties.values():
        content.pop("title", None)
        if content.get("default") in ("", None, [], {}):
            content.pop("default", None)
