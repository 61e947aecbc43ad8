"""Stores that an earlier gdbench wrote (kernel 3, tables 2) are read, resumed and reported, bit for bit.

`stores/` holds two of them with the configs that they were run from, the frames that were exported from
them at the time and what MLflow was sent of each run. Names of machines were made plain, nothing else.
"""

import csv
import hashlib
import json
import shutil
import sqlite3
from array import array
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.descent.recording.result import OUTCOMES
from gdbench.execution.profiles.profile import Profile
from gdbench.execution.selection import to_do
from gdbench.planning.plan import make_plan
from gdbench.record.locate import STORE_NAME
from gdbench.record.store import Store
from gdbench.report.page.export import export
from gdbench.report.page.write import write_report
from gdbench.tracking import child
from tests.execution.sweeping import run_all

STORES = Path(__file__).parent / "stores"
NAMES = ["outcomes", "valley"]

#: SHA-256 of the curves as they were exported then.
CURVES = {
    "outcomes": "7e16e580763870ae35a727dfc4b863a3c67bd89c7718505939c79435e53ba04b",
    "valley": "a0fc16b963d1ca7ce4b6f13dc1594d097fefeca64f230a18033b83f7514a3cee",
}

#: What of a result depends on where and how fast it was run.
_OF_THE_MACHINE = ("seconds", "interpreter", "host")
_JUDGED = ("outcome", "reason")


@pytest.fixture(params=NAMES)
def folder(request, tmp_path):
    """A store of its own, for the test may write to it."""
    return Path(shutil.copytree(STORES / request.param, tmp_path / request.param))


def rows(folder):
    """Key → the row as it stands in the file, read without a line of ours."""
    with closing(sqlite3.connect(folder / STORE_NAME)) as connection:
        connection.row_factory = sqlite3.Row
        return {row["key"]: dict(row) for row in connection.execute("SELECT * FROM runs")}


def cells(file):
    """The rows of a CSV file, each by column."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def planned(name):
    """The plan, with the kernel that was the default of data then."""
    kernel = {"outcomes": ["grid.kernel=compiled"]}.get(name, ())
    return make_plan(load_experiment(STORES / f"{name}.yaml", kernel))


@pytest.fixture
def kernel_of_then(monkeypatch):
    """Plans as they were made then: the kernels' version is part of every key."""
    monkeypatch.setattr("gdbench.planning.specs.KERNEL_VERSION", 3)


def test_they_hold_every_way_in_which_a_run_can_end():
    held = Counter(row["outcome"] for name in NAMES for row in rows(STORES / name).values())
    assert set(held) == set(OUTCOMES) - {"outpaced"}  # which came later


def test_every_number_of_every_run_is_read_bit_for_bit(folder):
    with Store.read(folder) as store:
        read = {run.key: run for run in store.runs()}
    raw = rows(folder)
    assert read.keys() == raw.keys()
    for key, run in read.items():
        row, result = raw[key], run.result
        assert array("q", result.curve.iteration).tobytes() == row["iteration"]
        assert array("d", result.curve.cost).tobytes() == row["cost"]
        assert array("d", result.curve.gradient_norm).tobytes() == row["gradient_norm"]
        assert array("d", result.parameters).tobytes() == row["parameters"]
        for name, value in json.loads(row["result"]).items():
            assert repr(getattr(result, name)) == repr(value), name
        assert run.spec == json.loads(row["spec"])
        assert (run.problem, run.started, run.finished) == (row["problem"], row["started"], row["finished"])


def test_opening_them_for_writing_leaves_every_bit_where_it_was(folder):
    before = rows(folder)
    with Store.open(folder) as store:
        keys = store.keys()
        plans, problems, sessions = store.plans(), store.problems(), store.sessions()
    after = rows(folder)
    assert keys == before.keys()
    assert {key: {name: row[name] for name in before[key]} for key, row in after.items()} == before
    with Store.read(STORES / folder.name) as store:
        assert (store.plans(), store.problems(), store.sessions()) == (plans, problems, sessions)


