"""Hostile names all the way: of files, folders, columns, classes, plug-ins, profiles; through all verbs.

Nothing acts on the terminal, nothing is taken for markup, nothing is called gdbench's mistake; and a command
that is printed means, in a shell, the files that it was printed for.
"""

import csv
import io
import json
import os
import random
import re
import shutil
import subprocess

import pytest

from gdbench.config.outside import FORMULA, NUMBER
from gdbench.door.study import load
from gdbench.plugins import loading
from tests.cli.shell import told
from tests.report.test_hostile_words import ACTING, check_latex, check_markdown
from tests.sampling import sampled

#: Heeded by rich, spreadsheets, options, shells, terminals, HTML, Markdown, LaTeX, formats, file systems.
NAMES = (
    "[/red]x[bold]", "[link=file:x]", ":smile:", "=1+1", "@SUM(A1)", "-2+3", "-n", "--help",
    "a  b", " a ", "it's", '"q"', "$(touch pwned)", "`touch pwned`", "$HOME", "x; touch pwned", "a & b",
    "!!", "*", "~",
    "\\x1b[2J", '\\" + 1 + "', "\x1b[31mred", "\x1b]0;t\x07", "\u202eabc", "\x9b2J", "\u200f", "\u00a0",
    "\ufeffx", "<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "![p](http://x/y.png)",
    "| a | b |", "\\input{x}", "$x^2$ 100% #1 _", "%s %d {0} {x!r} {{ 7*7 }}", "# x", "- x", "&lt;",
    "\udcfe\udcff\udcfd", "x\ny", "x\ry", "\t=1", "\u2028", "\ue000place x\ue001", "\U0001f600", "a,b;c",
    "a: b", "null",
)  # fmt: skip

PLUGIN = """\
{doc!a}
from gdbench.descent.domains import positive
from gdbench.descent.penalties import penalty

@penalty("evil", weight=positive)
def evil(w, weight=0.1):
    {doc!a}
    total = 0.0
    for v in w:
        total = total + weight * v * v
    return total
"""


class World:
    """A folder with a config, its data, plug-in and profile, all named by one hostile text."""

    def __init__(self, folder, text):
        self.folder, self.text = folder, text
        name = text.replace("/", "").replace("\0", "")
        # a config names files by signs that are seen; a command line by any
        inside = name if not ACTING.search(name) and not set(name) & {"\n", "\t", "\ue000"} else "plain"
        self.config, self.results = f"./{name}.yaml", f"./r{name}"
        self.data, self.plugin, self.profile = f"./{inside}.csv", f"./{inside}.py", f"./{name}p.yaml"
        self.columns = [f"{text}1", f"a{text}", f"{text}t".strip() if inside == name else "t"]
        self.classes = [f"{text}A", f"{text}B", "c"]

    def write(self):
        said = "".join(letter for letter in self.text if not "\ud800" <= letter <= "\udfff")
        dice = random.Random(7)
        table = io.StringIO()
        rows = [[dice.gauss(0, 1), dice.gauss(0, 1), self.classes[i % 3]] for i in range(15)]
        csv.writer(table).writerows([self.columns, *rows])
        self.path(self.data).write_text(table.getvalue(), "utf-8", "surrogateescape", newline="")
        self.path(self.plugin).write_text(PLUGIN.format(doc=f"Of {said}"), "utf-8")
        self.path(self.profile).write_text("kind: serial\n")
        config = {
            "name": "evil",
            "description": said,
            "plugins": [self.plugin],
            "tracking": {"tags": {said or "x": said}},
            "data": {"file": self.data, "target": self.columns[2], "separator": ",", "standardize": True},
            "grid": {
                "model": "softmax",
                "cost": "softmax",
                "penalty": ["none", {"evil": {"weight": 0.01}}],
                "learning_rate": [0.1, 1e6],
                "convergence": {"max_iterations": 20},
            },
        }
        self.path(self.config).write_text(
            json.dumps(config, ensure_ascii=max(said, default="") < "\U00010000"), "utf-8"
        )

    def path(self, name):
        return self.folder / name


@pytest.fixture(autouse=True)
def _no_plugin_stays():
    yield
    for plugin in list(loading._loaded.values()):
        loading._unload(plugin)


@sampled("text", NAMES, 2, kept=("'[/red]x[bold]'",), name=ascii)
def test_a_sweep_of_hostile_names_is_told_in_every_verb_and_its_commands_name_its_files(
    tmp_path, monkeypatch, capsys, text
):
    world = World(tmp_path / "world", text)
    world.folder.mkdir()
    world.write()

    def ask(*words, among=(0,)):
        status, out, err = told(monkeypatch, capsys, world.folder, *words)
        assert status in among, (words, status, out, err)
        assert "Traceback" not in out + err, (words, err)
        assert not ACTING.search(out + err), (words, ACTING.search(out + err))
        check_commands(world, out + err)
        return out

    where = ("--results", world.results)
    ask("plan", world.config, *where)
    ask("inspect", world.config)
    ask("trace", world.config, "--steps", 1)
    ask("show", "kernel", world.config)
    ask("check", world.plugin, among=(0, 1))
    ask("list", "penalties", "--plugin", world.plugin)
    ask("run", world.config, *where, "--no-tracking", "--runner", world.profile, "--limit", 1)
    ask("status", "evil", *where)
    ask("run", world.config, *where, "--no-tracking", "--runner", world.profile)
    for verb in ("status", "status evil", "next evil", "show model evil", "doctor evil", "report evil --json"):
        ask(*verb.split(), *where, among=(0, 1))
    ask("report", "evil", "--format", "html,md,csv,latex", *where)
    ask("export", "evil", "--to", "csv", *where)
    ask(
        "predict",
        "evil",
        world.data,
        "--run",
        next(iter(keys(ask("run", world.config, *where, "--dry-run", "--rerun", "all")))),
        *where,
    )
    check_files(world)
    ask("new", world.data, "-o", f"./new{world.config[2:]}", among=(0, 2))
    ask("rename", "evil", "kind", *where)
    ask("merge", "kind", f"{world.results}/kind", *where, among=(0, 2))
    ask("rm", "kind", "--yes", *where)
    ask("plan", "no such" + world.config[2:], among=(2,))
    ask("runners", "check", world.text + "x", among=(2,))
    assert not list(tmp_path.rglob("pwned"))


def keys(out):
    return re.findall(r"^[0-9a-f]{8,}", out, re.MULTILINE)


#: Words before a command, and what ends it on its line.
COMMAND = re.compile(r"(?:next|see|resume|to go on|again):?\s+(gdbench .*)")


def check_commands(world, shown):
    """What a shell makes of each: the config is the file, and so is the folder of results."""
    for line in COMMAND.findall(shown):
        for words in as_a_shell_reads(line, world.folder):
            if words[1] in ("run", "plan"):
                assert (world.folder / words[2]).is_file(), (line, words)
            if "--results" in words:
                assert words[words.index("--results") + 1].removeprefix("./") == world.results[2:], (
                    line,
                    words,
                )


def as_a_shell_reads(line, folder):
    """The commands of a line. Ours are put between '·'; one may be explained in brackets."""
    line = re.sub(r"   \(.*\)$", "", line)
    if not shutil.which("bash"):
        pytest.skip("there is no bash on this machine")
    script = line.replace(" · gdbench ", "; gdbench ")
    done = subprocess.run(
        ["bash", "-c", f"gdbench() {{ printf '%s\\0' gdbench \"$@\"; echo; }}\n{script}"],
        cwd=folder, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stderr == b""
    return [[os.fsdecode(word) for word in said.split(b"\0")] for said in done.stdout.split(b"\0\n")[:-1]]


def check_files(world):
    folder = world.folder / world.results / "evil"
    for path in folder.rglob("*"):
        if path.suffix == ".csv":
            table = csv.reader(path.read_text("utf-8").splitlines(keepends=True))
            cells = [cell for row in table for cell in row]
            assert [c for c in cells if re.match(FORMULA, c) and not re.match(NUMBER, c)] == [], path.name
        elif path.suffix in (".html", ".md", ".tex", ".svg"):
            assert not ACTING.search(path.read_text("utf-8").replace("\ufeff", "")), path.name
    check_markdown(folder)
    check_latex(folder)
    shown = load("evil", world.folder / world.results)._repr_html_()
    assert "<img" not in shown
    assert "<script" not in shown
    assert not ACTING.search(shown)
