"""convex_methods.json: fifty steps of methods for convex functions, in 60 decimal digits.

Source: the papers that are named at each method, written down here as they print them, apart from gdbench and
in decimal arithmetic; where a method has two forms, the one that gdbench does not use.
    python -m tests.oracles.generate.convex_methods [--write]
"""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal, getcontext
from itertools import cycle

from tests.oracles.generate.oracle import main

getcontext().prec = 60
D = Decimal
STEPS = 50
Vector = list[Decimal]
#: x → (f(x), ∇f(x)).
Function = Callable[[Vector], tuple[Decimal, Vector]]

A = [[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 0.25]]
B = [1.0, -2.0, 0.5]
X0 = [1.0, -2.0, 3.0]
#: Rows a of Σ log(1 + exp(a · x)) + ⅒ ‖x‖²/2.
ROWS = [[1.0, -2.0, 0.5], [-0.5, 1.0, 1.0], [2.0, 0.25, -1.0], [-1.0, -1.0, 0.5]]


def exact(values: list[float]) -> Vector:
    return [D(value) for value in values]


def dot(a: Vector, b: Vector) -> Decimal:
    return sum((x * y for x, y in zip(a, b, strict=True)), D(0))


def plus(a: Vector, t: Decimal, b: Vector) -> Vector:
    """a + t b."""
    return [x + t * y for x, y in zip(a, b, strict=True)]


def minus(a: Vector, b: Vector) -> Vector:
    return plus(a, D(-1), b)


def quadratic(x: Vector) -> tuple[Decimal, Vector]:
    """½ xᵀA x − bᵀx."""
    ax, b = [dot(exact(row), x) for row in A], exact(B)
    return dot(ax, x) / 2 - dot(b, x), minus(ax, b)


def softplus(x: Vector) -> tuple[Decimal, Vector]:
    """Σ log(1 + exp(a · x)) + ‖x‖²/20: convex, and no quadratic."""
    cost, g = dot(x, x) / 20, [value / 10 for value in x]
    for row in map(exact, ROWS):
        e = dot(row, x).exp()
        cost, g = cost + (1 + e).ln(), plus(g, e / (1 + e), row)
    return cost, g


PROBLEMS: dict[str, Function] = {"quadratic": quadratic, "softplus": softplus}


def optimized_gradient(f: Function, x: Vector, *, rate: Decimal, steps: int | None = None) -> Iterator[Vector]:
    """By its step coefficients: x_{i+1} = x_i − η Σ_k h_{i+1,k} ∇f(x_k)  (Kim & Fessler 2016)."""
    n = steps or STEPS + 1  # without steps the last one is never made
    while True:
        theta, h, gradients = [D(1)], {}, []
        for i in range(n):
            square = (4 if i < n - 1 else 8) * theta[i] * theta[i]
            theta.append((1 + (1 + square).sqrt()) / 2)
            for k in range(i):
                h[i + 1, k] = (2 * theta[k] - sum(h[j, k] for j in range(k + 1, i + 1))) / theta[i + 1]
            h[i + 1, i] = 1 + (2 * theta[i] - 1) / theta[i + 1]
            gradients.append(f(x)[1])
            for k, g in enumerate(gradients):
                x = plus(x, -rate * h[i + 1, k], g)
            yield x


def triple_momentum(f: Function, x: Vector, *, rate: Decimal, rho: Decimal) -> Iterator[Vector]:
    """ξ_{k+1} = (1 + β) ξ_k − β ξ_{k−1} − α ∇f(y_k), y_k = (1 + γ) ξ_k − γ ξ_{k−1}  (Van Scoy et al. 2018)."""
    beta, gamma = rho * rho / (2 - rho), rho * rho / ((1 + rho) * (2 - rho))
    now, before = x, x
    while True:
        y = [(1 + gamma) * a - gamma * b for a, b in zip(now, before, strict=True)]
        g = f(y)[1]
        following = [(1 + beta) * a - beta * b - rate * c for a, b, c in zip(now, before, g, strict=True)]
        now, before = following, now
        yield [(1 + gamma) * a - gamma * b for a, b in zip(now, before, strict=True)]


