"""A step of length zero is no stall while optimizer or schedule may move on by themselves."""

import math

import pytest

from gdbench.descent.execute import execute
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.optimizers import OPTIMIZERS, Optimizer, optimizer_facts
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.theory.rates import forgotten
from gdbench.descent.theory.updates import rests
from tests.descent.problems import spec

SETTLING = [
    {"cost_change": {"tolerance": 1e-12, "patience": 1}},
    {"ftol": {"tolerance": 1e-12, "patience": 1}},
    {"parameter_change": {"tolerance": 1e-12, "relative": False, "patience": 1}},
]
RPROP = {"rprop": {"shrink": 0.5, "grow": 1.2, "smallest": 1e-6, "largest": 50.0}}


def descended(rule, limit=2000, spectrum=(1.0,), **axes):
    surface = {"quadratic": {"spectrum": list(spectrum)}}
    ending = {"any": [rule, {"max_iterations": {"limit": limit}}]}
    chosen = {
        "initialization": {"constant": {"value": 0.5}},
        "surface": surface,
        "convergence": ending,
        "targets": ["1e-3"],
        **axes,
    }
    return execute(spec(**chosen), None, ProblemConstants(0.0, 0.5, 1.0, (), 1.0))


def constant(rate):
    return {"constant": {"rate": rate}}


@pytest.mark.parametrize("rule", SETTLING)
def test_rprop_skips_steps_by_definition_and_arrives(rule):
    """It overshoots at its second step and leaves the third out: at 3 it has only paused."""
    result = descended(rule, optimizer=RPROP, learning_rate=constant(0.7))
    assert result.outcome != "stalled"
    assert result.kept_from["1e-3"] is not None
    assert result.iterations > 20


@pytest.mark.parametrize("rule", SETTLING)
def test_a_step_that_is_lost_in_every_coordinate_is_a_stall_where_nothing_is_remembered(rule):
    result = descended(rule, learning_rate=constant(1e-300))
    assert (result.outcome, result.cause) == ("stalled", "lost_steps")
    assert result.iterations == 1


@pytest.mark.parametrize("rule", SETTLING)
def test_a_rate_that_rises_again_is_waited_for(rule):
    wave = {"cosine": {"rate": 0.1, "period": 10, "lowest": 0.0, "then": "rise", "growth": 1}}
    result = descended(rule, learning_rate=wave)
    assert result.outcome == "converged"
    assert result.final_cost < 1e-6


@pytest.mark.parametrize("rule", SETTLING)
def test_a_rate_that_has_fallen_to_nothing_for_good_is_a_stall(rule):
    fallen = {"polynomial": {"rate": 0.1, "total": 5, "power": 1.0, "lowest": 0.0}}
    result = descended(rule, learning_rate=fallen)
    assert (result.outcome, result.iterations) == ("stalled", 6)


def test_momentum_is_waited_for_until_nothing_is_left_of_it():
    heavy = {"heavy_ball": {"beta": 0.5, "mu": None, "smoothness": None, "theoretical": False}}
    result = descended(SETTLING[0], optimizer=heavy, learning_rate=constant(1e-300))
    assert (result.outcome, result.iterations) == ("stalled", 1 + forgotten(0.5))


def test_a_plug_in_may_move_one_coordinate_at_a_time(monkeypatch):
    """Cyclic coordinate descent: most of its steps lie along coordinates that are at rest already."""

    def init(w):
        return 0

    def update(w, g, turn, rate):
        place = turn % len(w)
        return [
            w_j - rate * g_j if j == place else w_j for j, (w_j, g_j) in enumerate(zip(w, g, strict=True))
        ], turn + 1

    try:
        OPTIMIZERS.register("one_at_a_time")(lambda: Optimizer(init, update))
        result = descended(
            SETTLING[0], spectrum=[0.0, 0.0, 1.0], optimizer={"one_at_a_time": {}}, learning_rate=constant(0.3)
        )
        assert rests({"optimizer": {"one_at_a_time": {}}, "learning_rate": constant(0.3)}) is None
    finally:
        OPTIMIZERS._entries.pop("one_at_a_time")
    assert result.outcome != "stalled"
    assert result.final_cost < 1e-6


def test_what_is_forgotten_is_below_the_last_digit():
    for beta in (0.5, 0.9, 0.999):
        assert beta ** forgotten(beta) <= 2.0**-52 < beta ** (forgotten(beta) - 1)
    assert (forgotten(0.0), forgotten(1.0)) == (0, None)


#: β → 1 never forgets; a sum falls as slowly as it rose; a rate that is being found grows as long as it must;
#: what goes down beside an average may move unseen.
UNKNOWN = {
    "fista",
    "nesterov",
    "optimized_gradient",
    "yogi",
    "prodigy",
    "d_adaptation",
    "d_adapt_adam",
    "schedule_free_sgd",
    "schedule_free_adamw",
}


@pytest.mark.parametrize("name", [entry.name for entry in OPTIMIZERS])
def test_every_optimizer_says_how_long_it_may_rest(name):
    found = optimizer_facts({name: {}}).rests
    assert found is None if name in UNKNOWN else 0 <= found < math.inf


@pytest.mark.parametrize("name", [entry.name for entry in LEARNING_RATES])
def test_every_schedule_says_when_it_is_as_high_again(name):
    facts = LEARNING_RATES[name].facts
    assert any(facts.get(fact) for fact in ("fixed", "search", "whole")) or "rests" in facts
