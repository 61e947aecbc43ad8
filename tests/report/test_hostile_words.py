"""Hostile text in every field of a store, and where each destination shows it: it is read, and never acts."""

import csv
import json
import re
from dataclasses import replace

from gdbench.config.outside import FORMULA, NUMBER
from gdbench.descent.recording.result import RunResult
from gdbench.door.study import load
from gdbench.judgement.next_experiment import next_experiment
from gdbench.judgement.study import study
from gdbench.record.records import PlannedRun
from gdbench.record.store import Store
from gdbench.report.page.write import write_report
from gdbench.tracking import child, parent
from tests.cli.shell import told
from tests.report.records import NORMAL, PROBLEM, Case, descend, plan_of, write_store
from tests.report.test_report_page import Page
from tests.sampling import sampled

#: Signs that act: on a terminal, on the direction of writing.
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
#: What may come first is what a spreadsheet or Markdown heeds.
FIRST = ("=1+1", "@SUM(A1)", "+1", "-2+3", "\t=1", "\r=1", "- ", "1. ", "# ", "~~~ ", "=== ", "> ", "| a | b |")
REST = (
    "[red]x[/red][/nothing] \x1b[31m\x1b]0;title\x07\u202e\x9b2J </script><script>alert(1)</script>"
    "<img src=x onerror=alert(2)> ![p](http://x/y.png) [l](javascript:alert(3)) &lt; `c` *b* _i_ | "
    "\\input{x} $x^2$ 100% #1 & {~} '; $(touch pwned) {{ 7*7 }} {% raw %} \x00end"
)


def hostile_store(folder, first):
    """A store in which every text that a user, a plug-in or somebody who tampers may write is hostile."""
    count = iter(range(1000))

    def evil():
        return f"{first}{REST}{next(count)}"

    problem = replace(PROBLEM, label=evil(), data={**PROBLEM.data, "digest": evil()})
    good = descend(0.1, (0, 0, 0), limit=300)
    broken = RunResult("failed", evil(), traceback=f"Traceback\n{evil()}", host=evil())
    cases = [
        Case(0.1, good),
        Case(0.2, replace(good, host=evil(), interpreter=evil())),
        Case(0.3, broken, NORMAL),
    ]
    options = {
        "experiment": evil(),
        "description": evil(),
        "config_path": evil(),
        "config_text": f"{evil()}\n{evil()}",
        "overrides": [evil(), evil()],
        "skipped": [evil()],
        "environment": {evil(): evil(), "git_commit": evil()},
        "tracking": {"experiment_name": evil(), "tags": {evil(): evil()}},
        "runs": [PlannedRun(run.key, evil()) for run in plan_of(cases).runs],
    }
    return write_store(folder, cases, problems=[problem], **options)


VERBS = (
    "status",
    "status evil",
    "report evil --format md",
    "report evil --json",
    "next evil",
    "export evil --to csv",
)


@sampled("first", FIRST, 2, name=repr)
def test_nothing_acts_on_a_terminal(tmp_path, monkeypatch, capsys, first):
    hostile_store(tmp_path / "results" / "evil", first)
    for verb in VERBS:
        status, out, err = told(monkeypatch, capsys, tmp_path, *verb.split())
        assert status == 0, (verb, err)
        assert "Traceback" not in err.replace("Traceback\n", ""), verb
        assert not ACTING.search(out + err), (verb, ACTING.search(out + err))
        if verb.endswith("--json"):
            assert json.loads(out)


@sampled("first", FIRST, 2, name=repr)
def test_nothing_acts_in_a_file(tmp_path, first):
    folder = hostile_store(tmp_path / "evil", first)
    for path in write_report(folder, ["html", "md", "csv", "latex"]):
        text = path.read_bytes().decode()
        if path.suffix == ".csv":
            cells = [cell for row in csv.reader(text.splitlines(keepends=True)) for cell in row]
            assert [c for c in cells if re.match(FORMULA, c) and not re.match(NUMBER, c)] == [], path.name
        else:
            assert not ACTING.search(text), (path.name, ACTING.search(text))
    check_page(folder)
    check_markdown(folder)
    check_latex(folder)


def check_page(folder):
    page = Page((folder / "report/index.html").read_text(encoding="utf-8"))
    assert page.all("img") == []
    assert all("alert" not in code for name, code in page.scripts.items() if isinstance(name, int))
    assert "{{ 7*7 }}" in page.text
    [policy] = [meta["content"] for meta in page.all("meta") if "Content-Security-Policy" in meta.values()]
    assert "eval" not in policy
    assert "default-src 'none'" in policy


def check_markdown(folder):
    text = (folder / "report/report.md").read_text(encoding="utf-8")
    outside = re.sub(r"^(`{3,})$.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.search(r"<[a-zA-Z/!?]", outside)
    assert not re.search(r"(?<!\\)\]\((?!\w[\w-]*\.svg\))", outside)
    assert not re.search(r"^(=+\s*$|~~~|> |1\. |- - )", outside, flags=re.MULTILINE)


def check_latex(folder):
    text = (folder / "report/tables.tex").read_text(encoding="utf-8")
    assert not re.search(r"(?<!textbackslash )\\input", text.replace("\\textbackslash input", ""))
    assert not re.search(r"(?<!\\)#", text)


@sampled("first", FIRST, 2, name=repr)
def test_nothing_acts_in_mlflow_or_in_a_notebook(tmp_path, first):
    folder = hostile_store(tmp_path / "evil", first)
    with Store.read(folder) as store:
        about = study(store)
        note = parent.closing(about, next_experiment(about, store)).tags[parent.NOTE_TAG]
        for tags in (parent.tags(about.plan), *(child.tags(run, about.plan) for run in about.runs)):
            json.dumps(tags).encode()
    assert not re.search(r"<[a-zA-Z/!?]", note)
    assert not re.search(r"(?<!\\)\]\(", note)
    assert not ACTING.search(note)
    shown = load("evil", tmp_path)._repr_html_()
    assert "<img" not in shown
    assert "<script" not in shown
    assert not ACTING.search(shown)
