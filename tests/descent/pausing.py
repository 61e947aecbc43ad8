"""Runs specs with a pause, under whatever interpreter executes it.

Started by test_pausing.py under other interpreters, and under Python 3.9 at least, so it is written for that.
"""

import json
import sys
from dataclasses import replace
from itertools import product
from random import Random

from gdbench.descent.execute import execute
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.descent.optimizers.protocol import optimizer_facts
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.stopping import STOPPING_RULES
from tests.descent.problems import spec, table

KNOWN = ProblemConstants(0.05, 1.0, 4.0, (), 0.5)
#: What learning rates and rules must be given.
RATES = {
    "barzilai_borwein": {"first": 0.01},
    "constant": {"rate": 0.1},
    "cosine": {"rate": 0.1, "period": 9},
    "cyclic": {"lowest": 0.01, "highest": 0.2, "up": 4},
    "exponential": {"rate": 0.1, "factor": 0.9},
    "inverse_time": {"rate": 0.1},
    "joined": {"parts": [{"constant": {"rate": 0.1}, "until": 6}, {"cosine": {"rate": 0.2, "period": 9}}]},
    "multi_step": {"rate": 0.1, "milestones": [3, 9]},
    "one_cycle": {"highest": 0.2, "total": 20},
    "over_L": {"factor": 1.0},
    "pieces": {"rates": [0.1, 0.2], "until": [7]},
    "polynomial": {"rate": 0.1, "total": 30},
    "reduce_on_plateau": {"rate": 0.9, "patience": 1, "cooldown": 1, "factor": 0.8, "threshold": 0.05},
    "step": {"rate": 0.1, "every": 5},
    "warmup": {"rate": 0.1, "steps": 5},
    "wsd": {"rate": 0.1, "warmup": 3, "decay_from": 8, "total": 40},
}
RULES = {
    "aitken_gap": {"tolerance": 1e-4, "patience": 2},
    "cost_change": {"tolerance": 1e-3, "patience": 3},
    "ftol": {"tolerance": 1e-3, "patience": 3},
    "gradient_norm": {"tolerance": 0.2, "relative": True, "patience": 3},
    "max_evaluations": {"limit": 50},
    "max_iterations": {"limit": 25},
    "max_seconds": {"limit": 1e6},
    "no_improvement": {"patience": 3, "min_delta": 1e-3},
    "parameter_change": {"tolerance": 1e-2, "patience": 2},
    "relative_cost_change": {"tolerance": 1e-3, "patience": 2},
    "target": {"gap": 0.2, "patience": 2},
    "test_cost": {"patience": 4, "min_delta": 1e-3},
}
LIMIT = {"max_iterations": {"limit": 40}}
#: Ways of running besides the plainest.
WAYS = [
    {},
    {"batch_size": {"rows": {"size": 6}}},
    {"watch": {"a": {"cost_change": {"tolerance": 1e-2, "patience": 2}}, "b": {"target": {"cost": 0.4}}}},
    {"kernel": {"centred": {}}},
    {"clipping": {"norm": {"limit": 0.5}}, "initialization": {"normal": {"mean": 0.0, "std": 1.0}}},
    {"gradient": {"central": {}}},
    {"average": {"ema": {"decay": 0.9, "start": 4}}, "weight_decay": {"decoupled": {"strength": 0.1}}},
    {"surface": {"rosenbrock": {}}, "divergence": 1e300},
]


def combinations():
    """(optimizer, learning rate, rule) by name: every one with every other."""
    registries = (OPTIMIZERS, LEARNING_RATES, STOPPING_RULES)
    names = product(*([entry.name for entry in registry if _ours(entry)] for registry in registries))
    return [chosen for chosen in names if chosen[1] != "theoretical" or _recommends(chosen[0])]


def _recommends(optimizer):
    """Whether theory knows a rate for it."""
    facts = optimizer_facts({optimizer: {}})
    return facts.recommended is not None and facts.recommended(1.0, 4.0) is not None


def given(registry, name, known=None):
    """The parameters that are known, and whatever is required besides."""
    (entry,) = (entry for entry in registry if entry.name == name)
    filled = {parameter.name: _some(parameter.domain) for parameter in entry.parameters if parameter.required}
    return {**filled, **(known or {}).get(name, {})}


def _some(domain):
    """The first of some values that the domain takes."""
    for value in (0.1, 8, [3, 9]):
        try:
            domain(value)
        except ValueError:
            continue
        return value
    raise AssertionError(domain.expected)


def _ours(entry):
    """Whether it is no plug-in of another test."""
    return entry.function.__module__.startswith("gdbench.")


def job(names):
    """(spec, table or None, test rows or None, pause) of a combination, by its names alone."""
    optimizer, rate, rule = names
    random = Random("/".join(names))
    way = WAYS[0] if rate == "exact" or rule == "test_cost" else random.choice(WAYS)
    if rate in ("exact", "polyak", "over_L", "theoretical") and "surface" in way:
        way = WAYS[0]
    chosen = {rule: given(STOPPING_RULES, rule, RULES)}
    stop = {"any": [chosen, {"all": [{"cost_change": {"tolerance": 1.0}}, LIMIT]}, LIMIT]}
    made = spec(
        optimizer={optimizer: given(OPTIMIZERS, optimizer)},
        learning_rate={rate: given(LEARNING_RATES, rate, RATES)},
        convergence=stop,
        targets=["0.9", "0.5", "0.1", "1e-03"],
        **way,
    )
    rows = None if "surface" in way else table(features=2 + random.randrange(2), rows=15, seed=5)
    test = table(features=rows.features, rows=5, seed=6) if rule == "test_cost" else None
    return made, rows, test, random.randrange(0, 30)


def whole(names):
    made, rows, test, _ = job(names)
    return plain(execute(made, rows, KNOWN, None, test))


def paused(names):
    """The run as far as its pause."""
    made, rows, test, pause = job(names)
    return execute(made, rows, KNOWN, None, test, pause)


def gone_on(names, state):
    made, rows, test, _ = job(names)
    return plain(execute(made, rows, KNOWN, None, test, None, state))


def plain(result):
    """Everything but how long it took and where, every float by its bits."""
    same = replace(result, seconds=0.0, interpreter="", host="")
    return json.dumps(same.to_plain(), default=lambda part: part.to_plain())


if __name__ == "__main__":
    jobs = json.load(sys.stdin)
    if sys.argv[1] == "pause":
        print(json.dumps([paused(names).paused for names in jobs]))
    else:
        print(json.dumps([gone_on(names, state) for names, state in jobs]))
