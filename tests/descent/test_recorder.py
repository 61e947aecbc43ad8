"""The recorded curve keeps every early iterate, a log-spaced choice of late ones, and all that matter."""

from itertools import chain, count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.iterate import Iterate
from gdbench.descent.numerics.packing import pack_text
from gdbench.descent.recording.recorder import Recorder, gap_of


def recorded(costs, thresholds=None):
    recorder = Recorder(thresholds or {})
    for k, cost in enumerate(costs):
        recorder.see(Iterate(k, [0.0], cost, [1.0], 1.0, cost))
    return recorder


def falling(count):
    return [1.0 / (k + 1) for k in range(count)]


def test_every_iteration_of_a_short_run_is_kept():
    curve = recorded(falling(1000)).curve()
    assert curve.iteration == list(range(1000))
    assert curve.cost == falling(1000)


def test_beyond_a_thousand_iterations_three_digits_of_the_iteration_are_kept():
    kept = recorded(falling(100_001)).curve().iteration
    assert kept[999:1003] == [999, 1000, 1010, 1020]
    assert kept[-2:] == [99_900, 100_000]
    assert len(kept) == 1000 + 900 + 900 + 1


def test_the_last_the_best_and_the_crossings_are_kept_wherever_they_fall():
    costs = [2.0] * 20_000
    costs[10_003], costs[15_007], costs[19_999] = 0.9, 0.5, 1.5
    recorder = recorded(costs, {"0.1": 1.0})
    kept = set(recorder.curve().iteration)
    assert {10_003, 15_007, 19_999} <= kept
    assert recorder.best.k == 15_007
    assert recorder.iterations_to == {"0.1": 10_003}


def test_several_targets_met_at_once_are_each_recorded():
    assert recorded([5.0, 0.0], {"a": 1.0, "b": 0.5, "c": 0.1}).iterations_to == {"a": 1, "b": 1, "c": 1}


def test_nothing_seen_leaves_an_empty_curve():
    assert recorded([]).curve().iteration == []


def test_the_work_done_until_each_target_is_remembered_and_none_where_it_is_never_met():
    done = iter([{"gradient_evaluations": 7}, {"gradient_evaluations": 9}])
    recorder = Recorder({"a": 1.0, "b": 0.5, "c": 0.1}, spent=lambda: next(done))
    for k, cost in enumerate([5.0, 0.9, 0.4]):
        recorder.see(Iterate(k, [0.0], cost, [1.0], 1.0, cost))
    assert recorder.work_to == {"a": {"gradient_evaluations": 7}, "b": {"gradient_evaluations": 9}, "c": None}


def test_the_path_of_two_parameters_is_dense_at_first_and_keeps_its_ends():
    recorder = Recorder({})
    for k in range(5001):
        recorder.see(Iterate(k, [float(k), -float(k)], 1.0 / (k + 1), [1.0], 1.0))
    path = recorder.path()
    assert path[:33] == [[float(k), float(k), -float(k)] for k in range(33)]
    assert path[-1] == [5000.0, 5000.0, -5000.0]
    assert len(path) < 150
    assert [point[0] for point in path] == sorted({point[0] for point in path})


def walked(size, steps, further=None):
    recorder = Recorder({}, further=further)
    for k in range(steps + 1):
        recorder.see(Iterate(k, [float(k)] * size, 1.0 / (k + 1), [1.0], 1.0, 0.5))
    return recorder


@pytest.mark.parametrize(("size", "least"), [(1, 30), (3, 30), (11, 10), (64, 1)])
def test_the_path_of_other_parameters_lies_between_its_ends_and_takes_a_twentieth_of_the_record(size, least):
    recorder = walked(size, 1500)
    path = recorder.path()
    assert all(point == [point[0], *[point[0]] * size] for point in path)
    iterations = [point[0] for point in path]
    assert iterations == sorted(set(iterations))
    assert set(iterations) < set(recorder.curve().iteration) - {0, 1500}
    written = 8 * 3 * len(recorder.curve().iteration) + 3000
    assert least <= len(path)
    assert len(pack_text("d", chain(*path))) <= 0.05 * written


def test_the_path_of_more_than_64_parameters_is_not_kept():
    assert walked(65, 100).path() == []


def test_a_path_is_the_same_where_all_points_of_the_curve_keep_their_parameters():
    assert walked(3, 5000, {"gap": lambda now: now.gap}).path() == walked(3, 5000, {"gap": gap_of}).path()


@given(
    gaps=st.lists(st.floats(0.0, 4.0), min_size=1, max_size=40),
    limits=st.lists(st.floats(0.0, 4.0), min_size=1, max_size=4, unique=True),
)
def test_a_target_is_kept_from_the_first_iteration_after_the_last_that_missed_it(gaps, limits):
    thresholds = {str(limit): limit for limit in limits}
    done = count(1)
    recorder = Recorder(thresholds, spent=lambda: {"gradient_evaluations": next(done)})
    for k, gap in enumerate(gaps):
        recorder.see(Iterate(k, [0.0], gap, [1.0], 1.0, gap))
    for target, limit in thresholds.items():
        met = [k for k, gap in enumerate(gaps) if gap <= limit]
        missed = [k for k, gap in enumerate(gaps) if gap > limit]
        since = max(missed, default=-1) + 1
        kept = since if since < len(gaps) else None
        assert recorder.iterations_to[target] == min(met, default=None)
        assert recorder.kept_from[target] == kept
        assert (recorder.kept_work[target] is None) == (kept is None)
        assert kept is None or kept in recorder.curve().iteration


def test_the_work_is_that_of_the_crossing_that_lasts_and_the_first_is_remembered_beside_it():
    work = iter({"gradient_evaluations": n} for n in (1, 2))
    recorder = Recorder({"a": 1.0}, spent=lambda: next(work))
    for k, gap in enumerate([5.0, 0.9, 3.0, 0.5, 0.4]):
        recorder.see(Iterate(k, [0.0], gap, [1.0], 1.0, gap))
    assert (recorder.iterations_to, recorder.kept_from) == ({"a": 1}, {"a": 3})
    assert recorder.work_to == {"a": {"gradient_evaluations": 1}}
    assert recorder.kept_work == {"a": {"gradient_evaluations": 2}}
