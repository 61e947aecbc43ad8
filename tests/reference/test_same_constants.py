"""What a run is told, and what a card shows, is the same to the last bit whichever linear algebra helped."""

import json
import os
import subprocess
import sys
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from gdbench.descent.problems.table import Table
from gdbench.reference.digits.gram import independent
from gdbench.reference.digits.rounding import held, power_of_ten_above, rounded_down, significant
from gdbench.reference.optimum import reference_optimum

ROOT = Path(__file__).resolve().parents[2]
LINEAR, NONE = {"linear": {}}, {"none": {}}
#: Interpreters with other versions of NumPy and SciPy, as `.ci/run` installs them.
OTHERS = [path for path in os.environ.get("GDBENCH_OTHER_PYTHONS", "").split(os.pathsep) if path]


def records_of(python=sys.executable, **environment):
    """As another process finds them."""
    done = subprocess.run(
        [python, "-m", "tests.reference.constants"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def here():
    return records_of()


def assert_same(records, here):
    assert records.keys() == here.keys()
    for problem, record in records.items():
        for part, value in record.items():
            assert value == here[problem][part], (problem, part)


def test_constants_do_not_change_with_the_processor_that_linear_algebra_takes_this_one_for(here):
    older = {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "1"}
    narrow = {"NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX"}
    assert_same(records_of(**older, **narrow), here)


@pytest.mark.skipif(not OTHERS, reason="GDBENCH_OTHER_PYTHONS names no Python with another NumPy; .ci/run does")
@pytest.mark.parametrize("python", OTHERS)
def test_constants_do_not_change_with_the_versions_of_python_numpy_and_scipy(here, python):
    told = "import sys, numpy, scipy; print(sys.version_info[:2], numpy.__version__, scipy.__version__)"
    versions = [
        subprocess.run([p, "-c", told], capture_output=True, text=True, check=True).stdout
        for p in (sys.executable, python)
    ]
    assert versions[0] != versions[1]
    assert_same(records_of(python), here)


def test_most_optima_are_known_to_the_last_bit(here):
    attained = [r["optimum"] for r in here.values() if r["constants"]["optimum"] is not None]
    rounded = [how for _, how, *_ in attained if "Rounded" in how]
    assert len(attained) >= 20
    assert len(rounded) <= 1


# --- where a closed form is known, the last bit is the right one


def column(targets):
    """Nothing but a bias to fit: the feature is 0 throughout."""
    return Table([(0.0, float(y)) for y in targets], 1)


def test_the_bias_of_logistic_regression_is_the_log_odds_and_its_cost_the_entropy():
    optimum = reference_optimum({"logistic": {}}, {"logistic": {}}, NONE, column([1, 0, 0, 1, 0, 0, 0]))
    with localcontext(prec=60):
        p = Decimal(2) / 7
        entropy = -(p * p.ln() + (1 - p) * (1 - p).ln())
        assert optimum.parameters == (0.0, float((p / (1 - p)).ln()))
        assert optimum.cost == float(entropy)


def test_the_bias_of_poisson_regression_is_the_log_of_the_mean():
    optimum = reference_optimum({"poisson": {}}, {"poisson": {}}, NONE, column([3, 0, 5, 2, 7, 1, 1]))
    with localcontext(prec=60):
        mean = Decimal(19) / 7
        assert optimum.parameters == (0.0, float(mean.ln()))
        assert optimum.cost == float(mean - mean * mean.ln())


def test_the_lasso_of_orthogonal_columns_is_the_soft_threshold():
    strength = 0.9
    rows = [(1.0, 1.0, 7.3), (1.0, -1.0, 2.1), (-1.0, 1.0, 0.4), (-1.0, -1.0, -5.7)]
    optimum = reference_optimum(LINEAR, {"half_mse": {}}, {"l1": {"strength": strength}}, Table(rows, 2))
    with localcontext(prec=60):
        first, second, y = (list(map(Decimal, column)) for column in zip(*rows, strict=True))
        # both projections are above the threshold
        w = [sum(a * b for a, b in zip(x, y, strict=True)) / 4 - Decimal(strength) for x in (first, second)]
        bias = sum(y) / 4
        rest = [c - w[0] * a - w[1] * b - bias for a, b, c in zip(first, second, y, strict=True)]
        assert optimum.parameters == tuple(map(float, (*w, bias)))
        assert optimum.cost == float(sum(r * r for r in rest) / 8 + Decimal(strength) * (w[0] + w[1]))


def test_the_least_absolute_error_passes_through_the_median():
    targets = [0.1, 0.7, 0.3, 12.9, 0.2]
    optimum = reference_optimum(LINEAR, {"mae": {}}, NONE, column(targets))
    assert optimum.parameters == (0.0, sorted(targets)[2])
    assert optimum.cost == float(sum(abs(Decimal(y) - Decimal(sorted(targets)[2])) for y in targets) / 5)


def test_columns_that_depend_on_earlier_ones_are_told_from_those_that_do_not():
    rows = [(i, i * i, 3 * i - 7 * i * i, 0, 1, i * i * i, 5) for i in range(200)]
    assert independent(rows) == [0, 1, 4, 5]
    assert independent(rows[:3]) == [0, 1, 4]


def test_numbers_are_rounded_to_the_digits_that_hold():
    assert significant(1234.56789, 3) == 1230.0
    assert held(1.23456789012345e-7, 1.0) == 1.2346e-07
    assert held(1.23456789012345, 1.0) == 1.23456789
    assert rounded_down(0.123456, 3) == 0.123
    assert rounded_down(0.1236, 3) == 0.123
    assert rounded_down(-0.1231, 3) == -0.124
    assert rounded_down(1.0, 5) == 1.0
    assert power_of_ten_above(3e-17) == 1e-16
