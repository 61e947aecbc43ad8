"""Grouping, ranking and verdict, against numbers worked out from the records one by one."""

import json
import math
from dataclasses import replace

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.descent.recording.result import LOST as LOST_OUTCOMES
from gdbench.descent.recording.result import RunResult
from gdbench.judgement.answer import answer
from gdbench.judgement.remarks import remarks
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from tests.report.records import BASELINE, LOWEST, NORMAL, OPTIMUM, PROBLEM, TARGETS, Case, write_store


def result(outcome="converged", iterations=100, gap=1e-8, reached=(10, 20, 30), **changes):
    """A run without a curve; `reached` gives its iterations to 0.01, 0.0001 and 1e-06."""
    rules = {"converged": "cost_change", "stopped": "max_iterations"}
    return RunResult(
        outcome,
        f"It {outcome}.",
        rules.get(outcome),
        iterations=iterations,
        final_cost=LOWEST + gap * (BASELINE - LOWEST),
        iterations_to=dict(zip(TARGETS, reached, strict=True)),
        kept_from=dict(zip(TARGETS, NEVER if outcome in LOST_OUTCOMES else reached, strict=True)),
        **changes,
    )


NEVER = (None, None, None)


def read(tmp_path, cases, **options):
    with Store.read(write_store(tmp_path / "store", cases, **options)) as store:
        return study(store)


def text_of(about):
    return answer(about).text


def rates(settings):
    return [setting.rate for setting in settings]


def test_replicates_of_one_combination_are_one_setting(tmp_path):
    about = read(tmp_path, [Case(0.1, result(), NORMAL, replicate) for replicate in range(3)])
    [setting] = about.settings
    assert setting.outcome_text == "3 of 3 converged"
    assert len(setting.runs) == 3


def test_the_reach_of_an_even_number_of_runs_is_their_plain_median(tmp_path):
    runs = [result(reached=(10, 20, n)) for n in (30, 41)]
    [setting] = read(tmp_path, [Case(0.1, run, NORMAL, r) for r, run in enumerate(runs)]).settings
    assert setting.reach("1e-06").median == 35.5
    assert setting.reach_text("1e-06") == "35.5"


def test_a_target_that_is_never_reached_is_censored_at_the_iterations_done(tmp_path):
    [setting] = read(tmp_path, [Case(0.1, result("stopped", 5000, 0.5, NEVER))]).settings
    assert [setting.reach_text(target) for target in TARGETS] == ["> 5000"] * 3


def test_a_target_that_one_run_of_three_reached_is_censored_and_says_so(tmp_path):
    runs = [
        result(reached=(10, 20, 30)),
        result("stopped", 5000, 1e-3, (10, None, None)),
        result("stopped", 4000, 1e-3, (10, None, None)),
    ]
    [setting] = read(tmp_path, [Case(0.1, run, NORMAL, r) for r, run in enumerate(runs)]).settings
    assert setting.reach_text("1e-06") == "> 4000 (1 of 3)"
    assert math.isinf(setting.reach("1e-06").median)


def test_a_target_that_two_runs_of_three_reached_has_the_slower_as_its_median(tmp_path):
    runs = [
        result(reached=(1, 2, 30)),
        result(reached=(1, 2, 50)),
        result("stopped", 99, 1e-3, (1, None, None)),
    ]
    [setting] = read(tmp_path, [Case(0.1, run, NORMAL, r) for r, run in enumerate(runs)]).settings
    assert setting.reach_text("1e-06") == "50 (2 of 3)"


def test_without_an_optimum_a_target_is_not_measured_rather_than_never_reached(tmp_path):
    problem = replace(PROBLEM, optimum=Optimum("unknown", "Not looked for."))
    about = read(tmp_path, [Case(0.1, result(reached=NEVER))], problems=[problem])
    assert about.settings[0].reach("0.01") is None
    assert about.settings[0].reach_text("0.01") == "not measured"


