"""gdbench doctor: what is here, what is missing, and what stands in the way."""

import json
import os
import socket

import pytest

from tests.cli.shell import told


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
