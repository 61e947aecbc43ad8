"""gdbench check: its words, its numbers, its exit status."""

import json

import pytest

from tests.cli.shell import ROOT, here

EXAMPLE = "configs/plugins/pseudo_huber.py"
BAD = '''\
from gdbench.descent.costs import cost

@cost("branchy")
def branchy(p, y):
    """|p - y|"""
    if p > y:
        return p - y
    return y - p
'''


def test_the_shipped_example_is_found_in_order():
    done = here("check", EXAMPLE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("cost pseudo_huber(delta=1.0)\n")
    assert "exact at 100 random points" in done.stdout
    assert done.stdout.rstrip().endswith("Nothing is wrong.")


def test_what_is_wrong_comes_first_with_file_and_line(tmp_path):
    (tmp_path / "bad.py").write_text(BAD)
    done = here("check", "bad.py", cwd=tmp_path)
    assert done.returncode == 1
    first = done.stdout.splitlines()[1]
    assert first.startswith("  ✗ bad.py:6: a formula branches on a traced value")
    assert "1 thing is wrong" in done.stdout
    assert "\x1b" not in done.stdout  # no colours into a pipe


@pytest.mark.parametrize(("source", "status"), [(None, 0), (BAD, 1)])
def test_json_says_the_same_in_numbers(tmp_path, source, status):
    path = ROOT / EXAMPLE
    if source:
        path = tmp_path / "bad.py"
        path.write_text(source)
    done = here("check", path, "--json")
    assert done.returncode == status
    found = json.loads(done.stdout)
    assert found["status"] == ("wrong" if status else "fine")
    (choice,) = found["choices"]
    assert choice["kind"] == "cost"
    assert all(set(f) == {"severity", "check", "said", "line", "evidence"} for f in choice["findings"])
    assert choice["findings"][0]["line"] == (6 if status else None)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (None, "there is no such file"),
        ("x = \n", "mine.py:1: this is not Python"),
        ("x = 1\n", "registers nothing"),
        (BAD.replace("branchy", "mse"), "two costs are called 'mse'"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_status_two_and_one_sentence(tmp_path, source, said):
    if source:
        (tmp_path / "mine.py").write_text(source)
    done = here("check", "mine.py", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_help_has_an_example_and_the_exit_statuses():
    out = here("check", "--help").stdout
    assert "Example: gdbench check" in out
    assert "1 something is" in out
