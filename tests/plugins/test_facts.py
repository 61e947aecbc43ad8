"""A plug-in that says of itself what a built-in says gets what a built-in gets, and no false claim passes."""

import functools

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.descent.costs import COSTS, cost_facts
from gdbench.descent.errors import GdbenchError
from gdbench.descent.execute import execute
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.descent.surfaces import SURFACES
from gdbench.judgement.diagnoses import diagnosis_of, forecast_of
from gdbench.planning.plan import make_plan
from gdbench.plugins import loading
from gdbench.plugins.checking import check_plugin
from gdbench.plugins.digest import digest_of
from gdbench.plugins.loading import load_source
from gdbench.record.records import RunRecord
from gdbench.reference.problem_records import problem_record
from tests.sampling import sampled

IMPORTS = """\
import math
from gdbench.descent.costs import cost
from gdbench.descent.domains import non_negative, positive
from gdbench.descent.functions import absolute, exp, softplus, sqrt
from gdbench.descent.models import model, raw
from gdbench.descent.optimizers import Optimizer, optimizer
from gdbench.descent.penalties import penalty
from gdbench.descent.surfaces import surface
from gdbench.descent.theory.rates import Update
"""


@pytest.fixture(autouse=True)
def _no_plugin_stays():
    yield
    for plugin in list(loading._loaded.values()):
        loading._unload(plugin)


@pytest.fixture
def twin():
    """Register a built-in choice once more, as a function of its own, under the name `twin`."""
    registered = []

    def register(registry, name):
        entry = registry[name]

        @functools.wraps(entry.function)
        def function(*given, **parameters):
            return entry.function(*given, **parameters)

        domains = {parameter.name: parameter.domain for parameter in entry.parameters}
        registry.register("twin", facts=entry.facts, **domains)(function)
        registered.append(registry)

    yield register
    for registry in registered:
        registry.remove("twin")


REGRESSION = "data: {dataset: diabetes, standardize: true}\ngrid: {model: linear, cost: NAME, "
BINARY = "data: {dataset: breast_cancer, standardize: true}\ngrid: {model: linear, cost: NAME, "
OVERLAPPING = "data: {dataset: iris, classes: [1, 2], features: [0, 1]}\ngrid: {model: linear, cost: NAME, "
CLASSES = "data: {dataset: iris, standardize: true}\ngrid: {model: softmax, cost: NAME, "
COUNTS = "data: {dataset: iris, standardize: true}\ngrid: {model: poisson, cost: NAME, "
TWINS = {
    "mse": (REGRESSION, "{over_L: [0.5, 2.5]}"),
    "half_mse": (REGRESSION, "{over_L: [0.5, 2.5]}"),
    "huber": (REGRESSION, "{over_L: [0.5]}"),
    "log_cosh": (REGRESSION, "{over_L: [0.5]}"),
    "mae": (REGRESSION, "[1.0]"),
    "pinball": (REGRESSION, "[1.0]"),
    "logistic": (BINARY, "{over_L: [1.0]}"),
    "squared_hinge": (BINARY, "{over_L: [1.0]}"),
    "hinge": (BINARY, "[0.1]"),
    "softmax": (CLASSES, "{over_L: [1.0]}"),
    "poisson": (COUNTS, "[0.01]"),
}


def judged(folder, text):
    """The record of a config's problem, then what is expected of its runs and said of them."""
    path = folder / "experiment.yaml"
    path.write_text(f"name: twins\n{text}convergence: {{max_iterations: 40}}}}\ntargets: [1e-2]\n")
    plan = make_plan(load_experiment(path))
    (problem,) = plan.problems.values()
    record, found = problem_record(problem), []
    table = problem.dataset.table if problem.dataset else None
    for run in plan.runs:
        result = execute(run.spec, table, record.constants)
        done = RunRecord(run.key, run.spec, run.problem, result, 0.0, 0.0)
        found.append((forecast_of(done, record), diagnosis_of(done, record)))
    return record, found


def assert_alike(one, other, tolerance=1e-7):
    """Equal, numbers up to what two ways to one optimum may differ by."""
    if isinstance(one, float) and isinstance(other, float):
        assert one == pytest.approx(other, rel=tolerance, abs=1e-9)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_alike(one[key], other[key], tolerance)
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_alike(a, b, tolerance)
    else:
        assert one == other


