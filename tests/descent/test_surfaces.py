"""Every registered surface keeps what its facts promise and has the gradient that it should."""

import json
import math
import subprocess
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.errors import BadParameter
from gdbench.descent.kernels.compiler import compile_surface
from gdbench.descent.surfaces import SURFACES
from tests.interpreters import NAMES, find

ROOT = Path(__file__).parents[2]
VARIANTS = [
    ("quadratic", {"spectrum": [3.0, 0.0, 0.5]}),
    ("quadratic", {"condition": 1e4, "dimension": 6, "rotated": True, "seed": 3}),
    ("quadratic", {"dimension": 5, "distribution": "two_clusters", "rotated": True}),
    ("quadratic", {"dimension": 1}),
    ("rosenbrock", {"dimension": 5}),
    ("rosenbrock", {"a": 2.0, "b": 5.0}),
    ("rosenbrock", {"dimension": 4, "a": 0.0}),
    ("rosenbrock", {"dimension": 3, "a": 2.0}),
    ("rastrigin", {"dimension": 1}),
    ("ackley", {"dimension": 3}),
    ("styblinski_tang", {"dimension": 4}),
    ("levy", {"dimension": 1}),
    ("levy", {"dimension": 4}),
    ("schwefel", {"dimension": 3}),
    ("watson", {"dimension": 2}),
    ("watson", {"dimension": 9}),
    ("penalty_1", {"dimension": 1}),
    ("penalty_2", {"dimension": 4}),
    ("chebyquad", {"dimension": 1}),
    ("discrete_integral_equation", {"dimension": 1}),
    ("broyden_banded", {"dimension": 2}),
    ("broyden_tridiagonal", {"dimension": 1}),
    ("trigonometric", {"dimension": 3}),
    ("linear_full_rank", {"dimension": 3, "rows": 3}),
    ("linear_rank_one_with_zeros", {"dimension": 3, "rows": 4}),
]
CASES = [(name, {}) for name in SURFACES.names] + VARIANTS
every_surface = pytest.mark.parametrize(("name", "given_parameters"), CASES, ids=lambda v: str(v))


class Problem:
    """A surface with its parameters settled, compiled."""

    def __init__(self, name, parameters):
        self.entry = SURFACES[name]
        self.parameters = self.entry.resolve(parameters)
        self.entry.check(self.parameters)
        self.start = self.fact("start")
        self.size = self.fact("dimension")
        self.minimum = self.fact("minimum")
        functions = compile_surface(self.value, self.size)
        self.cost = lambda w: functions.cost(w, ())
        self.cost_and_gradient = lambda w: functions.cost_and_gradient(w, ())

    def value(self, w):
        return self.entry.function(w, **self.parameters)

    def fact(self, name):
        return self.entry.facts[name](**self.parameters)

    def near_start(self, shifts):
        """The start, each coordinate moved by up to a quarter of itself (of 1 where it is 0)."""
        return [w_j + 0.25 * s * (abs(w_j) or 1.0) for w_j, s in zip(self.start, shifts, strict=False)]

    def gradient(self, w):
        return self.cost_and_gradient(w)[1]


@cache
def _problem(name, parameters):
    return Problem(name, json.loads(parameters))


def problem(name, parameters):
    return _problem(name, json.dumps(parameters))


def length(vector):
    return math.sqrt(math.fsum(v * v for v in vector))


shifts = st.lists(st.floats(-1.0, 1.0), min_size=12, max_size=12)


@every_surface
def test_facts_say_where_to_start_in_how_many_dimensions_and_where_it_comes_from(name, given_parameters):
    surface = problem(name, given_parameters)
    assert len(surface.start) == surface.size
    assert all(isinstance(w_j, float) for w_j in surface.start)
    assert surface.entry.facts["source"]
    assert len(surface.entry.summary) > 10
    surface.fact("start")[0] = 17.0
    assert surface.fact("start") == surface.start


@every_surface
@given(moved=shifts)
@settings(max_examples=15, deadline=None)
def test_compiled_value_equals_the_definition_on_floats_bit_for_bit(name, given_parameters, moved):
    surface = problem(name, given_parameters)
    w = surface.near_start(moved)
    assert surface.cost(w) == surface.cost_and_gradient(w)[0] == surface.value(w)


@every_surface
@given(moved=shifts)
@settings(max_examples=15, deadline=None)
def test_gradient_equals_the_complex_step_of_the_definition(name, given_parameters, moved):
    surface = problem(name, given_parameters)
    w = surface.near_start(moved)
    gradient = surface.gradient(w)
    for j in range(surface.size):
        stepped = [complex(w_i, 1e-30 if i == j else 0.0) for i, w_i in enumerate(w)]
        slope = surface.value(stepped).imag / 1e-30
        assert gradient[j] == pytest.approx(slope, rel=1e-9, abs=1e-11 * (1.0 + length(gradient)))


@every_surface
@given(moved=shifts)
@settings(max_examples=15, deadline=None)
def test_gradient_equals_central_differences(name, given_parameters, moved):
    surface = problem(name, given_parameters)
    w = surface.near_start(moved)
    value, gradient = surface.cost_and_gradient(w)
    for j, w_j in enumerate(w):
        h = 1e-3 * (abs(w_j) or 1.0)
        coarse, fine = _quotient(surface, w, j, h), _quotient(surface, w, j, h / 2)
        # Richardson: (4D(h/2) − D(h))/3 leaves an error of h⁴; the rest is rounding of f divided by h
        error = 1e-6 * (abs(coarse) + length(gradient)) + 1e-14 * (abs(value) / h + 1.0)
        assert gradient[j] == pytest.approx((4 * fine - coarse) / 3, abs=error)


