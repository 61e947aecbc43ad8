"""One flipped byte anywhere in a store: never another result, never a traceback, and what is sound is kept."""

import random
import shutil
from dataclasses import replace

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.judgement.status import status_of
from gdbench.record import salvage
from gdbench.record.locate import STORE_NAME
from gdbench.record.records import TrialRecord
from gdbench.record.store import Store
from gdbench.record.tables import PAGE_SIZE
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord
from tests.execution.recorded import plan, record, session
from tests.sampling import sampled

RUNS = [f"{number:020x}" for number in range(12)]


def write(folder):
    """A store of some twenty pages, in which every table has rows."""
    with Store.open(folder) as store:
        for id_ in ("first", "last"):
            store.add_plan(plan(id_, keys=RUNS))
        for id_ in "pqr":
            store.add_problem(
                ProblemRecord(id_, f"problem {id_}", 4, 2, 3, 9.0, Optimum("solver", "so", 1 / 3))
            )
        for comparable in (True, False):
            number = store.begin_session(session(comparable=comparable))
            for key in RUNS[:6] if comparable else RUNS[6:]:
                run = record(key, costs=[1 / (k + 3) for k in range(40)])
                series = {**run.result.curve.series, "held_out": [0.5] * 40}
                store.add(
                    replace(run, result=replace(run.result, curve=replace(run.result.curve, series=series)))
                )
            store.end_session(number, "finished", 30.0)
        for key in RUNS[:2]:
            store.add_trial(TrialRecord(f"trial of {key}", key, "cause", "remedy", record().result))
    return folder


def told(folder):
    """Everything that a reader gets, to the last bit."""
    with Store.read(folder) as store:
        last = store.last_plan()
        return repr(
            [
                list(store.runs()),
                list(store.runs([run.key for run in last.runs])),
                list(store.runs(curves=False)),
                [store.problems(), store.plans(), store.sessions(), store.trials(), last],
                [sorted(store.keys()), store.outcomes(), store.last_finished(), sorted(store.untimed())],
                [[*store.sessions_of_runs().values()].count(1), store.further_series(RUNS)],
            ]
        )


def rows(folder):
    """(table, its id) → the record, of all that is kept."""
    with Store.open(folder) as store:
        runs = {("run", run.key): run for run in store.runs()}
        others = {("problem", id_): problem for id_, problem in store.problems().items()}
        others |= {("plan", one.id): one for one in store.plans()}
        others |= {("session", number): one for number, one in store.numbered_sessions().items()}
        others |= {("trial", one.key): one for one in store.trials()}
        return {key: repr(one) for key, one in (runs | others).items()}, store.notice


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A store, what is told of it, and its rows."""
    folder = write(tmp_path_factory.mktemp("sound") / "study")
    return folder, told(folder), rows(folder)[0]


def flips(name, count, size):
    """(where, by which bits): seeded, so that a failure can be looked at again."""
    dice = random.Random(f"flips of {name}")
    return [(dice.randrange(size), dice.randrange(1, 256)) for _ in range(count)]


#: 300 anywhere, as shares of the file; and more where most of the meaning is: SQLite's header, and its schema.
SIZE = 10**6
FLIPS = [(f"anywhere {n}", at / SIZE, bits) for n, (at, bits) in enumerate(flips("file", 300, SIZE))]
FLIPS += [(f"header {n}", at, bits) for n, (at, bits) in enumerate(flips("header", 60, 100))]
FLIPS += [(f"schema {n}", at, bits) for n, (at, bits) in enumerate(flips("schema", 60, PAGE_SIZE))]


@sampled("flip", FLIPS, 90, name=lambda flip: flip[0])
def test_a_flipped_byte_gives_the_same_or_a_sentence_and_costs_one_row_at_most(sound, tmp_path, flip):
    original, what_is_told, what_is_kept = sound
    folder = shutil.copytree(original, tmp_path / "study")
    _, at, bits = flip
    path = folder / STORE_NAME
    content = bytearray(path.read_bytes())
    content[int(at * len(content)) if isinstance(at, float) else at] ^= bits
    path.write_bytes(content)
    refused = ""
    try:
        assert told(folder) == what_is_told
    except GdbenchError as error:
        refused = str(error)
        assert str(path) in refused
    try:
        status_of(folder)
    except GdbenchError as error:
        refused = str(error)
    assert len(refused.splitlines()) <= 1
    kept, notice = rows(folder)
    assert kept.items() <= what_is_kept.items()
    assert len(kept) >= len(what_is_kept) - 1 or "anywhere" in flip[0]
    assert not refused or "damaged" in notice
    assert bool(notice) or kept == what_is_kept
    # what is set aside is the file as it was found
    assert not notice or (folder / f"{STORE_NAME}.corrupt-1").read_bytes() == content
    assert salvage.damage_of(path, thorough=True).why == ""
    assert not list(folder.glob("*re*ing*"))
