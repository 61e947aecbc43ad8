"""Every snippet of the docs works as shown: Python is run, configs are planned, commands are given."""

import doctest
import re
import shlex
import subprocess
import sys
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest

import gdbench
from gdbench.cli import cli
from gdbench.config.experiment import load_experiment
from gdbench.planning.plan import make_plan

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
#: Decisions are of their time; the reference is written before the site is built, and not kept.
PAGES = sorted(
    path for path in DOCS.rglob("*.md") if path.relative_to(DOCS).parts[0] not in ("decisions", "reference")
)
BLOCK = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```", re.MULTILINE | re.DOTALL)

#: Groups of entry points, and tags of MLflow's, which look like modules.
ENTRY_POINTS = {"gdbench.plugins", "gdbench.runners", "gdbench.role", "gdbench.key", "gdbench.search"}

#: Serving a page or completing a line ends only when the reader ends it; other tests start these.
UNENDING = ("gdbench ui",)

#: The page whose runs are tracked here as well, as those of the README are.
TRACKED = DOCS / "index.md"


def blocks(page):
    """(language, title, text) of every fenced block."""
    return [match.groups() for match in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def pages_with(*languages):
    found = [page for page in PAGES if any(block[0] in languages for block in blocks(page))]
    return pytest.mark.parametrize("page", found, ids=[str(p.relative_to(DOCS)) for p in found])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The project's folder, as far as a reader's commands need it."""
    for name in ("configs", "runners"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_of(page, folder):
    """Save what the page tells the reader to save."""
    for _, title, text in blocks(page):
        if title and "--8<--" not in text:
            (folder / title).write_text(text, encoding="utf-8")


@pages_with("pycon")
def test_the_sessions_print_what_they_show(page):
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testfile(str(page), module_relative=False, optionflags=flags)
    assert tried
    assert not failed


@pages_with("yaml")
def test_the_configs_are_valid_and_plan_runs(page, folder):
    files_of(page, folder)
    for number, (language, title, text) in enumerate(blocks(page)):
        if language != "yaml" or not text.startswith("name:"):
            continue
        path = folder / (title or f"snippet_{number}.yaml")
        path.write_text(text, encoding="utf-8")
        assert make_plan(load_experiment(path)).runs, text


#: Runs scripts one after the other, each as a script of its own, in one process: starting one costs seconds.
ONE_BY_ONE = "import runpy, sys\nfor path in sys.argv[1:]:\n    runpy.run_path(path, run_name='__main__')\n"


def spans(page):
    """The page's commands and Python snippets, each run of neighbours of one language together."""
    told = [(language, text) for language, _, text in blocks(page) if language in ("sh", "python")]
    return [(language, [text for _, text in span]) for language, span in groupby(told, key=itemgetter(0))]


def unsaid(page, command):
    """What is added to a command: MLflow takes most of the time of a short run, and one page's run shows it."""
    return ["--no-tracking"] if command.startswith("gdbench run ") and page != TRACKED else []


@pages_with("sh", "python")
def test_the_commands_and_snippets_work_in_the_order_shown(page, folder):
    files_of(page, folder)
    for number, (language, texts) in enumerate(spans(page)):
        if language == "python":
            scripts = [folder / f"snippet_{number}_{place}.py" for place in range(len(texts))]
            for script, text in zip(scripts, texts, strict=True):
                script.write_text(text, encoding="utf-8")
            done = subprocess.run(
                [sys.executable, "-c", ONE_BY_ONE, *scripts], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{texts}\n{done.stderr}"
        for line in "".join(texts).splitlines() if language == "sh" else ():
            command = line.partition("#")[0].strip()
            if command.startswith("gdbench ") and command not in UNENDING:
                status = cli.main([*shlex.split(command)[1:], *unsaid(page, command)], standalone_mode=False)
                assert status in (None, 0), command


@pytest.mark.parametrize("config", sorted(p.stem for p in (ROOT / "configs").glob("*.yaml")))
def test_every_config_has_its_page_with_a_picture(config):
    text = (DOCS / "examples" / f"{config}.md").read_text(encoding="utf-8")
    assert f'--8<-- "configs/{config}.yaml"' in text
    assert (DOCS / "pictures" / f"{config}.svg").is_file()


#: Paths and modules as prose names them; what ends in / or has a * is a folder or a pattern.
PLACE = re.compile(r"`((?:gdbench|tests|configs|runners|benchmarks|docs)/[\w./]+|gdbench(?:\.[a-z_]+)+)`")


@pytest.mark.parametrize(
    "page",
    ["README.md", "CONTRIBUTING.md", "benchmarks/README.md", *PAGES],
    ids=lambda page: str(page).removeprefix(f"{ROOT}/"),
)
def test_every_file_and_module_that_the_prose_names_exists(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for name in PLACE.findall(text):
        path = ROOT / name.replace(".", "/") if name.startswith("gdbench.") else ROOT / name
        is_name = hasattr(gdbench, name.partition(".")[2]) or name in ENTRY_POINTS
        assert path.exists() or path.with_suffix(".py").exists() or is_name, f"{page} speaks of {name}"


def test_the_map_names_every_room():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    rooms = [path.parent.name for path in (ROOT / "gdbench").glob("*/__init__.py")]
    assert [room for room in rooms if f"| `{room}` |" not in text] == []
    parts = [path.parent.name for path in (ROOT / "gdbench" / "descent").glob("*/__init__.py")]
    assert [part for part in parts if f"{part}/" not in text] == []
