"""Every recipe of CONTRIBUTING.md, followed in a copy of the package: it takes the files it says, and works."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NUMBERS = {"one file": 1, "two files": 2, "three files": 3}

CONFIG = """\
name: followed
data: {dataset: diabetes, standardize: true}
grid:
  model: linear
  cost: [geman_mcclure, mse]
  gradient: analytic
  optimizer: [sign_descent, gradient_descent]
  learning_rate: [0.1, 1.0]
  initialization: zeros
  convergence:
    - any: [{max_distance: 20}, {max_iterations: 50}]
"""


def recipes():
    """(title, number of files, {file: hunks}) of each recipe; a hunk is a list of lines with their sign."""
    for title, number, body in re.findall(
        r"^## ([^\n:]*): ([^\n]* files?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL
    ):
        blocks = re.findall(r"^```diff title=\"([^\"]+)\"\n(.*?)^```", body, re.MULTILINE | re.DOTALL)
        yield title, NUMBERS[number], {file: text.split("@@\n") for file, text in blocks}


def applied(text, hunk):
    """The text after a hunk; one that only adds goes to the end."""
    lines = [(line[:1], line[1:]) for line in hunk.splitlines(keepends=True)]
    before = "".join(line for sign, line in lines if sign != "+")
    after = "".join(line for sign, line in lines if sign != "-")
    if not before:
        return text + after
    assert text.count(before) == 1, f"the recipe expects once:\n{before}"
    return text.replace(before, after)


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """A folder with a copy of the package in which every recipe has been followed."""
    folder = tmp_path_factory.mktemp("followed")
    shutil.copytree(ROOT / "gdbench", folder / "gdbench", ignore=shutil.ignore_patterns("__pycache__"))
    for _, _, files in recipes():
        for file, hunks in files.items():
            path = folder / file
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            for hunk in hunks:
                text = applied(text, hunk)
            path.write_text(text, encoding="utf-8")
    (folder / "followed.yaml").write_text(CONFIG, encoding="utf-8")
    gdbench(folder, "run", "followed.yaml", "--runner", "serial", "--no-tracking")
    return folder


def gdbench(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", "from gdbench.cli import main; main()", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_recipe_takes_the_files_that_it_says():
    found = list(recipes())
    assert [title for title, _, _ in found] == [
        "A cost",
        "An optimizer",
        "A stopping rule",
        "A tracked column",
        "A chart",
    ]
    for title, number, files in found:
        assert len(files) == number, title


def test_the_choices_are_listed_and_known_to_editors(followed):
    listed, schema = gdbench(followed, "list"), gdbench(followed, "schema")
    for name in ("geman_mcclure", "sign_descent", "max_distance"):
        assert name in listed
        assert name in schema


def test_the_rule_ends_runs_and_the_column_is_recorded_and_exported(followed):
    gdbench(followed, "export", "followed", "--to", "csv")
    with (followed / "results" / "followed" / "export" / "runs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert all(float(row["final_parameter_norm"]) > 0.0 for row in rows)
    assert "went 20 away from its start" in {row["reason"] for row in rows}


def test_the_chart_is_drawn_on_the_page(followed):
    gdbench(followed, "report", "followed")
    page = (followed / "results" / "followed" / "report" / "index.html").read_text(encoding="utf-8")
    assert "One bar for each setting, the median of its runs." in page


def test_what_the_recipes_write_passes_the_linter(followed):
    files = [file for _, _, changed in recipes() for file in changed]
    settings = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [Path(sys.executable).parent / "ruff", *command, *settings, *files],
            cwd=followed,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
