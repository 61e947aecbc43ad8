"""Opening MLflow: quietly, with bounded patience, and with a sentence when it refuses."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

from gdbench.descent.errors import GdbenchError
from gdbench.tracking.server.address import is_server, masked, sqlite_path
from gdbench.tracking.server.database import check_database, ensure_database
from gdbench.tracking.server.embedded import damage_of_database

if TYPE_CHECKING:
    from collections.abc import Iterator

#: For this process only, and only where the user has not chosen otherwise. MLflow's own patience with a
#: server that is down is about four minutes a request; ours is a few seconds, because `sync` catches up.
_DEFAULTS = {
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}

#: They write to stderr, where a sweep draws its progress; what matters of it becomes a GdbenchError.
_LOGGERS = ("mlflow", "alembic", "sqlalchemy", "urllib3.connectionpool")


@contextmanager
def quiet() -> Iterator[None]:
    """Set our patience with MLflow and keep its log off the terminal until the end of the block."""
    os.environ.pop("MLFLOW_RUN_ID", None)  # left over from a job, it would redirect us into a foreign run
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def connect(uri: str, results: Path) -> MlflowClient:
    """A client of the tracking address; a SQLite database that is not there yet is made."""
    path = sqlite_path(uri)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        ensure_database(path, (results / "artifacts").absolute().as_uri())
    elif not is_server(uri):
        check_database(uri)
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def check_answer(uri: str) -> None:
    """Raise GdbenchError unless the database of an address can be opened."""
    with explained(uri):
        check_database(uri)


def experiments_of(uri: str) -> dict[str, str]:
    """The experiments of a server, name → id, the one changed last first; raises GdbenchError."""
    with quiet(), explained(uri):
        experiments = connect(uri, Path()).search_experiments(order_by=["last_update_time DESC"])
        return {experiment.name: experiment.experiment_id for experiment in experiments}


def server_version(uri: str) -> str:
    """The version of the MLflow that answers there; "" if it does not tell."""
    try:
        answer = http_request(get_default_host_creds(uri), "/version", "GET", max_retries=0, timeout=5)
    except MlflowException:
        return ""
    return str(answer.text).strip() if answer.status_code == HTTPStatus.OK else ""


#: What a mistake in our own code looks like. Everything else that comes out of MLflow, its database
#: drivers and its artifact stores, whose exceptions have no common parent, is a refusal.
_OUR_MISTAKES = (AssertionError, AttributeError, LookupError, NameError, TypeError)


@contextmanager
def explained(uri: str) -> Iterator[None]:
    """Turn any refusal on the way to MLflow into one sentence without credentials."""
    try:
        yield
    except GdbenchError:
        raise
    except _OUR_MISTAKES:
        damage = damage_of_database(uri)  # whoever reads what nobody wrote stumbles over anything
        if damage:
            raise GdbenchError(damage) from None
        raise
    except Exception as error:  # noqa: BLE001  whatever a driver raises, it is told as a sentence
        # `from None`: the chain of causes carries the address, password included.
        raise GdbenchError(sentence(error, uri)) from None


def sentence(error: BaseException, uri: str) -> str:
    """What went wrong between us and MLflow, in one sentence without credentials."""
    where, text = masked(uri, uri), " ".join(masked(str(error), uri).split())
    for sign, meaning in _MEANINGS:
        if sign in text:
            return f"MLflow at {where}: {meaning}"
    damage = damage_of_database(uri)
    if damage:
        return damage
    shown = text if len(text) <= 300 else f"{text[:299]}…"
    return f"MLflow at {where} refused: {type(error).__name__}: {shown}"


_MEANINGS = (
    (
        "out-of-date database schema",
        "the database was made by another version of MLflow. Back it up and run 'mlflow db upgrade' on it.",
    ),
    (
        "Can't locate revision",
        "the database was made by a newer version of MLflow than the one installed. Upgrade MLflow.",
    ),
    (
        "No module named",
        "a driver that this kind of database needs is not installed; see MLflow's documentation.",
    ),
    ("Can't load plugin", "no driver of this name is known. Try postgresql+psycopg:// or mysql+pymysql://."),
    ("Connection refused", "nothing answers there. Is the server running, and is the address right?"),
    ("Max retries exceeded", "no answer. Is the server running, and is the address right?"),
    ("timeout exception", "no answer in time. Is the server overloaded, or the address right?"),
    ("database or disk is full", "the disk is full."),
    ("No space left on device", "the disk is full."),
    ("readonly database", "the database may not be written to. Check its permissions and its folder's."),
    ("database is locked", "another process has kept the database locked for too long."),
)
