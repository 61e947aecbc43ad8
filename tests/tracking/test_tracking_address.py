"""Which address is meant, and that its credentials are never shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.tracking.server.address import artifact_location, is_server, masked, resolve_uri, sqlite_path


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_default_is_a_database_in_the_results_folder(tmp_path: Path) -> None:
    assert resolve_uri(None, Path("results")) == f"sqlite:///{tmp_path}/results/mlflow.db"


def test_the_environment_wins_over_the_default_and_the_argument_over_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://one:5000")
    assert resolve_uri(None, Path("results")) == "http://one:5000"
    assert resolve_uri("http://two:5000", Path("results")) == "http://two:5000"


def test_an_empty_variable_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", " ")
    assert resolve_uri("", Path("/r")) == "sqlite:////r/mlflow.db"


def test_a_relative_sqlite_path_is_taken_from_the_current_folder(tmp_path: Path) -> None:
    uri = resolve_uri("sqlite:///mine.db", Path("results"))
    assert uri == f"sqlite:///{tmp_path}/mine.db"
    assert sqlite_path(uri) == tmp_path / "mine.db"


def test_an_absolute_sqlite_path_stays() -> None:
    assert resolve_uri("sqlite:////data/m.db?timeout=5", Path("results")) == "sqlite:////data/m.db?timeout=5"


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:mine.db"])
def test_a_sqlite_address_without_a_file_is_refused(uri: str) -> None:
    with pytest.raises(GdbenchError, match="names no database file"):
        resolve_uri(uri, Path("results"))


@pytest.mark.parametrize("name", ["what?", "100%", "a%20b"])
def test_a_file_that_an_address_of_mlflow_cannot_name_is_refused_with_what_helps(name: str) -> None:
    # SQLAlchemy would open `what`, and `a b`
    with pytest.raises(GdbenchError, match=f"{re.escape(name)}/mlflow.db: MLflow cannot be given .*--results"):
        resolve_uri(None, Path(name))


@pytest.mark.parametrize("uri", ["localhost:5000", "ftp://host/x", "mlruns"])
def test_an_address_that_mlflow_cannot_keep_runs_in_is_refused(uri: str) -> None:
    with pytest.raises(GdbenchError, match="is no address that MLflow can track into"):
        resolve_uri(uri, Path("results"))


@pytest.mark.parametrize(
    "uri", ["http://h:5000", "https://h", "databricks", "databricks://profile", "postgresql+psycopg://u@h/db"]
)
def test_servers_and_databases_pass_unchanged(uri: str) -> None:
    assert resolve_uri(uri, Path("results")) == uri


def test_a_server_keeps_artifacts_in_its_own_place_and_a_database_below_results(tmp_path: Path) -> None:
    assert artifact_location("https://h", Path("results"), "sweep") is None
    expected = (tmp_path / "results" / "artifacts" / "sweep").as_uri()
    assert artifact_location("postgresql://u@h/db", Path("results"), "sweep") == expected
    assert is_server("databricks") is True


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://ann:s3cret@host:5000", "http://***@host:5000"),
        ("https://t0ken@host", "https://***@host"),
        ("postgresql://ann:p@ss/w@host/db", "postgresql://***@host/db"),
        ("postgresql://host/db?user=ann&password=s3cret&x=1", "postgresql://host/db?user=ann&password=***&x=1"),
        ("http://ann:x@host", "http://***@host"),
        ("sqlite:////data/mlflow.db", "sqlite:////data/mlflow.db"),
    ],
)
def test_an_address_is_shown_without_its_credentials(uri: str, shown: str) -> None:
    assert masked(uri, uri) == shown


def test_a_password_is_masked_wherever_a_text_repeats_it() -> None:
    uri = "postgresql://ann:p%40ssw0rd@host/db"
    text = 'login "p@ssw0rd" failed for postgresql://ann:p%40ssw0rd@host/db (sent p%40ssw0rd)'
    assert masked(text, uri) == 'login "***" failed for postgresql://***@host/db (sent ***)'


def test_credentials_in_mlflow_s_own_variables_are_masked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "abcdefgh")
    assert masked("bearer abcdefgh refused", "http://host") == "bearer *** refused"
