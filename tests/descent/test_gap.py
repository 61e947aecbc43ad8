"""The gap f − f* beside the cost: what targets, the rule `target`, Polyak's rate and curves go by."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.execute import execute
from gdbench.descent.iterate import Iterate
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.learning_rates import polyak
from gdbench.descent.problems.objective import Count, Objective, with_gaps
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
from gdbench.descent.recording.result import RunResult
from tests.descent.problems import spec
from tests.descent.test_line_search import quadratic

#: One feature x = 1 and y = 1 ± 1: f(w) = 1 + (w + b − 1)², whose minimum is 1.
DATA = Table([(1.0, 0.0), (1.0, 2.0)], 1)
KNOWN = ProblemConstants(1.0, 2.0)


def objective(**changes):
    """The same by hand. No cost near 1 can tell a gap below 2⁻⁵³; this gap can tell any."""

    def both(w):
        e = w[0] + w[1] - 1.0
        return 1.0 + e * e, [2.0 * e, 2.0 * e]

    def with_gap(w):
        e = w[0] + w[1] - 1.0
        return (*both(w), e * e)

    return Objective(lambda w: both(w)[0], both, 2, 2, with_gap=with_gap)._replace(**changes)


@pytest.fixture
def by_hand():
    KERNELS.register("by_hand")(lambda definition, table: objective())
    yield {"by_hand": {}}
    KERNELS.remove("by_hand")


def run(kernel, constants=KNOWN, **changes):
    changes = {"convergence": {"max_iterations": {"limit": 60}}, "targets": ["1e-03", "1e-25"], **changes}
    return execute(spec(kernel=kernel, **changes), DATA, constants)


def exact_gaps(rate, count):
    """(w + b − 1)² by rational numbers; each step multiplies w + b − 1 by 1 − 4η."""
    e, factor = Fraction(-1), 1 - 4 * Fraction(rate)
    return [float((e * factor**k) ** 2) for k in range(count)]


def test_a_gap_that_the_kernel_works_out_falls_on_where_the_cost_no_longer_does(by_hand):
    result = run(by_hand, learning_rate={"constant": {"rate": 0.1875}})
    # powers of two times small numbers: no step is rounded until w + b is within 2⁻⁵³ of 1
    expected = exact_gaps(0.1875, 26)
    assert result.curve.series["gap"][:26] == expected
    assert set(result.curve.cost[14:]) == {1.0}
    assert result.iterations_to == {
        "1e-03": next(k for k, gap in enumerate(expected) if gap <= 1e-3),
        "1e-25": next(k for k, gap in enumerate(expected) if gap <= 1e-25),
    }
    assert (result.final_gap, result.best_gap) == (
        result.curve.series["gap"][-1],
        min(result.curve.series["gap"]),
    )


def test_without_one_the_gap_is_the_cost_less_the_optimum():
    result = run({"compiled": {}})
    assert result.curve.series["gap"] == [cost - 1.0 for cost in result.curve.cost]
    assert result.final_gap == result.final_cost - 1.0
    assert result.best_gap == result.best_cost - 1.0


def test_where_no_optimum_is_known_there_is_no_gap():
    result = run({"compiled": {}}, ProblemConstants())
    assert list(result.curve.series) == ["cost", "gradient_norm"]
    assert result.final_gap is result.best_gap is None
    assert result.iterations_to == {}


def test_evaluations_are_counted_the_same_with_a_gap_and_without(by_hand):
    ours, usual = run(by_hand), run({"compiled": {}})
    for counter in ("cost_evaluations", "gradient_evaluations", "row_passes"):
        assert getattr(ours, counter) == getattr(usual, counter)


def test_a_numerical_gradient_takes_the_difference_rather_than_a_further_evaluation(by_hand):
    result = run(by_hand, gradient={"central": {}})
    assert result.curve.series["gap"] == [cost - 1.0 for cost in result.curve.cost]
    assert result.cost_evaluations == 61 * 5


def test_the_rule_target_goes_by_the_gap(by_hand):
    rule = {"any": [{"target": {"gap": 1e-25}}, {"max_iterations": {"limit": 500}}]}
    result = run(by_hand, convergence=rule)
    assert result.rule == "target"
    assert result.iterations == result.iterations_to["1e-25"]
    assert 0.0 < result.final_gap <= 1e-25


def test_polyaks_rate_goes_by_the_gap():
    choose = polyak()(quadratic([1.0]))
    assert choose(Iterate(3, [1.0], 1.0, [2.0], 2.0, 1e-20)) == 1e-20 / 4.0


@given(st.lists(st.sampled_from([0.0, 1e-30, 1e-20, 0.5]), min_size=1, max_size=6))
def test_of_equal_costs_the_one_with_the_lowest_gap_is_best_and_of_equal_gaps_the_first(gaps):
    path = [Iterate(k, [0.0], 1.0, [0.0], 0.0, gap) for k, gap in enumerate(gaps)]
    best = path[0]
    for now in path[1:]:
        best = now if now.lower(best) else best
    assert best.k == gaps.index(min(gaps))


def test_without_gaps_the_lowest_cost_is_best():
    assert Iterate(1, [], 1.0, [], 0.0).lower(Iterate(0, [], 2.0, [], 0.0))
    assert not Iterate(1, [], 2.0, [], 0.0, 0.5).lower(Iterate(0, [], 1.0, [], 0.0))


def test_an_objective_keeps_its_gap_where_its_evaluations_are_counted():
    count = Count()
    counted = count.counted(objective())
    evaluate = with_gaps(counted.cost_and_gradient, counted, 1.0)
    assert evaluate([2.0, 0.5]) == (3.25, [3.0, 3.0], 2.25)
    assert (count.costs, count.gradients, count.row_passes) == (1, 1, 2)


def test_records_without_a_gap_have_the_difference_of_costs():
    assert RunResult("stopped", "because", final_cost=3.0).gap(1.0) == 2.0
    assert RunResult("stopped", "because", final_cost=3.0, final_gap=1.5).gap(1.0) == 1.5
    assert RunResult("stopped", "because", final_cost=3.0).gap(None) is None
