"""Effort, profiles, ranks and intervals against published data and other implementations' results."""

import json
import math
import re
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare, wilcoxon

from gdbench.judgement.methods.effort import Effort
from gdbench.judgement.methods.matrix import Matrix
from gdbench.judgement.settings import spread
from gdbench.report.analysis.effects import FEWEST, ratio_over_problems
from gdbench.report.analysis.profiles import data_of, performance_of
from gdbench.report.analysis.profiles import why_not as no_profile
from gdbench.report.analysis.rank_tests import holm, rank_tests, signed_rank
from gdbench.report.analysis.ranks import groups
from gdbench.report.analysis.ranks import why_not as no_ranks

#: Demšar 2006, table 6: AUC of C4.5 with and without tuning of two parameters, on 14 data sets.
DEMSAR = {
    "C4.5": (763, 599, 954, 628, 882, 936, 661, 583, 775, 1000, 940, 619, 972, 957),
    "C4.5+m": (768, 591, 971, 661, 888, 931, 668, 583, 838, 1000, 962, 666, 981, 978),
    "C4.5+cf": (771, 590, 968, 654, 886, 916, 609, 563, 866, 1000, 965, 614, 975.1, 946),
    "C4.5+m+cf": (798, 569, 967, 657, 898, 931, 685, 625, 875, 1000, 962, 669, 975, 970),
}

#: Evaluations of four solvers on eight problems, None where a solver failed; parameters + 1 of each problem.
EFFORTS = [
    (21, 44, None, None),
    (5, 5, 57, 6),
    (37, 55, 38, None),
    (None, None, None, 50),
    (None, 22, 37, None),
    (14, 38, 6, None),
    (56, 32, 60, 21),
    (None, 22, 65, None),
]
UNITS = (2, 2, 6, 5, 3, 4, 3, 5)


def matrix(columns, sizes=None):
    """Efforts by method, a list each, as a study's matrix."""
    sizes = sizes or [1] * len(next(iter(columns.values())))
    problems = tuple(SimpleNamespace(id=f"p{i}", parameters=size - 1) for i, size in enumerate(sizes))
    names = [problem.id for problem in problems]
    efforts = {name: dict(zip(names, column, strict=True)) for name, column in columns.items()}
    return Matrix("0.01", "iterations", efforts, problems)


def solvers():
    return {f"solver {s}": [math.inf if row[s] is None else row[s] for row in EFFORTS] for s in range(4)}


def height(line, at):
    """The value of a step function."""
    return [y for x, y in zip(line.x, line.y, strict=True) if x <= at][-1]


@pytest.fixture(scope="module")
def demsar():
    # a method's effort falls with its AUC
    return rank_tests(matrix({name: [1000 - value for value in values] for name, values in DEMSAR.items()}))


def test_the_mean_ranks_are_those_that_demsar_published(demsar):
    published = {"C4.5": 3.143, "C4.5+m": 2.000, "C4.5+cf": 2.893, "C4.5+m+cf": 1.964}
    assert {m: round(r, 3) for m, r in zip(demsar.methods, demsar.ranks, strict=True)} == published
    assert list(demsar.ranks) == sorted(demsar.ranks)


def test_the_statistic_is_friedmans_with_the_correction_for_ties(demsar):
    statistic, p = friedmanchisquare(*DEMSAR.values())
    assert demsar.statistic == pytest.approx(statistic)
    assert demsar.p == pytest.approx(p)
    # Demšar prints 9.28, without the correction: 12 n / (k (k + 1)) · (Σ R² − k (k + 1)² / 4)
    n, k = 14, 4
    plain = 12 * n / (k * (k + 1)) * (sum(r * r for r in demsar.ranks) - k * (k + 1) ** 2 / 4)
    assert plain == pytest.approx(9.28, abs=0.01)


def test_the_critical_difference_is_demsars(demsar):
    # his q₀.₀₅ = 2.569 for four classifiers gives 1.25
    assert demsar.cd == pytest.approx(2.569 * math.sqrt(4 * 5 / (6 * 14)), rel=1e-3)
    assert demsar.groups == (demsar.methods,)
    assert all(pair.nemenyi > 0.05 for pair in demsar.pairwise)


