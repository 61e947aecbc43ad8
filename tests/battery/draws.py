"""Configs of one run each, drawn by a seed: ordinary ones as people write them, and ones with a twist."""

import math
from random import Random
from typing import NamedTuple

#: Fixed before anything was tuned by what it draws.
SEED = 20261128
ORDINARY, TWISTED = 160, 240
TARGETS = [1e-2, 1e-4, 1e-6]


class Drawn(NamedTuple):
    """name: of the draw.  config: without its name.  table: the lines of its file, where it has one."""

    name: str
    config: dict
    table: tuple = ()

    @property
    def ordinary(self):
        return self.name.startswith("ordinary")


def drawn():
    """All of them; a draw depends on its own number alone."""
    plain = [ordinary(f"ordinary {number}") for number in range(ORDINARY)]
    return plain + [twisted(f"twisted {number}") for number in range(TWISTED)]


def ordinary(name):
    draw = Random(f"{SEED} {name}")
    config, table = _weighted(draw, PROBLEMS)(draw)
    config["grid"].update(_method(draw, config["grid"]))
    config["grid"]["convergence"] = {
        "any": [_rule(draw), {"max_iterations": draw.choice([200, 400, 800, 1500])}]
    }
    if draw.random() < 0.7:
        config["targets"] = TARGETS
    return Drawn(name, config, table)


def twisted(name):
    """An ordinary draw with one or two things that go wrong in practice."""
    draw = Random(f"{SEED} {name}")
    _, config, table = ordinary(name)
    for _ in range(draw.choice([1, 1, 2])):
        table = draw.choice(TWISTS)(draw, config, table) or table
    return Drawn(name, config, table)


def _weighted(draw, choices):
    return draw.choices(list(choices), list(choices.values()))[0]


# --- problems: (config, the lines of a table)


def _rows(draw, width, scale=1.0):
    shifts = [draw.choice([0.0, 0.0, 1.0, 3.0]) for _ in range(width)]
    return [[scale * (draw.gauss(0.0, 1.0) + s) for s in shifts] for _ in range(draw.randint(12, 40))]


def _weights(draw, width):
    return [draw.gauss(0.0, 1.5) for _ in range(width)], draw.gauss(0.0, 2.0)


def _score(row, w, b):
    return math.fsum([b, *(x_j * w_j for x_j, w_j in zip(row, w, strict=True))])


def _table(rows, targets):
    header = [*(f"x{j}" for j in range(1, len(rows[0]) + 1)), "y"]
    return (header, *([*row, y] for row, y in zip(rows, targets, strict=True)))


def _of_table(draw, grid, rows, targets, *, classes=False):
    data = {"file": "table.csv", "target": "y"}
    if draw.random() < 0.5:
        data["standardize"] = True
    if classes:
        targets = [f"class {y}" for y in targets]
    return {"data": data, "grid": grid}, _table(rows, targets)


def _linear(draw):
    rows = _rows(draw, draw.randint(1, 3))
    w, b = _weights(draw, len(rows[0]))
    noise = draw.choice([0.0, 0.1, 0.5])
    targets = [_score(row, w, b) + draw.gauss(0.0, noise) for row in rows]
    cost = draw.choice(["mse", "mse", "mse", "half_mse", {"huber": {"delta": 1.0}}, "log_cosh"])
    return _of_table(draw, {"model": "linear", "cost": cost, **_ridge(draw)}, rows, targets)


def _curve(draw):
    rows = [[draw.uniform(-1.0, 1.0)] for _ in range(draw.randint(12, 30))]
    targets = [math.sin(3.0 * x) + draw.gauss(0.0, 0.1) for (x,) in rows]
    model = {"polynomial": {"degree": draw.choice([2, 3, 4])}}
    return _of_table(draw, {"model": model, "cost": "mse", **_ridge(draw)}, rows, targets)


def _two_classes(draw):
    rows = _rows(draw, draw.randint(1, 3))
    w, b = _weights(draw, len(rows[0]))
    targets = [int(_score(row, w, b) + draw.gauss(0.0, 1.5) > b) for row in rows]
    targets[:2] = [0, 1]
    cost = draw.choice(["logistic", "logistic", "squared_hinge"])
    return _of_table(draw, {"model": "logistic", "cost": cost, **_ridge(draw)}, rows, targets, classes=True)


def _three_classes(draw):
    rows = _rows(draw, 2)
    targets = [min(2, max(0, round(1.0 + sum(row) * 0.5 + draw.gauss(0.0, 0.5)))) for row in rows]
    targets[:3] = [0, 1, 2]
    return _of_table(draw, {"model": "softmax", "cost": "softmax", **_ridge(draw)}, rows, targets, classes=True)


