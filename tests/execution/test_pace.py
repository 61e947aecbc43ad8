"""Time left: weighted by the iterations to come, not by the number of runs."""

from types import SimpleNamespace

import pytest

from gdbench.execution.outlook import Pace

# a run costs 100 iterations besides its own
SHORT, LONG = 900, 9_900


def run(limit, problem="p"):
    return SimpleNamespace(problem=problem, spec={"convergence": {"max_iterations": {"limit": limit}}})


def test_a_run_of_ten_times_the_iterations_takes_ten_times_as_long():
    short, long = run(SHORT), run(LONG)
    pace = Pace([short, short, long], began=0.0)
    assert pace.seconds_left(1.0) is None
    pace.learn(short, 2.0)
    assert pace.seconds_left(2.0) == pytest.approx(2.0 + 20.0)
    assert pace.runs_per_second(2.0) == 0.5


def test_workers_beside_one_another_divide_what_is_left():
    pace = Pace([run(SHORT)] * 4, began=0.0)
    pace.learn(run(SHORT), 2.0)
    pace.learn(run(SHORT), 2.0)
    assert pace.seconds_left(2.0) == pytest.approx(2.0)


def test_each_problem_has_its_own_seconds_per_iteration():
    cheap, dear = run(SHORT, "cheap"), run(SHORT, "dear")
    pace = Pace([cheap, cheap, dear, dear], began=0.0)
    pace.learn(cheap, 1.0)
    pace.learn(dear, 9.0)
    assert pace.seconds_left(10.0) == pytest.approx(10.0)
    pace.learn(dear, 9.0)
    assert pace.seconds_left(19.0) == pytest.approx(1.0)