def _quotient(surface, w, j, h):
    above, below = list(w), list(w)
    above[j] += h
    below[j] -= h
    return (surface.value(above) - surface.value(below)) / (above[j] - below[j])


def minimisers(surface):
    """Every (f, w) that the facts name."""
    known = [surface.minimum] if surface.minimum and surface.minimum[1] else []
    return known + surface.fact("others")


@every_surface
def test_at_each_known_minimiser_the_value_is_as_stated_and_the_gradient_vanishes(name, given_parameters):
    surface = problem(name, given_parameters)
    value, gradient = surface.cost_and_gradient(surface.start)
    for least, w in minimisers(surface):
        # 1e-11: residuals of Meyer are differences of numbers around 10⁴
        assert surface.cost(w) == pytest.approx(least, rel=1e-11, abs=1e-24 * max(1.0, value))
        assert length(surface.gradient(w)) <= 1e-9 * length(gradient)


@every_surface
@given(moved=shifts)
@settings(max_examples=15, deadline=None)
def test_no_point_lies_below_the_minimum(name, given_parameters, moved):
    surface = problem(name, given_parameters)
    least, where = surface.minimum or (-math.inf, None)
    points = [surface.near_start(moved)]
    points += [[w_j + 0.01 * s for w_j, s in zip(where, moved, strict=False)]] if where else []
    for w in points:
        assert surface.cost(w) >= least - 1e-11 * abs(least)


def test_a_surface_without_a_least_value_says_so():
    assert problem("saddle", {}).minimum is None
    assert SURFACES["saddle"].facts["unbounded"]
    assert problem("saddle", {}).cost([0.0, 1e6]) == -1e12


def test_rosenbrock_beyond_the_plane_claims_a_minimum_only_where_one_is_known():
    assert problem("rosenbrock", {"dimension": 3, "a": 2.0}).minimum is None
    assert problem("rosenbrock", {"dimension": 3}).minimum == (0.0, [1.0, 1.0, 1.0])


def test_himmelblau_has_four_minima():
    found = {tuple(round(w_j, 3) for w_j in w) for _, w in minimisers(problem("himmelblau", {}))}
    assert found == {(3.0, 2.0), (-2.805, 3.131), (-3.779, -3.283), (3.584, -1.848)}


def test_styblinski_tang_is_least_at_the_lowest_root_of_its_cubic():
    for d in (1, 3):
        least, w = problem("styblinski_tang", {"dimension": d}).minimum
        assert least == pytest.approx(-39.16616570377142 * d, rel=1e-15)
        # the lowest of three real roots of x³ − 8x + 5/4, by Viète's formula
        x = 2 * math.sqrt(8 / 3) * math.cos((math.acos(-1.25 / 2 * math.sqrt(27 / 512)) + 2 * math.pi) / 3)
        assert w == pytest.approx([x] * d, rel=1e-15)


def test_ackley_has_slope_4_just_beside_its_minimum_and_0_at_it():
    surface = problem("ackley", {"dimension": 2})
    assert surface.cost_and_gradient([0.0, 0.0]) == (0.0, [0.0, 0.0])
    for tiny in (1e-9, 1e-150):
        assert length(surface.gradient([tiny, tiny])) == pytest.approx(4 / math.sqrt(2), rel=1e-6)


def test_helical_valley_has_the_angle_of_the_paper_on_both_sides():
    surface = problem("helical_valley", {})
    for turn in (-0.2, 0.0, 0.1, 0.3, 0.5, 0.7):
        x, y = math.cos(2 * math.pi * turn), math.sin(2 * math.pi * turn)
        assert surface.cost([x, y, 10 * turn]) == pytest.approx(100 * turn * turn, abs=1e-24, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("rosenbrock", {"dimension": 1}),
        ("extended_rosenbrock", {"dimension": 3}),
        ("extended_powell_singular", {"dimension": 6}),
        ("watson", {"dimension": 32}),
        ("watson", {"dimension": 1}),
        ("beale", {"dimension": 2}),
        ("ackley", {"dimension": 0}),
        ("linear_rank_one_with_zeros", {"dimension": 2}),
        ("linear_rank_one", {"dimension": 8, "rows": 7}),
    ],
)
def test_a_dimension_that_a_surface_cannot_have_is_refused(name, wrong):
    entry = SURFACES[name]
    with pytest.raises(BadParameter):
        entry.check(entry.resolve(wrong))


EVALUATE = """
import json, sys
from gdbench.descent.kernels.compiler import compile_surface
from gdbench.descent.surfaces import SURFACES
for name, given in json.load(sys.stdin):
    entry = SURFACES[name]
    parameters = entry.resolve(given)
    start = entry.facts["start"](**parameters)
    functions = compile_surface(lambda w: entry.function(w, **parameters), len(start))
    w = [w_j + 0.1 for w_j in start]
    print(json.dumps([start, functions.cost_and_gradient(w, ()), entry.facts["minimum"](**parameters)]))
"""


@pytest.fixture(scope="module")
def here():
    return evaluated(find("python3.11"))


def evaluated(interpreter):
    # -S: no site-packages, which proves besides that surfaces need the standard library only
    command = [interpreter, "-S", "-c", EVALUATE]
    done = subprocess.run(command, input=json.dumps(CASES), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("interpreter", [name for name in NAMES if name != "python3.11"])
def test_start_value_gradient_and_minimum_are_the_same_bits_on_every_interpreter(interpreter, here):
    path = find(interpreter)
    if path is None:
        pytest.skip(f"no working {interpreter} on this machine")
    for case, ours, theirs in zip(CASES, here, evaluated(path), strict=True):
        assert theirs == ours, case
