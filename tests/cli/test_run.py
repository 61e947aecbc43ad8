"""gdbench run, from the outside: the shipped sweep against its certified optimum, and what a user sees."""

import csv
import json
import re
import sys
from pathlib import Path

import pytest

from gdbench.record.store import Store
from tests.cli.shell import ROOT, gdbench, told
from tests.sampling import most
from tests.sweeps import write


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """configs/lr_sweep.yaml, run once without tracking: (results folder, completed process)."""
    results = tmp_path_factory.mktemp("sweep")
    done = gdbench("run", "configs/lr_sweep.yaml", "--no-tracking", "--results", results)
    assert done.returncode == 0, done.stderr
    return results, done


def runs_of(results, name="lr_sweep"):
    with Store.read(results / name) as store:
        return list(store.runs())


def alone(config, results):
    """A run of which everything happens in one process."""
    return ["run", config, "--runner", "serial", "--no-tracking", "--results", results]


def rate(run):
    return run.spec["learning_rate"]["constant"]["rate"]


def test_rates_above_two_over_L_diverge_and_those_below_do_not(sweep):
    # 2/L = 2/8.048421500305567 = 0.2485 on the standardized diabetes data
    for run in runs_of(sweep[0]):
        assert (run.result.outcome == "diverged") == (rate(run) > 2 / 8.048421500305567)


def test_the_best_run_ends_at_the_certified_minimum(sweep):
    best = min(run.result.final_cost for run in runs_of(sweep[0]))
    assert best == pytest.approx(2859.69634758675, rel=1e-6)


def test_reaching_the_limit_is_stopped_and_only_a_rule_that_held_is_converged(sweep):
    for run in runs_of(sweep[0]):
        assert (run.result.outcome == "stopped") == (run.result.rule == "max_iterations")
        assert (run.result.outcome == "converged") == (run.result.rule == "cost_change")


def test_iterations_to_a_target_are_the_certified_ones_and_read_off_no_thinned_curve(sweep):
    # gd from zeros at 0.1: the first iterate at or below each target is the first on the whole curve
    with Store.read(sweep[0] / "lr_sweep") as store:
        problem = next(iter(store.problems().values()))
    for run in runs_of(sweep[0]):
        for target, iteration in run.result.iterations_to.items():
            if iteration is None:
                assert problem.relative_gap(run.result.best_cost) > float(target)
            else:
                at = run.result.curve.iteration.index(iteration)
                gaps = [problem.relative_gap(cost) for cost in run.result.curve.cost[at - 1 : at + 1]]
                assert gaps[1] <= float(target) < gaps[0]


def test_the_summary_has_a_row_for_each_combination_and_says_what_to_do_next(sweep):
    out, err = sweep[1].stdout, sweep[1].stderr
    for row in (r"0\.001 +zeros +.*stopped", r"0\.2 +zeros +.*converged", r"0\.5 +normal.*diverged 3/3"):
        assert re.search(row, out)
    assert "4 converged · 12 stopped · 8 diverged" in out
    assert "gdbench report lr_sweep" in err
    assert "gdbench ui" in err


def test_results_go_to_stdout_and_talk_to_stderr(sweep):
    assert "next:" not in sweep[1].stdout
    assert "24/24 runs" in sweep[1].stderr


def test_a_second_run_executes_nothing(sweep):
    again = gdbench("run", "configs/lr_sweep.yaml", "--no-tracking", "--results", sweep[0])
    assert again.returncode == 0
    assert "24 of them done before" in again.stderr
    assert again.stdout == sweep[1].stdout


def test_at_a_terminal_the_counts_of_outcomes_are_told_once(sweep, monkeypatch, capsys):
    told_again = ["run", "configs/lr_sweep.yaml", "--no-tracking", "--results", sweep[0]]
    monkeypatch.setenv("FORCE_COLOR", "1")
    _, out, _ = told(monkeypatch, capsys, ROOT, *told_again)
    plain = re.sub(r"\x1b\[[\d;]*m", "", out)
    assert plain.startswith("lr_sweep: 24 runs (4 converged, 12 stopped, 8 diverged)\n")
    assert "4 converged ·" not in plain
    _, out, _ = told(monkeypatch, capsys, ROOT, *told_again, "--only", "learning_rate=0.5")
    assert "4 diverged\n" in out


def test_at_a_terminal_the_answer_is_on_the_last_screen_and_a_pipe_gets_names_and_the_config(
    sweep, monkeypatch, capsys
):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    names = told(monkeypatch, capsys, ROOT, "report", "lr_sweep", "--results", sweep[0])[1].splitlines()
    config = told(monkeypatch, capsys, ROOT, "next", "lr_sweep", "--results", sweep[0])[1]
    assert all(Path(name).is_file() for name in names)
    assert len(names) > 10
    assert config.startswith("# written by: gdbench next lr_sweep")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    _, out, err = told(monkeypatch, capsys, ROOT, "report", "lr_sweep", "--results", sweep[0])
    assert out == f"written: {names[0]} and {len(names) - 1} more files in {Path(names[0]).parent}\n"
    lines = err.splitlines()
    answers = [number for number, line in enumerate(lines) if line.startswith("Use η = 0.2")]
    assert len(lines) - answers[0] < 22
    _, out, _ = told(monkeypatch, capsys, ROOT, "next", "lr_sweep", "--results", sweep[0])
    assert "to run it: gdbench next lr_sweep --run" in out
    assert len(out.splitlines()) < 6


