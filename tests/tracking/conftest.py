"""One migrated MLflow database for the whole session: migrations take seconds, a copy of a file none."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from gdbench.tracking.database import ensure_database
from tests.tracking.studies import Place

if TYPE_CHECKING:
    from pathlib import Path


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
def place(tmp_path: Path, template: Path) -> Place:
    results = tmp_path / "my results"  # people do have spaces in their paths
    results.mkdir()
    shutil.copy(template, results / "mlflow.db")
    return Place(results)
