"""Every command, snippet and config that the README shows works as shown."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gdbench.cli import cli
from tests.cli.shell import command, environment

ROOT = Path(__file__).parents[1]
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def gdbench_lines():
    lines = [line.partition("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("gdbench ")]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """The README's commands are given in the project's folder; this is one with its configs and runners."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("configs", "runners"):
        (folder / name).symlink_to(ROOT / name)
    for title, text in re.findall(r"^```csv title=\"(.*)\"\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL):
        (folder / title).write_text(text, encoding="utf-8")
    return folder


def run(arguments, cwd):
    return subprocess.run(arguments, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def first(clone):
    """What the first command does, in a process of its own and tracked in MLflow."""
    line = gdbench_lines()[0]
    assert line == "gdbench run configs/lr_sweep.yaml"
    done = run(command(*shlex.split(line)[1:]), clone)
    assert done.returncode == 0, done.stderr
    return done


def test_every_gdbench_command_works_in_the_order_shown(clone, first, monkeypatch):
    # the others in this process: starting one for each would take longer than what they do
    monkeypatch.chdir(clone)
    for line in gdbench_lines()[1:]:
        if line != "gdbench ui":  # it serves until it is told to stop; tests/tracking starts it for real
            # nor is another sweep tracked: MLflow would take most of the time
            unsaid = ["--no-tracking"] if line.startswith("gdbench run ") else []
            assert cli.main([*shlex.split(line)[1:], *unsaid], standalone_mode=False) in (None, 0), line
    assert (clone / "results" / "lr_sweep" / "report" / "index.html").is_file()


def test_the_summary_shown_is_the_summary_given(first):
    page = ROOT.joinpath("docs", "tutorial", "first-config.md").read_text(encoding="utf-8")
    shown = page.partition("ends with a row")[2].partition("A cost, model")[0]
    rows = [line.split() for line in shown.splitlines() if line.startswith("    ") and "…" not in line]
    given = first.stdout
    told = [" ".join(line.split()) for line in given.splitlines()] + [" ".join(given.split())]
    assert len(rows) == 8
    for row in rows:
        assert any(" ".join(row) in line for line in told), row


def test_the_notebook_snippet_reads_the_sweep_back(clone, first):
    (snippet,) = blocks("python")
    done = run([sys.executable, "-c", snippet], clone)
    assert done.returncode == 0, done.stderr
    assert "converged" in done.stdout


def test_the_config_shown_is_the_config_shipped():
    (shown,) = blocks("yaml")
    shipped = ROOT.joinpath("configs", "lr_sweep.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(shown) == yaml.safe_load(shipped)
    assert shipped.endswith(shown)


def test_the_error_shown_is_the_error_given(clone):
    (shown,) = re.findall(r"^    (configs/lr_sweep\.yaml:\d+:\d+: .*)$", README, flags=re.MULTILINE)
    bad = clone / "bad.yaml"
    bad.write_text(
        (ROOT / "configs" / "lr_sweep.yaml").read_text(encoding="utf-8").replace("cost: mse", "cost: mes")
    )
    done = run(command("run", "bad.yaml"), clone)
    assert done.stderr.strip() == shown.replace("configs/lr_sweep.yaml", "bad.yaml")


def test_the_gate_runs_the_command_that_the_readme_promises():
    assert "<!-- test command -->\n```sh\npython3 -m venv .venv && " in README
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_every_link_and_picture_leads_somewhere():
    targets = [t for t in re.findall(r"\]\(([^)]+)\)", README) if not t.startswith("http")]
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target
