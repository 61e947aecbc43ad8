"""What stands beside an optimizer: averages that a run answers with, slow weights, and weight decay."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from gdbench.descent.execute import execute
from gdbench.descent.optimizers import OPTIMIZERS, adamw, optimizer_facts, optimizer_of
from gdbench.descent.optimizers.beside import AVERAGES, averaged, decayed
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.theory.updates import rests, undisturbed
from gdbench.planning.specs import key_of
from tests.descent.problems import spec as on_data
from tests.descent.problems import table
from tests.descent.test_optimizers import quadratic_gradient, steps

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "averages.json").read_text())
START = ORACLE["problem"]["x0"]
BESIDE = [{"ema": {"decay": 0.9, "start": 3}}, {"polyak": {"start": 5}}]
LOOKAHEAD = {"lookahead": {"steps": 4, "alpha": 0.5}}


def spec(**changed):
    return {
        "surface": {"quadratic": {"spectrum": [0.1, 1.0, 3.0], "seed": 0}},
        "digest": "d",
        "gradient": {"analytic": {}},
        "optimizer": {"gradient_descent": {}},
        "learning_rate": {"constant": {"rate": 0.3}},
        "initialization": {"constant": {"value": 2.0}},
        "clipping": {"none": {}},
        "convergence": {"max_iterations": {"limit": 60}},
        "targets": ["0.01"],
        "divergence": 1e6,
        "seed": 0,
        "replicate": 0,
        **changed,
    }


def ran(**changed):
    return execute(spec(**changed), None, ProblemConstants(optimum=0.0, baseline=1.0))


@pytest.mark.parametrize("one", ORACLE["trajectories"], ids=lambda one: f"{one['average']}-{one['optimizer']}")
def test_averages_and_slow_weights_are_those_of_the_libraries(one) -> None:
    inner = OPTIMIZERS["adam" if one["optimizer"] == "adam" else "gradient_descent"].function()
    optimizer, w = averaged(inner, {"average": {one["average"]: one["setting"]}}), START
    state = optimizer.init(w)
    for theirs, answer in zip(one["params"], one["answers"], strict=True):
        assert w == pytest.approx(theirs, rel=1e-11, abs=1e-12)
        assert optimizer.answer(w, state) == pytest.approx(answer, rel=1e-11, abs=1e-12)
        w, state = optimizer.update(w, quadratic_gradient(w), state, one["given"]["lr"])


@pytest.mark.parametrize("average", BESIDE, ids=str)
def test_an_average_beside_the_steps_changes_no_bit_and_no_work_of_the_run(average) -> None:
    plain, beside = ran(), ran(average=average)
    assert beside.curve.series["cost"] == plain.curve.series["cost"]
    assert (beside.parameters, beside.iterations_to) == (plain.parameters, plain.iterations_to)
    assert beside.cost_evaluations == plain.cost_evaluations
    assert beside.gradient_evaluations == plain.gradient_evaluations
    assert plain.answer is None
    assert beside.answered == beside.answer["parameters"] != beside.parameters


def test_the_cost_of_the_answer_is_a_curve_beside_the_cost() -> None:
    result = ran(average=BESIDE[0])
    series = zip(result.curve.iteration, result.curve.series["answer_cost"], strict=True)
    looked_at = {k: cost for k, cost in series if math.isfinite(cost)}
    assert list(looked_at)[:17] == list(range(17))
    assert looked_at[60] == result.answer["cost"]
    assert result.answer["best_cost"] == min(looked_at.values()) == looked_at[result.answer["best_iteration"]]
    # until the average begins it is the iterate
    assert [looked_at[k] for k in range(4)] == result.curve.series["cost"][:4]
    assert result.answer["gap"] == pytest.approx(result.answer["cost"], rel=1e-12)


def test_the_printed_loop_gives_the_answers_that_the_readable_one_gives(monkeypatch) -> None:
    printed = ran(average=BESIDE[0], optimizer={"adam": {}})
    monkeypatch.setattr("gdbench.descent.execute.printable", lambda *parts: None)
    readable = ran(average=BESIDE[0], optimizer={"adam": {}})
    assert printed.answer == readable.answer
    assert repr(printed.curve.series) == repr(readable.curve.series)


def test_a_run_that_diverges_does_not_answer_with_a_point_of_another_iteration() -> None:
    result = ran(learning_rate={"constant": {"rate": 1e200}}, average=BESIDE[0])
    assert (result.outcome, result.iterations) == ("diverged", 1)
    assert result.answer["cost"] == result.initial_cost  # of the last finite iterate, as the parameters are


@pytest.mark.parametrize(
    "rule", [{}, {"any": [{"test_cost": {"patience": 5}}, {"max_iterations": {"limit": 90}}]}]
)
def test_the_rows_held_out_are_asked_of_the_answer(rule) -> None:
    held_out, average = table(rows=12, seed=1), {"polyak": {"start": 2}}
    job = on_data(average=average, convergence=rule or {"max_iterations": {"limit": 40}})
    result = execute(job, table(), ProblemConstants(), None, held_out)
    there = {"values": {"given": result.answer["parameters"]}}
    at_the_answer = {**on_data(initialization=there), "convergence": {"max_iterations": {"limit": 1}}}
    again = execute(at_the_answer, table(), ProblemConstants(), None, held_out)
    assert result.held_out["cost"] == again.curve.series["test_cost"][0]
    assert result.answer["cost"] == again.curve.series["cost"][0]
    assert (
        result.held_out["cost"]
        != execute({**job, "average": {"none": {}}}, table(), ProblemConstants(), None, held_out).held_out[
            "cost"
        ]
    )


def test_decoupled_decay_beside_adam_is_adamw() -> None:
    ours = decayed(OPTIMIZERS["adam"].function(), {"weight_decay": {"decoupled": {"strength": 0.1}}})
    theirs = adamw(weight_decay=0.1)
    mine, other = (steps(one, quadratic_gradient, START, 0.1, 50) for one in (ours, theirs))
    for a, b in zip(mine, other, strict=True):
        assert a == pytest.approx(b, rel=1e-12, abs=1e-13)


def test_theory_does_not_speak_of_steps_that_are_set_back_or_decay() -> None:
    assert undisturbed(spec())
    assert undisturbed(spec(average=BESIDE[0]))
    for changed in ({"average": LOOKAHEAD}, {"weight_decay": {"decoupled": {"strength": 0.1}}}):
        assert not undisturbed(spec(**changed))
    assert rests(spec(average=LOOKAHEAD)) is None


def test_nothing_beside_an_optimizer_is_the_same_run_as_nothing_said() -> None:
    said = spec(average={"none": {}}, weight_decay={"none": {}})
    assert key_of(said) == key_of(spec()) != key_of(spec(average=BESIDE[0]))
    assert replace(ran(), seconds=0.0) == replace(ran(average={"none": {}}), seconds=0.0)


@pytest.mark.parametrize("name", OPTIMIZERS.names)
def test_the_fact_that_an_optimizer_answers_is_true(name) -> None:
    assert optimizer_facts({name: {}}).answers == (optimizer_of({name: {}}).answer is not None)


@pytest.mark.parametrize("average", [*BESIDE, LOOKAHEAD], ids=str)
def test_an_average_goes_beside_every_optimizer(average) -> None:
    for entry in OPTIMIZERS:
        inner = entry.function(**entry.resolve({}))
        optimizer, w = averaged(inner, {"average": average}), list(START)
        state = optimizer.init(w)
        for _ in range(8):
            w, state = optimizer.update(w, quadratic_gradient(w), state, 0.01, *([1.0] if inner.costed else []))
            assert len(optimizer.answer(w, state)) == len(w)
    assert set(AVERAGES.names) == {"none", "ema", "polyak", "lookahead"}
