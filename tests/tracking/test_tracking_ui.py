"""MLflow's own server, started for real and ended without a trace."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.record.store import Store
from gdbench.tracking.server.address import page_base
from gdbench.tracking.server.front_page import START, FrontPage
from gdbench.tracking.server.ui import _choose, serve
from gdbench.tracking.sync import sync
from gdbench.tracking.view import curves_page, run_charts, views
from tests.tracking.studies import PROBLEM, RECORDS, Place, everything, plan, write_store

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = (
    r"http://127\.0\.0\.1:\d+/#/experiments/\d+/runs\?workflowType=machine_learning"
    r"&compareRunsMode=CHART&viewStateShareKey=gdbench-curves"
)
PASSWORD = "s3cret-of-ann"
PARENT = "4 runs plan-1: learning_rate"
RATES = {"slow": 0.1, "fast": 0.2, "wild": 0.5, "lost": 0.3}
NAMES = {PARENT, *(f"η={rate} · linear · mse" for rate in RATES.values())}

#: As in a terminal, where Ctrl-C is heard: whoever starts the tests in the background has it ignored.
SERVE = """
import sys
from pathlib import Path
from gdbench.tracking.server.ui import serve
from gdbench.execution.interrupts import interruptible
with interruptible():
    status = serve(sys.argv[1], Path(sys.argv[2]), experiment="lr_sweep")
sys.exit(status)
"""


@contextmanager
def served(place: Place) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Ours as a program: its process, and the address of the curves as it tells it."""
    ours = subprocess.Popen(
        [sys.executable, "-c", SERVE, place.uri, str(place.results)], stdout=subprocess.PIPE, text=True
    )
    assert ours.stdout is not None
    try:
        told = ours.stdout.readline()
        found = re.search(ADDRESS, told)
        assert found, f"no address in {told!r}"
        assert "viewStateShareKey=gdbench-best" in ours.stdout.readline()
        yield ours, found[0]
    finally:
        ours.terminate()
        ours.communicate(timeout=60)
    assert ours.returncode == 0, "SIGTERM is the wish to end it, and no failure"


