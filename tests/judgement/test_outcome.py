"""Converged means that a rule fired and that nothing on record contradicts it; put to the test by going on."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.config.experiment import load_experiment
from gdbench.descent.recording.result import OUTCOMES, RunResult
from gdbench.execution.outlook import outlook
from gdbench.judgement.contradictions import CONTRADICTIONS
from gdbench.judgement.outcome import as_judged, fate_of, judged, outcomes_of, reason, sound
from gdbench.judgement.status import status_of
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.record.frames import runs_of
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.tracking import child
from tests.report.records import BASELINE, LOWEST, PROBLEM, Case, write_store
from tests.swept import swept

HEAVY_BALL = """\
data: {dataset: diabetes, standardize: true}
grid:
  model: linear
  cost: mse
  optimizer: {heavy_ball: {beta: 0.99}}
  learning_rate: 0.1
  initialization: zeros
  convergence: {any: [{relative_cost_change: 1e-3}, {max_iterations: 5000}]}
"""
BOWL = """\
grid:
  surface: {{quadratic: {{spectrum: {spectrum}}}}}
  learning_rate: {rate}
  initialization: {start}
  convergence: {{any: [{rule}, {{max_iterations: 2000}}]}}
"""
ROSENBROCK = """\
grid:
  surface: rosenbrock
  learning_rate: 0.001
  initialization: {{values: {{given: [-0.5, 0.5]}}}}
  convergence: {{any: [{rule}, {{max_iterations: {limit}}}]}}
"""
SADDLE = """\
grid:
  surface: saddle
  learning_rate: 0.1
  initialization: zeros
  convergence: {any: [{gradient_norm: 1e-6}, {max_iterations: 100}]}
"""
XOR = """\
data: {{file: {folder}/xor.csv, target: y}}
grid:
  model: {{mlp: {{hidden: [2], activation: sigmoid}}}}
  cost: logistic
  learning_rate: 1
  initialization: zeros
  convergence: {{any: [{{gradient_norm: 1e-6}}, {{max_iterations: 100}}]}}
"""


def verdicts(tmp_path, text):
    """(claimed outcome, judged outcome) of each run of a config."""
    with swept(tmp_path, text) as store:
        problems = store.problems()
        return [(run, judged(run, problems[run.problem])) for run in store.runs()]


def bowl(spectrum="[1, 1]", rate="0.5", start="zeros", rule="{cost_change: 1e-9}"):
    return BOWL.format(spectrum=spectrum, rate=rate, start=start, rule=rule)


def test_a_run_that_ends_above_its_own_best_has_not_converged(tmp_path):
    [(run, outcome)] = verdicts(tmp_path, HEAVY_BALL)
    assert run.result.final_cost > 1.5 * run.result.best_cost  # 5064 after 3086
    assert run.result.outcome == "converged"
    assert (outcome.name, outcome.code) == ("stopped", "above_best")
    assert reason(outcome, run.result.rule) == (
        "relative_cost_change held, but the cost 5064 is above the 3086 that the run had met"
    )


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("{cost_change: 1e-12}", "downhill"),
        ("{relative_cost_change: 1e-12}", "downhill"),
        ("{ftol: 1e-12}", "downhill"),
        ("{parameter_change: 1e-12}", "moves"),
    ],
)
def test_steps_that_are_small_because_the_rate_is_are_no_convergence(tmp_path, rule, code):
    dying = "{exponential: {rate: 0.5, factor: 0.5}}"
    [(run, outcome)] = verdicts(tmp_path, bowl("[1, 0.01]", dying, rule=rule))
    assert run.result.outcome == "converged"
    assert run.result.final_gradient_norm > 1e-3
    assert (outcome.name, outcome.code) == ("stopped", code)


@pytest.mark.parametrize("rate", ["1e-9", "1e-6"])
def test_neither_is_a_constant_rate_that_is_next_to_nothing(tmp_path, rate):
    [(_, outcome)] = verdicts(tmp_path, bowl(rate=rate, rule="{cost_change: 1e-3}"))
    assert (outcome.name, outcome.code) == ("stopped", "downhill")


@pytest.mark.parametrize(
    "rule",
    [
        "{cost_change: 1e-9}",
        "{ftol: 1e-9}",
        "{parameter_change: 1e-9}",
        "{gradient_norm: 1e-9}",
        "{aitken_gap: {tolerance: 1e-9}}",
        "{target: {cost: 1e-9}}",
    ],
)
@pytest.mark.parametrize("rate", ["0.05", "0.5", "1.9"])
def test_a_run_that_arrives_has_converged_by_whichever_rule(tmp_path, rate, rule):
    [(run, outcome)] = verdicts(tmp_path, bowl("[1, 0.3]", rate, rule=rule))
    assert (outcome.name, outcome.code) == ("converged", run.result.cause)


def test_a_run_in_a_long_valley_that_a_loose_rule_ends_is_still_gaining(tmp_path):
    """What slope and curvature along it say, without the optimum, is put to the test by going on."""
    found = []
    for rule, limit in (("{cost_change: 1e-3}", 2000), ("{gradient_norm: 1e-12}", 20000)):
        (tmp_path / str(limit)).mkdir()
        with swept(tmp_path / str(limit), ROSENBROCK.format(rule=rule, limit=limit)) as store:
            [problem], [run] = store.problems().values(), store.runs()
        found.append(run)
    ended, longer = (run.result for run in found)
    outcome = judged(found[0], replace(problem, optimum=Optimum("unknown", "")))
    assert (ended.outcome, outcome.name, outcome.code) == ("converged", "stopped", "gaining")
    assert ended.final_cost - longer.final_cost > 0.01 * (ended.initial_cost - ended.best_cost)


def test_a_rule_that_fires_with_much_of_the_way_left_is_no_convergence(tmp_path):
    text = bowl("[1, 0.1]", "1", rule="{gradient_norm: 5e-2}")
    [(run, outcome)] = verdicts(tmp_path, text)
    assert run.result.outcome == "converged"
    assert (outcome.name, outcome.code) == ("stopped", "far")
    assert outcome.numbers["share"] == pytest.approx(run.result.final_cost / run.result.initial_cost)


def test_a_slope_that_could_gain_next_to_nothing_of_the_way_come_is_none(tmp_path):
    """A relative rule at a minimum of zero fires only when no step is left."""
    [(run, outcome)] = verdicts(tmp_path, bowl("[1, 0.3]", rule="{relative_cost_change: 1e-9}"))
    assert run.result.final_cost < 1e-30
    assert outcome.name == "converged"


def test_a_minimum_that_is_not_the_lowest_is_one_all_the_same(tmp_path):
    text = """\
