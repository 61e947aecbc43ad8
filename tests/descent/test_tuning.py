"""The best fixed rate for a start and a target: no rate below 2/L is faster, whatever the textbook's is."""

import json
import random

import pytest

from gdbench.descent.diagnosis import ESTIMATED, PROVED, UNKNOWN, Case, Cause, Gain
from gdbench.descent.diagnosis.cause import in_order
from gdbench.descent.recording.result import RunResult
from gdbench.descent.theory.card import Card, Scaled
from gdbench.descent.theory.known import Known
from gdbench.descent.theory.prediction import first_below, gap_at
from gdbench.descent.theory.quadratic import Quadratic
from gdbench.descent.theory.rates import Update, best_rate
from gdbench.descent.theory.tuning import tuned


def drawn(seed):
    """A spectrum of up to five eigenvalues over up to four decades, and a start."""
    numbers = random.Random(seed)
    size = numbers.randint(1, 5)
    eigenvalues = sorted((10.0 ** numbers.uniform(-2, 2) for _ in range(size)), reverse=True)
    return Quadratic(eigenvalues, [numbers.choice([0.0, 1e-4, 1.0]) * numbers.gauss(0, 1) for _ in eigenvalues])


@pytest.mark.parametrize("seed", range(20))
def test_no_rate_below_two_over_L_is_faster_than_the_tuned_one(seed):
    quadratic = drawn(seed)
    wanted = 1e-6 * quadratic.gap
    if not wanted:
        return
    found = tuned(quadratic, wanted)
    assert first_below(Update("plain", found.rate), quadratic, wanted) == found.iterations
    top = quadratic.eigenvalues[0]
    for share in [i / 2000 for i in range(1, 2000)]:
        taken = first_below(Update("plain", 2.0 * share / top), quadratic, wanted)
        assert taken is None or taken >= found.iterations


def test_the_textbooks_rate_is_beaten_where_its_slowest_component_hardly_matters():
    # with the flattest direction all but absent, 2/(L + μ) only makes the steepest one oscillate
    quadratic = Quadratic([1.0, 1e-6], [1.0, 1e-3])
    wanted = 1e-6 * quadratic.gap
    textbook = first_below(Update("plain", best_rate(1e-6, 1.0)), quadratic, wanted)
    found = tuned(quadratic, wanted)
    assert textbook > 1_000_000
    assert found.iterations <= 2
    assert gap_at(Update("plain", found.rate), quadratic, found.iterations) <= wanted


def test_nothing_is_tuned_where_the_cost_bends_down_or_nothing_is_wanted():
    assert tuned(Quadratic([1.0, -1.0], [1.0, 1.0]), 1e-3) is None
    assert tuned(Quadratic([1.0], [1.0]), 0.0) is None
    assert tuned(Quadratic([1.0], [0.0]), 1e-3).iterations == 0


def cause(code, grade, gain=None):
    return Cause(code, grade, {}, None, gain)


def test_the_largest_gain_is_told_first_then_the_surest():
    told = in_order(
        [
            cause("a", ESTIMATED),
            cause("b", PROVED),
            cause("c", ESTIMATED, Gain(1000.0, 10.0)),
            cause("d", PROVED, Gain(None, 500.0)),
            cause("e", ESTIMATED, Gain(None, 10.0)),
            cause("f", ESTIMATED, Gain(None, None)),
        ]
    )
    assert "".join(one.code for one in told) == "edfcba"


def test_what_nobody_knows_is_told_only_where_nothing_else_is():
    unknown = cause("unexplained", UNKNOWN)
    assert in_order([unknown, cause("a", ESTIMATED)]) == (cause("a", ESTIMATED),)
    assert in_order([unknown]) == (unknown,)


def test_what_voids_the_rest_or_says_that_all_is_well_comes_before_any_gain():
    told = in_order([cause("ill_conditioned", PROVED, Gain(1e9, 1.0)), cause("nothing_wrong", ESTIMATED)])
    assert [one.code for one in told] == ["nothing_wrong", "ill_conditioned"]


def test_a_card_with_all_that_is_new_comes_back_from_json_as_it_was():
    scaled = Scaled(2.0, 0.5, (2.0, 0.5), (1.0, -1.0), 3.0)
    card = Card(scaled=scaled, alike=((0, 1),), names=("a", "b"), largest_row=4.0, bias={"infimum": 1.0})
    assert Card.from_plain(json.loads(json.dumps(card.to_plain()))) == card
    older = {
        name: value for name, value in Card().to_plain().items() if name not in ("scaled", "alike", "names")
    }
    assert Card.from_plain(older) == Card()


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"constant": {"rate": 0.3}}, 0.3),
        ({"exponential": {"rate": 1.0, "factor": 0.5}}, 0.125),
        ({"backtracking": {}}, None),
        ({"reduce_on_plateau": {"rate": 0.1}}, None),
    ],
)
def test_a_rate_is_told_of_any_iteration_only_where_it_was_settled_in_advance(choice, expected):
    spec = {"learning_rate": choice, "optimizer": {"gradient_descent": {}}}
    assert Case(spec, RunResult("stopped", ""), Known(Card())).rate_at(3) == expected
