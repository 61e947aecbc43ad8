"""A bad pairing is refused before anything runs, with its reason; an unwise one is told once."""

from dataclasses import replace

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.descent.models import MODELS
from gdbench.planning.plan import make_plan

BASE = """\
name: pairs
data: {data}
grid:
  model: {model}
  cost: {cost}
  learning_rate: {rate}
  optimizer: {optimizer}
  initialization: {start}
  batch_size: {batch}
  clipping: {clipping}
  kernel: {kernel}
  gradient: {gradient}
  convergence: {{max_iterations: 3}}
"""
SURFACE = """\
name: pairs
grid:
  surface: {surface}
  learning_rate: {rate}
  initialization: {start}
  convergence: {{max_iterations: 3}}
"""
USUAL = {
    "data": "{dataset: diabetes}",
    "model": "linear",
    "cost": "mse",
    "rate": "0.1",
    "optimizer": "gradient_descent",
    "start": "zeros",
    "batch": "full",
    "clipping": "none",
    "kernel": "compiled",
    "gradient": "analytic",
    "surface": "rosenbrock",
}
IRIS = "{dataset: iris}"
VV = "{dataset: iris, classes: [versicolor, virginica]}"


def plan_of(folder, text, **changes):
    path = folder / "pairs.yaml"
    path.write_text(text.format(**{**USUAL, **changes}))
    return make_plan(load_experiment(path))


REFUSED = [
    (
        "hinge on three classes",
        BASE,
        {"data": IRIS, "cost": "hinge"},
        5,
        "needs a target of two classes, 0 and 1",
    ),
    ("cross-entropy on three classes", BASE, {"data": IRIS, "cost": "logistic"}, 5, "or choose softmax"),
    ("cross-entropy on a measurement", BASE, {"cost": "logistic"}, 5, "has 214 different values"),
    (
        "softmax on a measurement",
        BASE,
        {"model": "softmax", "cost": "softmax"},
        5,
        "needs a target of classes 0, 1, 2",
    ),
    (
        "softmax on one output",
        BASE,
        {"data": IRIS, "model": "logistic", "cost": "softmax"},
        5,
        "gives a single one",
    ),
    (
        "a softmax model with mse",
        BASE,
        {"data": IRIS, "model": "softmax"},
        4,
        "it goes with cost softmax, not 'mse'",
    ),
    (
        "counts below zero",
        BASE,
        {"data": "{synthetic: {linear_data: {rows: 9}}}", "model": "poisson", "cost": "poisson"},
        5,
        "needs a target of counts 0, 1, 2",
    ),
    (
        "he on a formula",
        BASE,
        {"model": '{formula: "b1 + x1"}', "start": "he_normal"},
        8,
        "scales by the layers",
    ),
    ("he on a surface", SURFACE, {"start": "he_normal"}, 5, "and 'rosenbrock' has none"),
    ("data for a surface's start", SURFACE, {"start": "from_data"}, 5, "looks at data, and a surface has none"),
    ("a published start of own data", BASE, {"start": "published"}, 8, "is for surfaces and NIST's sets"),
    (
        "a line search with adam",
        BASE,
        {"rate": "backtracking", "optimizer": "adam"},
        6,
        "plain gradient_descent",
    ),
    (
        "a line search with momentum",
        BASE,
        {"rate": "wolfe", "optimizer": "{gradient_descent: {momentum: 0.9}}"},
        6,
        "plain gradient_descent",
    ),
    (
        "proximal steps by differences",
        BASE,
        {"optimizer": "ista\n  penalty: {l1: {strength: 1}}", "gradient": "central"},
        13,
        "goes with gradient analytic",
    ),
    ("polyak's rate with lbfgs", BASE, {"rate": "polyak", "optimizer": "lbfgs"}, 6, "plain gradient_descent."),
    ("a line search on batches", BASE, {"rate": "backtracking", "batch": "32"}, 6, "batch_size full"),
    *(
        (f"{gradient} on batches", BASE, {"gradient": gradient, "batch": "32"}, 12, "batch_size full")
        for gradient in ("forward", "central", "complex_step")
    ),
    ("a line search with clipping", BASE, {"rate": "wolfe", "clipping": "{norm: 1}"}, 6, "clipping none"),
    *(
        (f"{axis} {one} {name}", BASE, {"clipping": f"none\n  {axis}: {one}", **given}, line, said)
        for axis, one, name, given, line, said in [
            ("weight_decay", "0.1", "in a search", {"rate": "wolfe"}, 11, "weight_decay none"),
            ("weight_decay", "0.1", "twice", {"optimizer": "adamw"}, 11, "a weight_decay of its own"),
            ("average", "{lookahead: {}}", "in a search", {"rate": "wolfe"}, 11, "average none"),
            ("average", "ema", "twice", {"optimizer": "schedule_free_sgd"}, 11, "a point of its own"),
        ]
    ),
    ("an exact search off quadratics", SURFACE, {"rate": "exact"}, 4, "is for quadratics"),
    (
        "qr for cross-entropy",
        BASE,
        {"data": VV, "cost": "logistic", "kernel": "qr"},
        11,
        "is for squared error",
    ),
    (
        "centred for cross-entropy",
        BASE,
        {"data": VV, "cost": "logistic", "kernel": "centred"},
        11,
        "is for squared error",
    ),
    ("qr on batches", BASE, {"batch": "32", "kernel": "qr"}, 11, "so it has no batches"),
    (
        "reference loops for a network",
        BASE,
        {"model": "mlp", "kernel": "reference"},
        11,
        "of the form w · x + b",
    ),
]


