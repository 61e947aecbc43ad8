"""How methods stand over problems, what tuning takes, and the sentences that say it."""

import json
import math
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from statistics import median

import pytest

from gdbench.judgement.answer import answer
from gdbench.judgement.methods.breadth import Breadth, breadth, breadth_of
from gdbench.judgement.methods.standings import compared, standings
from gdbench.judgement.methods.tuning import tuning_curves
from gdbench.judgement.methods.views import DEFAULTS, ONE, TUNED
from gdbench.report.tables.contents import tables
from tests.judgement.played import TARGET, played

INF = math.inf
RATES = (0.1, 0.01, 0.001)

#: {(method, rate): {problem: [the start that tunes, two that are reported]}}
TIMES = {
    ("adam", 0.1): {"p": [10, 12, 14], "q": [INF, INF, INF], "r": [50, 60, 70], "s": [9, 9, 9]},
    ("adam", 0.01): {"p": [40, 40, 40], "q": [80, 90, 100], "r": [20, 22, 24], "s": [30, 30, 30]},
    ("adam", 0.001): {"p": [400, 400, 400], "q": [300, 300, 300], "r": [200, 200, 200], "s": [INF, INF, INF]},
    ("newton_ish", 0.1): {"p": [20, 24, 28], "q": [40, 45, 50], "r": [10, 8, 9], "s": [18, 18, 18]},
    ("newton_ish", 0.01): {"p": [21, 30, 30], "q": [41, 45, 45], "r": [11, 12, 12], "s": [19, 19, 19]},
    ("newton_ish", 0.001): {"p": [INF, INF, INF], "q": [INF, INF, INF], "r": [INF, INF, INF], "s": [INF] * 3},
    ("lion", 0.1): {"p": [500, 500, 500], "q": [INF, INF, INF], "r": [INF, INF, INF], "s": [90, 90, 90]},
    ("lion", 0.01): {"p": [600, 600, 600], "q": [INF, INF, INF], "r": [INF, INF, INF], "s": [95, 95, 95]},
    ("lion", 0.001): {"p": [700, 700, 700], "q": [INF, INF, INF], "r": [INF, INF, INF], "s": [99, 99, 99]},
}


@pytest.fixture(scope="module")
def about():
    return played(TIMES)


def test_methods_stand_by_what_they_solve_then_by_the_median_multiple_of_the_fastest(about):
    found = standings(about)
    assert [(one.method, one.solved, one.best) for one in found.methods] == [
        ("newton_ish", 4, 2),
        ("adam", 4, 2),
        ("lion", 2, 0),
    ]
    # newton_ish takes 2, 1, 1 and 2 times the fastest, adam 1, 2, 23/8.5 and 1: tied but for the mean
    assert [one.multiple for one in found.methods[:2]] == [
        pytest.approx(math.sqrt(2)),
        pytest.approx(math.sqrt(2)),
    ]
    assert math.isinf(found.methods[2].multiple)


def test_two_methods_are_compared_by_starts_that_they_share(about):
    # on p 24/12 and 28/14, on q 45/90 and 50/100, on r 8/22 and 9/24, on s 18/9
    assert compared(about, "newton_ish", "adam") == pytest.approx(1.0)
    assert compared(about, "lion", "adam") == INF  # which misses two of the four
    assert compared(about, "adam", "nobody") is None


def test_the_other_views_have_their_own_standings(about):
    assert {one.method: one.setting for one in standings(about, ONE).methods} == {
        "newton_ish": "η = 0.1",
        "adam": "η = 0.01",
        "lion": "η = 0.1",
    }
    assert [one.method for one in standings(about, DEFAULTS).methods] == ["adam"]


def test_the_curves_of_tuning_equal_all_draws_of_settings(about):
    """By the definition: of each draw the one that the first start prefers, on the medians of the others."""
    best = {"p": 13.0, "q": 47.5, "r": 8.5, "s": 9.0}
    for curve in tuning_curves(about):
        rows = {rate: TIMES[curve.method, rate] for rate in RATES}
        for k in range(1, 4):
            chances = []
            for name, least in best.items():
                tuned = [min(some, key=lambda rate: rows[rate][name][0]) for some in combinations(RATES, k)]
                good = [median(rows[rate][name][1:]) <= 2 * least for rate in tuned]
                chances.append(Fraction(sum(good), len(good)))
            assert curve.within[k - 1] == sum(chances) / 4