def test_the_server_shows_the_runs_takes_others_by_http_and_ends_with_us(
    place: Place, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its artifacts it keeps in a place of its own; all else reads back as from the database."""
    write_store(place.folder, [plan(*(r.key for r in RECORDS))])
    place.sync()
    renamed = plan(*(r.key for r in RECORDS), experiment="by_http")
    folder = write_store(tmp_path / "by_http", [renamed])
    with served(place) as (ours, page):
        base, experiment = page.partition("/#/")[0], page.split("/")[5]
        with urlopen(base) as answer:
            assert b"<title>MLflow</title>" in answer.read()
        assert _run_names(base, experiment) == NAMES
        uri = base.replace("http://", f"http://ann:{PASSWORD}@")
        with Store.read(folder) as store:
            report = sync(store, uri, tmp_path / "elsewhere")
            assert (report.sent, sync(store, uri, tmp_path / "elsewhere").sent) == (4, 0)
        assert re.fullmatch(ADDRESS, report.page)
        by_http = everything(base, "by_http")
        assert serve(uri, place.results, experiment="by_http") == 0, "it is only pointed to"
        below = _children(ours.pid)
        ours.send_signal(signal.SIGINT)
        assert ours.wait(60) == 0
        assert [pid for pid in below if _alive(pid)] == []
    assert not (tmp_path / "elsewhere").exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file() and holds(path, PASSWORD)] == []
    told = capfd.readouterr()
    assert report.page in told.out
    assert PASSWORD not in told.out + told.err + repr(report)
    direct = everything(place.uri)
    for held in (by_http, direct):
        held["runs"]["plan plan-1"]["files"].pop("plan.json")  # it names the experiment
    assert by_http["tags"].pop("gdbench.experiment") == "by_http", "the name under which it is found again"
    assert direct["tags"].pop("gdbench.experiment") == "lr_sweep"
    assert by_http == direct


def holds(path: Path, secret: str) -> bool:
    return secret.encode() in path.read_bytes()


def _run_names(base: str, experiment: str) -> set[str]:
    question = json.dumps({"experiment_ids": [experiment]}).encode()
    request = Request(f"{base}/api/2.0/mlflow/runs/search", question, {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        return {run["info"]["run_name"] for run in json.load(answer)["runs"]}


def _children(pid: int) -> list[int]:
    """The processes below one, as Linux tells; none elsewhere."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    mine = [int(child) for child in listed.read_text().split()] if listed.exists() else []
    return [*mine, *(below for child in mine for below in _children(child))]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_an_unknown_experiment_is_answered_with_the_nearest() -> None:
    found = {"Default": "0", "lr_sweep": "1", "surfaces": "2"}
    with pytest.raises(GdbenchError, match=r"no experiment called 'lr_sweap'. Did you mean lr_sweep\?"):
        _choose(found, "lr_sweap", ())
    with pytest.raises(GdbenchError, match=r"no experiment yet. Run a config first"):
        _choose({"Default": "0"}, None, ())


def test_the_experiment_that_was_run_last_is_told_or_else_the_one_that_mlflow_changed_last() -> None:
    found = {"Default": "0", "lr_sweep": "1", "surfaces": "2"}
    assert _choose(found, None, ["elsewhere", "surfaces"]) == "2"
    assert _choose(found, None, []) == "1"


def test_pages_of_versions_that_were_never_seen_open_without_a_saved_view() -> None:
    assert curves_page("http://h", "7", "3.17.2").endswith(
        "compareRunsMode=CHART&viewStateShareKey=gdbench-curves"
    )
    for version in ("4.0.0", ""):
        plain = curves_page("http://h", "7", version)
        assert plain.startswith(
            "http://h/#/experiments/7/runs?workflowType=machine_learning&compareRunsMode=CHART&"
        )
        assert "viewStateShareKey" not in plain
        assert "searchFilter=tags.%60gdbench.role%60%20%3D%20%27run%27" in plain


def test_before_anything_is_tracked_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(GdbenchError, match=r"nothing has been tracked yet. Run a config first"):
        serve(f"sqlite:///{tmp_path}/mlflow.db", tmp_path)


def test_a_server_whose_pages_are_unknown_is_only_named(tmp_path: Path, capsys) -> None:
    assert serve("databricks", tmp_path) == 0
    assert capsys.readouterr().out == "MLflow keeps your runs at databricks\n"


def test_a_page_s_address_carries_no_credentials() -> None:
    assert page_base("https://ann:s3cret@mlflow.example.org/x/") == "https://mlflow.example.org/x"
    assert page_base("postgresql://ann:s3cret@host/db") is None


def test_a_port_in_use_is_refused_with_the_remedy(place: Place) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(GdbenchError, match=rf"127.0.0.1:{port} cannot be used.*--port"):
            serve(place.uri, place.results, port=port)


def test_for_a_file_that_is_no_database_no_server_is_left_running(place: Place) -> None:
    (place.results / "mlflow.db").write_text("dear diary\n" * 500)
    before = _children(os.getpid())  # other tests' pools may have left a helper process of Python's own
    with pytest.raises(GdbenchError, match=r"mlflow\.db: MLflow's database is damaged"):
        serve(place.uri, place.results)
    assert _children(os.getpid()) == before


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ("print('INFO: on sqlite'); sys.exit('Error: no room for ' + os.environ['MLFLOW_BACKEND_STORE_URI'])",
         r"did not start on sqlite:.*mlflow\.db: Error: no room for sqlite:"),
        ("os._exit(3)", r"did not start on .*: it said nothing\."),
        ("os.kill(os.getpid(), 9)", r"did not start on .*: it said nothing\."),
    ],
    ids=["with a word", "without a word", "killed"],
)  # fmt: skip
def test_a_server_that_does_not_start_is_told_with_its_last_words(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str, told: str
) -> None:
    """Python finds another mlflow before MLflow's own, and that one ends at once."""
    package = tmp_path / "other" / "mlflow"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(f"import os, sys\n{ends}\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "other"))
    before = _children(os.getpid())
    with pytest.raises(GdbenchError, match=told):
        serve(place.uri, place.results)
    assert _children(os.getpid()) == before


def fetched(path: str, monkeypatch: pytest.MonkeyPatch, start: Path) -> dict[str, Any]:
    """What a browser gets of an app behind our front page, which answers everything alike."""
    monkeypatch.setenv(START, str(start))

    async def mlflow(scope, receive, send) -> None:
        headers = [(b"content-length", b"13"), (b"etag", b"old"), (b"content-type", b"text/html")]
        status = 304 if dict(scope["headers"]).get(b"if-none-match") else 200
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"<html><head>", "more_body": True})
        await send({"type": "http.response.body", "body": b"!"})

    said: list[dict[str, Any]] = []

    async def send(message) -> None:
        said.append(message)

    scope = {"type": "http", "path": path, "method": "GET", "headers": [(b"if-none-match", b"old")]}
    asyncio.run(FrontPage(mlflow)(scope, None, send))
    return {**said[0], "body": b"".join(message["body"] for message in said[1:])}


def test_the_document_begins_with_where_to_begin_and_is_never_taken_from_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = tmp_path / "start.json"
    start.write_text(json.dumps({"page": "#/experiments/7/</script>", "charts": {"7": {"a": 1}}}))
    got = fetched("/", monkeypatch, start)
    assert got["status"] == 200
    assert got["body"].startswith(b"<html><head><script>")
    assert got["body"].count(b"</script>") == 1, "what an experiment is called cannot end it"
    assert b"#/experiments/7/" in got["body"]
    headers = dict(got["headers"])
    assert (headers[b"content-length"], headers[b"cache-control"]) == (
        str(len(got["body"])).encode(),
        b"no-store",
    )
    assert b"etag" not in headers


def test_before_the_study_is_known_and_for_all_else_the_page_is_mlflow_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert b'start = {"page": "", "charts": {}}' in fetched("/", monkeypatch, tmp_path / "not yet")["body"]
    assert fetched("/health", monkeypatch, tmp_path)["body"] == b"<html><head>!"
    assert fetched("/health", monkeypatch, tmp_path)["status"] == 304


def test_only_our_experiments_say_how_the_charts_of_a_run_are_drawn() -> None:
    tags = [{"key": key, "value": value} for key, value in views(plan("a"), [PROBLEM]).items()]
    drawn = run_charts(tags)
    assert [chart["metricKey"] for chart in drawn["compareRunCharts"]][:2] == [
        "curve/relative_gap",
        "curve/cost",
    ]
    assert run_charts([{"key": "mlflow.note.content", "value": "of somebody else"}]) is None
