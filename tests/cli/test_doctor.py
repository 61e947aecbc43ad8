"""gdbench doctor: what is here, what is missing, and what stands in the way."""

import json
import os
import socket
import sqlite3
from contextlib import closing

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.record.locate import STORE_NAME
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord
from tests.cli.shell import told
from tests.execution.recorded import plan, record


@pytest.fixture
def doctor(monkeypatch, capsys, tmp_path):
    """Arguments → (exit status, findings by name)."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def of(*arguments):
        status, out, _ = told(monkeypatch, capsys, tmp_path, "doctor", "--json", *arguments)
        return status, {finding["name"]: finding for finding in json.loads(out)["findings"]}

    return of


def test_a_sound_installation_has_nothing_wrong_and_leaves_nothing_behind(doctor, tmp_path):
    status, found = doctor()
    assert status == 0
    assert all(found[name]["state"] == "fine" for name in ("gdbench", "python", "click", "pydantic", "mlflow"))
    assert found["results"]["said"].startswith("can be made in ")
    assert found["timing"]["about"] == "clock"
    assert list(tmp_path.iterdir()) == []


def test_it_is_told_in_words(monkeypatch, capsys, tmp_path):
    status, out, _ = told(monkeypatch, capsys, tmp_path, "doctor")
    assert status == 0
    assert "versions\n" in out
    assert out.splitlines()[-1].startswith("Nothing is wrong")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX permissions")
def test_a_place_that_cannot_be_written_is_wrong(doctor):
    # /proc is a folder in which nobody can make a file, the superuser neither
    status, found = doctor("--results", "/proc")
    assert status == 1
    assert "Choose another folder with --results" in found["/proc"]["said"]


def test_a_server_that_does_not_answer_is_a_doubt_and_its_password_is_not_shown(doctor):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    status, found = doctor("--tracking-uri", f"http://user:sesame@127.0.0.1:{port}")
    assert status == 0
    [tracking] = [finding for finding in found.values() if finding["about"] == "tracking"]
    assert (tracking["state"], "sesame" in str(found)) == ("doubt", False)


def test_a_file_that_is_no_database_is_wrong(doctor, tmp_path):
    (tmp_path / "notes.db").write_text("notes")
    status, found = doctor("--tracking-uri", "sqlite:///notes.db")
    assert status == 1
    assert any("is no MLflow database" in finding["said"] for finding in found.values())


def test_an_address_that_is_none_is_wrong(doctor):
    status, found = doctor("--tracking-uri", "ftp://x")
    assert (status, found["address"]["state"]) == (1, "wrong")


# --- one experiment


def filled(folder, keys="abc", planned="abc"):
    with Store.open(folder) as store:
        store.add_plan(plan(keys=planned))
        store.add_problem(ProblemRecord("p", "x", 4, 2, 3, 9.0, Optimum("closed form", "how", 1.25)))
        for key in keys:
            store.add(record(key))
    return folder / STORE_NAME


def test_a_sound_store_has_nothing_wrong_and_is_left_alone(doctor, tmp_path):
    path = filled(tmp_path / "results" / "study")
    before = path.read_bytes()
    status, found = doctor("study")
    assert status == 0
    assert found[STORE_NAME]["said"] == "3 runs; all 5 rows are as they were written"
    assert found["plan"]["said"] == "all 3 runs have a result"
    assert (found["MLflow"]["state"], "gdbench sync study" in found["MLflow"]["said"]) == ("doubt", True)
    assert path.read_bytes() == before


def test_a_damaged_row_is_named_and_mended_when_asked(doctor, tmp_path):
    path = filled(tmp_path / "results" / "study")
    content = bytearray(path.read_bytes())
    content[content.find(b'"outcome": "conv') + 13] ^= 1
    path.write_bytes(content)
    status, found = doctor("study")
    assert (status, found[STORE_NAME]["state"]) == (1, "wrong")
    assert "run " in found[STORE_NAME]["said"]
    assert "gdbench doctor study --mend" in found[STORE_NAME]["said"]
    assert path.read_bytes() == content
    status, found = doctor("study", "--mend")
    assert status == 0
    assert found[STORE_NAME]["said"] == "2 runs; all 4 rows are as they were written"
    assert f"{STORE_NAME}.corrupt-1" in found["set aside"]["said"]
    assert "1 of 3 runs have no result: gdbench run c.yaml does them" in found["plan"]["said"]


def test_what_is_not_ours_is_told_and_never_written_into(doctor, tmp_path):
    path = tmp_path / "results" / "study" / STORE_NAME
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE diary (day TEXT); INSERT INTO diary VALUES ('monday')")
    before = path.read_bytes()
    status, found = doctor("study")
    assert status == 1
    assert "another program's database" in found[STORE_NAME]["said"]
    for how in (Store.open, Store.read):
        with pytest.raises(GdbenchError, match="another program's database"):
            how(path.parent)
    assert path.read_bytes() == before


@pytest.mark.parametrize("application", [0x0F055111, 1])
def test_a_number_of_another_program_in_the_header_is_heeded(tmp_path, application):
    path = filled(tmp_path / "study")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA application_id = {application}; DROP TABLE trials")
    with pytest.raises(GdbenchError, match="another program's database"):
        Store.open(path.parent)


def test_a_store_that_somebody_writes_is_looked_through_as_well(doctor, tmp_path):
    filled(tmp_path / "results" / "study")
    with Store.open(tmp_path / "results" / "study") as store:
        store.add(record("d"))
        status, found = doctor("study")
    assert status == 0
    assert found["lock"]["said"] == "a gdbench is running it right now"


def test_to_mend_needs_a_name(monkeypatch, capsys, tmp_path):
    status, _, err = told(monkeypatch, capsys, tmp_path, "doctor", "--mend")
    assert status == 2
    assert "needs the NAME" in err
