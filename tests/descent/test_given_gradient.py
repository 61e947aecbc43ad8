"""A gradient of one's own: descended by, compared, and told where it is wrong; and errors by step."""

import math

import pytest

from gdbench.cli import main
from gdbench.descent.gradients import best_step, order_of, step_errors
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.study import study
from gdbench.plugins.checking import check_plugin, steps_of
from gdbench.plugins.loading import load_file
from gdbench.report.charts.charts import charts
from tests.swept import swept

PLUGIN = '''
from gdbench.descent.costs import cost
from gdbench.descent.domains import positive
from gdbench.descent.surfaces import surface


def slope(p, y, scale=1.0):
    return {factor} * scale * (p - y)


@cost("by_hand", facts={{"convex": True}}, gradient=slope, scale=positive)
def by_hand(p, y, scale=1.0):
    """scale · (p − y)².

    scale: > 0.
    """
    return scale * (p - y) * (p - y)


def classes(z, y):
    return [z_k - {factor} * y_k for z_k, y_k in zip(z, y)]


@cost("over_classes", facts={{"on": "score", "targets": "classes"}}, gradient=classes)
def over_classes(z, y):
    """Σ ½ zₖ² − 2 zₖ yₖ."""
    total = 0.0
    for z_k, y_k in zip(z, y):
        total = total + 0.5 * z_k * z_k - 2.0 * z_k * y_k
    return total


def down(w):
    return [2.0 * w[0], {factor} * w[1]]


@surface("hand_bowl", facts={{"dimension": lambda: 2, "start": lambda: [1.0, 2.0]}}, gradient=down)
def bowl(w):
    """w₁² + w₂²."""
    return w[0] * w[0] + w[1] * w[1]
'''

GRID = """\
plugins: own.py
{what}
  gradient: [given, analytic]
  learning_rate: 0.1
  initialization: {{normal: {{std: 1.0}}}}
  convergence: {{max_iterations: 30}}
"""
DATA = """\
data: {dataset: diabetes, features: [bmi, bp], standardize: true}
grid:
  model: linear
  cost: by_hand
  penalty: {l2: 0.1}"""
CLASSES = "data: {dataset: iris, standardize: true}\ngrid:\n  model: softmax\n  cost: over_classes"
SURFACE = "grid:\n  surface: hand_bowl"


@pytest.fixture
def own(tmp_path):
    def write(factor="2.0"):
        (tmp_path / "own.py").write_text(PLUGIN.format(factor=factor), encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize("what", [DATA, CLASSES, SURFACE], ids=["data", "classes", "surface"])
def test_a_right_gradient_of_ones_own_goes_the_same_way(own, what):
    folder = own()
    with swept(folder, GRID.format(what=what)) as store:
        given, analytic = (store.run(run.key).result for run in store.last_plan().runs)
    assert given.parameters == pytest.approx(analytic.parameters, rel=1e-9)
    assert given.audit["against"] == "analytic"
    assert given.audit["relative_error"] < 1e-12
    assert analytic.audit is None
    assert given.gradient_evaluations == analytic.gradient_evaluations


def test_a_wrong_gradient_is_told_with_its_parameter_and_by_how_much(own):
    folder = own("3.0")
    with swept(folder, GRID.format(what=DATA)) as store:
        about = study(store)
        found = diagnoses(about, store)[about.runs[0].key]
        audit = about.runs[0].result.audit
    assert found.verdict == "wrong_gradient"
    assert f"most in '{found.evidence['name']}' (" in found.sentence
    assert found.evidence["name"] in ("bmi", "bp", "bias")
    assert "where analytic has" in found.sentence
    assert audit["slope"] == pytest.approx(1.5 * audit["other"], rel=0.01)


def test_check_names_the_parameter_and_the_factor(own):
    plugin = load_file(own("3.0") / "own.py")
    said = {
        (one.kind, one.name): [f for f in one.findings if f.check == "given gradient"]
        for one in check_plugin(plugin)
    }
    [cost] = said["cost", "by_hand"]
    assert "p has 1.5 times the right slope" in cost.said
    [surface] = said["surface", "hand_bowl"]
    assert (surface.severity, surface.evidence["worst"]) == ("wrong", 1)
    assert "most by w[1]" in surface.said


def test_check_finds_nothing_wrong_with_a_right_one(own):
    findings = [
        f
        for one in check_plugin(load_file(own() / "own.py"))
        for f in one.findings
        if f.check == "given gradient"
    ]
    assert [f.severity for f in findings] == ["fine", "fine", "fine"]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [("cost: mse", "brings none"), ("cost: by_hand, batch_size: {rows: 5}", "batch_size full")],
    ids=["none given", "batches"],
)
def test_a_gradient_that_cannot_be_gone_by_is_refused(own, chosen, expected):
    text = f"""\
plugins: own.py
data: {{dataset: diabetes, features: bmi}}
grid: {{model: linear, {chosen}, gradient: given, learning_rate: 0.1, convergence: {{max_iterations: 5}}}}
"""
    with pytest.raises(Exception, match=expected):
        swept(own(), text)


def rosenbrock():
    spec = {"surface": {"rosenbrock": {}}, "kernel": {"compiled": {}}}
    return step_errors(build_problem(spec, None, ProblemConstants()).objective, [-1.23, 1.07])


def test_errors_by_step_have_the_slopes_of_theory():
    errors = rosenbrock()
    assert order_of(errors, "forward") == pytest.approx(1.0, abs=0.05)
    assert order_of(errors, "central") == pytest.approx(2.0, abs=0.05)
    forward, central, step = (best_step(errors, m) for m in ("forward", "central", "complex_step"))
    assert 1e-10 <= forward.step <= 1e-6
    assert 1e-7 <= central.step <= 1e-4
    assert forward.error > 10 * central.error > 100 * step.error
    short = {e.step: e.error for e in errors if e.method == "forward"}
    assert math.log10(short[1e-13] / short[1e-11]) == pytest.approx(2.0, abs=1.0), "rounding errs as 1/h"


def test_check_steps_prints_the_best_step_and_writes_the_picture(own, monkeypatch, capsys):
    folder = own()
    for more in ([], ["-o", str(folder / "steps.svg")], ["--json"]):
        monkeypatch.setattr("sys.argv", ["gdbench", "check", str(folder / "own.py"), "--steps", *more])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        out = capsys.readouterr().out
        assert more or "forward: best at h =" in out
    assert (folder / "steps.svg").read_text(encoding="utf-8").startswith("<svg")
    assert len(steps_of(load_file(folder / "own.py"))) == 3


def test_a_study_with_numerical_gradients_shows_their_errors_by_step(tmp_path):
    text = """\
data: {dataset: diabetes, features: [bmi, bp], standardize: true}
grid:
  model: linear
  cost: mse
  gradient: [analytic, central, {forward: {step: 0.01}}]
  learning_rate: 0.1
  convergence: {max_iterations: 5}
"""
    with swept(tmp_path, text) as store:
        [figure] = [figure for figure in charts(study(store), store).all if figure.id == "steps"]
    assert figure.svg().startswith("<svg")
    assert figure.data["chosen_steps-1"] == [{"h": 0.01, "method": "forward"}]
    assert {row["method"] for row in figure.data["steps-1"]} == {"forward", "central", "complex_step"}
