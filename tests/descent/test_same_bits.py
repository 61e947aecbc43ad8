"""A run gives the same bits on every interpreter, so that where it runs is only a question of speed."""

import hashlib
import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from gdbench.descent import KERNEL_VERSION
from gdbench.descent.costs import COSTS
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.models import MODELS
from gdbench.descent.optimizers import OPTIMIZERS
from tests.descent.bits import bits
from tests.descent.problems import PAIRS, spec, table
from tests.interpreters import NAMES, find
from tests.sampling import drawn

pytestmark = pytest.mark.exhaustive
ROOT = Path(__file__).parents[2]
INITIALIZATIONS = [
    {"zeros": {}},
    {"constant": {"value": 0.3}},
    {"normal": {"mean": 0.0, "std": 1.0}},
    {"uniform": {"low": -1.0, "high": 1.0}},
]


def jobs():
    """Every model × cost, with each gradient, initialization and kernel, converging and diverging rates."""
    data = table(features=3, rows=30, seed=4)
    whole = product(PAIRS, ["analytic", "forward", "central", "complex_step"], INITIALIZATIONS, [0.3, 40.0])
    for (model, cost), gradient, start, rate in drawn(whole, 32):
        for kernel in ["compiled", "reference"]:
            changes = spec(
                model={model: {}},
                cost={cost: {}},
                gradient={gradient: {}},
                initialization=start,
                learning_rate={"constant": {"rate": rate}},
                kernel={kernel: {}},
                targets=["0.5"],
                convergence={"any": [{"cost_change": {"tolerance": 1e-12}}, {"max_iterations": {"limit": 60}}]},
            )
            yield [changes, [list(row) for row in data.rows], data.features]


#: Rates that need parameters, and those that search along the gradient.
RATES = {
    "adgd": {"first": 0.01},
    "backtracking": {},
    "barzilai_borwein": {"first": 0.01},
    "cosine": {"rate": 0.1, "period": 9},
    "cyclic": {"lowest": 0.01, "highest": 0.2, "up": 4},
    "one_cycle": {"highest": 0.2, "total": 20},
    "chebyshev": {"period": 6},
    "silver": {"period": 8},
    "constant": {"rate": 0.1},
    "step": {"rate": 0.1, "every": 5},
    "multi_step": {"rate": 0.1, "milestones": [3, 9]},
    "exponential": {"rate": 0.1, "factor": 0.9},
    "inverse_time": {"rate": 0.1},
    "polynomial": {"rate": 0.1, "total": 30},
    "exact": {},
    "polyak": {},
    "over_L": {"factor": 1.0},
    "theoretical": {},
    "reduce_on_plateau": {"rate": 0.1},
    "joined": {"parts": [{"warmup": {"rate": 0.1, "steps": 4, "start": 0}, "until": 8}, 0.05]},
    "pieces": {"rates": [0.1, 0.05], "until": [7]},
    "warmup": {"rate": 0.1, "steps": 5},
    "wsd": {"rate": 0.1, "warmup": 3, "decay_from": 9, "total": 40, "decay": "1-sqrt"},
    "wolfe": {},
}
PARAMETERS = {
    "values": {"given": [0.1, -0.2, 0.3, -0.4]},
    "constant": {"value": 0.3},
    "sparse": {"sparsity": 0.5},
}


def pairs():
    """Every model with every cost that it goes with."""
    models = [{m.name: {}} for m in MODELS if m.name != "formula"]
    models += [{"formula": {"expression": "b1 * x1 + exp(-b2 * x2) - b3 * tanh(x3)"}}]
    for model in models:
        ((name, _),) = model.items()
        for cost in COSTS:
            over_classes = cost.facts.get("targets") == "classes"
            if MODELS[name].facts.get("many") if over_classes else name != "softmax":
                yield model, {cost.name: {}}


def laboratory():
    """Every model × cost × optimizer; every learning rate, initialization and batch on linear regression."""
    data = table(features=3, rows=12, seed=5)
    limit = {"convergence": {"max_iterations": {"limit": 15}}}
    rate = {"constant": {"rate": 0.05}}
    for model, cost in pairs():
        for optimizer in drawn(OPTIMIZERS.names, 3, name=lambda one, pair=(model, cost): f"{pair} {one}"):
            yield spec(model=model, cost=cost, optimizer={optimizer: {}}, learning_rate=rate, **limit), data
    for rate, parameters in RATES.items():
        yield spec(learning_rate={rate: parameters}, **limit), data
    for start in INITIALIZERS.names:
        if start != "published":  # it has nothing to compute
            model = {"linear" if start == "values" or start == "from_data" else "mlp": {}}
            yield spec(model=model, initialization={start: PARAMETERS.get(start, {})}, **limit), data
    yield from together(limit, data)
    yield spec(batch_size={"rows": {"size": 5}}, **limit), data
    yield spec(kernel={"qr": {}}, **limit), data
    bare = {"linear": {"bias": False}}
    for kernel in ("compiled", "qr", "reference", "centred"):
        yield spec(model=bare, kernel={kernel: {}}, **limit), data
    yield spec(model={"logistic": {"bias": False}}, cost={"logistic": {}}, **limit), data
    yield from centred()
    # wide enough for PyPy to take the tiles
    wide = table(features=60, rows=4, seed=6)
    yield spec(model={"polynomial": {"degree": 2}}, cost={"log_cosh": {}}, **limit), wide
    yield spec(penalty={"elastic_net": {"strength": 0.1}}, clipping={"norm": {"limit": 0.5}}, **limit), data


