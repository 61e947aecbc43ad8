"""gdbench.minimize: three lines that go down a function of one's own, with the bits of a run."""

import math
from math import exp, sqrt

import pytest
from scipy.optimize import approx_fprime, rosen

import gdbench
from gdbench.descent.surfaces import SURFACES


def bowl(w):
    return (w[0] - 3) ** 2 + 4 * w[1] ** 2


def rosenbrock(w):
    return 100 * (w[1] - w[0] * w[0]) ** 2 + (1 - w[0]) ** 2


def wavy(w):
    return math.exp(w[0]) - 2 * w[0] + exp(w[1] ** 2) + sqrt(1 + w[2] ** 2) + math.sin(w[0]) ** 2


def test_three_lines_are_plain_descent():
    run = gdbench.minimize(bowl, [0.0, 1.0], learning_rate=0.1)
    x, y = 0.0, 1.0
    for _ in range(run.iterations):
        x, y = x - 0.1 * (2 * (x - 3)), y - 0.1 * (8 * y)
    assert run.parameters == pytest.approx([x, y], rel=1e-12)
    assert (run.outcome, run.curve["cost"].iloc[0]) == ("converged", 13.0)
    assert run.path[["w1", "w2"]].iloc[0].tolist() == [0.0, 1.0]


def test_it_has_the_bits_of_the_same_function_as_a_surface(tmp_path):
    grid = {
        "surface": "rosenbrock",
        "initialization": {"values": [-1.2, 1.0]},
        "optimizer": "adam",
        "learning_rate": 0.02,
        "convergence": {"max_iterations": 300},
    }
    study = gdbench.run(
        {"name": "known", "grid": grid}, runner="serial", results=tmp_path, tracking=False, progress=False
    )
    run = gdbench.minimize(rosenbrock, [-1.2, 1.0], "adam", 0.02, stop={"max_iterations": 300})
    assert list(run.curve["cost"]) == pytest.approx(list(study.curves["cost"]), rel=1e-9)
    assert rosenbrock(run.parameters) == pytest.approx(rosen(run.parameters))


@pytest.mark.parametrize("f", [bowl, rosenbrock, wavy])
def test_the_gradient_is_exact_where_functions_of_math_are_called(f):
    start = [0.3, -0.4, 0.5][: 3 if f is wavy else 2]
    moved = gdbench.minimize(f, start, learning_rate=1e-3, stop={"max_iterations": 1}).parameters
    slope = [(a - b) / 1e-3 for a, b in zip(start, moved, strict=True)]
    assert slope == pytest.approx(approx_fprime(start, f, 1e-7), rel=1e-4, abs=1e-6)


def test_a_rate_that_is_too_large_is_told_as_such():
    run = gdbench.minimize(bowl, [0.0, 1.0], learning_rate=0.3)
    assert run.outcome == "diverged"
    assert "2/L = 0.25" in run.cause
    assert run.cause in repr(run)


def least(w):
    return w[0] if w[0] > 0 else -w[0]


REFUSED = [
    (least, [1.0], {}, r"where\(condition"),
    (lambda w: math.gamma(w[0]), [1.0], {}, "plain number"),
    (lambda w: w[0] ** 0.5, [1.0], {}, "whole exponent"),
    (lambda w: w[5], [1.0], {}, "more parameters than the start has, which is 1"),
    (lambda w: {}["x"], [1.0], {}, "cannot be differentiated: KeyError"),
    (lambda w: None, [1.0], {}, "NoneType"),
    (bowl, [], {}, "the start holds none"),
    (bowl, [1.0, 1.0], {"optimizer": "adm"}, "Did you mean adam"),
    (bowl, [1.0, 1.0], {"learning_rate": [0.1, 0.2]}, "make 2 runs"),
]


@pytest.mark.parametrize(("f", "start", "choices", "said"), REFUSED, ids=[case[3] for case in REFUSED])
def test_what_cannot_be_done_is_said_in_one_sentence(f, start, choices, said):
    with pytest.raises(gdbench.GdbenchError, match=said):
        gdbench.minimize(f, start, **choices)


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = SURFACES.names
    gdbench.minimize(bowl, [0.0, 1.0])
    with pytest.raises(gdbench.GdbenchError):
        gdbench.minimize(bowl, [0.0, 1.0], "adm")
    assert SURFACES.names == before
    assert list(tmp_path.iterdir()) == []