def test_a_setting_that_never_reaches_a_target_is_never_ranked_above_one_that_does(tmp_path):
    cases = [
        Case(0.001, result("stopped", 5000, 1e-7, NEVER)),
        Case(0.01, result("stopped", 5000, 0.009, (4999, None, None))),
        Case(0.1, result("converged", 900, 1e-5, (10, 80, None))),
        Case(0.2, result("converged", 900, 1e-8, (700, 800, 900))),
        Case(0.3, result("diverged", 900, 1e9, (5, None, None), diverged_at=900)),
    ]
    about = read(tmp_path, cases)
    for target in TARGETS:
        tighter = [t for t in TARGETS if float(t) < float(target)]
        beyond = [s for s in about.ranked if not any(s.reach(t).reached for t in tighter)]
        reached = [s.reach(target).reached > 0 for s in beyond]
        assert reached == sorted(reached, reverse=True)
    assert rates(about.ranked) == [0.2, 0.1, 0.01, 0.001, 0.3]


def test_settings_that_reach_the_tightest_target_are_ordered_by_their_median_iterations(tmp_path):
    cases = [Case(rate, result(reached=(1, 2, n))) for rate, n in ((0.1, 300), (0.2, 100), (0.3, 200))]
    assert rates(read(tmp_path, cases).ranked) == [0.2, 0.3, 0.1]


def test_a_run_that_reaches_a_target_before_it_diverges_is_not_called_best(tmp_path):
    cases = [
        Case(0.1, result("stopped", 5000, 0.5, NEVER)),
        Case(0.3, result("diverged", 50, 1e9, (1, 2, 3), diverged_at=50)),
    ]
    assert rates(read(tmp_path, cases).best) == [0.1]


def repeated(rate, runs):
    return [Case(rate, run, NORMAL, replicate) for replicate, run in enumerate(runs)]


LOST = result("diverged", 3, 1e9, NEVER, diverged_at=3)


def test_a_setting_that_lost_a_run_never_beats_one_that_lost_none_and_meets_the_same_target(tmp_path):
    """However fast: 5336 iterations in 2 of 2 runs beat 2704 in the one that did not diverge."""
    safe = repeated(0.1, [result(reached=(1, 2, 5336))] * 2)
    risky = repeated(0.2, [result(reached=(1, 2, 2704)), LOST])
    about = read(tmp_path, [*risky, *safe])
    assert rates(about.ranked) == [0.1, 0.2]
    assert text_of(about) == (
        "Use η = 0.1: it keeps a relative gap of 1e-06 from iteration 5336 on (median of 2 runs); "
        "some runs of η = 0.2 diverged."
    )


@pytest.mark.parametrize("outcome", ["diverged", "failed", "crashed", "timed_out"])
def test_a_run_is_lost_that_diverged_failed_crashed_or_timed_out(tmp_path, outcome):
    lost = result(outcome, 9, 1e-9, (1, 2, 3), diverged_at=9 if outcome == "diverged" else None)
    cases = [*repeated(0.2, [result(), lost]), *repeated(0.1, [result(reached=(1, 2, 900))] * 2)]
    assert rates(read(tmp_path, cases).ranked) == [0.1, 0.2]


def test_a_tighter_target_outweighs_a_lost_run_and_the_answer_says_that_none_is_without(tmp_path):
    loose = repeated(0.1, [result("stopped", 5000, 1e-3, (9, None, None))] * 3)
    tight = repeated(0.2, [result(reached=(1, 2, 30)), result(reached=(1, 2, 50)), LOST])
    about = read(tmp_path, [*loose, *tight])
    assert rates(about.ranked) == [0.2, 0.1]
    assert text_of(about) == (
        "Use η = 0.2: it keeps a relative gap of 1e-06 from iteration 50 on (2 of 3 runs; the other diverged), "
        "and no setting does without losing a run."
    )


def test_the_share_of_runs_that_meet_a_target_counts_before_their_iterations(tmp_path):
    """Two of two in a median of 50 beat one of two in 10."""
    missed = result("stopped", 5000, 1e-5, (1, 2, None))
    lucky = repeated(0.2, [result(reached=(1, 2, 10)), missed])
    steady = repeated(0.1, [result(reached=(1, 2, k)) for k in (40, 60)])
    assert rates(read(tmp_path, [*lucky, *steady]).ranked) == [0.1, 0.2]


