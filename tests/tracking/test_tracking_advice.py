"""Where MLflow cannot be used as it is, the sentence names a command or a variable, and following it helps."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
import threading
from contextlib import closing, contextmanager
from dataclasses import astuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import EntryPoint, EntryPoints, version
from pathlib import Path

import pytest
from alembic import command as alembic
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.db.utils import _get_alembic_config, _get_latest_schema_revision
from mlflow.utils.databricks_utils import _fail_malformed_databricks_auth
from packaging.requirements import Requirement

from gdbench.cli.doctor_checks import _tracking as checked_tracking
from gdbench.descent.errors import GdbenchError
from gdbench.tracking.server.address import is_server, resolve_uri
from gdbench.tracking.server.connection import experiments_of
from gdbench.tracking.server.connection import sentence as told_of
from gdbench.tracking.server.schema import Age, age_of, check, known_revisions, revision_of
from tests.tracking.studies import everything, plan, write_store

OLDER = "-2"  # schemas before the newest


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    for name in ("URI", "USERNAME", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"MLFLOW_TRACKING_{name}", raising=False)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


def refusal(place):
    with pytest.raises(GdbenchError) as refused:
        place.sync()
    return str(refused.value)


def last_command(sentence, program="gdbench"):
    """The command at the end of a sentence."""
    return sentence[sentence.rindex(f"{program} ") :]


# --- databases of other versions


def make_older(path):
    config = _get_alembic_config(f"sqlite:///{path}")
    alembic.downgrade(config, OLDER)


def test_the_schemas_that_mlflow_knows_are_read_without_it():
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    script = ScriptDirectory.from_config(_get_alembic_config(""))
    oldest_first = [revision.revision for revision in script.walk_revisions()][::-1]
    assert list(known_revisions()) == oldest_first
    assert known_revisions()[-1] == _get_latest_schema_revision()


def test_an_age_is_told_by_the_known_schemas():
    assert age_of("b", "abc") is Age.OLDER
    assert age_of("c", "abc") is Age.CURRENT
    assert age_of("d", "abc") is Age.NEWER
    assert age_of(None, "abc") is Age.NONE
    assert age_of("a", ()) is Age.NONE, "of migrations that are laid out otherwise nothing is claimed"


def test_an_older_database_is_upgraded_only_when_asked_and_copied_before(place, gdbench, obey):
    write_store(place.folder, [plan("slow", "fast")])
    place.sync()
    whole, path = everything(place.uri), place.results / "mlflow.db"
    make_older(path)
    older = revision_of(path)
    sentence = refusal(place)
    assert f"{path}: this database is an older MLflow's." in sentence
    assert sentence in gdbench("ui", "--results", place.results)[1].replace("\n", " ")
    assert ("doubt", sentence) in [line[-2:] for line in map(astuple, checked_tracking(None, place.results))]
    assert revision_of(path) == older, "nobody has asked for an upgrade yet"
    status, said = obey(last_command(sentence))
    backup = place.results / f"mlflow.db.before-{version('mlflow')}"
    assert status == 0
    assert f"{path}: upgraded; as it was it is kept in {backup}\n" in said
    assert (revision_of(path), revision_of(backup)) == (known_revisions()[-1], older)
    assert everything(place.uri) == whole
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (3,)
    again = f"{path}: needs no upgrade\nlr_sweep: 0 runs sent to {place.uri}, which has all 2\n"
    assert again in obey(last_command(sentence))[1]


def test_a_newer_database_is_told_with_its_version_and_what_helps(place, gdbench, template):
    write_store(place.folder, [plan("slow", "fast")])
    path = place.results / "mlflow.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'f4a9b2c7d1e6'")
    content = path.read_bytes()
    sentence = refusal(place)
    assert "this database is MLflow 3.18's" in sentence
    assert f"{version('mlflow')} is installed, which cannot read it" in sentence
    install, elsewhere = re.search(r"Either (pip install .*), or .*: (--tracking-uri .*)", sentence).groups()
    wanted = Requirement(shlex.split(install)[-1])
    assert "3.18.0" in wanted.specifier
    assert version("mlflow") not in wanted.specifier
    status, said = gdbench("sync", "--results", place.results, "--upgrade-database")
    assert (status, path.read_bytes()) == (2, content), "no upgrade can help"
    shutil.copy(template, place.results / f"mlflow-{version('mlflow')}.db")
    status, said = gdbench("sync", "--results", place.results, *shlex.split(elsewhere))
    assert status == 0, said
    assert "2 runs sent" in said


def test_of_a_database_on_a_server_the_advice_names_no_password(place):
    uri = "postgresql://ann:s3cret@host/runs"
    with pytest.raises(GdbenchError) as older:
        check(uri, place.results, known_revisions()[0])
    with pytest.raises(GdbenchError) as newer:
        check(uri, place.results, "0123456789ab")
    assert str(older.value).startswith("postgresql://***@host/runs: this database is an older MLflow's.")
    assert (
        f"Back it up; then, with the same address: gdbench sync --upgrade-database --results '{place.results}'"
        in str(older.value)
    )
    assert f"a newer MLflow's, and {version('mlflow')} is installed" in str(newer.value)
    assert "s3cret" not in str(older.value) + str(newer.value)


# --- folders


def test_a_folder_is_no_address_and_what_it_holds_is_taken_along_by_the_printed_commands(
    monkeypatch, obey, gdbench, place
):
    write_store(place.folder, [plan("slow", "fast")])
    monkeypatch.chdir(place.results.parent)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    old = MlflowClient("file:./mlruns")
    old.create_run(old.create_experiment("of before"))
    for address in ("file:./mlruns", "./mlruns", "mlruns"):
        status, said = gdbench("sync", "--results", place.results, "--tracking-uri", address)
        assert status == 2
        assert f"'{address}' is a folder, and MLflow no longer tracks into folders" in said
    instead, migrate = re.search(r"(--tracking-uri \S+) .* first: (mlflow .*)", " ".join(said.split())).groups()
    obey(migrate)
    status, said = gdbench("sync", "--results", place.results, *shlex.split(instead))
    assert (status, "2 runs sent" in said) == (0, True)
    again = " ".join(gdbench("sync", "--tracking-uri", "mlruns")[1].split())
    assert again.endswith(instead), "what is there already is not to be written over"
    here = MlflowClient(shlex.split(instead)[1])
    assert {one.name for one in here.search_experiments()} >= {"of before", "lr_sweep"}


# --- servers


class Server:
    """Answers each question about experiments: (status, headers, body) of `answers` first, then well."""

    def __init__(self):
        self.answers, self.asked = [], []

    @contextmanager
    def running(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.answer()

            def do_GET(self):
                self.answer()

            def answer(self):
                outer.asked.append(self.headers)
                status, headers, body = outer.reply(self.headers)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
            thread = threading.Thread(target=served.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            try:
                yield f"http://127.0.0.1:{served.server_port}"
            finally:
                served.shutdown()

    def reply(self, _headers):
        return self.answers.pop(0) if self.answers else (200, {}, '{"experiments": []}')


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def asked(server):
    """The sentence of a server that is asked for its experiments; "" where it gives them."""
    with server.running() as uri:

        def of():
            try:
                assert experiments_of(uri) == {}
            except GdbenchError as error:
                return str(error).replace(uri, "HERE")
            return ""

        yield of


def test_who_is_not_known_is_told_which_variables_to_set_and_setting_them_helps(server, asked, monkeypatch):
    page = "You are not authenticated. Please see https://www.mlflow.org/docs."

    def reply(headers):
        known = headers.get("Authorization") == "Basic YW5uOnMzY3JldA=="  # ann:s3cret
        return (200, {}, "{}") if known else (401, {"WWW-Authenticate": "Basic"}, page)

    server.reply = reply
    sentence = asked()
    assert sentence.startswith("MLflow at HERE: it answers 401 Unauthorized: ")
    assert "You are not authenticated." in sentence
    set_these = re.search(r"Set (\w+) and (\w+), or (\w+)\.$", sentence).groups()
    assert set_these == ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
    monkeypatch.setenv(set_these[0], "ann")
    monkeypatch.setenv(set_these[1], "wrong-one")
    sentence = asked()
    assert sentence.endswith("It was given what MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD hold.")
    assert "wrong-one" not in sentence
    monkeypatch.setenv(set_these[1], "s3cret")
    assert asked() == ""


def test_who_may_not_is_told_so_in_the_server_s_words(server, asked):
    denied = '{"error_code": "PERMISSION_DENIED", "message": "Ann may only read."}'
    server.answers = [(403, {}, denied)] * 3
    sentence = asked()
    assert sentence.startswith("MLflow at HERE: it answers 403 Forbidden: ")
    assert "Ann may only read." in sentence
    assert "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD" in sentence


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((429, {"Retry-After": "3600"}, '{"message": "60 requests a minute"}'),
         "429 Too Many Requests: 60 requests a minute. It asks for 3600 seconds of patience."),
        ((500, {}, "oh\n no"), "500 Internal Server Error: oh no."),
        ((503, {}, "<html><style>p {x: y}</style><p>Down for <b>lunch</b></p></html>"),
         "503 Service Unavailable: Down for lunch."),
        ((502, {}, ""), "502 Bad Gateway."),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else None,
)  # fmt: skip
@pytest.mark.parametrize("retries", ["0", "1"])
def test_a_server_that_cannot_now_is_told_in_its_own_words_at_once(
    server, asked, answer, expected, retries, monkeypatch
):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", retries)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
    server.answers = [answer] * 10
    assert asked() == f"MLflow at HERE: it answers {expected}"
    server.answers = []
    assert asked() == ""


# --- managed servers


@pytest.mark.parametrize(
    ("uri", "package"),
    [
        ("arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/mine", "sagemaker-mlflow"),
        ("azureml://westeurope.api.azureml.ms/mlflow/v1.0/subscriptions/x", "azureml-mlflow"),
    ],
)
def test_a_managed_server_without_its_plug_in_names_the_package(uri, package, monkeypatch):
    with pytest.raises(GdbenchError, match=f"which MLflow reaches by: pip install {package}$"):
        resolve_uri(uri, Path("results"))
    there = EntryPoints([EntryPoint(uri.partition(":")[0], "somewhere:store", "mlflow.tracking_store")])
    monkeypatch.setattr("gdbench.tracking.server.address.entry_points", lambda group: there.select(group=group))
    assert resolve_uri(uri, Path("results")) == uri
    assert is_server(uri)


def test_databricks_without_credentials_names_their_variables():
    with pytest.raises(MlflowException) as refused:
        _fail_malformed_databricks_auth("databricks")
    assert told_of(refused.value, "databricks") == (
        "MLflow at databricks: no credentials for it. "
        "Set DATABRICKS_HOST and DATABRICKS_TOKEN, or: databricks auth login"
    )
