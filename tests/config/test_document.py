"""YAML as gdbench reads it: 1.2 scalars, anchors and merges within a budget, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gdbench.config.yaml import nodes
from gdbench.config.yaml.document import plain_document, read_mapping, read_scalar
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.config.yaml.places import ConfigText


def read(text: str) -> Any:
    return plain_document(read_mapping(ConfigText("bad.yaml", text))).value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1.0e-9", 1e-9),
        (".5", 0.5),
        ("-1.", -1.0),
        ("+12", 12),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("+.inf", float("inf")),
        ("-.INF", float("-inf")),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        # text in YAML 1.2, whatever it was in 1.1
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("y", "y"),
        ("1:30", "1:30"),
        ("2024-01-31", "2024-01-31"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("-0x1F", "-0x1F"),
        ("1e", "1e"),
        (".", "."),
        ("nan", "nan"),
        ("inf", "inf"),
        ("١٢", "١٢"),
    ],
)
def test_a_plain_scalar_is_what_yaml_1_2_says(text: str, value: object) -> None:
    result = read_scalar(text)
    assert (type(result), result) == (type(value), value)


def test_not_a_number_is_one_only_with_its_dot() -> None:
    result = read_scalar(".nan")
    assert isinstance(result, float)
    assert result != result


@given(st.floats(allow_nan=False))
def test_a_float_comes_back_bit_for_bit(number: float) -> None:
    text = repr(number).replace("inf", ".inf")
    assert repr(read_scalar(text)) == repr(number)


@given(st.integers(min_value=-(10**300), max_value=10**300))
def test_a_whole_number_comes_back(number: int) -> None:
    assert read_scalar(str(number)) == number


TEXT = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]))  # JSON's \\u without pairs
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
KEYS = st.text("abc", min_size=1)


@given(
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=20,
    )
)
def test_json_reads_as_what_it_says(value: Any) -> None:
    # JSON is YAML 1.2, so Python's own writer and reader of JSON are the oracle
    text = json.dumps({"value": value})
    assert read(text) == {"value": value}


def test_quotes_make_text_of_anything() -> None:
    assert read("{a: '1', b: \"true\", c: ''}") == {"a": "1", "b": "true", "c": ""}


def test_the_tags_of_the_core_schema_are_understood() -> None:
    assert read("{a: !!str 1, b: !!float 1.5, c: !!map {}, d: !!seq []}") == {
        "a": "1",
        "b": 1.5,
        "c": {},
        "d": [],
    }


def test_an_alias_stands_for_its_anchor() -> None:
    assert read("a: &x [1, 2]\nb: *x\n") == {"a": [1, 2], "b": [1, 2]}


def test_a_merge_adds_the_keys_that_are_missing() -> None:
    text = "base: &base {x: 1, y: 2}\nmore: {<<: *base, y: 3}\n"
    assert read(text)["more"] == {"x": 1, "y": 3}


def test_of_several_merged_mappings_the_first_wins() -> None:
    assert read("a: {<<: [{x: 1}, {x: 2, y: 2}]}")["a"] == {"x": 1, "y": 2}


def test_a_merge_of_a_merge_reaches_all_the_way() -> None:
    text = "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n"
    assert read(text)["c"] == {"x": 1, "y": 2}


def test_a_quoted_merge_key_is_a_key() -> None:
    assert read("a: {'<<': 3}") == {"a": {"<<": 3}}


def test_an_alias_bomb_is_refused_where_it_grows_too_large() -> None:
    layers = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    layers += [f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    with pytest.raises(ConfigError, match=r":5:\d+: the config grows beyond 20,000 values"):
        read("\n".join(layers))


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "a: " + "[[" * 50_000])
def test_deep_nesting_is_refused_and_does_not_crash(text: str) -> None:
    with pytest.raises(ConfigError, match="nested more than 50 levels deep"):
        read(text)


def test_aliases_cannot_stack_up_to_a_deep_nesting() -> None:
    layers = ["a0: &a0 " + "[" * 20 + "]" * 20]
    layers += [f"a{i}: &a{i} " + "[" * 20 + f"*a{i - 1}" + "]" * 20 for i in (1, 2, 3)]
    with pytest.raises(ConfigError, match=r":3:.* nested more than 50 levels deep"):
        read("\n".join(layers))


def test_values_know_their_places_through_lists_and_aliases() -> None:
    places = plain_document(read_mapping(ConfigText("f", "a: &x [1, 2]\nb: {c: *x}\n"))).places
    assert str(places.value(("b", "c", 1)).mistake("!")) == "f:1:11: !"
    assert str(places.key(("b", "c")).mistake("!")) == "f:2:5: !"


def test_a_path_that_leads_nowhere_finds_the_deepest_part_that_exists() -> None:
    places = plain_document(read_mapping(ConfigText("f", "grid: {cost: mse}\n"))).places
    assert str(places.value(("grid", "cost", 0, "delta")).mistake("!")) == "f:1:14: !"
    assert str(places.key(("grid", "model")).mistake("!")) == "f:1:1: !"


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "a: b: c",
        "a:\n\tb: 1",
        'a: "b',
        "a: *x",
        "a: [" + "[" * 60,
        "a: 1\na: 2",
        "a: !!x 1",
        "a: @b",
        "}",
    ],
)
def test_without_libyaml_the_same_mistakes_are_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    with pytest.raises(ConfigError) as with_libyaml:
        read(text)
    monkeypatch.setattr(nodes, "_Loader", yaml.SafeLoader)
    with pytest.raises(ConfigError) as without:
        read(text)
    assert str(without.value) == str(with_libyaml.value)
