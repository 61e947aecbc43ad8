"""Opening MLflow: quietly, with bounded patience, and with a sentence when it refuses."""

from __future__ import annotations

import json
import logging
import os
import re
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request
from requests.exceptions import RetryError

from gdbench.descent.errors import GdbenchError
from gdbench.tracking.server import refusals
from gdbench.tracking.server.address import is_server, masked, sqlite_path
from gdbench.tracking.server.database import Upgraded, check_database, ensure_database, upgrade_database
from gdbench.tracking.server.embedded import EXPERIMENT_TAG, check_small_database
from gdbench.tracking.wire import cut

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

#: For this process only, and only where the user has not chosen otherwise. MLflow's own patience with a
#: server that is down is about four minutes a request; ours is a few seconds, because `sync` catches up.
_DEFAULTS = {
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER": "false",  # a server may ask for an hour: we tell that, and go
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
    if not is_server(uri):
        check_database(uri, results)
    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def check_answer(uri: str, results: Path) -> None:
    """Raise GdbenchError unless the database of an address can be opened."""
    with explained(uri):
        check_database(uri, results)


def upgraded_database(uri: str, results: Path) -> Upgraded:
    """Bring a database of an older MLflow to the schema of the installed one; raises GdbenchError."""
    if is_server(uri):
        raise GdbenchError(f"MLflow at {masked(uri, uri)}: a server's database is upgraded where it runs.")
    with quiet(), explained(uri):
        check_small_database(uri)
        return upgrade_database(uri, results)


def experiments_of(uri: str) -> dict[str, str]:
    """The experiments of a server, name → id, the one changed last first; raises GdbenchError.

    One that somebody has renamed goes by our name for it as well, unless another has it now.
    """
    with quiet(), explained(uri):
        experiments = connect(uri, Path()).search_experiments(order_by=["last_update_time DESC"])
        names = {experiment.name: experiment.experiment_id for experiment in experiments}
        tags = [(one.tags.get(EXPERIMENT_TAG), one.experiment_id) for one in experiments]
        return names | {ours: id_ for ours, id_ in tags if ours and ours not in names}


def server_version(uri: str) -> str:
    """The version of the MLflow that answers there; "" if it does not tell."""
    try:
        answer = http_request(get_default_host_creds(uri), "/version", "GET", max_retries=0, timeout=5)
    except MlflowException:
        return ""
    return str(answer.text).strip() if answer.status_code == HTTPStatus.OK else ""


def explained(uri: str) -> AbstractContextManager[None]:
    """Turn any refusal on the way to MLflow into one sentence without credentials."""
    return refusals.explained(uri, _refused_by_server)


def sentence(error: BaseException, uri: str) -> str:
    """What went wrong between us and MLflow, in one sentence without credentials."""
    return refusals.sentence(error, uri, _refused_by_server)


#: Characters of somebody else's words.
_SHOWN = 300

_FORBIDDEN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def _refused_by_server(error: BaseException, uri: str) -> str:
    """What a server that answers says against us; "" where it is not that."""
    if not is_server(uri):
        return ""
    if isinstance(error, MlflowException) and error.get_http_status_code() in _FORBIDDEN:
        status = HTTPStatus(error.get_http_status_code())
        return f"{_answer(status, masked(error.message, uri))} {_who(uri)}"
    if isinstance(error.__context__, RetryError):
        return _answer_now(uri)
    return ""


def _answer(status: HTTPStatus, said: str) -> str:
    """A refusal by its number, and in the server's own words where it has any."""
    words = " ".join(_MARKUP.sub(" ", said).split())
    return f"it answers {status.value} {status.phrase}{': ' if words else ''}{cut(words, _SHOWN).rstrip('.')}."


_MARKUP = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def _who(uri: str) -> str:
    """Whom we said to be, and where that is said."""
    given = [name for name in _CREDENTIALS if os.environ.get(name)]
    if given:
        return f"It was given what {' and '.join(given)} hold."
    if "@" in uri.partition("://")[2]:
        return "It was given what the address holds."
    return f"Set {' and '.join(_CREDENTIALS[:2])}, or {_CREDENTIALS[2]}."


#: Where MLflow looks for a user's name and password, or a token instead.
_CREDENTIALS = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")


def _answer_now(uri: str) -> str:
    """What a server says that has answered a request with a refusal again and again: MLflow drops its words."""
    creds, search = get_default_host_creds(uri), "/api/2.0/mlflow/experiments/search"
    try:
        answer = http_request(
            creds,
            search,
            "POST",
            max_retries=0,
            timeout=5,
            raise_on_status=False,
            respect_retry_after_header=False,
            json={"max_results": 1},
        )
        status = HTTPStatus(answer.status_code)
    except (MlflowException, ValueError):
        return ""
    if status < HTTPStatus.BAD_REQUEST:
        return "it refused several times, and answers again now."
    later = answer.headers.get("Retry-After", "")
    again = f" It asks for {later} seconds of patience." if later.isdecimal() else ""
    return _answer(status, masked(_message(answer.text), uri)) + again


def _message(text: str) -> str:
    """The message of an answer in MLflow's form, or all of it."""
    try:
        content = json.loads(text)
    except ValueError:
        return text
    return str(content.get("message", text)) if isinstance(content, dict) else text