def test_the_report_is_written_where_it_is_said_to_be(sweep, monkeypatch, capsys):
    status, out, err = told(monkeypatch, capsys, ROOT, "report", "lr_sweep", "--results", sweep[0])
    assert status == 0, err
    folder = sweep[0] / "lr_sweep" / "report"
    assert {str(path) for path in folder.iterdir()} >= set(out.split())
    with (folder / "runs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24
    by_key = {run.key: run.result for run in runs_of(sweep[0])}
    assert all(float(row["final_cost"]) == by_key[row["key"]].final_cost for row in rows)


def test_serial_and_processes_leave_the_same_record(monkeypatch, capsys, tmp_path):
    write(tmp_path)
    for runner in ("serial", "processes"):
        given = ["--runner", runner, "--workers", 1, "--no-tracking", "--results", tmp_path / runner]
        status, _, err = told(monkeypatch, capsys, tmp_path, "run", "small.yaml", *given)
        assert status == 0, err
    serial, processes = (runs_of(tmp_path / runner, "small") for runner in ("serial", "processes"))
    assert [(r.key, r.result.curve, r.result.outcome) for r in serial] == [
        (r.key, r.result.curve, r.result.outcome) for r in processes
    ]


def test_quiet_says_nothing_but_the_summary(monkeypatch, capsys, tmp_path):
    _, out, err = told(monkeypatch, capsys, ROOT, *alone(write(tmp_path), tmp_path / "r"), "-q")
    assert out.strip()
    assert "runs ·" not in err


#: How the runs of some configs must end: Filip and Wampler may not claim to have converged, for one.
ENDINGS = {"nist_hard": {"stopped"}, "nist_linear": {"converged"}}
CONFIGS = sorted(path.stem for path in (ROOT / "configs").glob("*.yaml") if path.stem != "lr_sweep")


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", CONFIGS)
def test_every_shipped_config_runs(monkeypatch, capsys, tmp_path, name):
    limit = most(3, exhaustive=100_000)
    config = ROOT / "configs" / f"{name}.yaml"
    status, _, err = told(monkeypatch, capsys, ROOT, *alone(config, tmp_path), "--limit", limit)
    assert status == 0, err
    ended = {run.result.outcome for run in runs_of(tmp_path, name)}
    assert ended <= ENDINGS.get(name, {"converged", "stopped", "diverged", "stalled"})


def test_nists_nonlinear_problems_are_solved_to_their_certified_costs(monkeypatch, capsys, tmp_path):
    status, _, err = told(monkeypatch, capsys, ROOT, *alone("configs/nist_nonlinear.yaml", tmp_path))
    assert status == 0, err
    with Store.read(tmp_path / "nist_nonlinear") as store:
        problems = store.problems()
        solved = {run.spec["data"] for run in store.runs() if run.result.iterations_to["1e-10"] is not None}
    assert solved == {"DanWood", "Eckerle4", "ENSO"}
    assert {problem.optimum.kind for problem in problems.values()} == {"certified"}


def test_nists_linear_problems_are_solved(monkeypatch, capsys, tmp_path):
    assert told(monkeypatch, capsys, ROOT, *alone("configs/nist_linear.yaml", tmp_path))[0] == 0
    with Store.read(tmp_path / "nist_linear") as store:
        solved = {run.spec["data"] for run in store.runs() if run.result.iterations_to["1e-10"] is not None}
    assert len(solved) == 4


def test_three_classes_of_iris_without_a_penalty_have_no_minimiser_and_it_is_said(
    monkeypatch, capsys, tmp_path
):
    _, out, _ = told(monkeypatch, capsys, ROOT, *alone("configs/softmax.yaml", tmp_path))
    assert "no minimiser exists" in " ".join(out.split())


def test_a_csv_of_ones_own_is_swept(monkeypatch, capsys, tmp_path):
    (tmp_path / "houses.csv").write_text("area,rooms,price\n50,2,100\n80,3,170\n120,4,240\n65,2,130\n")
    synthetic = "{synthetic: {linear_data: {rows: 12, features: 2, noise: 0.1, seed: 3}}}"
    write(tmp_path, **{synthetic: "{file: houses.csv, target: price, standardize: true}"})
    status, _, err = told(monkeypatch, capsys, ROOT, *alone(tmp_path / "small.yaml", tmp_path / "r"))
    assert status == 0, err
    with Store.read(tmp_path / "r" / "small") as store:
        (problem,) = store.problems().values()
    assert (problem.rows, problem.features) == (4, 2)


def test_run_and_report_give_the_answer_as_json_in_the_words_of_the_summary(monkeypatch, capsys, tmp_path):
    given = ["run", write(tmp_path), "--runner", "serial", "--no-tracking", "--quiet"]
    summary = told(monkeypatch, capsys, tmp_path, *given)[1]
    status, answer, _ = told(monkeypatch, capsys, tmp_path, *given, "--json")
    assert status == 0
    assert json.loads(answer)["text"] in " ".join(summary.split())  # however wide the terminal is
    assert json.loads(answer)["problems"][0]["best"]["learning_rate"] == 0.2
    assert told(monkeypatch, capsys, tmp_path, "report", "small", "--json") == (0, answer, "")
    assert not (tmp_path / "results" / "small" / "report").exists()
