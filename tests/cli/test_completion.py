"""The shell offers verbs, configs, experiments, runners and names."""

import subprocess

import pytest
from click.shell_completion import ShellComplete

from gdbench.cli import cli
from tests.cli.shell import ROOT, gdbench


def offered(words, incomplete):
    items = ShellComplete(cli, {}, "gdbench", "_GDBENCH_COMPLETE").get_completions(words, incomplete)
    return [item.value for item in items]


@pytest.mark.parametrize(
    ("words", "incomplete", "expected"),
    [
        ([], "pl", ["plan"]),
        ([], "--ver", ["--version"]),
        (["run"], "configs/pol", ["configs/polynomial.yaml"]),
        (["plan"], "./configs/pol", ["configs/polynomial.yaml"]),
        (["plan"], "configs/lr_sweep.yaml", ["configs/lr_sweep.yaml"]),
        (["run", "x.yaml", "--runner"], "py", ["pypy"]),
        (["list"], "co", ["costs"]),
        (["show", "definition"], "hub", ["huber"]),
        (["check"], "configs/plugins/ps", ["configs/plugins/pseudo_huber.py"]),
        (["new", "--compare"], "o", ["optimizers"]),
        (["completion"], "z", ["zsh"]),
    ],
)
def test_what_tab_offers(monkeypatch, words, incomplete, expected):
    monkeypatch.chdir(ROOT)
    assert offered(words, incomplete) == expected


@pytest.mark.parametrize("verb", ["report", "status", "sync"])
def test_experiments_are_offered_by_name(monkeypatch, tmp_path, verb):
    for name in ("first", "second"):
        (tmp_path / "results" / name).mkdir(parents=True)
        (tmp_path / "results" / name / "store.sqlite").touch()
    monkeypatch.chdir(tmp_path)
    assert offered([verb], "") == ["first", "second"]
    assert offered([verb], "s") == ["second"]


def test_configs_are_offered_from_here_without_naming_their_folder(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert "configs/quickstart.yaml" in offered(["run"], "")


def test_where_nothing_fits_the_shell_offers_its_own(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    [item] = ShellComplete(cli, {}, "gdbench", "_GDBENCH_COMPLETE").get_completions(["run"], "no")
    assert (item.type, item.value) == ("file", "no")


def test_bash_takes_the_script():
    script = gdbench("completion", "bash").stdout
    assert "_GDBENCH_COMPLETE=bash_complete" in script
    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
    assert checked.returncode == 0, checked.stderr