def _counts(draw):
    rows = [[draw.gauss(0.0, 0.7)] for _ in range(draw.randint(12, 30))]
    targets = [round(math.exp(0.5 + 0.8 * x) + draw.random()) for (x,) in rows]
    return _of_table(draw, {"model": "poisson", "cost": "poisson"}, rows, targets)


def _decay(draw):
    rows = [[0.25 * k] for k in range(draw.randint(12, 24))]
    targets = [2.0 * math.exp(-0.7 * x) + 0.5 + draw.gauss(0.0, 0.02) for (x,) in rows]
    expression = draw.choice(["a * exp(-b * x) + c", "a * exp(-b * x)", "a / (1 + b * x)"])
    model = {"formula": {"expression": expression}}
    return {"data": {"file": "table.csv", "target": "y"}, "grid": {"model": model, "cost": "mse"}}, _table(
        rows, targets
    )


def _network(draw):
    kind = draw.choice(["moons", "xor", "circles"])
    data = {"synthetic": {kind: {"rows": 24, "noise": 0.1, "seed": draw.randint(0, 9)}}}
    model = {"mlp": {"hidden": [draw.choice([2, 3, 5])], "activation": draw.choice(["tanh", "relu"])}}
    return {"data": data, "grid": {"model": model, "cost": "logistic", "initialization": "xavier_uniform"}}, ()


def _quadratic(draw):
    given = {"condition": draw.choice([3, 10, 30, 100, 1000]), "dimension": draw.randint(2, 5), "rotated": True}
    return {"grid": {"surface": {"quadratic": given}, "initialization": "published"}}, ()


def _surface(draw):
    name = draw.choice(list(SURFACE_RATES))
    return {"grid": {"surface": name, "initialization": "published"}}, ()


def _ridge(draw):
    return {"penalty": {"l2": {"strength": draw.choice([0.01, 0.1])}}} if draw.random() < 0.3 else {}


PROBLEMS = {
    _linear: 6,
    _curve: 2,
    _two_classes: 4,
    _three_classes: 1,
    _counts: 1,
    _decay: 1,
    _network: 2,
    _quadratic: 3,
    _surface: 2,
}
#: Rates that do on each surface.
SURFACE_RATES = {
    "rosenbrock": [5e-4, 1e-3, 2e-3],
    "beale": [3e-3, 1e-2],
    "booth": [0.03, 0.1],
    "himmelblau": [3e-3, 1e-2],
    "rastrigin": [1e-3, 2e-3],
    "styblinski_tang": [5e-3, 2e-2],
}
OTHER_RATES = {"poisson": [1e-3, 1e-2, 0.1], "formula": [1e-3, 1e-2, 0.1], "mlp": [0.1, 0.3, 1.0]}
ADAPTIVE = {
    "adam": [0.01, 0.03, 0.1],
    "rmsprop": [0.003, 0.01],
    "adagrad": [0.1, 0.5],
    "amsgrad": [0.03, 0.1],
    "rprop": [0.01, 0.1],
    "nadam": [0.01, 0.1],
}


# --- methods


def smooth(grid):
    """Whether L is known, so that rates may be relative to it."""
    if "surface" in grid:
        return not isinstance(grid["surface"], str)
    return not any(name in str(grid["model"]) for name in OTHER_RATES)


def _method(draw, grid):
    method = {} if "initialization" in grid else {"initialization": _start(draw)}
    kind = draw.random()
    if kind < 0.12:
        name = draw.choice(list(ADAPTIVE))
        return {**method, "optimizer": name, "learning_rate": draw.choice(ADAPTIVE[name])}
    if kind < 0.27:
        method["optimizer"] = draw.choice(
            [
                {"gradient_descent": {"momentum": 0.9}},
                {"heavy_ball": {"beta": 0.5}},
                {"heavy_ball": {"beta": 0.9}},
                {"nesterov": {"beta": 0.9}},
                {"gradient_descent": {"momentum": 0.9, "nesterov": True}},
            ]
        )
    elif kind < 0.38 and "surface" not in grid:
        method["batch_size"] = draw.choice([4, 8])
    method["learning_rate"] = _rate(draw, grid, "batch_size" in method or "optimizer" in method)
    return method


def _start(draw):
    return draw.choice(["zeros", "zeros", {"normal": {"std": 1.0}}, {"normal": {"std": 0.1}}])


def plain_rates(grid):
    if "surface" in grid and isinstance(grid["surface"], str):
        return SURFACE_RATES.get(grid["surface"], [0.1])
    return next(rates for name, rates in OTHER_RATES.items() if name in str(grid["model"]))


