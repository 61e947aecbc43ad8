"""One migrated MLflow database for the whole session: migrations take seconds, a copy of a file none."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gdbench.tracking.server.database import ensure_database
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
    monkeypatch.setattr("gdbench.tracking.by_mlflow.bulk_writer", lambda *_: None)
