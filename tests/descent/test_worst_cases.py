"""Worst cases: the theorems' numbers, that no problem exceeds them, and that those made for it meet them."""

import json
import math
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.surfaces import surface_facts
from gdbench.descent.surfaces.worst_case import worst_case
from gdbench.descent.theory.rates import Update
from gdbench.descent.theory.worst_case import theorems as of
from gdbench.descent.theory.worst_case.bounds import Bound, iterations_at_most
from tests.sampling import most

ROWS = json.loads((Path(__file__).parents[1] / "oracles" / "worst_cases.json").read_text(encoding="utf-8"))[
    "cases"
]


def proved(row):
    """(factor, whether it is tight) of the theorem for a row of the oracle."""
    mu, top, rate = row.get("mu", 0.0), row["smoothness"], row.get("rate", 0.0)
    made = {
        "fixed": lambda: of.fixed_step(rate, mu, top)[0],
        "quadratic": lambda: of.fixed_step(rate, mu, top)[2],
        "any": lambda: of.fixed_step(rate, mu, top)[3],
        "exact": lambda: of.exact_search(mu, top)[0],
        "polyak": lambda: of.polyak_step(mu, top, 2.0)[0],
        "accelerated": lambda: of.accelerated(rate, top)[0],
        "heavy_ball": lambda: of.heavy_ball(rate, row.get("beta"), mu, top)[0],
        "optimized_gradient": lambda: of.optimized_gradient(1.0 / top, top)[0],
        "conjugate_gradient": lambda: of.optimized_gradient(1.0 / top, top)[0],  # Drori & Taylor 2020
        "triple_momentum": lambda: of.triple_momentum(mu, top)[0],
        "silver": lambda: (of.silver_periods(row["n"], mu, top) if mu else of.silver(top))[0],
    }[row["method"]]()
    return made.factor(row["n"]), made.tight or row["method"] == "silver"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['method']}-{row['n']}")
def test_a_theorem_gives_what_performance_estimation_finds_or_more(row):
    bound, tight = proved(row)
    assert row["value"] <= bound * (1.0 + 1e-5)
    if tight:
        assert bound == pytest.approx(row["value"], rel=1e-5)


@pytest.mark.parametrize(
    ("bound", "published"),
    [
        (of.fixed_step(1 / 3, 0.0, 3.0)[0].factor(4), 1 / 6),
        (of.fixed_step(1 / 3, 0.3, 3.0)[2].factor(4), 0.0649574),
        (of.fixed_step(1.0, 0.0, 1.0)[3].factor(5), 0.266667),
        (of.exact_search(0.1, 1.0)[0].factor(2), 0.448125),
        (of.polyak_step(0.1, 1.0, 2.0)[0].factor(1), 0.669421),
        (of.heavy_ball(0.5, math.sqrt(0.95 * 0.5), 0.1, 1.0)[0].factor(2), 0.9025),
        (of.optimized_gradient(1 / 3, 3.0)[0].factor(4), 0.0767518),
        (of.optimized_gradient(1.0, 1.0)[0].factor(2), 0.0618942),
        (of.conjugate_gradients(0.0, 1.0)[0].factor(2), 0.02),
        (of.triple_momentum(0.1, 1.0)[0].factor(4), 0.238925),
        (of.silver(10.0)[0].factor(7), 0.184215),
        (of.silver_periods(8, 0.1, 3.2)[0].factor(8), 0.22145),
    ],
)
def test_the_figures_of_the_literature_come_out(bound, published):
    assert bound == pytest.approx(published, rel=3e-6)


def convex_problem(draw, mu, top, size):
    """(f, ∇f) of a random sum of μ/2 ‖w‖², quadratics, Huber functions and softplus along random directions."""
    directions, kinds = [], []
    for _ in range(draw.randrange(1, 4)):
        v = [draw.gauss(0.0, 1.0) for _ in range(size)]
        length = math.sqrt(math.fsum(x * x for x in v))
        directions.append([x / length for x in v])
        kinds.append((draw.choice(("quadratic", "huber", "softplus")), draw.uniform(0.01, 1.0)))
    share = (top - mu) / len(directions)

    def cost(w):
        total = 0.5 * mu * math.fsum(x * x for x in w)
        for v, (kind, delta) in zip(directions, kinds, strict=True):
            total += share * curve(kind, delta, math.fsum(a * b for a, b in zip(v, w, strict=True)))[0]
        return total

    def gradient(w):
        g = [mu * x for x in w]
        for v, (kind, delta) in zip(directions, kinds, strict=True):
            slope = share * curve(kind, delta, math.fsum(a * b for a, b in zip(v, w, strict=True)))[1]
            g = [g_j + slope * v_j for g_j, v_j in zip(g, v, strict=True)]
        return g

    return cost, gradient


