"""The summary at the end of a sweep."""

import io
import subprocess
import sys

import pytest
from rich.console import Console

from gdbench.descent.recording.result import RunResult
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.report.comparison.compare import compare
from gdbench.report.page.terminal import ROWS, SIGNS, observations, summary
from tests.report.records import NORMAL, Case, descend, sweep, write_store


def printed(folder, width=80, colour=None):
    file = io.StringIO()
    with Store.read(folder) as store:
        Console(file=file, width=width, color_system=colour, force_terminal=bool(colour)).print(summary(store))
    return file.getvalue()


def test_it_shows_every_setting_in_plan_order_on_one_line_of_eighty_columns(folder):
    lines = printed(folder).splitlines()
    assert all(len(line) <= 80 for line in lines)
    rows = [line for line in lines if "zeros" in line or "normal(" in line][:12]
    assert [row.lstrip("★ ").split()[0] for row in rows] == [
        r for r in ["0.001", "0.01", "0.1", "0.2", "0.25", "0.5"] for _ in "ab"
    ]


def test_the_best_row_alone_is_starred(folder):
    assert [line.split()[1] for line in printed(folder).splitlines() if line.startswith("★")] == ["0.2"]


def test_outcomes_read_without_colour(folder):
    text = printed(folder)
    assert "✓ converged 3/3" in text
    assert "■ stopped" in text
    assert "✗ diverged" in text
    assert "\x1b" not in text
    assert len({symbol for symbol, _ in SIGNS.values()}) == len(SIGNS) - 1


def test_outcomes_are_coloured_where_colour_is(folder):
    assert "\x1b[32m✓" in printed(folder, colour="standard").replace("\x1b[1;32m", "\x1b[32m")


def test_beyond_forty_settings_it_shows_the_best_and_points_to_the_report(tmp_path):
    result = descend(0.1, (0, 0, 0), limit=3)
    folder = write_store(tmp_path, [Case(0.001 * k, result) for k in range(1, ROWS + 8)])
    text = printed(folder)
    assert "… and 7 more settings; these are the best of each problem: gdbench report" in text
    assert text.count("■ stopped") == ROWS


@pytest.mark.parametrize("finished", [0, 1, 5])
def test_an_unfinished_plan_says_how_many_runs_are_there(tmp_path, finished):
    cases = [Case(0.1, descend(0.1, (0, 0, k), limit=3), NORMAL, k) for k in range(24)]
    text = printed(write_store(tmp_path, cases, finished=cases[:finished]))
    assert f"{finished} of 24 runs so far" in text


def test_a_single_run_that_failed_is_shown(tmp_path):
    text = printed(write_store(tmp_path, [Case(0.1, RunResult("failed", "Boom."))]))
    assert "! failed" in text
    assert "not measured" in text


def test_long_labels_fold_instead_of_pushing_numbers_out(tmp_path):
    long = {"normal": {"mean": 0.123456789012, "std": 1.123456789012}}
    result = descend(0.1, (0, 0, 0), limit=3)
    folder = write_store(tmp_path, [Case(0.1, result, long), Case(0.2, result, NORMAL)])
    text = printed(folder)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "> 3" in text


def test_neither_pandas_nor_what_draws_charts_is_loaded(tmp_path):
    folder = write_store(tmp_path, sweep(rates=[0.1], limit=5))
    script = (
        "import sys; from pathlib import Path; from gdbench.record.store import Store;"
        "from gdbench.report.page.terminal import summary; summary(Store.read(Path(sys.argv[1])));"
        "heavy = {'pandas', 'mlflow', 'numpy', 'vl_convert', 'jinja2'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_a_comparison_came_to_is_a_line_each_with_a_sign_for_its_kind(folder):
    file = io.StringIO()
    with Store.read(folder) as store:
        compared = compare(["monday", "tuesday"], [study(store)] * 2)
    Console(file=file, width=300).print(observations(compared))
    lines = file.getvalue().splitlines()
    assert lines[0] == "monday · tuesday"
    assert len(lines) == 1 + len(compared.observations)
    assert lines[1].startswith("= quadratic · linear · mse: no difference in iterations to 1e-06")


@pytest.mark.parametrize("width", [80, 200])
def test_with_many_axes_every_number_and_name_is_whole_at_any_width(tmp_path, width):
    names = ["heavy_ball_with_a_long_name", "nesterov_with_a_long_name"]
    starts = [NORMAL, {"uniform": {"low": -12.5, "high": 12.5}}]
    cases = [Case(0.2, descend(0.2, (0, 0, 0)), start, 0, optimizer=name) for name in names for start in starts]
    axes = ("optimizer", "learning_rate", "initialization", "model")
    lines = printed(write_store(tmp_path, cases, varying=axes), width).splitlines()
    assert all(len(line) <= width for line in lines)
    heading = next(line for line in lines if "outcome" in line)
    assert heading.split()[-2:] == ["kept", "1e-06"]
    assert heading.split()[0] == ("setting" if width == 80 else "optimizer")
    words = " ".join(lines).split()
    for name in names:
        assert name in words
    rows = [line for line in lines if "✓" in line]
    assert len(rows) == len(cases)  # of one and the same descent
    assert {row.split()[-1] for row in rows} == {str(cases[0].result.iterations_to["1e-06"])}
