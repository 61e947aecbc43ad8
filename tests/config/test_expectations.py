"""`expect:` as it is read: the digits that stand in the file, what agrees with them, each mistake's place."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.config.expectations import span_of
from gdbench.config.experiment import read_experiment
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.planning.plan import make_plan

CONFIG = """\
name: a
grid:
  surface: booth
  learning_rate: [0.01, 0.05]
  convergence: {{max_iterations: 5}}
expect: {expect}
"""


def read(tmp_path, expect):
    return read_experiment(CONFIG.format(expect=expect), tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("written", "asked", "agrees", "differs"),
    [
        ("3.41", {}, [3.405, 3.41, 3.4149999], [3.4049999, 3.4151]),
        ("3.410", {}, [3.4095, 3.4104], [3.4094, 3.4106]),
        ("2.58e5", {}, [257_500, 258_499], [257_499, 258_501]),
        ("55", {}, [54.5, 55.5], [54.4, 55.6]),
        ("3.41421", {"digits": 3}, [3.4099, 3.4191], [3.409, 3.4193]),
        ("-3.630291", {}, [-3.6302914], [-3.6302904, 3.630291]),
        ("2.37", {"truncated": True}, [2.37, 2.3799], [2.3699, 2.38]),
        ("-2.37", {"truncated": True}, [-2.37, -2.3799], [-2.3699, -2.38]),
        ("0.00", {}, [0.004, -0.004], [0.006]),
    ],
)
def test_a_printed_number_agrees_with_what_rounds_to_it(written, asked, agrees, differs):
    span = span_of(written, **asked)
    assert all(map(span.holds, agrees))
    assert not any(map(span.holds, [*differs, float("nan"), float("inf")]))


@given(st.floats(min_value=1e-200, max_value=1e200), st.integers(1, 15))
def test_a_number_agrees_with_itself_as_python_rounds_it(value, digits):
    assert span_of(f"{value:.{digits - 1}e}").holds(value)


def test_the_digits_are_those_that_stand_in_the_file(tmp_path):
    [found] = read(tmp_path, "[{at: 3, cost: 3.410, parameters: {w1: &x 1.0e-3, w2: 2}}]").expect
    cost, first, second = found.claims
    assert (cost.written, first.written, second.written) == ("3.410", "0.001", "2")
    assert cost.span.high - cost.span.low == Fraction(1, 1000)
    assert (found.at, first.name, second.name) == (3, "w1", "w2")


def test_an_interval_has_its_ends_in_it(tmp_path):
    [found] = read(tmp_path, "{iterations: [4, 6]}").expect
    [claim] = found.claims
    assert [claim.span.holds(k) for k in (3, 4, 6, 7)] == [False, True, True, False]


def test_what_is_expected_is_in_no_key_and_in_no_plan(tmp_path):
    plain = make_plan(read_experiment(CONFIG.split("expect", maxsplit=1)[0].format(), tmp_path / "a.yaml"))
    expecting = make_plan(read(tmp_path, "[{cost: 1}]"))
    assert expecting.id == plain.id
    assert [run.key for run in expecting.runs] == [run.key for run in plain.runs]


@pytest.mark.parametrize(
    ("expect", "place", "words"),
    [
        ("[{at: 3, csot: 1}]", "6:18", "no key is called 'csot' in expect. Did you mean cost"),
        ("[{at: 3}]", "6:10", "this expects nothing. Add one of cost"),
        ("[3]", "6:10", "each of 'expect' must be a mapping, not 3"),
        ("{at: -1, cost: 1}", "6:14", "'at' must be a whole number from 0 on, not -1"),
        ("{cost: high}", "6:16", "'cost' must be a number, or an interval as [3.4, 3.5], not 'high'"),
        ("{cost: [2, 1]}", "6:16", "this interval is empty"),
        ("{cost: .inf}", "6:16", "'cost' must be a number"),
        ("{cost: 1, truncated: 3}", "6:30", "'truncated' must be true or false"),
        ("{cost: 1, units: feet}", "6:26", "'units' must be data or fitted, not 'feet'"),
        ("{outcome: convergd}", "6:19", "no outcome is called 'convergd'. Did you mean converged or diverged?"),
        ('{cost: 1, source: "\\e[31m"}', "6:27", "'source' must be text on one line"),
        ("{outcome: 3}", "6:19", "'outcome' must be a word"),
        ("{at: 3, iterations: 5}", "6:29", "'iterations' is of the whole run"),
        ("{where: 3, cost: 1}", "6:17", "'where' must be a mapping, not 3"),
        ("{where: {learning_rate: {over_L: 1}}, cost: 1}", "6:33", "takes what --only takes"),
        ("{where: {learning_rat: 0.01}, cost: 1}", "6:32", "no axis is called 'learning_rat'. Did you mean"),
        (
            "{where: {learning_rate: 0.02}, cost: 1}",
            "6:33",
            "no run is so. Values of learning_rate: 0.01, 0.05",
        ),
        ("{parameters: {w3: 1}}", "6:23", "no parameter is called 'w3'. Known: w1, w2."),
        ("{parameters: 3}", "6:22", "'parameters' must be a mapping"),
    ],
)
def test_a_wrong_expectation_is_told_at_its_place(tmp_path, expect, place, words):
    with pytest.raises(ConfigError) as caught:
        make_plan(read(tmp_path, expect))
    [mistake] = caught.value.mistakes
    assert mistake.place.endswith(f"a.yaml:{place}")
    assert words in mistake.message
