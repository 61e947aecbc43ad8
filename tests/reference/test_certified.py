"""A certified optimum is claimed for the certified problem, however it is written, and for no other."""

import pytest

from gdbench.data.data import load
from gdbench.data.nist import NIST
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.reference.certified import certified_optimum
from gdbench.reference.problem import Problem
from gdbench.reference.problem_records import problem_record
from tests.oracle_data import Source

NONLINEAR = [name for name, known in NIST.items() if known.degree is None and known.response == "y"]


def optimum_of(name, model, cost="mse", **source):
    dataset = load(Source(name, **source))
    spec = {"model": model, "cost": {cost: {}}, "penalty": {"none": {}}, "kernel": {"compiled": {}}}
    return certified_optimum(
        dataset.name, spec, build_problem(spec, dataset.table, ProblemConstants()).objective
    )


@pytest.mark.parametrize("name", NONLINEAR)
def test_nists_own_model_has_the_certified_optimum(name):
    optimum = optimum_of(name, NIST[name].model)
    known = NIST[name].residual_sum_of_squares / len(NIST[name].y)
    if known < 1e-18:
        # Lanczos1 and others fit to the last digit: eleven digits of the parameters do not confirm the cost
        assert optimum is None or optimum.cost == known
    else:
        assert optimum.kind == "certified"
        assert optimum.cost == known


def test_the_same_formula_written_another_way_is_recognised():
    assert optimum_of("Misra1a", {"formula": {"expression": "b1 - b1 / exp(x * b2)"}}).kind == "certified"


@pytest.mark.parametrize(
    ("model", "cost"),
    [
        ({"formula": {"expression": "b1 * (1 - exp(-b2 * x)) + b2"}}, "mse"),
        ({"linear": {}}, "mse"),
        ({"formula": {"expression": "b1 * (1 - exp(-b2 * x))"}}, "half_mse"),
    ],
)
def test_another_problem_on_the_same_data_is_not_certified(model, cost):
    assert optimum_of("Misra1a", model, cost) is None


def test_standardized_data_are_another_problem():
    assert optimum_of("Misra1a", NIST["Misra1a"].model, standardize=True) is None


@pytest.mark.parametrize("name", [name for name, known in NIST.items() if known.degree is not None])
def test_a_certified_straight_fit_has_the_minimum_that_its_kernel_measures_gaps_from(name):
    dataset = load(Source(name))
    definition = {"model": NIST[name].model, "cost": {"mse": {}}, "penalty": {"none": {}}}
    optimum = problem_record(Problem("id", definition, dataset)).optimum
    spec = {**definition, "kernel": {"centred": {}}}
    objective = build_problem(spec, dataset.table, ProblemConstants()).objective
    assert objective.minimum == optimum.cost
    assert objective.with_gap(list(optimum.parameters))[2] <= 1e-9 * optimum.cost + 1e-28
    certified = NIST[name].residual_sum_of_squares / len(NIST[name].y)
    assert optimum.cost == pytest.approx(certified, rel=1e-9, abs=1e-15)
