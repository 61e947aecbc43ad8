"""The report says what theory expected, why runs ended so, where rules had stopped, and what to run next."""

import math

import pytest

from gdbench.descent.theory.worst_case.bounds import least_at, of_answers
from gdbench.judgement.diagnoses import verdicts, worst_cases_of
from gdbench.judgement.study import study
from gdbench.report.charts.worst_layer import Worst, worst_layer
from gdbench.report.page.sections import report
from gdbench.report.page.theory_card import card_properties
from gdbench.report.tables.diagnosis_table import diagnosis_table, tally
from gdbench.report.tables.shadows_table import shadows_table
from gdbench.report.tables.theory_table import agreement, predictions_table
from tests.swept import swept

GYM = "data: {dataset: linnerud, standardize: true}\ngrid:\n  model: linear\n  cost: mse\n"
LINE = "data: {synthetic: {linear_data: {rows: 20, features: 2, noise: 0.1}}}\n" + GYM[GYM.index("grid") :]
SWEEP = (
    GYM + "  learning_rate: {over_L: [0.1, 1.0, 1.9, 2.5]}\n  convergence: {max_iterations: 100}\n"
    "targets: [1e-2, 1e-6]\nwatch: [{cost_change: 1.0}, {gradient_norm: 1.0e-3}, {max_iterations: 9000}]\n"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with swept(tmp_path_factory.mktemp("theory"), SWEEP) as store:
        yield store


def column(table, name):
    return list(table.frame()[name])


def test_predicted_counts_stand_beside_those_measured(store):
    table = predictions_table(study(store))
    assert set(column(table, "kind")) == {"exact"}
    for target in ("0.01", "1e-06"):
        for predicted, measured in zip(
            column(table, f"predicted_{target}"), column(table, f"measured_{target}"), strict=True
        ):
            assert predicted == measured or (predicted > 100 and measured == float("inf"))
    assert agreement(study(store)).endswith("theory predicts exactly were met to one iteration.")
    texts = table.texts()
    assert "never" in texts["by theory"].to_numpy()  # at 2.5/L


def test_every_setting_has_its_verdict_its_grade_and_its_reason(store):
    about = study(store)
    found = verdicts(about, store)
    table = diagnosis_table(about, found, apart=True)
    assert [row.cells[0].text for row in table.rows] == [s.axes["learning_rate"] for s in about.settings]
    assert column(table, "verdict") == ["rate too small", "nothing wrong", "nothing wrong", "rate above limit"]
    assert set(column(table, "grade")) == {"proved"}
    assert tally(found).startswith("4 runs: 4 proved.")


def test_shadow_stops_come_with_the_true_gap_there(store):
    about = study(store)
    table = shadows_table(about)
    assert len(table.rows) == 3 * 4
    (problem,) = about.problems.values()
    for row, setting in zip(table.rows, about.settings, strict=False):
        stop = setting.runs[0].result.shadows[about.watched[0]]
        cells = dict(zip([c.name for c in table.columns], row.cells, strict=True))
        if stop is None:
            assert cells["iteration"].text.startswith("> ")
        else:
            assert cells["iteration"].value == stop["iteration"]
            assert cells["relative_gap"].value == problem.relative_gap(stop["cost"])
    # a rule that never fired is censored, not blank
    assert [row.cells[3].text for row in table.rows[8:10]] == ["> 100", "> 100"]


def test_the_note_says_which_rules_depend_on_the_learning_rate(store):
    about = study(store)
    (problem,) = about.problems.values()
    note = shadows_table(about).note
    for rule in about.watched[:2]:
        stops = [run.result.shadows[rule] for run in about.runs]
        gaps = [problem.relative_gap(stop["cost"]) for stop in stops if stop]
        word = "depends" if max(gaps) > 10 * min(gaps) else "hardly depends"
        assert f"“{rule}” {word} on the learning rate" in note
    # what never fired says nothing of itself
    assert about.watched[2] not in note


def test_the_sections_have_unique_ids_and_something_to_say(store):
    ids = [section.id for section in report(study(store), store).sections]
    assert [id_ for id_ in ids if id_ in ("diagnosis", "theory", "shadows", "next")] == [
        "diagnosis",
        "theory",
        "shadows",
        "next",
    ]
    assert len(set(ids)) == len(ids)


def test_the_card_is_told_in_the_facts_of_the_problem(store):
    (problem,) = study(store).problems.values()
    names = [name for name, _, _ in card_properties(problem)]
    assert {"Shape", "L, the largest curvature", "κ = L/μ", "2/(L+μ), the best fixed rate"} <= set(names)


def test_without_runs_without_watching_and_without_theory_the_tables_say_so(tmp_path):
    text = LINE + "  learning_rate: {cosine: {rate: 0.1, period: 5}}\n  convergence: {max_iterations: 9}\n"
    with swept(tmp_path, text) as store:
        about = study(store)
        assert "watches no rules" in shadows_table(about).absent
        assert predictions_table(about).absent
        assert agreement(about) == ""


BOUNDED = (
    "data: {dataset: linnerud, standardize: true}\ngrid:\n  model: linear\n  cost: {huber: {delta: 0.5}}\n"
    "  optimizer: [gradient_descent, nesterov, {optimized_gradient: {steps: 30}}]\n"
    "  learning_rate: [{over_L: [0.3, 1.0, 1.9]}, silver]\n"
    "  convergence: {max_iterations: 31}\ntargets: [1e-2]\n"
)


def test_no_run_is_above_the_worst_case_of_its_method(tmp_path):
    with swept(tmp_path, BOUNDED) as store:
        about = study(store)
        bounded = 0
        for run in about.with_curves(store):
            problem = about.problems[run.problem]
            bounds, curve = worst_cases_of(run, problem), run.result.curve
            for k, gap in zip(curve.iteration, curve.gaps(problem.optimum.cost), strict=True):
                most = least_at(bounds, k)
                if most is not None:
                    bounded += 1
                    assert gap <= most * (1.0 + 1e-9) + 1e-15
    assert bounded > 100


def test_no_search_is_above_the_worst_case_of_its_directions(tmp_path):
    text = (
        "grid:\n  surface: {quadratic: {condition: 50, dimension: 12}}\n  learning_rate: exact\n"
        "  optimizer: [gradient_descent, conjugate_gradients]\n  convergence: {max_iterations: 11}\n"
    )
    with swept(tmp_path, text) as store:
        about = study(store)
        for run in about.with_curves(store):
            problem, curve = about.problems[run.problem], run.result.curve
            bounds = worst_cases_of(run, problem)
            gaps = curve.gaps(problem.optimum.cost)
            shares = [gap / least_at(bounds, k) for k, gap in zip(curve.iteration, gaps, strict=True)]
            assert 0.1 < max(shares) <= 1.0 + 1e-9


def test_the_answer_of_triple_momentum_is_not_above_its_worst_case(tmp_path):
    text = (
        "grid:\n  surface: {quadratic: {condition: 50, dimension: 12}}\n  learning_rate: theoretical\n"
        "  optimizer: {triple_momentum: {theoretical: true}}\n  convergence: {max_iterations: 80}\n"
        "targets: [1e-3]\n"
    )
    with swept(tmp_path, text) as store:
        about = study(store)
        (run,) = about.with_curves(store)
        (problem,) = about.problems.values()
        bounds, curve = worst_cases_of(run, problem), run.result.curve
        assert least_at(bounds, 10) is None  # the theorem is not of the run's iterates
        answers = of_answers(bounds)
        for k, cost in zip(curve.iteration[1:], curve.series["answer_cost"][1:], strict=True):
            assert math.isnan(cost) or cost <= least_at(answers, k) * (1.0 + 1e-9) + 1e-15
        assert not math.isnan(curve.series["answer_cost"][-1])
        (cell,) = list(predictions_table(about).texts()["at worst"])
    assert cell.endswith(", its answer")


WAVY = """
from gdbench.descent.functions import cos
from gdbench.descent.surfaces import surface


@surface(
    "wavy",
    facts={
        "dimension": lambda: 1, "start": lambda: [2.0], "curvatures": lambda: (-3.0, 5.0), "source": "a test",
        "minimum": lambda: None,
    },
)
def wavy(w):
    \"\"\"½ x² + 4 (1 − cos x), x = w − 2.\"\"\"
    x = w[0] - 2.0
    return 0.5 * x * x + 4.0 - 4.0 * cos(x)
"""


def test_without_convexity_some_slope_is_as_small_as_it_must_be(tmp_path):
    (tmp_path / "wavy.py").write_text(WAVY, encoding="utf-8")
    text = (
        "plugins: [wavy.py]\ngrid:\n  surface: wavy\n  learning_rate: {over_L: 1.0}\n"
        "  convergence: {max_iterations: 9}\n"
    )
    with swept(tmp_path, text) as store:
        about = study(store)
        (run,) = about.with_curves(store)
        (most,) = column(predictions_table(about), "slope_at_most")
    assert min(run.result.curve.gradient_norm) <= most < run.result.curve.gradient_norm[0]


def test_what_is_measured_takes_no_longer_than_at_worst(tmp_path):
    with swept(tmp_path, BOUNDED) as store:
        table = predictions_table(study(store))
    worst, met = column(table, "worst_0.01"), column(table, "measured_0.01")
    assert any(w is not None for w in worst)
    assert all(w is None or m <= w for w, m in zip(worst, met, strict=True) if m != float("inf"))


def test_on_the_worst_problem_the_measured_gap_is_the_bound(tmp_path):
    text = (
        "grid:\n  surface: {worst_case: {steps: 20}}\n  learning_rate: {over_L: 1.0}\n"
        "  convergence: {max_iterations: 20}\n"
    )
    with swept(tmp_path, text) as store:
        (run,) = study(store).runs
        (problem,) = study(store).problems.values()
        assert least_at(worst_cases_of(run, problem), 20) == pytest.approx(run.result.final_cost, rel=1e-12)
        assert run.result.final_cost == pytest.approx(1.0 / 82.0, rel=1e-12)


@pytest.mark.parametrize("cost", ["mae", "{pinball: {tau: 0.2}}"])
def test_subgradients_come_as_low_as_they_must(tmp_path, cost):
    text = (
        f"data: {{dataset: linnerud, standardize: true}}\ngrid:\n  model: linear\n  cost: {cost}\n"
        "  learning_rate: [0.01, 0.1, 1.0]\n  convergence: {max_iterations: 300}\ntargets: [0.5, 0.1]\n"
    )
    with swept(tmp_path, text) as store:
        about = study(store)
        bounded = 0
        for run in about.with_curves(store):
            problem, curve = about.problems[run.problem], run.result.curve
            bounds, lowest = worst_cases_of(run, problem), float("inf")
            for k, gap in zip(curve.iteration, curve.gaps(problem.optimum.cost), strict=True):
                lowest, bounded = min(lowest, gap), bounded + 1
                assert lowest <= least_at(bounds, k, best=True)
                assert least_at(bounds, k) is None
    assert bounded > 100


@pytest.mark.parametrize(
    ("name", "label"),
    [("η=0.1", "worst case of η=0.1"), ("nesterov · η=0.0123456789 · normal(std=0.25)", "worst case")],
)
def test_a_long_name_stands_in_the_caption_and_not_beside_the_worst_case(name, label):
    """Beside it a narrow page would cut it off at the left."""
    worst = Worst(name, [{"n": 1, "x": 7, "height": 0.5}])
    assert name in worst.caption
    layer = worst_layer(worst, ["learning_rate"], {"field": "x"}, {"field": "height"}, [])
    assert [part["mark"]["text"] for part in layer["layer"] if part["mark"]["type"] == "text"] == [label]