def _rate(draw, grid, settled):
    if not settled and draw.random() < 0.2:
        return draw.choice(["backtracking", "wolfe", {"barzilai_borwein": {"first": 0.01}}])
    if not smooth(grid):
        return draw.choice(plain_rates(grid))
    if draw.random() < 0.15:
        rate = draw.choice([0.03, 0.1])
        return draw.choice(
            [
                {"cosine": {"rate": rate, "period": 400}},
                {"inverse_time": {"rate": rate, "decay": 0.01}},
                {"exponential": {"rate": rate, "factor": 0.995}},
                {"step": {"rate": rate, "every": 100, "factor": 0.5}},
            ]
        )
    return {"over_L": draw.choice([0.1, 0.3, 0.5, 1.0, 1.0, 1.5, 1.9])}


def _rule(draw):
    return draw.choice(
        [
            {"cost_change": 10.0 ** -draw.randint(6, 12)},
            {"relative_cost_change": 10.0 ** -draw.randint(6, 12)},
            {"gradient_norm": 10.0 ** -draw.randint(4, 9)},
            {"parameter_change": 10.0 ** -draw.randint(6, 10)},
            {"ftol": 1e-12},
            {"target": {"cost": -1e300}},
        ]
    )


# --- twists: each changes the config, and gives a new table where it changes that


def _long_steps(draw, config, _):
    grid = config["grid"]
    grid["learning_rate"] = (
        {"over_L": draw.choice([1.99, 2.001, 2.05, 2.5, 4.0, 20.0])}
        if smooth(grid)
        else draw.choice([5.0, 30.0, 1e3]) * draw.choice(plain_rates(grid))
    )


def _short_steps(draw, config, _):
    grid, share = config["grid"], 10.0 ** -draw.randint(2, 12)
    grid["learning_rate"] = {"over_L": share} if smooth(grid) else share * draw.choice(plain_rates(grid))


def _schedule(draw, config, _):
    rate = draw.choice([1e-3, 0.03, 0.3])
    config["grid"]["learning_rate"] = draw.choice(
        [
            {"exponential": {"rate": rate, "factor": draw.choice([0.5, 0.9, 0.99])}},
            {"step": {"rate": rate, "every": 10, "factor": 0.1}},
            {"inverse_time": {"rate": rate, "decay": 1.0, "power": draw.choice([1.0, 2.0])}},
            {"polynomial": {"rate": rate, "total": 100}},
            {"cosine": {"rate": rate, "period": 50, "then": "restart"}},
            {"cyclic": {"lowest": 0.01 * rate, "highest": rate, "up": 20}},
            {"reduce_on_plateau": {"rate": rate, "patience": 3}},
            {"warmup": {"rate": rate, "steps": 50}},
        ]
    )


def _weight_decay(draw, config, _):
    decay = draw.choice([1e-4, 1e-2, 0.3])
    name = draw.choice(["gradient_descent", "gradient_descent", "adam", "adamw"])
    config["grid"]["optimizer"] = {name: {"weight_decay": decay}}
    if name != "gradient_descent":
        config["grid"]["learning_rate"] = draw.choice([0.003, 0.03])


def _clipped(draw, config, _):
    config["grid"]["clipping"] = draw.choice([{"norm": 0.1}, {"norm": 1.0}, {"value": 0.1}])


def _small_batches(draw, config, _):
    if "surface" not in config["grid"]:
        config["grid"]["batch_size"] = draw.choice([1, 2, 5])
        if config["grid"].get("learning_rate") in ("backtracking", "wolfe"):
            config["grid"]["learning_rate"] = draw.choice([0.01, 0.1])


def _loose_rule(draw, config, _):
    loose = draw.choice(
        [
            {"cost_change": draw.choice([1e-1, 1e-3])},
            {"relative_cost_change": draw.choice([1e-2, 1e-4])},
            {"gradient_norm": draw.choice([1.0, 0.1])},
            {"gradient_norm": {"tolerance": 0.1, "relative": True}},
            {"parameter_change": draw.choice([1e-2, 1e-4])},
            {"no_improvement": {"patience": 5}},
            {"aitken_gap": 1e-3},
        ]
    )
    config["grid"]["convergence"] = {"any": [loose, {"max_iterations": 600}]}


def _far_start(draw, config, _):
    config["grid"]["initialization"] = draw.choice(
        [{"constant": 100.0}, {"constant": -30.0}, {"normal": {"std": 30.0}}, {"constant": 1e155}]
    )


def _equal_start(draw, config, _):
    config["grid"]["initialization"] = draw.choice(["zeros", {"constant": 0.5}])


def _scales(draw, config, table):
    if not table or "formula" in str(config["grid"]["model"]):
        return None
    config["data"].pop("standardize", None)
    header, *rows = table
    factors = [10.0 ** draw.randint(-3, 4) for _ in header[:-1]] + [None]
    return (
        header,
        *([x if f is None else x * f for x, f in zip(row, factors, strict=True)] for row in rows),
    )