def nesterov(f: Function, x: Vector, *, rate: Decimal, restart: str) -> Iterator[Vector]:
    """θ_{k+1}² = (1 − θ_{k+1}) θ_k², β_{k+1} = θ_k (1 − θ_k)/(θ_k² + θ_{k+1})  (O'Donoghue & Candès 2015).

    Their algorithm 1 with q = 0, restarted by their gradient scheme, or by f at the y instead of the x.
    """
    y, theta, last = x, D(1), D("inf")
    while True:
        cost, g = f(y)
        if restart == "function" and cost > last:
            x, theta = y, D(1)
        last, reached = cost, plus(y, -rate, g)
        if restart == "gradient" and dot(g, minus(reached, x)) > 0:
            theta, beta = D(1), D(0)
        else:
            square = theta * theta
            following = ((square * square + 4 * square).sqrt() - square) / 2
            theta, beta = following, theta * (1 - theta) / (square + following)
        x, y = reached, plus(reached, beta, minus(reached, x))
        yield y


def descended(f: Function, x: Vector, rates: Iterator[Decimal]) -> Iterator[Vector]:
    for rate in rates:
        x = plus(x, -rate, f(x)[1])
        yield x


def silver(f: Function, x: Vector, *, smoothness: Decimal) -> Iterator[Vector]:
    """π_1 = [√2], π_{2n+1} = [π_n, 1 + ρ^(k−1), π_n], n = 2ᵏ − 1  (Altschuler & Parrilo 2024)."""
    ratio, steps = 1 + D(2).sqrt(), [D(2).sqrt()]
    for k in range(1, 6):
        steps = [*steps, 1 + ratio ** (k - 1), *steps]
    return descended(f, x, (h / smoothness for h in steps))


def silver_pair(f: Function, x: Vector, *, period: int, mu: Decimal, smoothness: Decimal) -> Iterator[Vector]:
    """2/(m + S), 2/(2M + m − S), S = √(M² + (M − m)²): the best two rates  (Altschuler 2018)."""
    s = (smoothness * smoothness + (smoothness - mu) * (smoothness - mu)).sqrt()
    assert period == 2
    return descended(f, x, cycle([2 / (mu + s), 2 / (2 * smoothness + mu - s)]))


def chebyshev(f: Function, x: Vector, *, period: int, mu: Decimal, smoothness: Decimal) -> Iterator[Vector]:
    """The eight rates in the order of Lebedev & Finogenov (1971); cos(π/16) by halving the angle."""
    assert period == 8
    cosines = [D(1), (2 + (2 + D(2).sqrt()).sqrt()).sqrt() / 2]
    while len(cosines) < 16:
        cosines.append(2 * cosines[1] * cosines[-1] - cosines[-2])
    middle, width = (smoothness + mu) / 2, (smoothness - mu) / 2
    return descended(f, x, cycle(1 / (middle + width * cosines[i]) for i in (1, 15, 7, 9, 3, 13, 5, 11)))


def adgd(f: Function, x: Vector, *, first: Decimal, variant: int) -> Iterator[Vector]:
    """Their algorithm 1 of 2020, and algorithm 2 of 2024  (Malitsky & Mishchenko)."""
    rate, theta, g = first, D("inf") if variant == 1 else 1 / D(3), f(x)[1]
    while True:
        before, seen, x = x, g, plus(x, -rate, g)
        yield x
        g = f(x)[1]
        s, y = minus(x, before), minus(g, seen)
        curvature = (dot(y, y) / dot(s, s)).sqrt()
        if variant == 1:
            found = min((1 + theta).sqrt() * rate, 1 / (2 * curvature))
        else:
            beyond = 2 * rate * rate * curvature * curvature - 1
            found = (2 / D(3) + theta).sqrt() * rate
            found = min(found, rate / beyond.sqrt()) if beyond > 0 else found
        rate, theta = found, found / rate


KINKS = [0.75, 0.5, 0.0]


def soft(v: Vector, t: Decimal) -> Vector:
    """sgn(v) max(|v| − t λ, 0)."""
    return [max(abs(x) - t * k, D(0)).copy_sign(x) for x, k in zip(v, exact(KINKS), strict=True)]