def test_nemenyis_p_is_below_alpha_just_where_ranks_differ_by_more_than_the_critical_difference():
    columns = {f"m{i}": [10 * i + (3 * i * p) % 7 + 1 for p in range(12)] for i in range(5)}
    found = rank_tests(matrix(columns))
    rank = dict(zip(found.methods, found.ranks, strict=True))
    for pair in found.pairwise:
        assert (pair.nemenyi < 0.05) == (rank[pair.worse] - rank[pair.better] > found.cd)
    together = {frozenset((a, b)) for group in found.groups for a in group for b in group if a != b}
    apart = {frozenset((p.better, p.worse)) for p in found.pairwise if p.nemenyi < 0.05}
    assert together.isdisjoint(apart)
    assert len(together) + len(apart) == 10


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_holms_correction_is_that_of_statsmodels(ps):
    tests = pytest.importorskip("statsmodels.stats.multitest", reason="statsmodels is not installed")
    assert holm(ps) == pytest.approx(list(tests.multipletests(ps, method="holm")[1]), rel=1e-14)


def test_the_signed_rank_test_of_a_clean_sweep_has_its_exact_p():
    assert signed_rank([1, 2, 3, 4, 5, 6], [2, 5, 9, 14, 20, 31]) == pytest.approx(2 / 2**6)
    assert signed_rank([1, 2, 3, 4, 5], [2, 5, 9, 14, 20]) is None
    # a miss on one side is the largest difference, one on both sides none
    assert signed_rank([1, 2, 3, 4, 5, 6, math.inf], [2, 5, 9, 14, 20, math.inf, math.inf]) == pytest.approx(
        2 / 2**6
    )


def test_methods_that_never_arrive_share_the_last_rank():
    columns = {"a": [1] * 8, "b": [math.inf] * 8, "c": [math.inf] * 8}
    found = rank_tests(matrix(columns))
    assert found.ranks == (1.0, 2.5, 2.5)
    assert ("b", "c") in found.groups


def test_groups_are_the_longest_runs_within_the_critical_difference():
    names = tuple("abcd")
    assert groups(names, [1.0, 1.5, 2.4, 4.0], 1.0) == (("a", "b"), ("b", "c"))
    assert groups(names, [1.0, 2.0, 3.0, 4.0], 0.5) == ()
    assert groups(names, [1.0, 1.1, 1.2, 1.3], 0.5) == (names,)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"a": [1] * 5, "b": [2] * 5, "c": [3] * 5}, "need 6 or more problems.* here are 5"),
        ({"a": [1] * 9, "b": [2] * 9}, "needs 3 or more methods.* here are 2"),
        ({"a": [1] * 9, "b": [1] * 9, "c": [1] * 9}, "tied on every problem"),
    ],
)
def test_rank_tests_say_when_they_do_not_apply(columns, reason):
    assert re.search(reason, no_ranks(matrix(columns)))


def test_a_method_that_was_not_tried_everywhere_is_left_out_and_said_to_be():
    table = matrix({"a": [1] * 7, "b": [2] * 7, "c": [3] * 7, "d": [4] * 7})
    del table.effort["d"]["p0"]
    assert table.complete == ["a", "b", "c"]
    assert "Left out: 1 method that was not tried" in rank_tests(table).note


@pytest.mark.parametrize(
    ("at", "heights"),
    [
        # BenDFO (commit 114808d) on the same efforts: share of problems with a ratio of at most …
        (1, (0.375, 0.375, 0.125, 0.25)),
        (1.5, (0.375, 0.5, 0.25, 0.375)),
        (2, (0.375, 0.625, 0.375, 0.375)),
        (4, (0.625, 0.75, 0.625, 0.375)),
        (10, (0.625, 0.875, 0.625, 0.375)),
    ],
)
def test_performance_profiles_are_those_of_bendfo(at, heights):
    lines = performance_of(matrix(solvers())).lines
    assert tuple(height(line, at) for line in lines) == heights


@pytest.mark.parametrize(
    ("at", "heights"),
    [
        (2, (0.0, 0.0, 0.125, 0.0)),
        (5, (0.25, 0.25, 0.125, 0.125)),
        (10, (0.375, 0.625, 0.25, 0.375)),
        (20, (0.625, 0.75, 0.625, 0.375)),
        (40, (0.625, 0.875, 0.75, 0.375)),
    ],
)
def test_data_profiles_are_those_of_bendfo(at, heights):
    lines = data_of(matrix(solvers(), UNITS)).lines
    assert tuple(height(line, at) for line in lines) == heights
    assert [line.solved for line in lines] == [5, 7, 6, 3]


