"""Tiles give every bit of the compiled straight-line function, on odd shapes and odd numbers as well."""

import json
import math
import subprocess
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.kernels import kernel as kernels
from gdbench.descent.kernels.compiler import compile_definition
from gdbench.descent.kernels.definition import define
from gdbench.descent.kernels.tiles import backward, cut, even, forward, tiles
from gdbench.descent.problems.table import Table
from tests.descent.bits import bits
from tests.descent.problems import spec
from tests.descent.test_same_bits import ROOT
from tests.interpreters import find

SINGLE = [
    ({"linear": {}}, {"mse": {}}),
    ({"linear": {}}, {"mae": {}}),
    ({"linear": {}}, {"huber": {"delta": 0.5}}),
    ({"linear": {}}, {"pinball": {"tau": 0.9}}),
    ({"linear": {}}, {"log_cosh": {}}),
    ({"linear": {}}, {"hinge": {}}),
    ({"logistic": {}}, {"logistic": {}}),
    ({"logistic": {}}, {"mse": {}}),
    ({"polynomial": {"degree": 3}}, {"squared_hinge": {}}),
    ({"poisson": {}}, {"poisson": {}}),
    ({"linear": {"bias": False}}, {"mse": {}}),
    ({"polynomial": {"degree": 2, "bias": False}}, {"squared_hinge": {}}),
]
MANY = [
    ({"softmax": {}}, {"softmax": {}}),
    ({"softmax": {"bias": False}}, {"softmax": {}}),
    ({"polynomial": {"degree": 2}}, {"softmax": {}}),
]
PENALTIES = [
    {"none": {}},
    {"l2": {"strength": 0.3}},
    {"l1": {"strength": 0.3, "bias": True}},
    {"elastic_net": {"strength": 0.1}},
]
ODD = [0.0, -0.0, 1.0, -1.0, 5e-324, 1e-200, -1e200, 1e308]
NOT_FINITE = [math.inf, -math.inf, math.nan]


def numbers(random, count, odd):
    """Standard normal numbers, a third of them replaced by odd ones."""
    return [random.choice(odd) if odd and random.random() < 1 / 3 else random.gauss(0, 1) for _ in range(count)]


def rows_for(definition, count, odd=(), seed=0):
    """Rows with a 0/1 target, or one column for each class."""
    random, found = Random(seed), []
    for _ in range(count):
        chosen = random.randrange(max(2, definition.outputs))
        target = [float(k == chosen) for k in range(definition.outputs)]
        found.append((*numbers(random, definition.features, odd), *target))
    return found


def weights_for(definition, odd=(), seed=1):
    return numbers(Random(seed), definition.size, odd)


def every_bit(function, *arguments):
    """Costs and slopes in hexadecimal; the name of the error where there are none."""
    try:
        found = function(*arguments)
    except (ArithmeticError, ValueError) as error:
        return type(error).__name__
    cost, gradient = found if isinstance(found, tuple) else (found, [])
    return [float(value).hex() for value in (cost, *gradient)]


def assert_same_bits(definition, rows, w):
    cost, cost_and_gradient = tiles(definition)(rows)
    straight = compile_definition(definition)
    assert every_bit(cost_and_gradient, w) == every_bit(straight.cost_and_gradient, w, rows)
    assert every_bit(cost, w) == every_bit(straight.cost, w, rows)


@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda choice: next(iter(choice)))
@pytest.mark.parametrize(("model", "cost"), SINGLE, ids=str)
def test_one_output_has_the_bits_of_straight_line_code(model, cost, penalty):
    for features in range(1, 10):
        definition = define(model, cost, features, penalty)
        assert_same_bits(definition, rows_for(definition, 7), weights_for(definition))


@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda choice: next(iter(choice)))
@pytest.mark.parametrize("outputs", range(2, 12))
def test_softmax_has_the_bits_of_straight_line_code(outputs, penalty):
    definition = define({"softmax": {}}, {"softmax": {}}, 6, penalty, outputs)
    assert_same_bits(definition, rows_for(definition, 25), weights_for(definition))


