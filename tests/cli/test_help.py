"""`--help` answers at once, because nothing heavy is imported before it is needed."""

import subprocess
import sys

import pytest

from tests.cli.shell import ROOT, environment, gdbench

HEAVY = {
    "mlflow",
    "pandas",
    "altair",
    "numpy",
    "scipy",
    "sklearn",
    "pydantic",
    "yaml",
    "rich",
    "pebble",
    "jinja2",
}
#: A worker needs the kernels and nothing else.
HEAVY_FOR_WORKERS = HEAVY | {"click", "multiprocessing.pool"}


def modules_after(code):
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_help_loads_nothing_heavy():
    code = (
        "sys.argv = ['gdbench', '--help']\nfrom gdbench.cli import main\ntry: main()\nexcept SystemExit: pass"
    )
    assert modules_after(code) & HEAVY == set()


def test_a_worker_loads_nothing_heavy():
    assert modules_after("import gdbench.execution.worker") & HEAVY_FOR_WORKERS == set()


def test_help_shows_the_three_commands_on_a_line_each():
    lines = gdbench("--help").stdout.splitlines()
    for command in ("gdbench run configs/lr_sweep.yaml", "gdbench ui", "gdbench report lr_sweep"):
        assert any(line.strip().startswith(command) for line in lines)
    assert not any("\\b" in line or "\b" in line for line in lines)


@pytest.mark.parametrize("verb", ["run", "report", "export", "ui", "sync", "list", "show", "check"])
def test_every_verb_has_help_with_an_example(verb):
    done = gdbench(verb, "--help")
    assert done.returncode == 0
    assert f"Example: gdbench {verb}" in done.stdout


def test_the_version_is_told():
    assert gdbench("--version").stdout.startswith("gdbench ")


def test_list_shows_each_choice_with_its_formula():
    out = gdbench("list", "costs").stdout
    assert "(p − y)²" in out
    assert "log(1 + eᶻ) − y z" in out