def assert_twins(folder, text, name):
    (record, found), (copy, copied) = (judged(folder, text.replace("NAME", other)) for other in (name, "twin"))
    assert record.optimum.kind == copy.optimum.kind
    assert_alike(record.optimum.cost, copy.optimum.cost)
    assert_alike([record.smoothness, record.convexity], [copy.smoothness, copy.convexity])
    card, other = dict(record.card), dict(copy.card)
    assert_alike(card, other, 1e-4)  # a Hessian at two solvers' words for one optimum
    for (forecast, diagnosis), (expected, said) in zip(found, copied, strict=True):
        assert (diagnosis.verdict, diagnosis.grade) == (said.verdict, said.grade)
        assert (forecast is None) == (expected is None)
        if forecast is not None:
            assert (forecast.kind, forecast.update, forecast.how) == (
                expected.kind,
                expected.update,
                expected.how,
            )
            assert_alike(forecast.iterations, expected.iterations, 1e-2)


def test_every_cost_has_a_twin_here():
    assert set(TWINS) == set(COSTS.names)


@sampled("name", TWINS, 4, kept=["logistic"])
def test_a_cost_defined_again_as_a_plugin_gets_the_same_card_predictions_and_verdicts(tmp_path, twin, name):
    twin(COSTS, name)
    problem, rates = TWINS[name]
    assert_twins(tmp_path, f"{problem}learning_rate: {rates}, ", name)


def test_a_plugin_cost_that_falls_for_ever_on_separable_classes_is_proved_to(tmp_path, twin):
    twin(COSTS, "logistic")
    text = "data: {dataset: iris, classes: [0, 1]}\ngrid: {model: linear, cost: twin, learning_rate: 0.1, "
    assert judged(tmp_path, text)[0].optimum.kind == "none exists"


@sampled("name", OPTIMIZERS.names, 5, kept=["gradient_descent"])
def test_an_optimizer_defined_again_as_a_plugin_gets_the_same_predictions_and_verdicts(tmp_path, twin, name):
    twin(OPTIMIZERS, name)
    assert_twins(
        tmp_path,
        f"{REGRESSION}optimizer: NAME, learning_rate: [0.1, 2.0], ".replace("cost: NAME", "cost: mse"),
        name,
    )


@sampled("name", SURFACES.names, 10, kept=["rosenbrock"])
def test_a_surface_defined_again_as_a_plugin_gets_the_same_card_predictions_and_verdicts(tmp_path, twin, name):
    twin(SURFACES, name)
    assert_twins(tmp_path, "grid: {surface: NAME, learning_rate: [0.001], ", name)


SURFACE, STEP = '"dimension": 1, "start": [1.0], ', "[a - 2.0 * rate * b for a, b in zip(w, g)]"
OPTIMIZER = f"Optimizer(lambda w: None, lambda w, g, state, rate: ({STEP}, state))"
#: What is false of it: (kind, facts, what the function takes, what it gives, what is to be said).
FALSE = {
    "convex": ("cost", '"convex": True', "p, y", "1 - exp(-(p - y) * (p - y))", "convex is false"),
    "bound": ("cost", '"curvature": 0.9', "p, y", "0.5 * (p - y) * (p - y)", "curvature is false"),
    "steepest": ("cost", '"steepest": 0.5', "p, y", "absolute(p - y)", "steepest is false"),
    "no kink": ("cost", '"kinks": ()', "p, y", "absolute(p - y)", "kinks is false: there is one at p = 0"),
    "a kink": ("cost", '"kinks": lambda y: (y,)', "p, y", "(p - y) * (p - y)", "the slope does not jump"),
    "square": ("cost", '"curvature": 2.0, "quadratic": True', "p, y", "p * p - y", "quadratic is false"),
    "most curved": (
        *("cost", '"curvature": 2.0, "most_curved_at": 9.0', "p, y", "sqrt(1.0 + (p - y) * (p - y))"),
        "most_curved_at is false",
    ),
    "falls not": ("cost", '"falls": 0.0', "p, y", "softplus(p)", "falls is false: at p = -31.5"),
    "falls": ("cost", '"falls": 1.0', "p, y", "(p - y) * (p - y)", "it falls no more"),
    "penalty": ("penalty", '"l1": 0.0, "l2": 1.0', "w", "w[0] * w[0] + w[1] + w[2]", "l1 and l2 are false"),
    "affine": (
        *("model", '"affine": True, "basis": raw, "size": lambda d: d + 1', "w, x, outputs"),
        *("w[0] * w[1] * x[0] + w[1] * x[1] + w[2]", "affine is false"),
    ),
    "without a bias": (
        *("model", '"affine": True, "basis": raw, "bias": False, "size": lambda d: d', "w, x, outputs"),
        *("w[0] * x[0] + w[1] * x[1] + 1.0", "and w · basis(x) is"),
    ),
    "minimum": ("surface", SURFACE + '"minimum": lambda: (0.5, [0.0])', "w", "w[0] * w[0]", "minimum is false"),
    "curvatures": (
        *("surface", SURFACE + '"curvatures": (0.0, 1.0)', "w", "w[0] * w[0]"),
        "curvatures is false",
    ),
    "not convex": ("surface", SURFACE + '"convex": True', "w", "exp(-w[0] * w[0])", "convex is false"),
    "bowl": ("surface", SURFACE + '"quadratic": True', "w", "w[0] * w[0] * w[0]", "quadratic is false"),
    "spectrum": (
        *("surface", SURFACE + '"quadratic": True, "spectrum": [1.0]', "w", "w[0] * w[0]"),
        "spectrum is false",
    ),
    "step": ("optimizer", '"along_gradient": True', "", OPTIMIZER, "along_gradient is false"),
    "update": ("optimizer", '"update": lambda r, mu, L: Update("plain", r)', "", OPTIMIZER, "update is false"),
}


