"""A password in the tracking address is never told, nor kept, by any verb that fails."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gdbench.cli import main

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
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert kept == []
    assert os.environ["MLFLOW_TRACKING_URI"] == uri, "the environment is the user's"