def curve(kind, delta, x):
    """(value, slope) of an even convex function with second derivatives in [0, 1] and the least value 0."""
    if kind == "quadratic":
        return 0.5 * x * x, x
    if kind == "huber":
        far = delta * (abs(x) - 0.5 * delta), math.copysign(delta, x)
        return (0.5 * x * x, x) if abs(x) <= delta else far
    scaled = abs(x / delta)  # δ² log cosh(x/δ), whose second derivative is 1/cosh²
    height = scaled + math.log1p(math.exp(-2.0 * scaled)) - math.log(2.0)
    return delta * delta * height, delta * math.tanh(x / delta)


def descended(gradient, w, steps):
    path = [w]
    for rate in steps:
        path.append([w_j - rate * g_j for w_j, g_j in zip(path[-1], gradient(path[-1]), strict=True)])
    return path


@pytest.mark.exhaustive
def test_no_random_problem_of_the_class_is_slower_than_the_bound():
    for number in range(most(300, 10_000)):
        exceeds_no_bound(Random(number))


def exceeds_no_bound(draw):
    rounding = 1e-15  # of a cost near 0 that is a difference
    top, size, n = draw.uniform(0.1, 5.0), draw.randrange(1, 4), draw.randrange(1, 30)
    mu = draw.choice((0.0, draw.uniform(0.0, 0.9) * top))
    rate = draw.uniform(0.05, 1.99) / top
    cost, gradient = convex_problem(draw, mu, top, size)
    start = [draw.gauss(0.0, 3.0) for _ in range(size)]
    square = math.fsum(x * x for x in start)
    path = descended(gradient, start, [rate] * n)
    pulled, of_gap, _, *slope = of.fixed_step(rate, mu, top)
    assert cost(path[-1]) <= pulled.factor(n) * square * (1.0 + 1e-12) + rounding
    assert cost(path[-1]) <= of_gap.factor(n) * cost(start) * (1.0 + 1e-12) + rounding
    for theorem in slope:
        least = min(math.fsum(g * g for g in gradient(w)) for w in path)
        assert least <= theorem.factor(n) * (cost(start) - cost(path[-1])) * (1.0 + 1e-9) + rounding
    y, x, t = start, start, 1.0
    for _ in range(n):
        following = 0.5 * (1.0 + math.sqrt(1.0 + 4.0 * t * t))
        moved = [y_j - g_j / top for y_j, g_j in zip(y, gradient(y), strict=True)]
        y = [m + (t - 1.0) / following * (m - x_j) for m, x_j in zip(moved, x, strict=True)]
        x, t = moved, following
    assert cost(y) <= of.accelerated(1.0 / top, top)[0].factor(n) * square * (1.0 + 1e-12) + rounding


@pytest.mark.exhaustive
@pytest.mark.parametrize("tried", ["momentum", "searches", "quadratics", "kinks"])
def test_no_random_problem_is_slower_than_any_other_bound(tried):
    check = {"momentum": of_momentum, "searches": of_polyak, "quadratics": of_quadratics, "kinks": of_kinks}[
        tried
    ]
    for number in range(most(60, 10_000)):
        check(Random(number))


def holds(value, bound, scale):
    assert value <= bound * scale * (1.0 + 1e-9) + 1e-14


def of_momentum(draw):
    """Heavy ball, the optimized gradient method, and silver steps."""
    top, size, n = draw.uniform(0.1, 5.0), draw.randrange(1, 4), draw.choice((1, 3, 7, 15))
    mu = draw.uniform(0.01, 0.9) * top
    cost, gradient = convex_problem(draw, mu, top, size)
    start = [draw.gauss(0.0, 3.0) for _ in range(size)]
    square = math.fsum(x * x for x in start)
    rate = draw.uniform(0.05, 1.0) / top
    beta = math.sqrt((1.0 - rate * mu) * (1.0 - rate * top))
    w = before = start
    for _ in range(n):
        after = [a - rate * g + beta * (a - b) for a, g, b in zip(w, gradient(w), before, strict=True)]
        w, before = after, w
    holds(cost(w), of.heavy_ball(rate, beta, mu, top)[0].factor(n), cost(start))
    cost, gradient = convex_problem(draw, 0.0, top, size)
    holds(cost(optimized(gradient, start, top, n)), of.optimized_gradient(1.0 / top, top)[0].factor(n), square)
    holds(cost(descended(gradient, start, silver_rates(top, n))[-1]), of.silver(top)[0].factor(n), square)


