"""The printed loop is `descend`: the same result, curve, evidence and counts, bit for bit."""

import subprocess
from pathlib import Path

import pytest

from tests.descent.loops import both_ways, jobs
from tests.interpreters import find

ROOT = Path(__file__).parents[2]


def test_the_printed_loop_gives_what_descend_gives_bit_for_bit():
    printed = 0
    for job in jobs():
        ours, theirs, was_printed = both_ways(job)
        assert ours == theirs, job[0]
        printed += was_printed
    assert printed > 90


def test_the_same_under_pypy():
    interpreter = find("pypy3")
    if interpreter is None:
        pytest.skip("no working pypy3 on this machine")
    done = subprocess.run(
        [interpreter, "-S", "-m", "tests.descent.loops"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "compared\n"), done.stderr