def test_the_tries_that_a_method_needs(about):
    assert {curve.method: curve.needed for curve in tuning_curves(about)} == {
        "adam": 3,
        "newton_ish": 2,
        "lion": 1,
    }


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({0.01: 100.0, 0.1: 10.0, 1.0: 100.0}, Breadth(2 * math.log10(2))),
        ({0.01: 15.0, 0.1: 10.0, 1.0: 15.0}, Breadth(2.0, open=True)),
        ({0.01: INF, 0.1: 10.0, 1.0: 15.0, 10.0: INF}, Breadth(1.0)),
        ({0.01: INF, 0.1: 10.0, 1.0: INF}, Breadth(0.0)),
        ({0.01: 40.0, 0.1: 10.0}, Breadth(0.5, open=True)),
        # a second valley is no part of the range
        ({0.001: 12.0, 0.01: INF, 0.1: 10.0, 1.0: INF}, Breadth(0.0)),
        ({0.1: INF, 1.0: INF}, None),
        ({0.1: 10.0}, None),
    ],
)
def test_the_range_of_good_rates(points, expected):
    found = breadth_of(points)
    assert (found is None) == (expected is None)
    if found and expected:
        assert (found.decades, found.open) == (pytest.approx(expected.decades), expected.open)


def test_the_range_of_a_method_is_its_median_over_problems(about):
    board = about.methods
    assert breadth(board, board.candidates["lion"], TARGET) == Breadth(pytest.approx(2.0), True)
    assert breadth(board, board.candidates["lion"], TARGET).text == "≥ 2"


def test_the_answer_speaks_of_methods(about):
    text = answer(about).lines[0]
    assert text == (
        "Tuned for each problem, newton_ish keeps a relative gap of 0.01 on all 4 problems and is best on 2; "
        "in the median over problems it is as fast as adam, the next. To be within 2× of its best with 90 % "
        "chance, newton_ish needs 2 tries of its 3 settings, adam 3, lion 1. Tuned on 1 of 3 starts, reported "
        "on the other 2. With one setting for all problems, newton_ish, η = 0.1, leads: all 4. With their "
        "authors' defaults, adam, η = 0.001, leads: 3 of 4. The defaults of newton_ish "
        "and lion are not in the grid."
    )
    plain = json.loads(json.dumps(answer(about).to_plain(), allow_nan=False))["methods"]
    assert [view["view"] for view in plain["views"]] == [TUNED, ONE, DEFAULTS]


def test_who_shares_the_most_wins_is_not_said_to_have_most():
    times = {
        ("steady", 0.1): {"p": [20], "q": [20], "r": [20]},
        ("adam", 0.1): {"p": [10], "q": [INF], "r": [INF]},
        ("lion", 0.1): {"p": [INF], "q": [10], "r": [INF]},
        ("rprop", 0.1): {"p": [INF], "q": [INF], "r": [10]},
    }
    assert "adam, lion and rprop are best on 1 each." in answer(played(times)).lines[0]


def test_a_table_of_methods_has_a_row_for_each_however_many_settings_it_has(about):
    found = {table.id: table for table in tables(about)}
    assert [len(found[name].rows) for name in ("methods", "methods-one-setting", "methods-defaults")] == [
        3,
        3,
        1,
    ]
    assert "Methods: tuned for each problem. Tuned on 1 of 3 starts" in found["methods"].note
    assert [len(found[name].rows) for name in ("tuning", "profile", "winners")] == [3, 3, 4]
    # the same with nine times as many settings
    more = {
        (method, rate * 10.0**-shift): rows
        for shift in range(9)
        for (method, rate), rows in TIMES.items()
        if shift == 0 or rate == 0.001
    }
    many = {table.id: table for table in tables(played(more))}
    assert len(many["settings"].rows) > 3 * len(found["settings"].rows)
    assert [len(many[name].rows) for name in ("methods", "tuning", "profile", "winners")] == [3, 3, 3, 4]


def test_a_sweep_that_has_only_begun_is_judged_by_what_there_is():
    begun = {key: {name: times[:1] for name, times in rows.items()} for key, rows in TIMES.items()}
    assert "Tuned and reported on the same runs" in answer(played(begun)).lines[0]
    # of one candidate the reported starts are missing: what it would take is not known there
    begun = {**TIMES, ("adam", 0.1): {name: times[:1] for name, times in TIMES["adam", 0.1].items()}}
    found = {one.method: one for one in standings(played(begun)).methods}
    assert found["adam"].solved == 2
    assert answer(played({("adam", 0.1): {"p": [9]}})).methods is None


def test_without_targets_the_best_method_of_each_problem_is_counted():
    nowhere = {
        (name, rate): {f"p{i}": [INF] for i in range(9)} for name in ("adam", "lion") for rate in (0.1, 0.01)
    }
    about = replace(played(nowhere), plan=replace(played(nowhere).plan, targets=()))
    assert standings(about) is None
    assert answer(about).text == "Of 9 problems: adam is best on 9, another as good on all of them."