def _twins(draw, config, table):
    """A column twice over, or a constant one."""
    if not table or "formula" in str(config["grid"]["model"]):
        return None
    config["data"].pop("standardize", None)
    header, *rows = table
    factor = draw.choice([0.0, 1.0, 2.0])
    return (["twin", *header], *([factor * row[0] + (factor == 0.0), *row] for row in rows))


def _kinks(draw, config, table):
    grid = config["grid"]
    if grid.get("model") == "linear":
        grid["cost"] = draw.choice(["mae", {"pinball": {"tau": 0.8}}, "mse"])
        if grid["cost"] == "mse":
            grid["penalty"] = {"l1": {"strength": draw.choice([0.01, 0.3])}}
    elif grid.get("model") == "logistic":
        grid["cost"] = "hinge"
    else:
        return
    if "over_L" in str(grid["learning_rate"]):
        grid["learning_rate"] = draw.choice([0.01, 0.1, 1.0])


def _differences(draw, config, _):
    method = draw.choice(["forward", "central"])
    config["grid"]["gradient"] = {method: {"step": draw.choice([1e-15, 1e-12, 1e-9, 1e-3, 1.0, 30.0])}}
    if draw.random() < 0.5:
        config["audit"] = "complex_step" if "surface" not in config["grid"] else "analytic"


def _apart(draw, config, table):
    """Two classes that a line separates."""
    if config["grid"].get("model") != "logistic":
        return None
    header, *rows = table
    places = sorted(row[0] for row in rows)
    middle = places[len(places) // 2]
    return (header, *([*row[:-1], f"class {int(row[0] >= middle)}"] for row in rows))


def _no_bias(draw, config, table):
    if config["grid"].get("model") not in ("linear", "logistic"):
        return
    names = table[0][:-1] if len(table[0]) > 2 else ["x"]
    score = " + ".join(f"w{j} * {name}" for j, name in enumerate(names))
    if config["grid"]["model"] == "logistic":
        config["grid"]["cost"] = "mse"
        score = f"1 / (1 + exp(-({score})))"
    config["grid"]["model"] = {"formula": {"expression": score}}
    config["grid"]["cost"] = "mse"
    config["grid"].pop("penalty", None)
    config["grid"]["learning_rate"] = draw.choice([0.01, 0.1, 1.0])


def _at_rest(draw, config, _):
    """A surface from where its slope vanishes, or nearly."""
    config.pop("data", None)
    place = draw.choice(
        [
            ("saddle", [1.0, 0.0], 0.1),
            ("saddle", [1.0, 1e-3], 0.1),
            ("himmelblau", [0.08667750456, 2.88425470146], 1e-3),
            ("himmelblau", [-0.27084459, -0.92303856], 1e-3),
            ("rastrigin", [2.1, 2.9], 1e-3),
            ("styblinski_tang", [2.0, 2.0], 5e-3),
            ("beale", [10.0, 10.0], 1e-9),
            ("rosenbrock", [-1.2, 1.0], 1e-7),
        ]
    )
    grid = config["grid"]
    for axis in ("model", "cost", "penalty", "batch_size", "optimizer", "gradient"):
        grid.pop(axis, None)
    config.pop("audit", None)
    grid.update(surface=place[0], initialization={"values": place[1]}, learning_rate=place[2])
    return ()


def _lively_momentum(draw, config, _):
    grid = config["grid"]
    grid["optimizer"] = draw.choice(
        [{"heavy_ball": {"beta": 0.99}}, {"nesterov": {"beta": 0.99}}, {"gradient_descent": {"momentum": 0.99}}]
    )
    if isinstance(grid["learning_rate"], str) or "barzilai" in str(grid["learning_rate"]):
        grid["learning_rate"] = {"over_L": 1.0} if smooth(grid) else draw.choice(plain_rates(grid))


def _other_optimizer(draw, config, _):
    name = draw.choice(["adam", "rmsprop", "adagrad", "adadelta", "rprop", "lion", "asgd", "adamax", "radam"])
    config["grid"]["optimizer"] = name
    config["grid"]["learning_rate"] = draw.choice([1e-4, 1e-2, 0.3, 3.0])


TWISTS = (
    _long_steps,
    _long_steps,
    _short_steps,
    _schedule,
    _weight_decay,
    _clipped,
    _small_batches,
    _loose_rule,
    _loose_rule,
    _far_start,
    _equal_start,
    _scales,
    _twins,
    _kinks,
    _kinks,
    _differences,
    _apart,
    _no_bias,
    _at_rest,
    _lively_momentum,
    _other_optimizer,
)
