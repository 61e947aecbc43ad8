"""Published numbers held against runs: recorded, computed once more, not yet run, and those that disagree."""

import csv

import pytest

from gdbench.config.experiment import read_experiment
from gdbench.descent.execute import execute
from gdbench.judgement.expectations import checks, tally
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.reference.problem_records import problem_record
from gdbench.report.page.write import write_report
from gdbench.tracking.parent import agreements
from tests.cli.shell import told
from tests.swept import swept

#: Two rows, a line through them; who printed 3.41 counts costs from the first update on.
ROWS = "x,y\n1,300\n2,500\n"
GRID = """\
name: {name}
data: {{file: rows.csv, target: y{more}}}
grid:
  model: linear
  cost: half_mse
  learning_rate: [0.01, 0.8]
  convergence: {{max_iterations: {limit}}}
expect:
"""


def judged(folder, *expected, limit=2000, more=""):
    (folder / "rows.csv").write_text(ROWS, encoding="utf-8")
    text = GRID.format(name="swept", limit=limit, more=more) + "".join(f"  - {line}\n" for line in expected)
    with swept(folder, text) as store:
        return checks(study(store), store)


def test_numbers_agree_or_disagree_with_their_place(tmp_path):
    rows = judged(
        tmp_path,
        "{where: {learning_rate: 0.01}, at: 1000, cost: 3.42, source: a course}",
        "{where: {learning_rate: 0.01}, at: 1000, cost: 3.43}",
        "{where: {learning_rate: 0.8}, at: 3, cost: 2.37e6, gradient_norm: [1.0e3, 1.0e4]}",
        "{where: {learning_rate: 0.8}, outcome: diverged, cause: rate_above_limit}",
        "{where: {learning_rate: 0.8}, outcome: converged}",
        "{where: {learning_rate: 0.8}, at: 1500, cost: 1}",
        "{iterations: 2000}",
    )
    verdicts = [row.verdict for row in rows]
    assert verdicts == ["agrees", "disagrees", *["agrees"] * 4, "disagrees", "disagrees", "agrees", "disagrees"]
    assert rows[0].source == "a course"
    assert [row.place.rpartition(":")[2] for row in rows[:2]] == ["9", "10"]
    assert "it ended at iteration" in rows[7].reason
    assert tally(rows) == "6 of 10 published numbers agree"
    assert list(agreements(rows).values()) == ["disagrees", "disagrees"]
    assert list(agreements(rows[2:6]).values()) == ["agrees"]


@pytest.mark.parametrize("more", ["", ", standardize: true"])
def test_an_iteration_that_no_curve_keeps_is_computed_once_more_with_the_same_bits(tmp_path, more):
    wanted = "{where: {learning_rate: 0.01}, at: 1001, cost: 3.41, gap: 3.41, parameters: {x: 197, bias: 103}}"
    rows = judged(tmp_path, wanted, more=more)
    plan = make_plan(read_experiment(GRID.format(name="a", limit=1001, more=more), tmp_path / "a.yaml"))
    run = plan.runs[0]
    [problem] = plan.problems.values()
    known = problem_record(problem)
    result = execute(run.spec, problem.dataset.table, known.constants)
    assert rows[0].measured == result.final_cost
    assert rows[1].measured == result.final_gap
    if not more:
        assert [row.measured for row in rows[2:]] == result.parameters


def test_parameters_are_told_in_the_units_that_are_asked_for(tmp_path):
    lines = ("{where: {learning_rate: 0.8}, parameters: {x: 200.0000, bias: 100.0000}}",)
    lines += ("{where: {learning_rate: 0.8}, parameters: {x: 100.0000, bias: 400.0000}, units: fitted}",)
    assert {row.verdict for row in judged(tmp_path, *lines, more=", standardize: true")} == {"agrees"}


def test_an_averaged_method_answers_with_its_own_parameters_where_it_is_asked(tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    text = GRID.format(name="swept", limit=40, more="").replace("[0.01, 0.8]", "0.01\n  average: polyak")
    text += "  - {at: 20, parameters: {x: 1}}\n"
    with swept(tmp_path, text) as store:
        [row] = checks(study(store), store)
    with swept(
        tmp_path, text.replace("limit=40", "").replace("max_iterations: 40", "max_iterations: 20")
    ) as store:
        [shorter] = checks(study(store), store)
    assert row.measured == shorter.measured


def test_what_is_no_longer_there_is_unknown_and_not_right(tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    text = (
        GRID.format(name="swept", limit=2000, more="")
        + "  - {where: {learning_rate: 0.01}, at: 1001, cost: 3.41}\n"
    )
    with swept(tmp_path, text) as store:
        (tmp_path / "rows.csv").write_text(ROWS.replace("300", "301"), encoding="utf-8")
        [row] = checks(study(store), store)
    assert row.verdict == "unknown"
    assert row.wrong
    assert "no longer what it was" in row.reason


def test_one_altered_digit_is_red_in_every_voice(tmp_path, monkeypatch, capsys):
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    head = GRID.format(name="course", limit=50, more="")
    right = head + "  - {where: {learning_rate: 0.8}, at: 1, cost: 2.58e5}\n"
    config = tmp_path / "course.yaml"
    arguments = ("run", "course.yaml", "--runner", "serial", "--no-tracking")
    config.write_text(right, encoding="utf-8")
    code, out, _ = told(monkeypatch, capsys, tmp_path, *arguments)
    assert code == 0
    assert "1 of 1 published numbers agree" in out
    config.write_text(right.replace("2.58e5", "2.59e5"), encoding="utf-8")
    code, out, _ = told(monkeypatch, capsys, tmp_path, *arguments, "--quiet")
    assert code == 1
    assert "✗ NO" in out
    assert "course.yaml:9: cost at 1 of η=0.8 is 257,800, and 2.59e5 is expected" in out
    write_report(tmp_path / "results" / "course", ["md", "csv"])
    report = tmp_path / "results" / "course" / "report"
    assert "| ✗ NO | cost at 1 | 2.59e5 | 257,800 |" in (report / "report.md").read_text(encoding="utf-8")
    [row] = csv.DictReader((report / "expectations.csv").read_text(encoding="utf-8").splitlines())
    assert row["measured"] == "257800.0"
    config.write_text(right.replace("at: 1,", "at: 51,"), encoding="utf-8")
    _, late, _ = told(monkeypatch, capsys, tmp_path, *arguments, "--quiet")
    assert "cost at 51 of η=0.8: it ended at iteration" in late


def test_a_run_that_was_not_meant_is_not_run_yet(tmp_path, monkeypatch, capsys):
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    text = GRID.format(name="course", limit=50, more="") + "  - {where: {learning_rate: 0.8}, at: 1, cost: 1}\n"
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(text.replace("course", name), encoding="utf-8")
    only = ("--only", "learning_rate=0.01", "--runner", "serial", "--no-tracking")
    code, out, err = told(monkeypatch, capsys, tmp_path, "run", "one.yaml", "two.yaml", *only)
    assert code == 0
    assert "· not run yet" in out
    assert "2 experiments; 0 of 2 published numbers agree, 2 not run yet; all as they should be" in err