def optimized(gradient, x, top, n):
    y, theta = x, 1.0
    for k in range(1, n + 1):
        following = 0.5 * (1.0 + math.sqrt(1.0 + (8.0 if k == n else 4.0) * theta * theta))
        moved = [x_j - g_j / top for x_j, g_j in zip(x, gradient(x), strict=True)]
        along, onward = (theta - 1.0) / following, theta / following
        x = [m + along * (m - b) + onward * (m - a) for m, b, a in zip(moved, y, x, strict=True)]
        y, theta = moved, following
    return x


def silver_rates(top, n):
    rho = 1.0 + math.sqrt(2.0)
    return [(1.0 + rho ** ((k & -k).bit_length() - 2)) / top for k in range(1, n + 1)]


def of_polyak(draw):
    top, size, n = draw.uniform(0.1, 5.0), draw.randrange(1, 4), draw.randrange(1, 12)
    mu = draw.uniform(0.01, 0.9) * top
    cost, gradient = convex_problem(draw, mu, top, size)
    w = start = [draw.gauss(0.0, 3.0) for _ in range(size)]
    done = 0
    while done < n and cost(w) > 1e-6:  # nearer, the rounding of a cost makes a rate
        g = gradient(w)
        rate = 2.0 * cost(w) / math.fsum(g_j * g_j for g_j in g)
        w, done = [w_j - rate * g_j for w_j, g_j in zip(w, g, strict=True)], done + 1
    factor = of.polyak_step(mu, top, 2.0)[0].factor(done)
    holds(math.fsum(x * x for x in w), factor, math.fsum(x * x for x in start))


def of_quadratics(draw):
    """A fixed rate, exact search, and conjugate gradients."""
    size, n = draw.randrange(1, 8), draw.randrange(1, 12)
    bends = [draw.uniform(0.05, 3.0) for _ in range(size)]
    mu, top, rate = min(bends), max(bends), draw.uniform(0.05, 1.99) / max(bends)
    start = [draw.gauss(0.0, 3.0) for _ in range(size)]
    square = math.fsum(x * x for x in start)

    def cost(w):
        return 0.5 * math.fsum(b * x * x for b, x in zip(bends, w, strict=True))

    w = [x * (1.0 - rate * b) ** n for b, x in zip(bends, start, strict=True)]
    holds(cost(w), of.fixed_step(rate, mu, top)[2].factor(n), square)
    for conjugate in (False, True):
        w, d, last = start, None, None
        for _ in range(n):
            g = [b * x for b, x in zip(bends, w, strict=True)]
            gg = math.fsum(x * x for x in g)
            if gg < 1e-20:
                break
            turn = gg / last if conjugate and d else 0.0
            d, last = [-g_j + turn * d_j for g_j, d_j in zip(g, d or g, strict=True)], gg
            fall = math.fsum(a * b for a, b in zip(g, d, strict=True))
            best = -fall / math.fsum(b * x * x for b, x in zip(bends, d, strict=True))
            w = [a + best * b for a, b in zip(w, d, strict=True)]
        if conjugate:
            for theorem in of.conjugate_gradients(mu, top):
                holds(cost(w), theorem.factor(n), square if theorem.start == of.DISTANCE else cost(start))
        elif mu < top:
            holds(cost(w), of.exact_search(mu, top)[0].factor(n), cost(start))


def of_kinks(draw):
    """Subgradients of Σ aᵢ |vᵢ · w|, none of which is longer than Σ aᵢ."""
    size, n, rate = draw.randrange(1, 4), draw.randrange(1, 40), draw.uniform(0.001, 2.0)
    parts = []
    for _ in range(draw.randrange(1, 4)):
        v = [draw.gauss(0.0, 1.0) for _ in range(size)]
        parts.append((draw.uniform(0.1, 2.0), [x / math.hypot(*v) for x in v]))
    w = start = [draw.gauss(0.0, 3.0) for _ in range(size)]
    lowest = math.inf
    for _ in range(n + 1):
        heights = [(a, v, math.fsum(x * y for x, y in zip(v, w, strict=True))) for a, v in parts]
        lowest = min(lowest, math.fsum(a * abs(h) for a, _, h in heights))
        g = [math.fsum(a * v[j] * ((h > 0) - (h < 0)) for a, v, h in heights) for j in range(size)]
        w = [w_j - rate * g_j for w_j, g_j in zip(w, g, strict=True)]
    (theorem,) = of.subgradients(rate, math.fsum(a for a, _ in parts))
    holds(lowest - theorem.floor, theorem.factor(n), math.fsum(x * x for x in start))


