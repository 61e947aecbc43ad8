"""What larger rates of a sweep show of a run: the same as looking at each, however many there are."""

import random

import pytest

from gdbench.descent.diagnosis import ESTIMATED, PROVED, UNKNOWN, Cause
from gdbench.judgement import diagnoses as made
from gdbench.judgement.diagnoses import diagnoses, verdicts
from gdbench.judgement.siblings import SOONER, Track, causes_among
from gdbench.judgement.study import study
from gdbench.report.tables.diagnosis_table import diagnosis_table, tally
from tests.swept import swept


def played(numbers, rate):
    """A run that falls by leaps over few iterations: many are alike, some rise again, some arrive."""
    ks = sorted(numbers.sample(range(1, 40), numbers.randint(1, 6)))
    lowest = sorted((float(numbers.randint(0, 9)) for _ in range(len(ks) + 1)), reverse=True)
    final = lowest[-1] + numbers.choice([0.0, 0.0, 2.0])
    arrived = numbers.choice([None, None, 0, numbers.choice(ks)])
    return Track(rate, numbers.randint(1, 60), final, [0, *ks], lowest, arrived)


def causes_of(numbers):
    code, grade = numbers.choice(
        [
            ("nothing_wrong", PROVED),
            ("rate_too_small", PROVED),
            ("rate_too_small", ESTIMATED),
            ("kink", UNKNOWN),
        ]
    )
    return (Cause(code, grade, {}),)


def preferred(mine, others):
    """By looking at each: who arrived before who did not, then the soonest, then the smallest rate."""
    found = []
    for other in others:
        ks = [k for k, cost in zip(other.ks, other.lowest, strict=True) if cost <= mine.final_cost]
        if other.rate > mine.rate and other.final_cost <= mine.final_cost and ks[0] <= SOONER * mine.iterations:
            found.append((other.arrived is None, other.arrived or ks[0], other.rate, ks[0], other.final_cost))
    return min(found)[2:] if found else None


def test_of_any_sweep_the_same_larger_rate_is_told_as_by_looking_at_each():
    numbers, told = random.Random(5), 0
    for _ in range(200):
        count = numbers.randint(1, 25)
        tracks = {str(n): played(numbers, rate) for n, rate in enumerate(numbers.sample(range(1, 99), count))}
        causes = {key: causes_of(numbers) for key in tracks}
        found = dict(causes_among(causes, tracks))
        for key, mine in tracks.items():
            (own,) = causes[key]
            settled = own.code == "nothing_wrong" or own == Cause("rate_too_small", PROVED, {})
            expected = None if settled else preferred(mine, tracks.values())
            assert (key in found) is (expected is not None)
            if expected:
                seen = found[key][0].evidence
                assert (seen["better_rate"], seen["sooner"], seen["better_cost"]) == expected
                told += 1
    assert told > 500


def test_a_sweep_of_thousands_of_rates_takes_no_look_at_each_pair():
    class Counted(float):
        looks = 0

        def __gt__(self, other):
            Counted.looks += 1
            return float(self) > other

    count, ks = 2000, range(61)
    lowest = [[2.0 / (k + n + 1.0) for k in ks] for n in range(count)]
    tracks = {str(n): Track(1e-3 * n, 60, Counted(1.0 / (n + 1.0)), ks, lowest[n], None) for n in range(count)}
    found = dict(causes_among({key: (Cause("kink", UNKNOWN, {}),) for key in tracks}, tracks))
    assert found
    assert Counted.looks <= 2 * 61 * count


def test_of_very_many_runs_what_is_kept_tells_the_same(tmp_path, monkeypatch):
    text = (
        "data: {synthetic: {linear_data: {rows: 20, features: 2, seed: 1}}}\nrepeats: 3\n"
        "grid:\n  model: linear\n  cost: mse\n  optimizer: [gradient_descent, heavy_ball]\n"
        "  learning_rate: [0.001, 0.1, 0.4, 3.0]\n  initialization: {normal: {std: 1.0}}\n"
        "  convergence: {max_iterations: 30}\n"
    )
    with swept(tmp_path, text) as store:
        whole, about = study(store), study(store)
        every = verdicts(whole, store)
        monkeypatch.setattr(made, "KEPT", 5)
        few = verdicts(about, store)
        assert list(few.of.items()) == list(every.of.items())
        assert len(few.examples) < len(every.examples) == len(about.runs)
        assert about.apart == whole.apart
        for apart in (False, True):
            tables = (diagnosis_table(about, one, apart=apart).csv() for one in (few, every))
            assert len(set(tables)) == 1
        assert tally(few) == tally(every)
        assert diagnoses(about, store).keys() == few.of.keys()


@pytest.mark.parametrize("places", [(0, 1), (1, 0)])
def test_of_equal_rates_none_is_larger(places):
    one = Track(0.1, 50, 1.0, [0, 1], [3.0, 1.0], None)
    tracks = {str(place): one for place in places}
    assert not dict(causes_among({key: (Cause("kink", UNKNOWN, {}),) for key in tracks}, tracks))
