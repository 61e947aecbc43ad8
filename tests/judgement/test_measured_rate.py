"""The measured rate is what generated curves were made with, and undecided where that cannot be told."""

import math

import pytest

from gdbench.descent.recording.result import Curve
from gdbench.judgement.measured_rate import measured_rate
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord

KNOWN = ProblemRecord("p", "p", 1, 1, 1, 1.0, Optimum("certified", "", 2.0))
UNKNOWN = ProblemRecord("p", "p", 1, 1, 1, 1.0, Optimum("unknown", ""))


def curve(gap, most=1000, best=2.0):
    ks = list(range(most + 1))
    return Curve(ks, {"cost": [best + gap(k) for k in ks], "gradient_norm": [0.0] * len(ks)})


@pytest.mark.parametrize("problem", [KNOWN, UNKNOWN])
@pytest.mark.parametrize("rho", [0.9, 0.99, 0.997])
def test_an_exponential_is_linear_with_its_own_contraction(rho, problem):
    rate = measured_rate(curve(lambda k: rho**k), problem)
    assert rate.order == "linear"
    assert rate.contraction == pytest.approx(rho, rel=1e-4)


@pytest.mark.parametrize("problem", [KNOWN, UNKNOWN])
@pytest.mark.parametrize("power", [1.0, 2.0])
def test_a_power_law_is_sublinear_with_its_own_power(power, problem):
    rate = measured_rate(curve(lambda k: (k + 1.0) ** -power), problem)
    assert (rate.order, rate.contraction) == ("sublinear", None)
    assert rate.power == pytest.approx(power, rel=0.05)


def test_a_gap_that_falls_faster_and_faster_is_superlinear():
    assert measured_rate(curve(lambda k: math.exp(-((k / 40.0) ** 2)), 200), KNOWN).order == "superlinear"


def test_in_between_it_is_undecided_and_nothing_is_extrapolated():
    rate = measured_rate(curve(lambda k: math.exp(-math.sqrt(k) / 2.0)), KNOWN)
    assert rate.order == "undecided"
    assert rate.more(1e-3, 1e-6) is None


@pytest.mark.parametrize(
    ("gap", "wanted"),
    [(lambda k: 0.99**k, 1e-9), (lambda k: 1.0 / (k + 1.0), 1e-4)],
    ids=["linear", "sublinear"],
)
def test_the_remaining_iterations_lead_to_the_wanted_gap(gap, wanted):
    rate = measured_rate(curve(gap), KNOWN)
    predicted = rate.end + rate.more(gap(rate.end), wanted)
    true = next(k for k in range(10**6) if gap(k) <= wanted)
    assert predicted == pytest.approx(true, rel=0.1)


def test_the_rounding_floor_is_not_fitted():
    rate = measured_rate(curve(lambda k: max(0.9**k, 3e-16 * (k % 3))), KNOWN)
    assert (rate.order, rate.end < 350) == ("linear", True)


def test_outliers_do_not_move_the_fit():
    rate = measured_rate(curve(lambda k: 0.99**k * (30.0 if k % 11 == 5 else 1.0)), KNOWN)
    assert (rate.order, rate.contraction) == ("linear", pytest.approx(0.99, rel=1e-3))


@pytest.mark.parametrize(
    "gap", [lambda k: 1.0, lambda k: 1.01**k, lambda k: 0.0], ids=["still", "growing", "at the optimum"]
)
def test_what_does_not_fall_has_no_rate(gap):
    assert measured_rate(curve(gap), KNOWN) is None


def test_a_short_curve_has_no_rate():
    assert measured_rate(curve(lambda k: 0.5**k, 6), KNOWN) is None