def ista(f: Function, x: Vector, *, rate: Decimal) -> Iterator[Vector]:
    """x_k = T_{λη}(x_{k−1} − η ∇s(x_{k−1}))  (Beck & Teboulle 2009)."""
    while True:
        x = soft(plus(x, -rate, f(x)[1]), rate)
        yield x


def fista(f: Function, x: Vector, *, rate: Decimal) -> Iterator[Vector]:
    """x_k = p(y_k), t_{k+1} = (1 + √(1 + 4 t_k²))/2, y_{k+1} = x_k + ((t_k − 1)/t_{k+1}) (x_k − x_{k−1})."""
    y, t = x, D(1)
    while True:
        before, x = x, soft(plus(y, -rate, f(y)[1]), rate)
        following = (1 + (1 + 4 * t * t).sqrt()) / 2
        y, t = plus(x, (t - 1) / following, minus(x, before)), following
        yield y


#: Name in the file → the method, and what each of its runs is given, with the problem.
METHODS: dict[str, tuple[Callable[..., Iterator[Vector]], list[dict]]] = {
    "optimized_gradient": (
        optimized_gradient,
        [
            {"on": "quadratic", "rate": 0.25},
            {"on": "quadratic", "rate": 0.25, "steps": 20},
            {"on": "softplus", "rate": 0.25, "steps": 50},
        ],
    ),
    "triple_momentum": (
        triple_momentum,
        [{"on": "quadratic", "rate": 0.25, "rho": 0.5}, {"on": "softplus", "rate": 0.375, "rho": 0.75}],
    ),
    "silver": (silver, [{"on": "quadratic", "smoothness": 4.0}, {"on": "softplus", "smoothness": 4.0}]),
    "silver_pair": (silver_pair, [{"on": "softplus", "period": 2, "mu": 0.125, "smoothness": 4.0}]),
    "ista": (ista, [{"on": problem, "rate": 0.25} for problem in ("quadratic", "softplus")]),
    "fista": (fista, [{"on": problem, "rate": 0.25} for problem in ("quadratic", "softplus")]),
    "adgd": (
        adgd,
        [
            {"on": problem, "first": 1e-3, "variant": variant}
            for variant in (1, 2)
            for problem in ("quadratic", "softplus")
        ],
    ),
    "chebyshev": (chebyshev, [{"on": "quadratic", "period": 8, "mu": 0.0625, "smoothness": 4.0}]),
    "nesterov": (
        nesterov,
        [
            {"on": problem, "rate": 0.25, "restart": restart}
            for restart in ("gradient", "function")
            for problem in PROBLEMS
        ],
    ),
}


def path(method: Callable[..., Iterator[Vector]], on: str, given: dict) -> list[list[float]]:
    """The points of a descent, the start among them."""
    plain = {name: D(value) if isinstance(value, float) else value for name, value in given.items()}
    points = method(PROBLEMS[on], exact(X0), **plain)
    return [X0, *([float(value) for value in next(points)] for _ in range(STEPS))]


def make() -> dict:
    return {
        "source": "the published methods in 60 decimal digits, 50 steps; points[k] is the run's iterate k",
        "problems": {"quadratic": {"A": A, "b": B}, "softplus": {"rows": ROWS}, "x0": X0, "kinks": KINKS},
        "trajectories": [
            {"method": name, "setting": number, "on": on, "given": given, "points": path(method, on, given)}
            for name, (method, settings) in METHODS.items()
            for number, (on, given) in enumerate(
                (one["on"], {k: v for k, v in one.items() if k != "on"}) for one in settings
            )
        ],
    }


def layout(made: dict) -> str:
    """A line for each trajectory."""
    head = json.dumps({key: made[key] for key in ("source", "problems")}, indent=1)[:-2]
    lines = ",\n".join(f"  {json.dumps(one)}" for one in made["trajectories"])
    return f'{head},\n "trajectories": [\n{lines}\n ]\n}}\n'


if __name__ == "__main__":
    main("convex_methods", make, layout)