@pytest.mark.parametrize(
    ("text", "changes", "line", "reason"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_bad_pairing_is_refused_at_its_place_with_the_reason(tmp_path, text, changes, line, reason):
    with pytest.raises(ConfigError) as refused:
        plan_of(tmp_path, text, **changes)
    (mistake,) = refused.value.mistakes
    assert mistake.line == line
    assert reason in mistake.message


@pytest.mark.parametrize(
    "axis", ["model: linear", "cost: mse", "penalty: none", "batch_size: 8", "kernel: compiled"]
)
def test_a_surface_has_no_axes_of_data(tmp_path, axis):
    with pytest.raises(ConfigError, match=f"a surface has no {axis.partition(':')[0]}"):
        plan_of(tmp_path, SURFACE + f"  {axis}\n")


def test_a_surface_and_data_together_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="a surface needs no data"):
        plan_of(tmp_path, SURFACE + "data: {{dataset: iris}}\n")


@pytest.mark.parametrize("missing", ["model", "cost", "data"])
def test_without_a_surface_data_model_and_cost_are_needed(tmp_path, missing):
    text = "".join(line for line in BASE.splitlines(keepends=True) if not line.strip().startswith(missing))
    with pytest.raises(ConfigError, match=f"needs '{missing}'"):
        plan_of(tmp_path, text)


def test_what_is_merely_unwise_is_told_once_and_runs(tmp_path):
    plan = plan_of(tmp_path, BASE, data=IRIS, rate="[0.1, 0.2, 0.3]")
    assert len(plan.runs) == 3
    (doubt,) = plan.doubts
    assert "takes the classes of iris for numbers" in doubt


def test_no_bias_on_standardized_features_is_said_to_be_rarely_meant(tmp_path):
    bare, scaled = "{linear: {bias: false}}", "{dataset: diabetes, standardize: true}"
    (doubt,) = plan_of(tmp_path, BASE, data=scaled, model=bare).doubts
    assert "goes through 0 where the features are at their means" in doubt
    assert plan_of(tmp_path, BASE, data=scaled).doubts == ()
    assert plan_of(tmp_path, BASE, model=bare).doubts == ()


def test_whether_a_model_is_affine_may_hang_on_its_parameters(tmp_path, monkeypatch):
    facts = {**MODELS["polynomial"].facts, "affine": lambda degree, **_: degree < 3}
    monkeypatch.setitem(MODELS._entries, "polynomial", replace(MODELS["polynomial"], facts=facts))
    plan_of(tmp_path, BASE, model="{polynomial: {degree: 2}}", kernel="reference")
    with pytest.raises(ConfigError, match="kernel 'reference' is for scores of the form"):
        plan_of(tmp_path, BASE, model="{polynomial: {degree: 3}}", kernel="reference")


@pytest.mark.parametrize(
    "changes",
    [
        {"data": IRIS, "model": "mlp", "cost": "softmax", "start": "he_normal"},
        {"data": IRIS, "model": "linear", "cost": "softmax"},
        {"data": IRIS, "model": "poisson", "cost": "poisson"},
        {"rate": "exact"},
        {"model": "polynomial", "kernel": "reference"},
        {"data": "{dataset: Misra1a}", "model": '{formula: "b1*(1-exp(-b2*x))"}', "start": "published"},
    ],
    ids=str,
)
def test_what_goes_together_is_planned_without_a_word(tmp_path, changes):
    plan = plan_of(tmp_path, BASE, **changes)
    assert len(plan.runs) == 1
    assert plan.doubts == ()


@pytest.mark.parametrize(
    ("header", "formula", "said"),
    [
        ("dose,y", "a * exp(b * dose)", "Write x in its place."),
        ("dose,age,y", "a * x1 + b * age", "Write x2 in its place."),
        ("b,y", "a + b * x", ""),  # the column is there as x, so b is meant as a parameter
    ],
)
def test_a_column_called_by_its_own_name_in_a_formula_is_not_taken_for_a_parameter(
    tmp_path, header, formula, said
):
    values = "\n".join(",".join(str(row * k + 1) for k in range(1, header.count(",") + 2)) for row in range(4))
    (tmp_path / "doses.csv").write_text(f"{header}\n{values}\n", encoding="utf-8")
    data = "{file: doses.csv, target: y}"
    model = f'{{formula: "{formula}"}}'
    if not said:
        assert len(plan_of(tmp_path, BASE, data=data, model=model).runs) == 1
        return
    with pytest.raises(ConfigError) as refused:
        plan_of(tmp_path, BASE, data=data, model=model)
    assert said in str(refused.value)
    assert ":4:" in str(refused.value)


def test_rates_that_differ_in_their_number_alone_are_judged_alike_and_others_by_themselves(tmp_path):
    assert len(plan_of(tmp_path, BASE, rate="[0.1, 0.2, over_L]", cost="huber").runs) == 3
    with pytest.raises(ConfigError, match="'exact' is for quadratics"):
        plan_of(tmp_path, BASE, rate="[0.1, 0.2, exact]", cost="huber")