grid:
  surface: styblinski_tang
  learning_rate: 0.01
  initialization: {constant: 2}
  convergence: {any: [{gradient_norm: 1e-9}, {max_iterations: 2000}]}
"""
    [(run, outcome)] = verdicts(tmp_path, text)
    assert run.result.final_cost > -60  # the lowest is −78.33
    assert outcome.name == "converged"


def test_a_saddle_is_no_minimum(tmp_path):
    [(run, outcome)] = verdicts(tmp_path, SADDLE)
    assert run.result.outcome == "converged"
    assert (outcome.name, outcome.code) == ("stopped", "bends_down")


def test_a_network_that_begins_and_ends_with_copies_has_not_converged(tmp_path):
    (tmp_path / "xor.csv").write_text("x1,x2,y\n1,1,0\n1,0,1\n0,1,1\n0,0,0\n", encoding="utf-8")
    [(run, outcome)] = verdicts(tmp_path, XOR.format(folder=tmp_path))
    assert (run.result.outcome, run.result.iterations) == ("converged", 0)
    assert (outcome.name, outcome.code) == ("stopped", "copies")


def test_a_gradient_that_an_audit_found_wrong_proves_nothing(tmp_path):
    text = bowl("[1, 0.1]", rule="{gradient_norm: 1e-6}").replace(
        "grid:", "audit: analytic\ngrid:\n  gradient: [analytic, {forward: {step: [1e-2, 1e-17]}}]"
    )
    found = {
        next(iter(run.spec["gradient"])) + str(*run.spec["gradient"].values()): outcome.code
        for run, outcome in verdicts(tmp_path, text)
    }
    assert sorted(found.values()) == ["gradient_norm", "wrong_gradient", "wrong_gradient"]
    assert found["analytic{}"] == "gradient_norm"


def ended(**changes):
    result = RunResult(
        "converged",
        "It converged.",
        "cost_change",
        iterations=9,
        initial_cost=BASELINE,
        final_cost=LOWEST,
        best_cost=LOWEST,
        final_gradient_norm=0.0,
        iterations_to={"0.01": 3},
        cause="cost_change",
    )
    return Case(0.1, replace(result, **changes)).record


def test_a_cost_below_the_claimed_optimum_voids_it_and_every_gap_measured_by_it():
    below = ended(best_cost=LOWEST - 1.0, final_cost=LOWEST - 1.0)
    problem = sound(PROBLEM, [ended(), below])
    assert (problem.optimum.kind, problem.optimum.cost) == ("unknown", None)
    assert "2858.7" in problem.optimum.explanation
    assert as_judged(ended(), problem).result.iterations_to == {}
    assert sound(PROBLEM, [ended()]) is PROBLEM


def test_rounding_voids_no_optimum():
    assert sound(PROBLEM, [ended(best_cost=LOWEST * (1 - 1e-14))]) is PROBLEM


@pytest.mark.parametrize("name", [name for name in OUTCOMES if name != "converged"])
def test_what_no_rule_called_converged_is_shown_as_it_was_recorded(name):
    run = ended(outcome=name, final_cost=2 * BASELINE)
    assert judged(run, PROBLEM).name == name
    assert as_judged(run, PROBLEM) is run


@pytest.mark.parametrize(
    ("fate", "evidence", "audit"),
    [
        ("copies", {"units": [[0, 4, 4, 1]]}, None),
        ("wrong_gradient", {"start_gradient_norm": 0.0}, {"relative_error": 1.0, "taylor_order": None}),
        ("", {"start_gradient_norm": 0.1}, {"relative_error": 1.0, "taylor_order": None}),
    ],
)
def test_what_a_report_lets_go_of_a_record_does_not_say_how_the_run_failed(tmp_path, fate, evidence, audit):
    run = ended(
        outcome="stopped", cause="max_iterations", evidence={**evidence, "steps": [[0, 0.1, 1.0]]}, audit=audit
    )
    with Store.open(tmp_path) as store:
        store.add(run)
        [kept] = store.runs_to_judge([run.key])
    assert fate_of(kept) == fate_of(run) == fate
    assert "steps" not in kept.result.evidence


def test_an_older_stall_counts_where_every_step_is_tried():
    """Rprop leaves steps out: what an older gdbench called a stall was none."""
    stalled = ended(outcome="stalled", cause="zero_length_step")
    assert judged(stalled, PROBLEM).name == "stalled"
    skipping = replace(stalled, spec={**stalled.spec, "optimizer": {"rprop": {}}})
    assert judged(skipping, PROBLEM)[:2] == ("stopped", "skipped")


def test_an_older_record_is_judged_by_what_it_has():
    bare = RunResult.from_plain({"outcome": "converged", "reason": "", "rule": "cost_change"})
    assert judged(Case(0.1, bare).record, PROBLEM).name == "converged"
    assert judged(Case(0.1, bare).record, None).name == "converged"


@given(
    last=st.floats(0, 1e6),
    best=st.floats(0, 1e6),
    size=st.floats(0, 1e6),
    name=st.sampled_from(sorted(OUTCOMES)),
)
def test_judgement_takes_converged_away_and_never_gives_it(last, best, size, name):
    run = ended(
        outcome=name, final_cost=LOWEST + last, best_cost=LOWEST + min(best, last), final_gradient_norm=size
    )
    outcome = judged(run, replace(PROBLEM, smoothness=8.05))
    assert outcome.name == name or (name, outcome.name) == ("converged", "stopped")
    assert outcome.name == name or outcome.code in CONTRADICTIONS


def test_every_voice_shows_the_outcome_that_is_judged(tmp_path):
    with swept(tmp_path, HEAVY_BALL) as store:
        about = study(store)
        problems = store.problems()
        [run] = store.runs()
        told = as_judged(run, problems[run.problem])
        assert store.outcomes() == {run.key: "converged"}
        assert outcomes_of(store, [run.key]) == {run.key: "stopped"}
    assert about.outcomes == {"stopped": 1}
    assert runs_of(about)["outcome"].tolist() == ["stopped"]
    assert status_of(tmp_path / "swept").outcomes == Counter({"stopped": 1})
    plan = make_plan(load_experiment(tmp_path / "swept.yaml"))
    assert [one.outcome for one in outlook(plan, tmp_path / "swept").prospects] == ["stopped"]
    tags = child.tags(told, about.plan)
    assert tags["outcome"] == "stopped"
    assert tags["reason"].startswith("relative_cost_change held, but the cost 5064")


def test_the_void_of_an_optimum_reaches_what_is_ranked(tmp_path):
    cases = [
        Case(0.1, ended().result),
        Case(0.2, ended(best_cost=LOWEST - 900.0, final_cost=LOWEST - 900.0).result),
    ]

    with Store.read(write_store(tmp_path / "store", cases)) as store:
        about = study(store)
    assert [setting.reach_text("0.01") for setting in about.settings] == ["not measured"] * 2
    assert about.best[0].rate == 0.2
