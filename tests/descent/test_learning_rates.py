"""Learning rates: a schedule maps the iteration to a rate."""

import pytest

from gdbench.descent.errors import BadParameter
from gdbench.descent.learning_rates import LEARNING_RATES, constant


@pytest.mark.parametrize("rate", [5e-324, 1e-3, 0.1, 1.0, 1e300])
def test_a_constant_rate_is_the_same_at_every_iteration_bit_for_bit(rate: float) -> None:
    schedule = constant(rate)
    assert [schedule(k) for k in (0, 1, 2, 1000, 10**9)] == [rate] * 5


def test_asking_twice_for_the_same_iteration_changes_nothing() -> None:
    schedule = constant(0.5)
    assert [schedule(k) for k in (7, 3, 7)] == [0.5, 0.5, 0.5]


def test_a_whole_number_is_the_same_rate_as_its_float() -> None:
    resolved = LEARNING_RATES["constant"].resolve({"rate": 1})["rate"]
    assert (type(resolved), resolved) == (float, 1.0)


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (0, "0"),
        (-0.1, "-0.1"),
        ("abc", "'abc'"),
        (True, "true"),
        (None, "null"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        ([0.1], "[0.1]"),
    ],
)
def test_a_rate_that_is_no_positive_number_is_refused(rate: object, shown: str) -> None:
    with pytest.raises(BadParameter) as caught:
        LEARNING_RATES["constant"].resolve({"rate": rate})
    assert caught.value.parameter == "rate"
    assert str(caught.value) == f"'rate' of learning rate 'constant' must be a number above 0, not {shown}."


def test_a_rate_must_be_given() -> None:
    with pytest.raises(BadParameter, match="learning rate 'constant' needs 'rate': a number above 0"):
        LEARNING_RATES["constant"].resolve({})
