"""One migrated MLflow database for the whole session: migrations take seconds, a copy of a file none."""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gdbench.tracking.server.database import ensure_database
from tests.cli.shell import told
from tests.tracking.studies import Place

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True, scope="session")
def _no_outside() -> None:
    """Tests neither send usage data nor inherit a developer's tracking server."""
    patch = pytest.MonkeyPatch()
    patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    patch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    ensure_database(folder / "mlflow.db", (folder / "artifacts").as_uri())
    return folder / "mlflow.db"


@pytest.fixture
def new_place(tmp_path: Path, template: Path) -> Callable[[], Place]:
    """Makes a results folder with a database, another one at each call."""

    def make() -> Place:
        results = Path(tempfile.mkdtemp(dir=tmp_path)) / "my results"  # people do have spaces in their paths
        results.mkdir()
        shutil.copy(template, results / "mlflow.db")
        return Place(results)

    return make


@pytest.fixture
def place(new_place: Callable[[], Place]) -> Place:
    return new_place()


@pytest.fixture
def by_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs go through MLflow's public API, as where its tables are not those that we know."""
    monkeypatch.setattr("gdbench.tracking.sync.opened_by_sqlite", lambda *_: nullcontext())
    monkeypatch.setattr("gdbench.tracking.by_mlflow.bulk_writer", lambda *_: None)


@pytest.fixture
def gdbench(place, monkeypatch, capsys):
    """The command line in a folder beside the results: words → (exit status, what it prints)."""
    monkeypatch.setattr("gdbench.cli.verbs.sync.attached", lambda *_, **__: {})  # no report of written runs

    def of(*words):
        status, out, err = told(monkeypatch, capsys, place.results.parent, *words)
        return status, out + err

    return of


@pytest.fixture
def obey(gdbench, monkeypatch):
    """Do what a line says, as a shell would in a folder beside the results."""
    from mlflow.cli import cli as mlflow_cli  # noqa: PLC0415  two seconds that few tests need

    def of(line):
        words = shlex.split(line)
        given = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
        program, *rest = words[len(given) :]
        if program == "gdbench":
            return gdbench(*rest)
        assert program == "mlflow"
        done = CliRunner(env=given).invoke(mlflow_cli, rest)
        assert done.exit_code == 0, done.output
        return done.exit_code, done.output

    return of
