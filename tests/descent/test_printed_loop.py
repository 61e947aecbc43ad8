"""The printed loop is `descend`: the same result, curve, evidence and counts, bit for bit."""

import math
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.descend import descend
from gdbench.descent.diagnosis.trail import Trail
from gdbench.descent.iterate import Landscape
from gdbench.descent.learning_rates import always
from gdbench.descent.loop.printed import descend_printed, printable
from gdbench.descent.loop.text import Form, source
from gdbench.descent.loop.update import structure_of, traced_step
from gdbench.descent.optimizers import OPTIMIZERS, gradient_descent, optimizer_of
from gdbench.descent.problems.objective import Count, Objective, with_gaps
from gdbench.descent.recording.recorder import Recorder
from gdbench.descent.stopping import build_rule
from gdbench.descent.stopping.divergence import divergence
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


def one(name, **parameters):
    """A rule in config form with parameters drawn from these."""
    return st.fixed_dictionaries({name: st.fixed_dictionaries(parameters)})


TOLERANCES, PATIENCE = st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.integers(1, 5)
LEAVES = st.one_of(
    one("cost_change", tolerance=TOLERANCES, patience=PATIENCE),
    one("relative_cost_change", tolerance=TOLERANCES, patience=PATIENCE),
    one("ftol", tolerance=TOLERANCES, patience=PATIENCE),
    one("target", cost=st.sampled_from([1.0, 1.5]), patience=PATIENCE),
    one("target", gap=st.sampled_from([0.0, 0.3]), patience=PATIENCE),
    one("max_iterations", limit=st.integers(1, 25)),
)


def combined(rules):
    some = st.lists(rules, min_size=1, max_size=3)
    return st.one_of(st.fixed_dictionaries({"any": some}), st.fixed_dictionaries({"all": some}))


TREES = st.recursive(LEAVES, combined, max_leaves=5)
COSTS = st.lists(st.sampled_from([1.0, 1.05, 1.5, 2.0, 3.0, 1e7, math.nan]), min_size=2, max_size=30)


@given(costs=COSTS, tree=TREES)
def test_whatever_the_costs_and_the_rules_both_loops_end_with_the_same_verdict(costs, tree):
    # a walk on the whole numbers, where the cost is what the list says
    def walk(w):
        return costs[int(w[0])], [-1.0]

    objective = Objective(lambda w: walk(w)[0], walk, 1, 3)
    rule = build_rule({"any": [tree, {"max_iterations": {"limit": len(costs) - 1}}]})
    landscape = Landscape(walk, optimum=1.0, baseline=3.0)
    thresholds = {"a": 1.0, "b": 0.5, "c": 0.0}

    def parts():
        return (
            gradient_descent(),
            always(1.0)(landscape),
            divergence(1e6).watch(landscape),
            rule.watch(landscape),
        )

    recorder, trail, count = Recorder(thresholds), Trail(), Count()

    def see(now):
        recorder.see(now)
        trail.see(now)

    counted = count.counted(objective)
    evaluate = with_gaps(counted.cost_and_gradient, counted, 1.0)
    end, verdict = descend(evaluate, [0.0], *parts(), see)
    recorder_too, trail_too, count_too = Recorder(thresholds, spent=Count().so_far), Trail(), Count()
    run = printable(objective, 1.0, [0.0], *parts())
    end_too, verdict_too = descend_printed(run, [0.0], recorder_too, trail_too, count_too)
    assert (repr(end_too), verdict_too) == (repr(end), verdict)
    assert repr(trail_too.steps) == repr(trail.steps)
    assert recorder_too.curve() == recorder.curve()
    assert (recorder_too.best, recorder_too.last) == (recorder.best, recorder.last)
    assert recorder_too.iterations_to == recorder.iterations_to
    assert count_too.so_far() == count.so_far()


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
        {"max_evaluations": {"limit": 7}},
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