@pytest.mark.parametrize("kind", ["performance", "data"])
def test_profiles_are_those_of_optiprofiler(kind):
    known = json.loads((Path(__file__).parents[1] / "oracles" / "profiles.json").read_text(encoding="utf-8"))
    work = [
        [math.inf if one is None else float(one) for one in column]
        for column in zip(*known["work"], strict=True)
    ]
    table = matrix(
        {f"solver {s}": column for s, column in enumerate(work)}, [size + 1 for size in known["sizes"]]
    )
    lines = {line.method: line for line in (performance_of if kind == "performance" else data_of)(table).lines}
    places = known["multiples" if kind == "performance" else "budgets"]
    for s, expected in enumerate(known[kind]):
        found = [height(lines[f"solver {s}"], at) for at in places]
        assert found == pytest.approx(expected, abs=1e-12)


def test_profiles_say_when_they_do_not_apply():
    assert "here are 2" in no_profile(matrix({"a": [1, 2], "b": [3, 4]}))
    assert "here is 1" in no_profile(matrix({"a": [1, 2, 3]}))
    assert "No method reached 0.01" in no_profile(matrix({"a": [math.inf] * 3, "b": [math.inf] * 3}))


@pytest.mark.parametrize(
    ("data", "arrived", "ert"),
    [
        # cocopp 2.9.1, toolsstats.sp(data, issuccessful=arrived)
        ([126], [True], 126.0),
        ([71, 194, 473], [False, False, True], 738.0),
        ([11, 470, 433, 245, 137], [True, True, False, True, True], 324.0),
        (
            [208, 332, 445, 82, 123, 330, 82, 449, 479, 272],
            [True, True, False, True, False, True, False, False, True, True],
            467.0,
        ),
    ],
)
def test_the_expected_running_time_is_that_of_coco(data, arrived, ert):
    times = tuple(value if ok else math.inf for value, ok in zip(data, arrived, strict=True))
    assert Effort("evaluations", times, tuple(data)).expected == ert


def test_without_a_success_the_expected_running_time_is_infinite():
    assert Effort("evaluations", (math.inf, math.inf), (10.0, 20.0)).expected == math.inf


def test_quartiles_keep_their_infinities_and_their_numbers():
    assert spread([3, 1, 2, 4]) == (2.5, 1.75, 3.25, 4)
    assert spread([1, 2, math.inf]) == (2.0, 1.5, math.inf, 3)
    assert spread([math.inf, math.inf]) == (math.inf, math.inf, math.inf, 2)
    assert spread([]) is None


def test_an_interval_needs_problems_that_differ():
    assert ratio_over_problems([1.3] * 20) is None
    assert ratio_over_problems([1.1, 1.2, 1.3, 1.4, 1.5][: FEWEST - 1]) is None
    assert ratio_over_problems([1.1, 1.2, 1.3, 1.4, 1.5, math.inf]) is None


def test_an_interval_is_that_of_the_order_statistics_and_the_same_every_time():
    ratios = [1 + i / 10 for i in range(1, 16)]
    low, high = ratio_over_problems(ratios)
    assert (low, high) == ratio_over_problems(ratios)
    # the binomial interval for a median of 15 is from the 4th to the 12th value, at 96.5 %
    assert ratios[2] < low <= ratios[5] + 1e-9
    assert ratios[9] <= high + 1e-9 < ratios[12]


@pytest.mark.parametrize("seed", range(4))
def test_ties_among_differences_are_tested_over_all_signs_as_in_scipy(seed):
    rng = Random(seed)
    for size in (9, 13):
        pairs = [(rng.randint(1, 5), rng.randint(1, 5)) for _ in range(size)]
        a, b = [float(2**x) for x, _ in pairs], [float(2**y) for _, y in pairs]
        logs = [math.log(x / y) for x, y in zip(a, b, strict=True) if x != y]
        if len(logs) >= 6:
            assert signed_rank(a, b) == pytest.approx(wilcoxon(logs).pvalue, rel=1e-12)