def choice(kind, facts, takes, gives):
    return f'@{kind}("bad", facts={{{facts}}})\ndef bad({takes}):\n    return {gives}'


def findings_of(text):
    (checked,) = check_plugin(load_source(IMPORTS + text, "bad.py"))
    return checked


@pytest.mark.parametrize("claim", FALSE)
def test_a_false_claim_is_found_and_named(claim):
    *made, said = FALSE[claim]
    checked = findings_of(choice(*made))
    assert checked.is_wrong
    false = [finding.said for finding in checked.findings if finding.check == "facts"]
    assert any(said in words for words in false), checked.findings


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ('{"convexx": True}', "Did you mean convex?"),
        ('{"quadratic": True}', "says nothing without curvature"),
    ],
)
def test_a_fact_that_nobody_reads_is_refused(facts, said):
    with pytest.raises(GdbenchError, match=r"bad\.py:\d+: cost 'bad' has the fact") as error:
        load_source(f'{IMPORTS}@cost("bad", facts={facts})\ndef bad(p, y):\n    return p - y', "bad.py")
    assert said in str(error.value)


def test_what_claims_nothing_is_told_what_that_costs():
    checked = findings_of('@cost("bad")\ndef bad(p, y):\n    return (p - y) * (p - y)')
    assert any("claims nothing" in finding.said for finding in checked.findings)


SQUARE = """\
from gdbench.descent.costs import cost

@cost("square"FACTS)
def square(p, y):
    return (p - y) * (p - y)
"""


def square(facts):
    return SQUARE.replace("FACTS", facts)


def test_a_claim_is_no_part_of_what_a_plugin_does_and_how_it_is_evaluated_is():
    plain = digest_of(square(""))
    assert digest_of(square(', facts={"convex": True, "curvature": 2.0}')) == plain
    assert digest_of(square(', facts={"on": "score"}')) != plain
    assert digest_of(square(', facts={"convex": True, "on": "score"}')) == digest_of(
        square(', facts={"on": "score"}')
    )


def keys(folder, facts, rate):
    (folder / "square.py").write_text(square(facts))
    path = folder / "experiment.yaml"
    path.write_text(
        "name: keys\nplugins: ./square.py\ndata: {dataset: diabetes}\n"
        f"grid: {{model: linear, cost: square, learning_rate: {rate}, convergence: {{max_iterations: 5}}}}\n"
    )
    return [run.key for run in make_plan(load_experiment(path)).runs]


def test_a_run_is_the_same_whatever_is_claimed_unless_a_step_rests_on_it(tmp_path):
    one, other = (
        ', facts={"convex": True, "curvature": 2.0, "kinks": ()}',
        ', facts={"curvature": 3.0, "kinks": ()}',
    )
    assert keys(tmp_path, "", "0.1") == keys(tmp_path, one, "0.1") == keys(tmp_path, other, "0.1")
    assert keys(tmp_path, one, "{over_L: 1.0}") != keys(tmp_path, other, "{over_L: 1.0}")


SCALED = """
@cost("scaled", facts={"convex": True, "curvature": lambda scale: 2.0 * scale}, scale=positive)
def scaled(p, y, scale=3.0):
    return scale * (p - y) * (p - y)
"""


def test_the_bound_of_a_curvature_may_depend_on_the_parameters():
    assert not findings_of(SCALED).is_wrong
    assert cost_facts({"scaled": {"scale": 5.0}}).curvature == 10.0
