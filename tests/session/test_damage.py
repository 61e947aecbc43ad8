"""A damaged row is named, set aside and done again, and the record ends up as if nothing had happened."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from gdbench.descent.recording.plain import read
from gdbench.descent.recording.result import Curve
from gdbench.record.locate import STORE_NAME
from gdbench.record.store import Store
from gdbench.session.listener import Listener
from gdbench.session.run import run
from gdbench.session.sweep import prepare
from tests.execution.recorded import record
from tests.sweeps import write


class Heard(Listener):
    def __init__(self):
        self.notices, self.done = [], []

    def noticed(self, notice):
        self.notices.append(notice)

    def finished(self, run, _record):
        self.done.append(run.key)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("swept")
    write(folder)
    sweep(folder)
    return folder


def sweep(folder):
    heard = Heard()
    run(prepare(folder / "small.yaml", folder / "r", runner="serial", tracking=False), heard)
    return heard


def everything(folder):
    """Runs, problems and plans to the last bit, but for when and how fast."""
    with Store.read(folder / "r" / "small") as store:
        runs = {
            one.key: repr(
                replace(one, started=0.0, finished=0.0, result=replace(one.result, seconds=0.0, evidence={}))
            )
            for one in store.runs()
        }
        return runs, repr(store.problems()), [plan.id for plan in store.plans()]


def spoil(folder, table, column):
    """Flip a bit of a column of some row, as it lies in the file; gives the row's name."""
    path = folder / "r" / "small" / STORE_NAME
    with closing(sqlite3.connect(path)) as connection:
        name = {"runs": "key"}.get(table, "id")
        key, value = connection.execute(f"SELECT {name}, {column} FROM {table} LIMIT 1").fetchone()
    value = value.encode() if isinstance(value, str) else value
    content = bytearray(path.read_bytes())
    # a value may go on in another page of the file, and begin as those of other rows do
    parts = (value[start : start + 60] for start in range(0, len(value) - 60, 20))
    part = next(part for part in parts if content.count(part) == 1)
    content[content.find(part) + 30] ^= 4
    path.write_bytes(content)
    return key


@pytest.mark.parametrize(
    ("table", "column", "again"),
    [("runs", "result", 1), ("runs", "cost", 1), ("problems", "record", 0), ("plans", "record", 0)],
)
def test_what_is_damaged_is_named_and_done_again_with_the_same_bits(swept, tmp_path, table, column, again):
    folder = shutil.copytree(swept, tmp_path / "copy")
    before = everything(folder)
    name = spoil(folder, table, column)
    heard = sweep(folder)
    [notice] = heard.notices
    assert name in notice
    assert f"{STORE_NAME}.corrupt-1" in notice
    assert heard.done == [name] * again
    assert everything(folder) == before
    assert sweep(folder).notices == []


def test_who_is_killed_while_a_store_is_rebuilt_loses_nothing(swept, tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    folder = shutil.copytree(swept, tmp_path / "copy")
    before = everything(folder)
    name = spoil(folder, "runs", "result")
    store, moves = folder / "r" / "small", []
    rename = type(store).rename

    def killed_at(number):
        def renaming(self, target):
            moves.append(target)
            if len(moves) == number:
                raise Killed
            return rename(self, target)

        return renaming

    for number in (1, 2, 3):
        moves.clear()
        with monkeypatch.context() as patch:
            patch.setattr("pathlib.Path.rename", killed_at(number))
            with pytest.raises(Killed):
                Store.open(store)
    with Store.open(store) as opened:
        kept = opened.keys()
    assert kept == before[0].keys() - {name}
    assert sweep(folder).done == [name]
    assert everything(folder) == before


def test_parts_of_records_that_a_newer_gdbench_added_are_no_mistake():
    assert read(Curve, {"iteration": [0], "series": {}, "weather": "fine"}) == Curve([0], {})
    assert record().result.curve.cost == [3.0, 2.0]
