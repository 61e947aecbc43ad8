"""A password in the tracking address is never told, nor kept, by any verb that fails."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click
import pytest

from gdbench.cli import main
from gdbench.cli.options import tracking_uri_option
from gdbench.tracking.server.address import words_for_address

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "s3cret-of-ann"
CONFIG = """
name: tiny
grid: {surface: beale, learning_rate: 0.01, convergence: {max_iterations: 3}}
"""


@pytest.fixture(params=["http", "postgresql"])
def uri(request: pytest.FixtureRequest):
    """An address with a password at which nothing answers."""
    if request.param == "postgresql":
        pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed")
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        yield f"{request.param}://ann:{PASSWORD}@127.0.0.1:{held.getsockname()[1]}/base"


def test_run_sync_and_ui_that_fail_show_and_keep_no_password(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    (tmp_path / "tiny.yaml").write_text(CONFIG)
    verbs = {"run": ["tiny.yaml", "--runner", "serial"], "sync": ["tiny"], "ui": ["--experiment", "tiny"]}
    for verb, rest in verbs.items():
        monkeypatch.setattr(sys, "argv", ["gdbench", verb, *rest])
        with pytest.raises(SystemExit) as left:
            main()
        told = "".join(capfd.readouterr())
        assert left.value.code == (0 if verb == "run" else 2), told
        assert "***@127.0.0.1" in told, f"{verb} names the address: {told}"
        assert PASSWORD not in told
        assert "Traceback" not in told
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    printed = words_for_address(uri, tmp_path)
    assert printed[1].count("***") == 1
    monkeypatch.setattr(sys, "argv", ["gdbench", "sync", "tiny", *printed])
    for whole, said in (("", "Put the whole address into MLFLOW_TRACKING_URI"), (uri, "nothing answers")):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", whole)
        with pytest.raises(SystemExit):
            main()
        told = "".join(capfd.readouterr())
        assert said in told, "a printed command does its work where the address is in the environment"
        assert PASSWORD not in told
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert kept == []
    assert os.environ["MLFLOW_TRACKING_URI"] == uri, "the environment is the user's"


def test_who_types_a_printed_address_is_asked_for_what_is_secret_and_sees_nothing_of_it(monkeypatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    asked: list[str] = []

    def prompt(text: str, *, hide_input: bool, err: bool) -> str:
        assert hide_input
        assert err
        asked.append(text)
        return f"secret{len(asked)}"

    monkeypatch.setattr(click, "prompt", prompt)
    given: list[str] = []
    verb = click.command()(tracking_uri_option(lambda tracking_uri: given.append(tracking_uri)))
    verb.main(["--tracking-uri", "postgresql://***@host/db?password=***&x=1"], standalone_mode=False)
    assert given == ["postgresql://secret1@host/db?password=secret2&x=1"]
    assert [text.partition(" of ")[0] for text in asked] == ["user:password", "password="]
