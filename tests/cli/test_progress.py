"""Progress: a bar in a terminal, plain lines elsewhere, nothing when asked to be quiet."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from gdbench.cli.progress import Progress

LIMIT = {"convergence": {"max_iterations": {"limit": 100}}}
RUNS = [SimpleNamespace(key=key, problem="p", spec=LIMIT) for key in "abc"]


def ended(outcome):
    return SimpleNamespace(started=0.0, finished=1.0, result=SimpleNamespace(outcome=outcome))


def told(console, *, quiet=False, outcomes=("converged", "diverged")):
    with Progress(console, RUNS, quiet=quiet, between=3600.0) as progress:
        for run, outcome in zip(RUNS, outcomes, strict=False):
            progress.finished(run, ended(outcome))
    return console.file.getvalue()


def test_without_a_terminal_there_are_plain_lines(monkeypatch):
    (line,) = told(Console(file=io.StringIO(), width=40)).splitlines()
    assert line.startswith("2/3 runs · 1 converged · 1 diverged · ")
    assert "runs/s" in line
    assert "left" in line
    assert "\x1b" not in line


def test_that_all_runs_have_ended_is_said_once():
    console = Console(file=io.StringIO(), width=40)
    with Progress(console, RUNS, quiet=False, between=3600.0) as progress:
        for run in RUNS:
            progress.finished(run, ended("converged"))
        progress._print_line()  # as the clock has it now and then
    (line,) = console.file.getvalue().splitlines()
    assert line.startswith("3/3 runs")


@pytest.mark.parametrize("colour", [True, False])
def test_in_a_terminal_there_is_a_bar_without_colours_where_they_are_unwanted(monkeypatch, colour):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    said = told(Console(file=io.StringIO(), width=100, force_terminal=True))
    assert "2/3" in said
    assert "1 converged · 1 diverged" in said
    assert ("\x1b[3" in said or "\x1b[9" in said) is colour


def test_a_terminal_that_can_do_nothing_gets_plain_lines(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert told(Console(file=io.StringIO(), width=100, force_terminal=True)).startswith("2/3 runs")


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120])
def test_no_number_beside_the_bar_is_cut_however_narrow_the_terminal(monkeypatch, width):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    said = told(Console(file=io.StringIO(), width=width, force_terminal=True))
    assert "…" not in said
    assert "2/3" in said


@pytest.mark.parametrize("terminal", [True, False])
def test_quiet_says_nothing(terminal):
    assert told(Console(file=io.StringIO(), force_terminal=terminal), quiet=True) == ""


def test_a_run_that_goes_on_after_a_pause_is_one_run():
    console = Console(file=io.StringIO(), width=80)
    with Progress(console, RUNS, quiet=False, between=3600.0) as progress:
        for run in RUNS:
            progress.finished(run, ended("outpaced"))
        progress.grew(RUNS[:1])
        progress.finished(RUNS[0], ended("converged"))
    assert console.file.getvalue().startswith("3/3 runs · 1 converged · 2 outpaced")
