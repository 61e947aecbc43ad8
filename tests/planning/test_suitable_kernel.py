"""`kernel: auto`: centred where a squared error is known exactly in a few seconds, compiled elsewhere."""

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.descent.costs import COSTS
from gdbench.descent.models import MODELS, affine, linear
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.problems.quadratic import affordable
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms
from gdbench.descent.registry import Entry
from gdbench.planning.plan import make_plan
from gdbench.planning.suitable_kernel import suitable_kernel
from tests.descent.problems import table
from tests.sweeps import write

LINEAR, MSE, NONE = {"linear": {}}, {"mse": {}}, {"none": {}}
CONFIG = """\
name: kernels
data: {{dataset: diabetes, standardize: true}}
grid:
  model: linear
  cost: [mse, huber]
  learning_rate: 0.1
  convergence: {{max_iterations: 5}}
{more}"""


@pytest.mark.parametrize(
    ("model", "cost", "penalty", "kernel"),
    [
        (LINEAR, MSE, NONE, "centred"),
        (LINEAR, {"half_mse": {}}, {"l2": {"strength": 0.1}}, "centred"),
        (LINEAR, MSE, {"l2": {"strength": 0.1, "bias": True}}, "centred"),
        ({"polynomial": {"degree": 4}}, MSE, NONE, "centred"),
        (LINEAR, MSE, {"l1": {"strength": 0.1}}, "compiled"),
        (LINEAR, {"huber": {}}, NONE, "compiled"),
        (LINEAR, {"logistic": {}}, NONE, "compiled"),
        ({"logistic": {}}, MSE, NONE, "compiled"),
        ({"mlp": {}}, MSE, NONE, "compiled"),
        ({"formula": {"expression": "a * x1 + b * x2 - c * x3"}}, MSE, NONE, "compiled"),
    ],
    ids=str,
)
def test_it_is_centred_for_a_squared_error_of_an_affine_model_and_else_compiled(model, cost, penalty, kernel):
    assert suitable_kernel(model, cost, penalty, table()) == kernel


@pytest.mark.parametrize(
    ("rows", "features", "soon"), [(20_000, 20, True), (400, 60, True), (20_000, 100, False), (100, 120, False)]
)
def test_what_would_take_more_than_a_few_seconds_to_know_exactly_is_compiled(rows, features, soon):
    data = Table([(*([1 / 3] * features), 0.5)] * rows, features)
    assert affordable(Terms(list), data) == soon
    assert suitable_kernel(LINEAR, MSE, NONE, data) == ("centred" if soon else "compiled")


@pytest.fixture
def claiming(monkeypatch):
    """Registers a cost, a model and a penalty that are not what they claim to be."""

    def one(registry, name, function, facts):
        entry = Entry(registry.kind, name, function, (), facts)
        monkeypatch.setitem(registry._entries, name, entry)

    one(COSTS, "nearly", lambda p, y: (p - y) * (p - y) * 1.001, COSTS["mse"].facts)
    one(MODELS, "bent", lambda w, x, outputs: affine(w, x, outputs) + w[0] * w[0], MODELS["linear"].facts)
    one(MODELS, "rooted", linear, {**MODELS["linear"].facts, "basis": lambda x: [v.hex() for v in x]})
    one(PENALTIES, "more", lambda w: w[0] * w[0], {"l1": 0.0, "l2": 1.0})


@pytest.mark.parametrize(
    ("model", "cost", "penalty"),
    [
        (LINEAR, {"nearly": {}}, NONE),
        ({"bent": {}}, MSE, NONE),
        ({"rooted": {}}, MSE, NONE),
        (LINEAR, MSE, {"more": {}}),
    ],
    ids=str,
)
@pytest.mark.usefixtures("claiming")
def test_a_plugin_that_is_not_what_it_claims_is_compiled(model, cost, penalty):
    assert suitable_kernel(model, cost, penalty, table()) == "compiled"


def kernels(tmp_path, more=""):
    plan = make_plan(load_experiment(write(tmp_path, CONFIG.format(more=more))))
    return [(next(iter(run.spec["cost"])), next(iter(run.spec["kernel"]))) for run in plan.runs]


def test_a_spec_names_the_kernel_that_runs_whether_it_was_asked_for_or_not(tmp_path):
    assert kernels(tmp_path) == [("mse", "centred"), ("huber", "compiled")]
    assert kernels(tmp_path, "  kernel: auto\n") == kernels(tmp_path)
    assert kernels(tmp_path, "  kernel: compiled\n") == [("mse", "compiled"), ("huber", "compiled")]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", "targets 1e-20, 1e-30: with kernel 'compiled'"),  # of huber
        ("  kernel: qr\n  exclude: {cost: huber}\n", "with kernel 'qr'"),
        ("  gradient: central\n  exclude: {cost: huber}\n", "with gradient 'central'"),
        ("  exclude: {cost: huber}\n", None),
    ],
)
def test_a_target_that_rounding_may_hide_is_told_before_anything_runs(tmp_path, more, told):
    text = CONFIG.format(more=more) + "targets: [1.0e-3, 1.0e-20, 1.0e-30]\n"
    doubts = make_plan(load_experiment(write(tmp_path, text))).doubts
    assert [told in doubt for doubt in doubts] == ([True] if told else [])


def test_a_kernel_that_is_named_twice_runs_once(tmp_path):
    found = kernels(tmp_path, "  kernel: [auto, compiled]\n")
    assert found == [("mse", "centred"), ("mse", "compiled"), ("huber", "compiled")]
