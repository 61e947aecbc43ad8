"""gdbench inspect prints what theory says of a config's problems, and runs nothing."""

import json

import numpy as np
import pytest

from tests.cli.shell import here
from tests.sweeps import write


def test_inspect_prints_the_constants_of_each_problem_and_writes_nothing(tmp_path):
    path = write(tmp_path)
    done = here("inspect", path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in ("quadratic, convex", "2/L, the stability limit", "κ = L/μ", "Optimum", "closed form"):
        assert words in done.stdout
    assert list(tmp_path.iterdir()) == [path]


def test_inspect_gives_every_digit_as_json(tmp_path):
    done = here("inspect", write(tmp_path), "--json", cwd=tmp_path)
    (card,) = (problem["card"] for problem in json.loads(done.stdout))
    value, kind, _ = card["smoothness"]
    assert kind == "exact"
    assert value == card["spectrum"][0] or abs(value / card["spectrum"][0] - 1.0) < 1e-12


def test_inspect_refuses_a_bad_config_as_run_does(tmp_path):
    done = here("inspect", tmp_path / "none.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.yaml" in done.stderr


HOUSES = 'ID,area,lot,city,price\n1,"2,104",0.2,Ames,"$399,900"\n2,"1,600",,Ames,"$329,900"\n'
HOUSES += '3,"2,400",0.3,Boone,"$369,000"\n4,"1,416",0.1,Boone,"$232,000"\n'


def test_inspect_shows_the_columns_of_a_table(tmp_path):
    (tmp_path / "houses.csv").write_text(HOUSES)
    done = here("inspect", "houses.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "houses.csv: 4 rows"
    assert "  price  numbers 232000 to 399900 $ (the target, as it seems)" in lines
    assert "  lot    numbers 0.1 to 0.3, 1 gap" in lines
    assert "  city   text: Ames 2, Boone 2" in lines
    assert any(line.startswith("  ID     numbers 1 to 4 — an ID") for line in lines)
    settings = 'thousands: ",", missing: median, categories: one_hot, drop: [ID]'
    assert f"Read with {settings}" in lines
    rows = np.array([[2104, 0.2, 0, 1], [1600, 0.2, 0, 1], [2400, 0.3, 1, 1], [1416, 0.1, 1, 1]])
    scaled = np.column_stack([(rows[:, :3] - rows[:, :3].mean(axis=0)) / rows[:, :3].std(axis=0), rows[:, 3]])
    found = json.loads(here("inspect", "houses.csv", "--json", cwd=tmp_path).stdout)
    assert found["condition"]["raw"] == pytest.approx(np.linalg.cond(rows) ** 2, rel=1e-6)
    assert found["condition"]["standardized"] == pytest.approx(np.linalg.cond(scaled) ** 2, rel=1e-6)
    assert [one["name"] for one in found["columns"] if one.get("suspicious")] == ["ID"]
