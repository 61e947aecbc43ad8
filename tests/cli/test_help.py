"""`--help` answers at once, because nothing heavy is imported before it is needed."""

import json
import re
import subprocess
import sys
from shutil import copytree

import pytest

from gdbench.cli import VERBS
from tests.cli.shell import ROOT, environment, here, told

HEAVY = {
    "mlflow",
    "pandas",
    "vl_convert",
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
    assert modules_after("import gdbench.execution.workers.worker") & HEAVY_FOR_WORKERS == set()


def test_help_shows_the_three_commands_on_a_line_each():
    lines = here("--help").stdout.splitlines()
    for command in ("gdbench run configs/lr_sweep.yaml", "gdbench ui", "gdbench report lr_sweep"):
        assert any(line.strip().startswith(command) for line in lines)
    assert not any("\\b" in line or "\b" in line for line in lines)


def test_every_verb_is_in_a_group_with_a_line_of_its_own():
    out = here("--help", COLUMNS="80").stdout
    for heading, verbs in VERBS.items():
        section = out.partition(f"{heading}:\n")[2].partition("\n\n")[0].splitlines()
        assert [line.split()[0] for line in section] == list(verbs)
    assert "Exit status: 0" in out


@pytest.mark.parametrize("verb", [verb for verbs in VERBS.values() for verb in verbs])
def test_every_verb_has_help_with_an_example(monkeypatch, capsys, verb):
    status, out, _ = told(monkeypatch, capsys, ROOT, verb, "--help")
    assert status == 0
    assert re.search(rf"Examples?: gdbench {verb}", out)


@pytest.mark.parametrize("verb", [verb for verbs in VERBS.values() for verb in verbs])
def test_help_fits_a_narrow_terminal(monkeypatch, capsys, verb):
    monkeypatch.setenv("COLUMNS", "60")
    _, out, _ = told(monkeypatch, capsys, ROOT, verb, "--help")
    said = out.partition("Example")[0]  # examples are not broken
    assert all(len(line) <= 80 for line in said.splitlines())


@pytest.mark.parametrize(
    "arguments", [["list", "--json"], ["list", "costs", "--json"], ["schema"], ["status", "--json"]]
)
def test_what_is_for_machines_is_json_and_nothing_else(monkeypatch, capsys, tmp_path, arguments):
    status, out, err = told(monkeypatch, capsys, tmp_path, *arguments)
    assert (status, err) == (0, "")
    json.loads(out)


def test_a_plan_of_a_config_on_bundled_data_loads_nothing_heavy():
    code = (
        "sys.argv = ['gdbench', 'plan', 'configs/lr_sweep.yaml', '--results', 'nowhere']\n"
        "from gdbench.cli import main\ntry: main()\nexcept SystemExit: pass"
    )
    needed = {"pydantic", "yaml", "rich"}
    assert modules_after(code) & (HEAVY - needed) == set()


def test_a_page_alone_is_written_without_pandas_and_arrow(tmp_path):
    copytree(ROOT / "tests/record/stores/valley", tmp_path / "valley")
    code = (
        "from pathlib import Path\nfrom gdbench.report.page.write import write_report\n"
        f"assert write_report(Path({str(tmp_path / 'valley')!r}), ['html'])"
    )
    assert modules_after(code) & {"pandas", "pyarrow"} == set()


def test_completing_a_verb_loads_nothing_heavy():
    code = (
        "from click.shell_completion import ShellComplete\nfrom gdbench.cli import cli\n"
        "assert ShellComplete(cli, {}, 'gdbench', '_GDBENCH_COMPLETE').get_completions(['run'], 'configs/l')"
    )
    assert modules_after(code) & HEAVY == set()


def test_a_list_has_no_colours_where_nobody_wants_them():
    assert "\x1b" not in here("list", "costs", NO_COLOR="1", FORCE_COLOR="").stdout


def test_a_pipe_gets_whole_lines_without_spaces_at_their_ends(monkeypatch, capsys):
    monkeypatch.delenv("COLUMNS", raising=False)
    _, out, _ = told(monkeypatch, capsys, ROOT, "list", "costs")
    assert any(len(line) > 100 for line in out.splitlines())
    assert all(line == line.rstrip() for line in out.splitlines())


def test_the_version_is_told():
    assert here("--version").stdout.startswith("gdbench ")


def test_list_shows_each_choice_with_its_formula():
    out = here("list", "costs").stdout
    assert "(p − y)²" in out
    assert "log(1 + eᶻ) − y z" in out
