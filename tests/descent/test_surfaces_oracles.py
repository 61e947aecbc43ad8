"""The problems of Moré, Garbow & Hillstrom agree with the paper and with two other implementations."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from tests.descent.test_surfaces import length, problem

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "more_garbow_hillstrom.json").read_text())


SHARED = json.loads((Path(__file__).parents[1] / "oracles" / "shared_surfaces.json").read_text())


@pytest.mark.parametrize("name", SHARED["minima"])
def test_minima_of_shared_functions_are_those_that_newton_finds_in_sixty_digits(name):
    surface = problem({"colville": "wood"}.get(name, name), {})
    named = [*([surface.minimum] if surface.minimum else []), *surface.fact("others")]
    assert len(named) == len(SHARED["minima"][name])
    found = sorted(SHARED["minima"][name], key=lambda m: float(m["f"]))
    for (least, w), known in zip(named, found, strict=True):
        assert known["slope"]
        assert least == pytest.approx(float(known["f"]), rel=1e-15, abs=1e-15)
        assert sorted(map(abs, w)) == pytest.approx(sorted(abs(float(v)) for v in known["w"]), rel=1e-15)
    point = [1.25, -0.75, 2.5, 0.5][: surface.size]
    assert surface.cost(point) == pytest.approx(float(SHARED["values"][name]), rel=1e-13)


@pytest.mark.parametrize("name", ORACLE["exact"])
def test_start_value_and_gradient_there_are_those_of_the_paper(name):
    known, surface = ORACLE["exact"][name], problem(name, {})
    assert surface.start == known["x0"]
    value, gradient = surface.cost_and_gradient(surface.start)
    assert value == pytest.approx(known["f_x0"], rel=1e-14)
    assert gradient == pytest.approx(known["grad_x0"], rel=1e-13, abs=1e-12)


@pytest.mark.parametrize("name", ORACLE["exact"])
def test_the_minimiser_of_the_oracle_is_one_that_the_facts_name(name):
    known, surface = ORACLE["exact"][name], problem(name, {})
    named = [surface.minimum, *surface.fact("others")]
    ours = min(named, key=lambda m: abs(m[0] - known["f_star_from_x0"]))
    assert ours[0] == pytest.approx(known["f_star_from_x0"], rel=1e-14, abs=1e-60)
    assert ours[1] == pytest.approx(known["x_star"], rel=1e-15, abs=1e-15)


@pytest.mark.parametrize(
    "name", [n for n in ORACLE["exact"] if n not in ("powell_badly_scaled", "powell_singular")]
)
def test_the_curvatures_at_the_minimiser_are_those_of_the_oracle(name):
    known, surface = ORACLE["exact"][name], problem(name, {})
    w = known["x_star"]
    columns = []
    for j, w_j in enumerate(w):
        h = 1e-6 * (abs(w_j) or 1.0)
        above = surface.gradient([w_i + (h if i == j else 0.0) for i, w_i in enumerate(w)])
        below = surface.gradient([w_i - (h if i == j else 0.0) for i, w_i in enumerate(w)])
        columns.append([(a - b) / (2 * h) for a, b in zip(above, below, strict=True)])
    smallest, *_, largest = np.linalg.eigvalsh((np.array(columns) + np.array(columns).T) / 2)
    assert largest == pytest.approx(known["hess_star_eigs_minmax"][1], rel=1e-5)
    assert smallest == pytest.approx(known["hess_star_eigs_minmax"][0], rel=1e-4, abs=1e-8 * largest)


@pytest.mark.parametrize("known", ORACLE["evaluations"], ids=lambda e: f"{e['surface']} {e['parameters']}")
def test_value_and_gradient_are_those_of_an_independent_implementation(known):
    value, gradient = problem(known["surface"], known["parameters"]).cost_and_gradient(known["w"])
    assert value == pytest.approx(known["f"], rel=1e-14)
    if known["gradient"]:
        assert gradient == pytest.approx(known["gradient"], rel=1e-12, abs=1e-13 * length(gradient))


@pytest.mark.parametrize(("name", "parameters", "printed"), ORACLE["least"], ids=str)
def test_least_values_begin_with_the_digits_that_the_paper_prints(name, parameters, printed):
    least, _ = problem(name, parameters).minimum
    assert printed <= least <= printed * (1 + 1e-5)


@pytest.mark.parametrize(("name", "parameters", "w"), ORACLE["minimisers"], ids=str)
def test_a_minimiser_printed_elsewhere_is_one_here(name, parameters, w):
    surface = problem(name, parameters)
    least, ours = surface.minimum
    # it is printed in four to ten digits, so the value may be above by about the square of what they leave
    assert surface.cost(w) - least <= 1e-6 * surface.cost(surface.start)
    if ours:
        assert ours == pytest.approx(w, rel=2e-4, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        *[("chebyquad", {"dimension": d}) for d in (2, 5, 7, 8, 9)],
        *[("watson", {"dimension": d}) for d in (6, 9)],
        *[("penalty_1", {"dimension": d}) for d in (4, 10)],
        *[(n, {}) for n in ("bard", "kowalik_osborne", "brown_dennis", "beale", "wood", "himmelblau", "booth")],
        *[(n, {}) for n in ("discrete_boundary_value", "discrete_integral_equation")],
        *[(n, {}) for n in ("broyden_tridiagonal", "broyden_banded", "variably_dimensioned")],
        *[(n, {}) for n in ("extended_rosenbrock", "extended_powell_singular", "brown_almost_linear")],
    ],
    ids=str,
)
def test_another_solver_goes_from_the_standard_start_to_the_least_value(name, parameters):
    surface = problem(name, parameters)
    found = minimize(
        lambda w: surface.cost_and_gradient(w.tolist()), surface.start, jac=True, options={"gtol": 1e-10}
    )
    assert found.fun == pytest.approx(surface.minimum[0], rel=1e-9, abs=1e-12)


def test_freudenstein_and_roth_leads_from_its_start_to_the_local_minimum():
    surface = problem("freudenstein_roth", {})
    found = minimize(lambda w: surface.cost_and_gradient(w.tolist()), surface.start, jac=True)
    assert found.fun == pytest.approx(surface.fact("others")[0][0], rel=1e-9)
    assert surface.minimum == (0.0, [5.0, 4.0])


def test_biggs_leads_from_its_symmetric_start_to_a_saddle_that_the_paper_takes_for_a_minimum():
    surface = problem("biggs_exp6", {})
    slope = surface.gradient(surface.start)
    assert slope[0] == pytest.approx(slope[4], rel=1e-13)
    assert slope[2] == pytest.approx(slope[5], rel=1e-13)
    found = minimize(
        lambda w: surface.cost_and_gradient(w.tolist()), surface.start, jac=True, options={"gtol": 1e-10}
    )
    assert found.fun == pytest.approx(5.65565e-3, rel=1e-5)
    sideways = [w_j + s for w_j, s in zip(found.x, (0.1, 0, 0, 0, -0.1, 0), strict=True)]
    assert surface.cost(sideways) < found.fun
