"""The ranking is a total order in which speed never makes up for a lost run, nor passing for staying."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.recording.result import LOST, RunResult
from gdbench.judgement.ranking import best_of, standing
from gdbench.judgement.settings import group
from tests.report.records import BASELINE, LOWEST, NORMAL, PROBLEM, Case

TARGETS = ("0.01", "1e-06")
AXES = ("learning_rate", "initialization")
LEFT = st.sampled_from([None, 3, 30, 300, 303])


@st.composite
def runs(draw):
    """A run as it may be recorded: what it met at first, what it kept, and how it ended."""
    outcome = draw(st.sampled_from(["converged", "stopped", "stalled", *LOST]))
    first = {target: draw(LEFT) for target in TARGETS}
    kept = {t: k if k is None or draw(st.booleans()) else None for t, k in first.items()}
    gap = draw(st.sampled_from([1e-9, 1e-4, 0.2, 0.2001, 0.9]))
    finite = outcome != "failed"
    return RunResult(
        outcome,
        "",
        iterations=400,
        initial_cost=BASELINE,
        final_cost=LOWEST + gap * (BASELINE - LOWEST) if finite else None,
        iterations_to=first,
        kept_from=dict.fromkeys(TARGETS) if outcome in LOST else kept,
        diverged_at=draw(st.integers(1, 400)) if outcome == "diverged" else None,
        audit=draw(st.sampled_from([None, None, {"relative_error": 0.5, "taylor_order": 1.0}])),
    )


@st.composite
def sweeps(draw):
    """Settings of one to three runs each."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        repeats = draw(st.lists(runs(), min_size=1, max_size=3))
        made += [Case(0.1 * (number + 1), run, NORMAL, n).record for n, run in enumerate(repeats)]
    return made


def as_settings(records):
    return group(records, AXES, {"p1": PROBLEM})


def ranked(settings, targets):
    return [setting for tied in standing(settings, targets) for setting in tied]


def keeps(setting, target):
    return [run for run in setting.runs if run.result.kept_from.get(target) is not None]


def expected(setting, target):
    """Evaluations of restarting until a run keeps the target; iterations, where nothing was counted."""
    kept = keeps(setting, target)
    spent = sum(400 * (run.result.kept_from[target] + 1) / 401 for run in kept)
    return (spent + 400 * (len(setting.runs) - len(kept))) / len(kept)


