"""Runs specs by the printed loop and by `descend`, under whatever interpreter executes it, and compares them.

Started by test_printed_loop.py under PyPy, and under Python 3.9 at least, so it is written for that.
"""

import json
import sys
from dataclasses import replace
from itertools import product
from random import Random

import gdbench.descent.execute as execution
from gdbench.descent.loop.printed import printable
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
from tests.descent.problems import spec, table

KNOWN, UNKNOWN = ProblemConstants(0.05, 1.0, 4.0, (), 0.5), ProblemConstants()


def at_most(limit):
    return {"max_iterations": {"limit": limit}}


RULES = [
    at_most(37),
    {"any": [{"gradient_norm": {"tolerance": 1e-3}}, at_most(1234)]},
    {"any": [{"gradient_norm": {"tolerance": 1e-4, "relative": True, "patience": 3}}, at_most(400)]},
    {"any": [{"gradient_norm": {"tolerance": 1e-2, "norm": "inf"}}, at_most(300)]},
    {
        "any": [
            {"cost_change": {"tolerance": 1e-9, "patience": 3}},
            {"ftol": {"tolerance": 1e-12}},
            at_most(300),
        ]
    },
    {"any": [{"relative_cost_change": {"tolerance": 1e-5, "patience": 2}}, at_most(200)]},
    {"any": [{"all": [{"cost_change": {"tolerance": 1e-4, "patience": 4}}, at_most(60)]}, at_most(300)]},
    {
        "any": [
            {"all": [{"gradient_norm": {"tolerance": 0.1}}, at_most(20)]},
            {"target": {"cost": 1e-9}},
            at_most(90),
        ]
    },
    {"any": [{"target": {"cost": 0.2, "patience": 2}}, at_most(150)]},
    {"any": [{"no_improvement": {"patience": 5}}, {"aitken_gap": {"tolerance": 1e-9}}, at_most(150)]},
    {"any": [{"parameter_change": {"tolerance": 1e-6}}, at_most(150)]},
    {"any": [{"max_seconds": {"limit": 1e6}}, at_most(80)]},
]
STILL = {"any": [{"all": [{"cost_change": {"tolerance": 1.0}}, at_most(40)]}, at_most(80)]}
GAPS = {"any": [{"target": {"gap": 1e-3, "patience": 2}}, at_most(250)]}
RATES = [
    {"constant": {"rate": 0.1}},
    {"constant": {"rate": 40.0}},
    {"exponential": {"rate": 0.3, "factor": 0.99}},
    {"over_L": {"factor": 1.9}},
    {"polyak": {}},
]
OPTIMIZERS = [
    {"gradient_descent": {}},
    {"gradient_descent": {"momentum": 0.9, "dampening": 0.1}},
    {"gradient_descent": {"momentum": 0.5, "nesterov": True, "weight_decay": 0.01}},
    {"heavy_ball": {"beta": 0.8}},
    {"nesterov": {}},
    {"nesterov": {"restart": "gradient"}},
    {"nesterov": {"restart": "function"}},
    {"optimized_gradient": {"steps": 30}},
    {"triple_momentum": {"rho": 0.6}},
    {"ista": {}},
    {"fista": {}},
    {"adam": {}},
]
MODELS = [
    {"model": {"linear": {}}},
    {"model": {"linear": {}}, "kernel": {"qr": {}}},
    {"model": {"linear": {}}, "kernel": {"centred": {}}},  # which carries its gap
    {"model": {"linear": {}}, "cost": {"poisson": {}}},  # exp overflows: arithmetic without a result
    {
        "model": {"logistic": {}},
        "cost": {"logistic": {}},
        "initialization": {"normal": {"mean": 0.0, "std": 1.0}},
    },
    {"model": {"linear": {}}, "clipping": {"norm": {"limit": 0.5}}},
    {"model": {"linear": {}}, "penalty": {"l1": {"strength": 0.2}}},
]
SURFACES = [{"rosenbrock": {}}, {"beale": {}}, {"himmelblau": {}}, {"quadratic": {"spectrum": [1.0, 0.01]}}]
TARGETS = ["0.5", "0.1", "1e-03", "1e-09"]


def jobs():
    """(spec, table, constants) of some hundred runs, drawn from all combinations."""
    random, data = Random(0), table(features=3, rows=12, seed=5)
    whole = list(product(MODELS, OPTIMIZERS, RATES, RULES, [KNOWN, UNKNOWN]))
    for parts, optimizer, rate, rule, known in random.sample(whole, 180):
        if known is UNKNOWN and ("over_L" in rate or "polyak" in rate):
            continue
        axes = {"optimizer": optimizer, "learning_rate": rate, "convergence": rule, "targets": TARGETS}
        yield spec(**axes, **parts), data, known
    for optimizer, rule in product(OPTIMIZERS[:4], [RULES[1], GAPS]):
        yield spec(optimizer=optimizer, convergence=rule, targets=TARGETS), data, KNOWN
    for surface, optimizer in random.sample(list(product(SURFACES, OPTIMIZERS)), 20):
        axes = {"surface": surface, "learning_rate": {"constant": {"rate": 1e-4}}, "convergence": at_most(3456)}
        yield spec(optimizer=optimizer, targets=TARGETS, **axes), None, ProblemConstants(0.0, 24.2)
    # the rate ends at 0, which one of these optimizers may rest at for a while
    still = {"learning_rate": {"cosine": {"rate": 0.1, "period": 9}}, "convergence": STILL}
    for optimizer in [*OPTIMIZERS, {"signum": {}}, {"lion": {}}]:
        yield spec(optimizer=optimizer, **still), data, KNOWN
    watched = {"watch": {"soon": at_most(5)}, "convergence": RULES[1]}
    yield spec(**watched), data, KNOWN
    yield spec(batch_size={"rows": {"size": 5}}, convergence=RULES[1]), data, KNOWN
    wide = Table([tuple(random.gauss(0.0, 1.0) for _ in range(121)) for _ in range(6)], 120)
    yield spec(convergence=RULES[1], learning_rate={"constant": {"rate": 1e-3}}), wide, KNOWN
    huge = Table([(1e155, 1.0), (-2e155, 0.0)], 1)
    yield spec(learning_rate={"constant": {"rate": 1e-312}}, convergence=RULES[1]), huge, KNOWN


def both_ways(job):
    """(the result by the printed loop, by `descend`, whether there was a printed one)."""
    found, results = [], []

    def remembered(*parts):
        found.append(printable(*parts))
        return found[-1]

    for chosen in (remembered, lambda *parts: None):
        execution.printable = chosen
        points = []
        done = execution.execute(*job, lambda series, point, points=points: points.append([*series, *point]))
        results.append([*plain(done), json.dumps(points)])
    execution.printable = printable
    return results[0], results[1], any(run is not None for run in found)


def plain(result):
    """Everything but how long it took, every float by its bits."""
    return [json.dumps(replace(result, seconds=0.0).to_plain(), default=lambda part: part.to_plain())]


def main():
    for job in jobs():
        ours, theirs, _ = both_ways(job)
        if ours != theirs:
            print(json.dumps(job[0]))


if __name__ == "__main__":
    main()
    sys.stdout.write("compared\n")