def test_the_same_config_plans_the_same_runs_and_only_what_crashed_is_to_be_done(folder, kernel_of_then):
    plan = planned(folder.name)
    with Store.open(folder) as store:
        recorded = store.last_plan()
        assert plan.id == recorded.id
        assert [(run.key, run.label) for run in plan.runs] == [(run.key, run.label) for run in recorded.runs]
        missing = [store.outcomes([run.key])[run.key] for run in to_do(plan.runs, store.outcomes())]
    assert missing == (["crashed"] if folder.name == "outcomes" else [])


def test_a_run_that_is_removed_is_run_again_with_the_same_bits(folder, kernel_of_then):
    before = rows(folder)
    again = [
        key for key, row in before.items() if row["outcome"] in ("converged", "stopped", "diverged", "stalled")
    ]
    with closing(sqlite3.connect(folder / STORE_NAME)) as connection, connection:
        connection.execute("DELETE FROM runs WHERE outcome NOT IN ('crashed', 'failed', 'timed_out')")
        # not the one that ends its process, which would be this one
        connection.execute("UPDATE runs SET outcome = 'failed' WHERE outcome = 'crashed'")
    run_all(planned(folder.name), folder, Profile(kind="serial"))
    after = rows(folder)
    for key in again:
        for column in ("iteration", "cost", "gradient_norm", "parameters", "outcome", "problem"):
            assert after[key][column] == before[key][column], column
        assert json.loads(after[key]["spec"]) == json.loads(before[key]["spec"])
        then, now = json.loads(before[key]["result"]), json.loads(after[key]["result"])
        evidence, gathered = then.pop("evidence"), now["evidence"]
        if evidence.get("parameter_norm") == 0.0:
            evidence["parameter_norm"] = gathered["parameter_norm"]  # its squares were lost below the range
        assert gathered == {**gathered, **evidence}
        audit, audited = then.pop("audit") or {}, now["audit"] or {}
        assert repr({name: audited[name] for name in audit}) == repr(audit)
        assert bool(audited) == bool(audit)
        if not then["path"]:
            del then["path"]  # then there was none but of two parameters
        for name in then.keys() - set(_OF_THE_MACHINE):
            assert repr(now[name]) == repr(then[name]), name


def test_the_frames_exported_from_them_are_those_of_then(folder, tmp_path):
    export(folder, to="csv", output=tmp_path / "export")
    for name in ("runs.csv", "problems.csv"):
        then, now = cells(folder / name), cells(tmp_path / "export" / name)
        # a column that has come since is empty, or follows from what was recorded; what an outcome is called is
        # judged each time that it is shown
        kept = [column for column in then[0] if column not in _JUDGED]
        assert [[row[c] for c in kept] for row in now] == [[row[c] for c in kept] for row in then], name
    digest = hashlib.sha256((tmp_path / "export" / "curves.csv").read_bytes()).hexdigest()
    assert digest == CURVES[folder.name]


def test_they_are_reported(folder):
    write_report(folder)
    assert (folder / "report" / "index.html").stat().st_size > 10_000


_CURVES = ("curve/cost", "curve/gradient_norm")  # relative gaps came later, and follow from these


def test_mlflow_is_sent_what_it_was_sent_then_but_for_usual_parameters(folder):
    then = json.loads((STORES / "mlflow.json").read_text(encoding="utf-8"))
    with Store.read(folder) as store:
        plan, problems = store.last_plan(), store.problems()
        runs = list(store.runs())
    for run in runs:
        sent, points = then[run.key], child.content(run, problems.get(run.problem)).points
        curves = [[p.key, p.value, p.time, p.step] for p in points if p.key in _CURVES]
        assert child.status(run.result) == sent["status"]
        assert child.tags(run, plan).items() >= sent["tags"].items()
        metrics = {p.key: p.value for p in points}
        chosen = {key: value for key, value in sent["metrics"].items() if key.startswith("hp/")}
        assert metrics.items() >= sent["metrics"].items() - chosen.items()
        assert {p.key: p.value for p in points if p.key.startswith("hp/")}.items() <= chosen.items()
        assert len(curves) == sent["points"]
        assert hashlib.sha256(json.dumps(curves).encode()).hexdigest()[:20] == sent["curves"]