def together(limit, data):
    """Optimizers with what they go with: a search, a penalty, theory."""
    for direction, rate in product(("conjugate_gradients", "lbfgs"), ("exact", "wolfe", "backtracking")):
        yield spec(optimizer={direction: {}}, learning_rate={rate: {}}, **limit), data
    for proximal in ("ista", "fista"):
        penalty = {"elastic_net": {"strength": 0.4}}
        yield spec(optimizer={proximal: {}}, penalty=penalty, learning_rate={"over_L": {}}, **limit), data
    for restart in ("gradient", "function"):
        yield spec(optimizer={"nesterov": {"restart": restart}}, **limit), data
    for momentum in ("heavy_ball", "nesterov", "triple_momentum"):
        given = {"optimizer": {momentum: {"theoretical": True}}, "learning_rate": {"theoretical": {}}}
        yield spec(**given, **limit), data


def centred():
    """Squared errors about a point, unrolled and looped, from every start, with many rows and with too few."""
    limit = {"kernel": {"centred": {}}, "convergence": {"max_iterations": {"limit": 40}}}
    few, wide = table(features=3, rows=2, seed=7), table(features=24, rows=40, seed=8)
    for data, start in product([table(features=3, rows=12, seed=5), few, wide], INITIALIZATIONS):
        yield spec(initialization=start, **limit), data
    for penalty in ({"l2": {"strength": 0.3}}, {"l2": {"strength": 0.3, "bias": True}}):
        yield spec(penalty=penalty, cost={"half_mse": {}}, **limit), few
    for gradient in ("central", "complex_step"):
        yield spec(gradient={gradient: {}}, **limit), few
    for rate in ("backtracking", "wolfe", "exact"):
        yield spec(learning_rate={rate: {}}, **limit), few
    yield spec(model={"polynomial": {"degree": 9}}, **limit), few
    yield spec(batch_size={"rows": {"size": 5}}, **limit), wide


def all_jobs():
    yield from jobs()
    for changes, data in laboratory():
        yield [changes, [list(row) for row in data.rows], data.features]


@pytest.fixture(scope="module")
def here():
    return json.loads(json.dumps([bits(*job) for job in all_jobs()]))


@pytest.mark.parametrize("name", NAMES)
def test_every_curve_is_the_same_bit_for_bit(name, here):
    interpreter = find(name)
    if interpreter is None:
        pytest.skip(f"no working {name} on this machine")
    # -S: no site-packages, which proves besides that the kernels need the standard library only
    done = subprocess.run(
        [interpreter, "-S", "-m", "tests.descent.bits"],
        input=json.dumps(list(all_jobs())),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for job, ours, theirs in zip(all_jobs(), here, json.loads(done.stdout), strict=True):
        assert theirs == ours, job[0]


def test_every_named_choice_has_run():
    specs = [changes for changes, _ in laboratory()]
    for axis, registry in [("model", MODELS), ("cost", COSTS), ("optimizer", OPTIMIZERS)]:
        assert {name for s in specs for name in s[axis]} == set(registry.names)
    assert RATES.keys() == set(LEARNING_RATES.names)


def test_compiled_and_reference_runs_are_the_same_bit_for_bit(here):
    count = len(list(jobs()))
    compiled, reference = here[:count:2], here[1:count:2]
    assert compiled == reference


def test_a_changed_bit_needs_a_new_kernel_version():
    # Only + − × ÷ √, which IEEE 754 defines to the last bit: these digests hold on every machine. If this
    # test fails, results have changed: raise KERNEL_VERSION, so that old records are not taken for new ones.
    known = {4: ["aed08772ecd37dc8", "03f0d45b75705118", "5ca9b9ca58d7590b"]}
    data = table(features=3, rows=30, seed=4)
    rows = [[round(value * 16) / 16 for value in row] for row in data.rows]
    start = {"uniform": {"low": -1.0, "high": 1.0}}
    found = [
        hashlib.sha256(json.dumps(bits(spec(initialization=start, gradient=g), rows, 3)).encode()).hexdigest()[
            :16
        ]
        for g in ({"analytic": {}}, {"forward": {}}, {"central": {}})
    ]
    assert found == known[KERNEL_VERSION]


def test_kernels_import_the_standard_library_only():
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", "import sys, gdbench.descent.execute; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    rooms = {name.partition(".")[0] for name in loaded}
    assert rooms - {"gdbench", "__main__"} <= sys.stdlib_module_names
