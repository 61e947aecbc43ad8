"""A run gives the same bits on every interpreter, so that where it runs is only a question of speed."""

import hashlib
import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from gdbench.descent import KERNEL_VERSION
from tests.descent.bits import bits
from tests.descent.problems import PAIRS, spec, table
from tests.interpreters import NAMES, find

ROOT = Path(__file__).parents[2]
INITIALIZATIONS = [
    {"zeros": {}},
    {"constant": {"value": 0.3}},
    {"normal": {"mean": 0.0, "std": 1.0}},
    {"uniform": {"low": -1.0, "high": 1.0}},
]


def jobs():
    """Every model × cost, with each gradient, initialization and kernel, converging and diverging rates."""
    data = table(features=3, rows=30, seed=4)
    for (model, cost), gradient, start, rate in product(
        PAIRS, ["analytic", "forward", "central"], INITIALIZATIONS, [0.3, 40.0]
    ):
        for kernel in ["compiled", "reference"]:
            changes = spec(
                model={model: {}},
                cost={cost: {}},
                gradient={gradient: {}},
                initialization=start,
                learning_rate={"constant": {"rate": rate}},
                kernel={kernel: {}},
                convergence={"any": [{"cost_change": {"tolerance": 1e-12}}, {"max_iterations": {"limit": 60}}]},
            )
            yield [changes, [list(row) for row in data.rows], data.features]


@pytest.fixture(scope="module")
def here():
    return json.loads(json.dumps([bits(*job) for job in jobs()]))


@pytest.mark.parametrize("name", NAMES)
def test_every_curve_is_the_same_bit_for_bit(name, here):
    interpreter = find(name)
    if interpreter is None:
        pytest.skip(f"no working {name} on this machine")
    # -S: no site-packages, which proves besides that the kernels need the standard library only
    done = subprocess.run(
        [interpreter, "-S", "-m", "tests.descent.bits"],
        input=json.dumps(list(jobs())),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for job, ours, theirs in zip(jobs(), here, json.loads(done.stdout), strict=True):
        assert theirs == ours, job[0]


def test_compiled_and_reference_runs_are_the_same_bit_for_bit(here):
    compiled, reference = here[::2], here[1::2]
    assert compiled == reference


def test_a_changed_bit_needs_a_new_kernel_version():
    # Only + − × ÷ √, which IEEE 754 defines to the last bit: these digests hold on every machine. If this
    # test fails, results have changed: raise KERNEL_VERSION, so that old records are not taken for new ones.
    known = {1: ["96bc461e11aa08e5", "cfc2be42ae0506ee", "b815a0ec3ef1a337"]}
    data = table(features=3, rows=30, seed=4)
    rows = [[round(value * 16) / 16 for value in row] for row in data.rows]
    start = {"uniform": {"low": -1.0, "high": 1.0}}
    found = [
        hashlib.sha256(json.dumps(bits(spec(initialization=start, gradient=g), rows, 3)).encode()).hexdigest()[
            :16
        ]
        for g in ({"analytic": {}}, {"forward": {}}, {"central": {}})
    ]
    assert found == known[KERNEL_VERSION]


def test_kernels_import_the_standard_library_only():
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", "import sys, gdbench.descent.execute; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    rooms = {name.partition(".")[0] for name in loaded}
    assert rooms - {"gdbench", "__main__"} <= sys.stdlib_module_names