@given(
    problem=st.sampled_from([(choice, 1) for choice in SINGLE])
    | st.tuples(st.sampled_from(MANY), st.integers(2, 11)),
    features=st.integers(1, 20),
    rows=st.integers(1, 9),
    penalty=st.sampled_from(PENALTIES),
    weights=st.sampled_from([[], ODD, ODD + NOT_FINITE]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=150)
def test_any_shape_with_any_numbers_has_the_bits_of_straight_line_code(
    problem, features, rows, penalty, weights, seed
):
    (model, cost), outputs = problem
    definition = define(model, cost, features, penalty, outputs)
    w = weights_for(definition, weights, seed)
    assert_same_bits(definition, rows_for(definition, rows, ODD if weights else (), seed + 1), w)


def test_scores_that_are_negative_zeros_stay_so():
    scores = [[1.0]]
    forward(2, 1, first=True)([0.0, 0.0], scores, [-1.0, -1.0], 1)
    forward(2, 1, first=False)([0.0, 0.0], scores, [-1.0, -1.0], 1)
    assert math.copysign(1.0, scores[0][0]) == -1.0


def test_a_backward_tile_adds_up_its_rows_in_their_order():
    x, slopes = [1e16, 1.0, 1.0, 2.0, -1e16, 3.0], [[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]]
    # 1e16 + 1 rounds to 1e16, so that another order would give 1 in the first place
    assert backward(2, 2)(x, slopes, 3) == [0.0, 6.0, 1e16 + 2.0 - 3e16, 14.0]


@given(count=st.integers(1, 100), most=st.integers(1, 10))
def test_pieces_cover_everything_once_and_differ_in_length_by_one_at_most(count, most):
    pieces = even(count, most)
    assert [i for piece in pieces for i in piece] == list(range(count))
    lengths = {len(piece) for piece in pieces}
    assert max(lengths) <= most
    assert max(lengths) - min(lengths) <= 1


def test_tiles_of_any_height_hold_every_parameter_once():
    definition = define({"softmax": {}}, {"softmax": {}}, 13, outputs=7)
    for most in range(1, 9):
        held = [i for tile in cut(definition, most) for i in tile.weights]
        assert sorted(held) == list(range(definition.size))


def test_an_overflow_is_an_overflow():
    definition = define({"poisson": {}}, {"poisson": {}}, 2)
    functions = tiles(definition)([(1.0, 1.0, 1.0), (1000.0, 1.0, 1.0)])
    for function in functions:
        with pytest.raises(OverflowError):
            function([1.0, 1.0, 1.0])
        # and leaves nothing behind
        assert every_bit(function, [0.0, 0.0, 0.0])[0] == (1.0).hex()


@pytest.fixture
def no_straight_lines(monkeypatch):
    """Every affine definition counts as too wide, as under a tracing interpreter."""
    monkeypatch.setattr(kernels, "WIDEST", 0)
    kernels.prepare_kernel.cache_clear()
    yield
    kernels.prepare_kernel.cache_clear()


@pytest.mark.parametrize("size", [1, 15, 16, 17, 40])
@pytest.mark.parametrize(("features", "outputs"), [(5, 3), (9, 1)])
@pytest.mark.usefixtures("no_straight_lines")
def test_batches_of_any_size_have_the_bits_of_straight_line_code(size, features, outputs):
    choice = ({"softmax": {}}, {"softmax": {}}) if outputs > 1 else SINGLE[0]
    definition = define(*choice, features, {"l2": {"strength": 0.1}}, outputs)
    rows, w = rows_for(definition, size), weights_for(definition)
    on = kernels.compiled(definition, Table(rows_for(definition, 3, seed=2), features, outputs)).on
    straight = compile_definition(definition).cost_and_gradient
    assert every_bit(on(rows), w) == every_bit(straight, w, rows)


@pytest.mark.usefixtures("no_straight_lines")
def test_a_run_on_tiles_is_the_run_on_straight_lines_bit_for_bit():
    jobs = wide_jobs(features=5, classes=3, rows=40)
    on_tiles = [bits(*job) for job in jobs]
    kernels.WIDEST = math.inf
    kernels.prepare_kernel.cache_clear()
    assert on_tiles == [bits(*job) for job in jobs]


def wide_jobs(features=64, classes=10, rows=120):
    """Softmax like that on digits: pixels from 0 to 16, many of them 0; whole, in batches, and searching."""
    random = Random(7)
    data = [
        [*(float(max(0, random.randint(-16, 16))) / 16.0 for _ in range(features)), float(i % classes)]
        for i in range(rows)
    ]
    changes = [
        {},
        {"penalty": {"l2": {"strength": 0.01}}, "optimizer": {"adam": {}}},
        {"batch_size": {"rows": {"size": 32}}},
        {"batch_size": {"rows": {"size": 7}}},
        {"learning_rate": {"backtracking": {}}},
    ]
    fixed = {
        "model": {"softmax": {}},
        "cost": {"softmax": {}},
        "initialization": {"normal": {"mean": 0.0, "std": 0.1}},
        "convergence": {"max_iterations": {"limit": 12}},
    }
    return [[spec(**{**fixed, **change}), data, features] for change in changes]


@pytest.fixture(scope="module")
def pypy():
    interpreter = find("pypy3")
    if interpreter is None:
        pytest.skip("no working pypy3 on this machine")
    return lambda *arguments, **more: (
        subprocess.run(
            [interpreter, "-S", *arguments], cwd=ROOT, capture_output=True, text=True, check=True, **more
        ).stdout
    )


def test_wide_softmax_under_pypy_has_the_bits_of_straight_line_code_here(pypy):
    jobs = wide_jobs()
    here = json.loads(json.dumps([bits(*job) for job in jobs]))
    assert json.loads(pypy("-m", "tests.descent.bits", input=json.dumps(jobs))) == here


def test_wide_softmax_under_pypy_needs_no_straight_line_code(pypy):
    script = """
from gdbench.descent.kernels.compiler import compile_definition
from gdbench.descent.kernels.definition import define
from gdbench.descent.kernels.kernel import compiled
from gdbench.descent.problems.table import Table

for features in 2, 64:
    definition = define({"softmax": {}}, {"softmax": {}}, features, outputs=10)
    objective = compiled(definition, Table([(0.5,) * features + (1.0,) + (0.0,) * 9], features, 10))
    objective.cost_and_gradient([0.1] * definition.size)
    print(compile_definition.cache_info().currsize)
"""
    assert pypy("-c", script).split() == ["1", "1"]


def test_numbers_of_rows_lie_side_by_side_under_pypy(pypy):
    script = """
from __pypy__ import strategy
from gdbench.descent.kernels.definition import prepare
from gdbench.descent.problems.table import Table

table = Table([(0.5, 1.5, 0.0), (2.5, 3.5, 1.0)], 2).pack().unpack()
coded, _ = prepare({"softmax": {}}, table)
print(*{strategy(row) for row in (*table.rows, *coded.rows)})
"""
    assert pypy("-c", script).split() == ["FloatListStrategy"]
