"""The printed loop is `descend`: the same result, curve, evidence and counts, bit for bit."""

import subprocess
from pathlib import Path

import pytest

from gdbench.descent.loop.text import Form, source
from gdbench.descent.loop.update import structure_of, traced_step
from gdbench.descent.optimizers import OPTIMIZERS, optimizer_of
from tests.descent.loops import KNOWN, both_ways, jobs
from tests.descent.problems import spec, table
from tests.interpreters import find

ROOT = Path(__file__).parents[2]


def test_the_printed_loop_gives_what_descend_gives_bit_for_bit():
    printed = 0
    for job in jobs():
        ours, theirs, was_printed = both_ways(job)
        assert ours == theirs, job[0]
        printed += was_printed
    assert printed > 90


def test_the_same_under_pypy():
    interpreter = find("pypy3")
    if interpreter is None:
        pytest.skip("no working pypy3 on this machine")
    done = subprocess.run(
        [interpreter, "-S", "-m", "tests.descent.loops"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "compared\n"), done.stderr


def printed(**changes):
    """Whether a run with these choices has a printed loop."""
    job = spec(**{"convergence": {"max_iterations": {"limit": 5}}, **changes}), table(), KNOWN
    return both_ways(job)[2]


@pytest.mark.parametrize(
    "rule",
    [
        {"gradient_norm": {"tolerance": 1e3}},
        {"gradient_norm": {"tolerance": 1.0, "relative": True, "patience": 2}},
        {"gradient_norm": {"tolerance": 1e3, "norm": "inf"}},
        {"max_seconds": {"limit": 1e-9}},
        {"cost_change": {"tolerance": 1e3}},
        {"relative_cost_change": {"tolerance": 1e3}},
        {"ftol": {"tolerance": 1e3, "patience": 3}},
        {"target": {"cost": 1e3}},
        {"target": {"gap": 1e3}},
        {"any": [{"max_iterations": {"limit": 9}}, {"all": [{"target": {"cost": 1e3}}]}]},
    ],
)
def test_a_rule_that_says_when_it_might_hold_is_printed_into_the_loop(rule):
    assert printed(convergence=rule)


@pytest.mark.parametrize(
    "changes",
    [
        {"convergence": {"any": [{"no_improvement": {"patience": 2}}, {"max_iterations": {"limit": 5}}]}},
        {"convergence": {"any": [{"parameter_change": {"tolerance": 1.0}}]}},
        {
            "convergence": {"cost_change": {"tolerance": 1e3, "patience": 9}}
        },  # wants more iterates than are kept
        {"learning_rate": {"backtracking": {}}},
        {"gradient": {"central": {}}},
        {"batch_size": {"rows": {"size": 4}}},
        {"watch": {"soon": {"max_iterations": {"limit": 3}}}},
    ],
)
def test_what_says_nothing_of_the_kind_takes_the_readable_loop(changes):
    assert not printed(**changes)


@pytest.mark.parametrize(
    ("optimizer", "line"),
    [
        ({"gradient_descent": {}}, "w0, w1 = w = [w0 - rate * g0, w1 - rate * g1]"),
        (
            {"heavy_ball": {"beta": 0.5}},
            "w0, w1 = w = [w0 - rate * g0 + 0.5 * (w0 - s0), w1 - rate * g1 + 0.5 * (w1 - s1)]",
        ),
    ],
)
def test_an_update_is_traced_and_reads_like_its_formula(optimizer, line):
    method = optimizer_of(optimizer)
    step = traced_step(method, 2)
    assert line in step.lines
    assert line in source(Form(2, "unknown", True, step, "norm <= {0}", 1))


def test_momentum_is_traced_from_the_second_step_on_when_there_is_some():
    method = optimizer_of({"gradient_descent": {"momentum": 0.9}})
    step = traced_step(method, 1)
    assert (structure_of(None), step.structure, step.numbers) == (None, 1, 1)


def test_an_update_that_branches_on_numbers_is_called_instead():
    for name in ("lion", "rprop", "adagrad", "adam"):
        method = OPTIMIZERS[name].function()
        assert traced_step(method, 1) is None, name


def test_equal_choices_share_an_optimizer_only_where_nothing_can_happen_in_it():
    assert optimizer_of({"heavy_ball": {"beta": 0.5}}) is optimizer_of({"heavy_ball": {"beta": 0.5}})
    assert optimizer_of({"adam": {}}) is not optimizer_of({"adam": {}})