def test_without_any_target_met_a_lost_run_outweighs_the_lower_cost(tmp_path):
    low = repeated(0.2, [result("stopped", 9, 0.1, NEVER), LOST, LOST])
    high = repeated(0.1, [result("stopped", 9, 0.3, NEVER)] * 3)
    assert rates(read(tmp_path, [*low, *high]).ranked) == [0.1, 0.2]


def test_what_the_best_setting_lost_is_said_where_no_target_was_met(tmp_path):
    cases = [
        case
        for rate, gap in ((0.2, 0.1), (0.1, 0.3))
        for case in repeated(rate, [*[result("stopped", 9, gap, NEVER)] * 2, LOST])
    ]
    assert text_of(read(tmp_path, cases)) == (
        "No setting keeps any target; η = 0.2 came closest and ended at a relative gap of 0.1; "
        "of its 3 runs 1 diverged; some runs of η = 0.1 diverged."
    )


def test_the_answer_is_plain_values_with_its_words(tmp_path):
    cases = [
        *repeated(0.1, [result(reached=(1, 2, k)) for k in (30, 50)]),
        *repeated(0.2, [result(reached=(1, 2, 3)), LOST]),
        *repeated(0.5, [LOST, LOST]),
    ]
    plain = answer(read(tmp_path, cases)).to_plain()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    (problem,) = plain["problems"]
    assert plain["text"] == problem["text"]
    assert problem["outcomes"] == {"converged": 3, "diverged": 3}
    best = problem["best"]
    assert (best["name"], best["learning_rate"], best["target"]) == ("η = 0.1", 0.1, "1e-06")
    assert (best["kept_from"], best["kept"], best["runs"], best["lost"]) == (40.0, 2, 2, 0)
    assert [(f["fate"], f["every"], f["settings"], f["runs"]) for f in problem["failed"]] == [
        ("diverged", True, ["η = 0.5"], 2),
        ("diverged", False, ["η = 0.2"], 1),
    ]
    assert problem["text"].endswith("(median of 2 runs); η = 0.5 diverged; some runs of η = 0.2 diverged.")


def test_diverged_settings_come_last_and_the_earliest_at_the_very_end(tmp_path):
    cases = [
        Case(0.5, result("diverged", 7, 1e9, NEVER, diverged_at=7)),
        Case(0.25, result("diverged", 90, 1e9, NEVER, diverged_at=90)),
        Case(0.3, RunResult("failed", "It failed.")),
        Case(0.001, result("stopped", 5000, 0.9, NEVER)),
    ]
    assert rates(read(tmp_path, cases).ranked) == [0.001, 0.3, 0.25, 0.5]


def test_without_targets_the_lowest_final_cost_is_best(tmp_path):
    cases = [Case(rate, result(gap=gap)) for rate, gap in ((0.1, 0.3), (0.2, 0.1), (0.3, 0.2))]
    assert rates(read(tmp_path, cases, targets=()).ranked) == [0.2, 0.3, 0.1]


def test_each_problem_has_a_best_setting_of_its_own(tmp_path):
    other = replace(PROBLEM, id="p2", label="another")
    cases = [
        Case(0.1, result(reached=(1, 2, 3))),
        Case(0.2, result(reached=(1, 2, 9))),
        Case(0.1, result(reached=(1, 2, 800)), problem="p2", model="logistic"),
        Case(0.2, result(reached=(1, 2, 700)), problem="p2", model="logistic"),
    ]
    about = read(tmp_path, cases, problems=[PROBLEM, other])
    assert [(s.problem.id, s.rate) for s in about.best] == [("p1", 0.1), ("p2", 0.2)]
    assert "On quadratic · linear · mse: Use" in text_of(about)


