"""gdbench plan: every run that a config asks for, what is done, what is left out and what the rest takes."""

import json

import pytest

from gdbench.cli.verbs.run import confirm_size
from gdbench.config.experiment import load_experiment
from gdbench.descent.errors import GdbenchError
from gdbench.execution.outlook import outlook
from gdbench.planning.plan import make_plan
from tests.cli.shell import here, told
from tests.sweeps import SWEEP, write


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A folder in which the small sweep has been run."""
    folder = tmp_path_factory.mktemp("swept")
    write(folder)
    done = here("run", "small.yaml", "--runner", "serial", "--no-tracking", "-q", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def plan(monkeypatch, capsys):
    """Arguments → what `gdbench plan … --json` says."""

    def of(folder, *arguments):
        status, out, err = told(monkeypatch, capsys, folder, "plan", "small.yaml", "--json", *arguments)
        assert status == 0, err
        return json.loads(out)

    return of


def test_before_anything_ran_everything_is_to_do(tmp_path, plan):
    write(tmp_path)
    totals = plan(tmp_path)["totals"]
    assert (totals["runs"], totals["done"], totals["left"]) == (9, 0, 9)
    assert totals["iterations_at_most"] == 9 * 400
    assert totals["evaluations_at_most"] == 9 * 401
    assert (totals["seconds_at_most"], totals["runs_measured"]) == (None, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_what_is_recorded_is_done_and_its_pace_tells_of_the_rest(swept, plan):
    found = plan(swept, "--set", "repeats=4")
    totals = found["totals"]
    assert (totals["runs"], totals["done"], totals["left"]) == (15, 9, 6)
    assert totals["runs_measured"] >= 6
    assert totals["seconds_at_most"] > 0
    outcomes = {run["label"]: run["outcome"] for run in found["runs"]}
    assert outcomes["η=0.2 · zeros"] == "converged"
    assert outcomes["η=5 · zeros"] == "diverged"
    assert outcomes["η=5 · normal(std=1) #3"] is None


def test_the_table_has_a_row_for_each_combination(swept, monkeypatch, capsys):
    monkeypatch.delenv("COLUMNS", raising=False)
    _, out, err = told(monkeypatch, capsys, swept, "plan", "small.yaml")
    rows = [line.split() for line in out.splitlines()]
    assert ["0.0001", "zeros", "1", "400", "401"] in [row[:5] for row in rows]
    assert sum(row[-2:] == ["2/2", "diverged"] for row in rows) == 1
    assert "9 runs · 9 done · 0 to do" in out
    assert err == ""


def test_the_next_command_is_talk_and_not_result(tmp_path, monkeypatch, capsys):
    write(tmp_path)
    _, out, err = told(monkeypatch, capsys, tmp_path, "plan", "small.yaml", "--set", "repeats=1")
    place, following = err.splitlines()
    assert place == "runner serial: under 0.1 s of work at most, less than workers take to start"
    assert following == "next: gdbench run small.yaml --set repeats=1"
    assert "next:" not in out


def test_what_is_left_out_is_told_with_its_reason(tmp_path, monkeypatch, capsys, plan):
    write(tmp_path)
    setting = ("--set", "grid.exclude={learning_rate: {above: 1}}")
    _, out, _ = told(monkeypatch, capsys, tmp_path, "plan", "small.yaml", *setting)
    assert "skipped 2: excluded: learning_rate above 1 (η=5 · zeros; η=5 · normal(std=1))" in out
    assert "6 runs · 0 done · 6 to do · 2 skipped" in out
    assert plan(tmp_path, *setting)["skipped"][0] == {
        "label": "η=5 · zeros",
        "reason": "excluded: learning_rate above 1",
    }


def test_a_long_plan_shows_its_beginning_and_says_how_to_see_the_rest(tmp_path, monkeypatch, capsys):
    write(tmp_path)
    setting = ("--set", "grid.learning_rate={linspace: [0.1, 0.5, 41]}")
    _, out, _ = told(monkeypatch, capsys, tmp_path, "plan", "small.yaml", *setting)
    assert "… and 52 more rows: --all shows them" in out
    _, everything, _ = told(monkeypatch, capsys, tmp_path, "plan", "small.yaml", "--all", *setting)
    assert len(everything.splitlines()) > 80


def test_no_line_is_wider_than_a_narrow_terminal(tmp_path, monkeypatch, capsys):
    write(tmp_path)
    monkeypatch.setenv("COLUMNS", "40")
    _, out, _ = told(monkeypatch, capsys, tmp_path, "plan", "small.yaml")
    table = out.split("\n\n")[1].splitlines()
    assert all(len(line) <= 40 for line in table)


def test_differences_evaluate_the_cost_once_or_twice_for_each_parameter(tmp_path):
    text = SWEEP.replace("cost: mse", "cost: mse\n  gradient: [analytic, forward, central]")
    found = outlook(make_plan(load_experiment(write(tmp_path, text))), tmp_path / "nowhere")
    each = {next(iter(p.run.spec["gradient"])): p.evaluations for p in found.prospects}
    assert each == {"analytic": 401, "forward": 401 * 4, "central": 401 * 7}  # two features and a bias


def test_a_very_large_plan_wants_to_be_confirmed(tmp_path):
    overrides = ["grid.learning_rate={linspace: [0.1, 1, 3000]}", "repeats=4"]
    plan = make_plan(load_experiment(write(tmp_path), overrides))
    assert len(plan.runs) > 10_000
    with pytest.raises(GdbenchError, match=r"small has 15,000 runs, more than 10,000\. Add --yes"):
        confirm_size(plan, yes=False)
    confirm_size(plan, yes=True)


def test_a_race_says_where_settings_are_compared(tmp_path, monkeypatch, capsys):
    text = (
        "name: raced\ngrid: {surface: booth, learning_rate: [0.01, 0.02], convergence: {max_iterations: 270}}\n"
    )
    (tmp_path / "raced.yaml").write_text(f"{text}race: {{keep: 1/3, rungs: 4}}\n", encoding="utf-8")
    status, out, err = told(monkeypatch, capsys, tmp_path, "plan", "raced.yaml")
    assert status == 0, err
    assert "a race: 1/3 of the settings go on from iterations 10, 30, 90" in " ".join(out.split())


def test_a_race_of_searched_rates_alone_is_said_to_have_nothing_to_run(tmp_path, monkeypatch, capsys):
    grid = "grid: {surface: booth, learning_rate: {find: critical}, convergence: {max_iterations: 270}}\n"
    (tmp_path / "raced.yaml").write_text(f"name: raced\n{grid}race: {{keep: 1/3}}\n", encoding="utf-8")
    status, _, err = told(monkeypatch, capsys, tmp_path, "plan", "raced.yaml")
    assert status == 0, err
    assert "unwise: a race has nothing to run here" in " ".join(err.split())
