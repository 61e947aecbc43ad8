"""worst_cases.json: the exact worst case of methods over classes of functions, by performance estimation.

Source: semidefinite programs of PEPit 0.5.1 (Goujaud et al. 2022), solved by Clarabel 0.11.1 to about 1e-7.

    oracles/bin/pip install PEPit==0.5.1 clarabel==0.11.1 cvxpy
    oracles/bin/python -m tests.oracles.generate.worst_cases
"""

import contextlib
import io
import json
import math

from PEPit import PEP
from PEPit.examples.adaptive_methods import wc_polyak_steps_in_distance_to_optimum
from PEPit.examples.nonconvex_optimization import wc_gradient_descent as wc_any
from PEPit.examples.unconstrained_convex_minimization import (
    wc_conjugate_gradient,
    wc_gradient_descent_quadratics,
    wc_gradient_descent_silver_stepsize_convex,
    wc_gradient_descent_silver_stepsize_strongly_convex,
    wc_gradient_exact_line_search,
    wc_heavy_ball_momentum,
    wc_optimized_gradient,
    wc_triple_momentum,
)
from PEPit.functions import SmoothStronglyConvexFunction

from tests.oracles.generate.oracle import main

SOLVER = {"solver": "CLARABEL", "verbose": -1}
SOURCE = "PEPit 0.5.1, Clarabel 0.11.1; value: what the quantity bounded comes to where it starts from 1"


def solved(method, mu, smoothness, n):
    """The largest f(w_n) − f* with ‖w_0 − w*‖ = 1."""
    problem = PEP()
    f = problem.declare_function(SmoothStronglyConvexFunction, mu=mu, L=smoothness)
    best = f.stationary_point()
    start = problem.set_initial_point()
    problem.set_initial_condition((start - best) ** 2 <= 1)
    problem.set_performance_metric(f(method(f, start, n)) - f(best))
    return problem.solve(verbose=0, solver="CLARABEL")


def fixed(rate):
    def method(f, w, n):
        for _ in range(n):
            w = w - rate * f.gradient(w)
        return w

    return method


def accelerated(smoothness):
    """The points where the gradient is taken."""

    def method(f, y, n):
        x, t = y, 1.0
        for _ in range(n):
            following = 0.5 * (1.0 + math.sqrt(1.0 + 4.0 * t * t))
            moved = y - f.gradient(y) / smoothness
            y, x, t = moved + (t - 1.0) / following * (moved - x), moved, following
        return y

    return method


STEPS = [
    *((0.0, 3.0, 1 / 3, 4), (0.0, 1.0, 1.0, 1), (0.0, 1.0, 1.5, 3), (0.0, 1.0, 1.8, 3), (0.0, 2.0, 0.2, 5)),
    *((0.1, 1.0, 1.0, 3), (0.1, 1.0, 1.5, 3), (0.1, 1.0, 1.9, 2), (0.3, 3.0, 0.5, 4), (0.05, 1.0, 1.0, 5)),
]


def of_fixed_steps():
    for mu, top, rate, n in STEPS:
        yield "fixed", solved(fixed(rate), mu, top, n), {"mu": mu, "smoothness": top, "rate": rate, "n": n}
    for mu, top, rate, n in [(0.3, 3.0, 1 / 3, 4), (0.1, 1.0, 1.0, 3), (0.1, 1.0, 1.8, 3)]:
        value = wc_gradient_descent_quadratics(mu=mu, L=top, gamma=rate, n=n, **SOLVER)[0]
        yield "quadratic", value, {"mu": mu, "smoothness": top, "rate": rate, "n": n}
    for top, rate, n in [(1.0, 1.0, 5), (1.0, 0.5, 3), (2.0, 0.3, 2)]:
        yield "any", wc_any(L=top, gamma=rate, n=n, **SOLVER)[0], {"smoothness": top, "rate": rate, "n": n}


def of_searches():
    for mu, top, n in [(0.1, 1.0, 2), (0.5, 2.0, 1)]:
        value = wc_gradient_exact_line_search(L=top, mu=mu, n=n, **SOLVER)[0]
        yield "exact", value, {"mu": mu, "smoothness": top, "n": n}
    for mu, top in [(0.1, 1.0), (0.5, 2.0)]:
        value = wc_polyak_steps_in_distance_to_optimum(L=top, mu=mu, gamma=2 / (top + mu), **SOLVER)[0]
        yield "polyak", value, {"mu": mu, "smoothness": top, "n": 1}


def of_momentum():
    for top, n in [(1.0, 1), (1.0, 3), (2.0, 5)]:
        value = solved(accelerated(top), 0.0, top, n)
        yield "accelerated", value, {"smoothness": top, "rate": 1 / top, "n": n}
    for mu, rate, n in [(0.1, 0.5, 2), (0.2, 0.8, 3)]:
        beta = math.sqrt((1 - rate * mu) * (1 - rate))
        value = wc_heavy_ball_momentum(mu=mu, L=1.0, alpha=rate, beta=beta, n=n, **SOLVER)[0]
        yield "heavy_ball", value, {"mu": mu, "smoothness": 1.0, "rate": rate, "beta": beta, "n": n}
    for top, n in [(3.0, 4), (1.0, 2)]:
        value = wc_optimized_gradient(L=top, n=n, **SOLVER)[0]
        yield "optimized_gradient", value, {"smoothness": top, "n": n}
    for mu, n in [(0.1, 4), (0.05, 3)]:
        value = wc_triple_momentum(mu=mu, L=1.0, n=n, **SOLVER)[0]
        yield "triple_momentum", value, {"mu": mu, "smoothness": 1.0, "n": n}
    value = wc_conjugate_gradient(L=1.0, n=2, **SOLVER)[0]
    yield "conjugate_gradient", value, {"smoothness": 1.0, "n": 2}


def of_silver_steps():
    for top, n in [(10.0, 7), (1.0, 3)]:
        value = wc_gradient_descent_silver_stepsize_convex(L=top, n=n, **SOLVER)[0]
        yield "silver", value, {"mu": 0.0, "smoothness": top, "n": n}
    value = wc_gradient_descent_silver_stepsize_strongly_convex(L=3.2, mu=0.1, n=8, **SOLVER)[0]
    yield "silver", value, {"mu": 0.1, "smoothness": 3.2, "n": 8}


def made():
    found = [*of_fixed_steps(), *of_searches(), *of_momentum(), *of_silver_steps()]
    rows = [{"method": method, **setting, "value": float(f"{value:.6g}")} for method, value, setting in found]
    return {"source": SOURCE, "cases": rows}


def quietly():
    with contextlib.redirect_stdout(io.StringIO()):
        return made()


if __name__ == "__main__":
    main("worst_cases", quietly, lambda made: json.dumps(made, indent=1), tolerance=1e-5)