def test_a_rule_that_declares_victory_too_far_from_the_optimum_is_exposed(tmp_path):
    [setting] = read(tmp_path, [Case(0.1, result("converged", 40, 0.03, NEVER))]).settings
    assert setting.outcome_text == "stopped"
    assert str(remarks(setting, TARGETS)) == "cost_change held, but 3 % of the way to the optimum is left"


def test_a_rule_that_declares_victory_short_of_every_target_is_exposed(tmp_path):
    about = read(tmp_path, [Case(0.1, result("converged", 40, 0.005, NEVER))], targets=["0.001", "1e-06"])
    assert str(remarks(about.settings[0], ["0.001", "1e-06"])) == "converged, but its gap 0.005 misses 0.001"


def test_the_verdict_names_the_setting_its_speed_and_what_diverged(tmp_path):
    cases = [
        Case(0.1, result(reached=(1, 2, 300))),
        Case(0.2, result(reached=(1, 2, 100))),
        Case(0.25, result("diverged", 90, 1e9, NEVER, diverged_at=90)),
    ]
    text = text_of(read(tmp_path, cases))
    assert text == "Use η = 0.2: it keeps a relative gap of 1e-06 from iteration 100 on; η = 0.25 diverged."


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (
            {0.1: result("diverged", 5, 1e9, NEVER, diverged_at=5)},
            "It diverged: try a learning rate below 0.1.",
        ),
        (
            {r: result("diverged", 5, 1e9, NEVER, diverged_at=5) for r in (0.5, 0.25)},
            "Every setting diverged: try a learning rate below 0.25.",
        ),
        ({0.1: RunResult("failed", "No.")}, "No run ended at a point that can be used: failed."),
        ({0.1: result()}, "It keeps a relative gap of 1e-06 from iteration 30 on."),
        ({0.1: result("stopped", 50, 0.5, NEVER)}, "It keeps no target and ended at a relative gap of 0.5."),
        (
            {0.1: result("stopped", 50, 1e-3, (7, None, None))},
            "It keeps a relative gap of 0.01 from iteration 7 on, but not 1e-06.",
        ),
        (
            {0.1: result("stopped", 50, 0.5, NEVER), 0.2: result("stopped", 50, 0.25, NEVER)},
            "No setting keeps any target; η = 0.2 came closest and ended at a relative gap of 0.25.",
        ),
        (
            {0.1: result("stopped", 50, 0.5, NEVER), 0.2: result("stopped", 50, 1e-3, (7, None, None))},
            "No setting keeps 1e-06; η = 0.2, the best, keeps 0.01 from iteration 7 on.",
        ),
    ],
)
def test_the_verdict_suits_every_ending(tmp_path, results, expected):
    assert text_of(read(tmp_path, [Case(rate, run) for rate, run in results.items()])) == expected


def test_an_optimum_that_is_unknown_is_said_in_the_verdict(tmp_path):
    problem = replace(PROBLEM, optimum=replace(OPTIMUM, kind="unknown", cost=None))
    assert "no optimum is known" in text_of(
        read(tmp_path, [Case(0.1, result(reached=NEVER))], problems=[problem])
    )


def test_a_problem_without_a_minimiser_is_said_in_the_verdict_with_the_reason(tmp_path):
    optimum = replace(OPTIMUM, kind="none exists", explanation="The classes are separable.", cost=None)
    told = text_of(
        read(tmp_path, [Case(0.1, result(reached=NEVER))], problems=[replace(PROBLEM, optimum=optimum)])
    )
    assert "no minimiser exists: The classes are separable" in told


def test_a_partial_plan_says_how_far_it_is(tmp_path):
    cases = [Case(0.1, result(), NORMAL, replicate) for replicate in range(24)]
    about = read(tmp_path, cases, finished=cases[:5])
    assert answer(about).progress == "5 of 24 runs so far"
    nothing = read(tmp_path / "empty", cases, finished=[])
    assert text_of(nothing) == "No run has finished yet: 0 of 24."


def test_a_store_without_a_plan_says_what_to_do(tmp_path):
    with Store.open(tmp_path) as store, pytest.raises(GdbenchError, match="gdbench run CONFIG"):
        study(store)