@given(sweeps(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_is_total_and_the_same_whatever_came_first(records, drawn):
    shuffled = [*records]
    drawn.shuffle(shuffled)
    one, two = (ranked(as_settings(some), TARGETS) for some in (records, shuffled))
    assert [setting.rate for setting in one] == [setting.rate for setting in two]
    assert len(set(one)) == len(as_settings(records))


@given(sweeps())
@settings(max_examples=200, deadline=None)
def test_a_setting_that_lost_a_run_never_beats_one_that_lost_none_and_keeps_the_same_target(records):
    order = [setting for setting in ranked(as_settings(records), TARGETS) if not setting.misled]
    for target in reversed(TARGETS):
        for place, better in enumerate(order):
            for worse in order[place + 1 :]:
                assert not (better.lost and keeps(better, target) and not worse.lost and keeps(worse, target))
        order = [setting for setting in order if not keeps(setting, target)]


@given(sweeps())
@settings(max_examples=200, deadline=None)
def test_who_keeps_the_tightest_target_comes_first_by_share_and_then_by_expected_evaluations(records):
    order = [setting for setting in ranked(as_settings(records), TARGETS) if not setting.misled]
    tightest = TARGETS[-1]
    places = [
        (0, s.lost > 0, -len(kept) / len(s.runs)) if (kept := keeps(s, tightest)) else (1,) for s in order
    ]
    assert [place[:1] for place in places] == sorted(place[:1] for place in places)
    keeping = [setting for setting in order if keeps(setting, tightest)]
    assert places[: len(keeping)] == sorted(places[: len(keeping)])
    for one, two in pairwise(keeping):
        if places[order.index(one)] == places[order.index(two)]:
            assert expected(one, tightest) <= 1.01 * expected(two, tightest)


@given(sweeps())
@settings(max_examples=200, deadline=None)
def test_a_setting_with_a_wrong_gradient_is_never_starred_and_comes_last(records):
    order = ranked(as_settings(records), TARGETS)
    assert [setting.misled for setting in order] == sorted(setting.misled for setting in order)
    assert not any(
        s.misled or not s.usable for tied in best_of(standing(order, TARGETS)).values() for s in tied
    )


@given(sweeps())
@settings(max_examples=200, deadline=None)
def test_groups_of_tied_settings_are_the_order_cut_into_pieces(records):
    grouped = standing(as_settings(records), TARGETS)
    assert sum(map(len, grouped)) == len(as_settings(records))


def result(kept, first=None, **changes):
    made = RunResult("stopped", "", iterations=5000, final_cost=LOWEST, iterations_to={"1e-06": first or kept})
    return replace(made, kept_from={"1e-06": kept}, **changes)


def test_a_target_that_is_passed_through_counts_for_nothing():
    passing = Case(0.1, result(None, first=249, final_cost=LOWEST + 4e-5 * (BASELINE - LOWEST))).record
    staying = Case(0.01, result(872, first=386)).record
    one, two = ranked(as_settings([passing, staying]), ["1e-06"])
    assert (one.rate, one.reach_text("1e-06")) == (0.01, "872")
    assert (two.rate, two.reach_text("1e-06")) == (0.1, "met 249, left")


def test_under_one_per_cent_apart_is_a_tie_and_the_cheaper_stands_for_both():
    cases = [Case(0.1, result(1000)).record, Case(0.2, result(1009)).record, Case(0.3, result(1011)).record]
    tied = best_of(standing(as_settings(cases), ["1e-06"]))["p1"]
    assert [setting.rate for setting in tied] == [0.1, 0.2]


def test_of_equals_the_simpler_choice_is_best():
    cases = [Case(0.1, result(1000), start).record for start in (NORMAL, None)]
    tied = best_of(standing(as_settings(cases), ["1e-06"]))["p1"]
    assert [setting.axes["initialization"] for setting in tied] == ["zeros", "normal(std=1)"]


def test_without_targets_of_ends_under_one_per_cent_apart_the_one_with_fewer_evaluations_is_best():
    ends = [(0.1, 0.2000, 900), (0.2, 0.2001, 300), (0.3, 0.21, 10)]
    cases = [
        Case(
            rate,
            replace(
                result(None),
                iterations_to={},
                final_cost=LOWEST + gap * (BASELINE - LOWEST),
                gradient_evaluations=evaluations,
            ),
        ).record
        for rate, gap, evaluations in ends
    ]
    assert [setting.rate for setting in ranked(as_settings(cases), [])] == [0.2, 0.1, 0.3]


def test_an_older_record_keeps_a_target_where_it_ended_within_it():
    ended = replace(result(None, first=30), kept_from={})
    outside = replace(ended, final_cost=LOWEST + 1e-3 * (BASELINE - LOWEST))
    within, left = (as_settings([Case(0.1, run).record])[0] for run in (ended, outside))
    assert (within.reach_text("1e-06"), left.reach_text("1e-06")) == ("30", "met 30, left")


def test_expected_evaluations_are_those_of_restarting_until_a_run_keeps_the_target():
    lucky = result(9, kept_work={"1e-06": {"cost_evaluations": 10, "gradient_evaluations": 10}})
    missed = replace(result(None), cost_evaluations=50, gradient_evaluations=50)
    records = [Case(0.1, run, NORMAL, n).record for n, run in enumerate([lucky, missed, lucky])]
    assert as_settings(records)[0].reach("1e-06").expected == (20 + 100 + 20) / 2
