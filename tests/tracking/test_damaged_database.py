"""A damaged mlflow.db: one sentence with a remedy, and the remedy works."""

import random
import shutil
import sqlite3
from contextlib import closing

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.record.store import Store
from gdbench.tracking.server.address import resolve_uri
from gdbench.tracking.server.embedded import damage_of_database, held
from gdbench.tracking.sync import sync
from tests.sampling import sampled
from tests.tracking.studies import plan, write_store


@pytest.fixture(scope="module")
def synced(tmp_path_factory, template):
    """Results of which MLflow has everything, in an embedded database without a log."""
    results = tmp_path_factory.mktemp("synced")
    write_store(results / "lr_sweep", [plan("slow", "fast")])
    shutil.copy(template, results / "mlflow.db")
    send(results)
    return results


def send(results):
    with Store.read(results / "lr_sweep") as store:
        return sync(store, resolve_uri(None, results), results)


def keys(results):
    has = held(results / "mlflow.db", "lr_sweep")
    return has.keys if has else frozenset()


dice = random.Random(9)
FLIPS = [(f"flip {n}", dice.random(), dice.randrange(1, 256)) for n in range(60)]
FLIPS += [(f"head {n}", dice.randrange(100), dice.randrange(1, 256)) for n in range(20)]
FLIPS += [(f"schema {n}", dice.randrange(4096), dice.randrange(1, 256)) for n in range(20)]


@sampled("flip", FLIPS, 8, name=lambda flip: flip[0])
def test_a_flipped_byte_is_harmless_or_told_in_a_sentence_with_what_to_do(synced, tmp_path, monkeypatch, flip):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    results = shutil.copytree(synced, tmp_path / "results")
    whole = keys(results)
    database = results / "mlflow.db"
    content = bytearray(database.read_bytes())
    _, at, bits = flip
    content[int(at * len(content)) if isinstance(at, float) else at] ^= bits
    database.write_bytes(content)
    damage = damage_of_database(resolve_uri(None, results))
    try:
        send(results)
    except GdbenchError as error:
        told = str(error)
    else:
        told = ""
        assert keys(results) == whole
    assert len(told.splitlines()) <= 1
    assert not damage or told == damage
    assert not damage or "Move it aside" in told


def test_what_is_no_database_is_told_with_its_remedy_which_works(synced, tmp_path, monkeypatch, template):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    results = shutil.copytree(synced, tmp_path / "results")
    (results / "mlflow.db").write_bytes(b"\xff" * 100_000)
    for part in ("-wal", "-shm"):
        (results / f"mlflow.db{part}").unlink(missing_ok=True)
    with pytest.raises(GdbenchError, match=r"mlflow\.db: MLflow's database is damaged: .* Move it aside"):
        send(results)
    (results / "mlflow.db").rename(results / "aside.db")
    shutil.copy(template, results / "mlflow.db")
    assert send(results).sent == 2
    assert keys(results) == keys(synced)


def test_a_file_in_which_nothing_was_written_becomes_the_database(synced, tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    results = shutil.copytree(synced, tmp_path / "results")
    for part in ("-wal", "-shm"):
        (results / f"mlflow.db{part}").unlink(missing_ok=True)
    (results / "mlflow.db").write_bytes(b"")
    assert send(results).sent == 2
    assert keys(results) == keys(synced)


def test_a_folder_and_a_database_of_another_program_are_told_and_left_alone(tmp_path):
    (tmp_path / "folder.db").mkdir()
    with closing(sqlite3.connect(tmp_path / "theirs.db")) as theirs:
        theirs.execute("CREATE TABLE customers (name)")
    assert "is a folder" in damage_of_database(f"sqlite:///{tmp_path}/folder.db")
    assert "another program's database" in damage_of_database(f"sqlite:///{tmp_path}/theirs.db")
