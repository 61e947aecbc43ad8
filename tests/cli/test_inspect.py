"""gdbench inspect prints what theory says of a config's problems, and runs nothing."""

import json

from tests.cli.shell import gdbench
from tests.sweeps import write


def test_inspect_prints_the_constants_of_each_problem_and_writes_nothing(tmp_path):
    path = write(tmp_path)
    done = gdbench("inspect", path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in ("quadratic, convex", "2/L, the stability limit", "κ = L/μ", "Optimum", "closed form"):
        assert words in done.stdout
    assert list(tmp_path.iterdir()) == [path]


def test_inspect_gives_every_digit_as_json(tmp_path):
    done = gdbench("inspect", write(tmp_path), "--json", cwd=tmp_path)
    (card,) = (problem["card"] for problem in json.loads(done.stdout))
    value, kind, _ = card["smoothness"]
    assert kind == "exact"
    assert value == card["spectrum"][0] or abs(value / card["spectrum"][0] - 1.0) < 1e-12


def test_inspect_refuses_a_bad_config_as_run_does(tmp_path):
    done = gdbench("inspect", tmp_path / "none.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.yaml" in done.stderr