SETTINGS = [
    {"method": "gradient_descent", "smoothness": 1.0, "steps": 4},
    {"method": "gradient_descent", "smoothness": 3.0, "steps": 4, "rate": 1 / 3},
    {"method": "gradient_descent", "smoothness": 2.0, "mu": 0.3, "steps": 7, "rate": 0.6},
    {"method": "gradient_descent", "smoothness": 1.0, "mu": 0.1, "steps": 2, "rate": 1.9},
    {
        "method": "gradient_descent",
        "smoothness": 3.0,
        "mu": 0.3,
        "steps": 4,
        "rate": 1 / 3,
        "family": "quadratic",
    },
    {"method": "silver", "smoothness": 10.0, "steps": 7},
    {"method": "exact", "smoothness": 1.0, "mu": 0.1, "steps": 2},
]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: f"{s['method']}-{s['steps']}-{s.get('family', '')}")
def test_the_worst_problem_meets_its_bound(setting):
    full = {"mu": 0.0, "rate": None, "family": "convex", **setting}
    mu, top, n = full["mu"], full["smoothness"], full["steps"]
    facts = surface_facts({"worst_case": setting})
    centre, start = facts.minimum[1], facts.start
    assert math.fsum((a - b) * (a - b) for a, b in zip(start, centre, strict=True)) == pytest.approx(
        1.0, rel=1e-15
    )

    def cost(w):
        return worst_case(w, **full)

    def gradient(w):
        step = 1e-3j
        moved = [[complex(x) + (step if i == j else 0) for i, x in enumerate(w)] for j in range(len(w))]
        return [slope_of(m, full) for m in moved]

    rate = full["rate"] or 1.0 / top
    if setting["method"] == "exact":
        bends = (mu, top)
        w = start
        for _ in range(n):
            g = [bend * (a - c) for bend, a, c in zip(bends, w, centre, strict=True)]
            best = math.fsum(x * x for x in g) / math.fsum(b * x * x for b, x in zip(bends, g, strict=True))
            w = [a - best * x for a, x in zip(w, g, strict=True)]
        bound = of.exact_search(mu, top)[0].factor(n) * cost(start)
    else:
        rates = [rate] * n
        if setting["method"] == "silver":
            rates = [
                (1.0 + (1.0 + math.sqrt(2.0)) ** ((k & -k).bit_length() - 2)) / top for k in range(1, n + 1)
            ]
        w = descended(gradient, start, rates)[-1]
        chosen = (
            of.silver(top)[0]
            if setting["method"] == "silver"
            else of.fixed_step(rate, mu, top)[2 if full["family"] == "quadratic" else 0]
        )
        bound = chosen.factor(n)
    assert cost(w) == pytest.approx(bound, rel=1e-12)


def slope_of(w, full):
    """The derivative by the complex step, exact but for rounding of these piecewise quadratics."""
    return worst_case(w, **full).imag / 1e-3


def test_the_two_row_huber_regression_attains_descents_bound():
    delta, w = 1.0 / 9.0, [0.0, 1.0]
    for _ in range(4):  # rows (±1, 0): the cost is Huber's of the slope, and the bias stands still
        w = [w[0], w[1] - (w[1] if abs(w[1]) <= delta else delta)]
    assert curve("huber", delta, w[1])[0] == pytest.approx(1.0 / 18.0, rel=1e-14)
    assert of.fixed_step(1.0, 0.0, 1.0)[0].factor(4) == pytest.approx(1.0 / 18.0, rel=1e-15)


@given(st.floats(0.01, 1.99), st.floats(0.0, 0.99), st.integers(0, 500))
def test_a_bound_never_rises_with_more_iterations(scaled, q, n):
    for theorem in of.fixed_step(scaled, q, 1.0):
        first, second = theorem.factor(n), theorem.factor(n + 1)
        assert first is None or second <= first * (1.0 + 1e-12)


@given(st.floats(0.01, 1.99), st.floats(0.0, 0.9), st.floats(1e-9, 0.4))
def test_the_iterations_at_most_are_the_first_that_meet_the_gap(scaled, q, gap):
    bound = Bound(of.fixed_step(scaled, q, 1.0)[0], 1.0)
    n = iterations_at_most([bound], gap)
    assert bound.at(n) <= gap < bound.at(n - 1)


def test_updates_that_no_theorem_speaks_of_have_none():
    assert of.of_update(Update("plain", 2.0), 0.0, 1.0) == ()
    assert of.of_update(Update("heavy ball", 0.5, 0.9), 0.1, 1.0) == ()
    assert of.of_update(Update("nesterov", 1.5, None), 0.0, 1.0) == ()
    assert of.polyak_step(0.1, 1.0, 1.0) == ()
