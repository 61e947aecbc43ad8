"""The schema for editors: it takes every shipped config, refuses what it can, and is what is committed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gdbench.config.yaml.document import plain_document, read_mapping
from gdbench.config.yaml.places import ConfigText
from gdbench.config.yaml.reading import read_text
from gdbench.plugins.choices import REGISTRIES
from gdbench.plugins.loading import plugin_of
from tests.cli.shell import gdbench

CONFIGS = Path(__file__).parents[2] / "configs"
PLUGINS = sorted(path.name for path in (CONFIGS / "plugins").glob("*.py"))
EXAMPLES = tuple(word for name in PLUGINS for word in ("--plugin", f"configs/plugins/{name}"))
SHIPPED = sorted(CONFIGS.glob("*.yaml"))

RIGHT = "{name: a, data: {dataset: iris}, grid: {model: linear, cost: mse, learning_rate: %s, convergence: %s}}"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((CONFIGS / "schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def value_of(text: str) -> Any:
    return plain_document(read_mapping(ConfigText("config.yaml", text))).value


@pytest.mark.parametrize(
    ("plugins", "committed"),
    [((), "schema.json"), (EXAMPLES, "plugins/schema.json")],
    ids=["gdbench's own", "with a plug-in"],
)
def test_the_committed_schema_is_the_one_that_the_code_makes(plugins: tuple[str, ...], committed: str) -> None:
    # in a process of its own: other tests register plug-ins in this one
    made = gdbench("schema", *plugins, PYTHONUTF8="1").stdout
    assert (CONFIGS / committed).read_text(encoding="utf-8") == made
    assert ('"pseudo_huber"' in made) == bool(plugins)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_config_names_its_schema_and_is_valid(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    [named] = re.findall(r"^# yaml-language-server: \$schema=(.+)$", text, re.MULTILINE)
    schema = json.loads((path.parent / named).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(plain_document(read_mapping(read_text(path))).value)


def test_every_choice_and_every_parameter_is_described(validator: jsonschema.Draft202012Validator) -> None:
    text = json.dumps(validator.schema, ensure_ascii=False)
    for registry in REGISTRIES:
        for entry in (entry for entry in registry if plugin_of(entry.kind, entry.name) is None):
            assert f'"{entry.name}"' in text
            assert json.dumps(entry.summary, ensure_ascii=False) in text
            assert all(f'"{parameter.name}"' in text for parameter in entry.parameters)


@pytest.mark.parametrize(
    "rate",
    [
        "0.1",
        "[0.1, {linspace: [0.1, 1, 3]}]",
        "{per_decade: [1e-4, 1, 3]}",
        "{over_L: [0.5, 1]}",
        "backtracking",
        "{values: [1, 2], when: {cost: [mse, mae], learning_rate: {above: 1}}}",
    ],
)
def test_what_the_language_allows_is_valid(validator: jsonschema.Draft202012Validator, rate: str) -> None:
    validator.validate(value_of(RIGHT % (rate, "{any: [{ftol: 1e-9}, {max_iterations: 9}]}")))


def test_a_config_that_extends_another_may_leave_anything_to_it(
    validator: jsonschema.Draft202012Validator,
) -> None:
    validator.validate(value_of("{extends: base.yaml, timeout: 2 min}"))
    validator.validate(value_of("{extends: base.yaml, grid: {cost: mae, exclude: {model: {not: linear}}}}"))


@pytest.mark.parametrize(
    "text",
    [
        "{data: {dataset: iris}}",
        RIGHT % ("abc", "{max_iterations: 9}"),
        RIGHT % ("-1", "{max_iterations: 9}"),
        RIGHT % ("{linspace: [0.1, 1]}", "{max_iterations: 9}"),
        RIGHT % ("{constnat: 1}", "{max_iterations: 9}"),
        RIGHT % ("0.1", "{max_iterations: 0}"),
        RIGHT % ("0.1", "{any: []}"),
        (RIGHT % ("0.1", "{max_iterations: 9}")).replace("mse", "mes"),
        (RIGHT % ("0.1", "{max_iterations: 9}")).replace("dataset: iris", "dataset: irsi"),
        (RIGHT % ("0.1", "{max_iterations: 9}")).replace("model: linear", "model: {mlp: {hiden: 3}}"),
        (RIGHT % ("0.1", "{max_iterations: 9}")).replace("name: a", "name: a, repeats: 0"),
        (RIGHT % ("0.1", "{max_iterations: 9}")).replace("name: a", "name: a, timeout: 1h30"),
        (RIGHT % ("0.1", "{max_iterations: 9}")).replace("name: a", "name: a, sed: 0"),
    ],
)
def test_what_an_editor_can_see_is_refused(validator: jsonschema.Draft202012Validator, text: str) -> None:
    assert not validator.is_valid(value_of(text))
