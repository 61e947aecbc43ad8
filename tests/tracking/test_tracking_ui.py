"""MLflow's own server, started for real and ended without a trace."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.execution.store import Store
from gdbench.tracking.sync import sync
from gdbench.tracking.ui import serve
from tests.tracking.studies import RECORDS, Place, everything, plan, write_store

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVE = """
import sys
from pathlib import Path
from gdbench.tracking.ui import serve
sys.exit(serve(sys.argv[1], Path(sys.argv[2]), experiment="lr_sweep"))
"""


@contextmanager
def served(place: Place) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Ours as a program: its process, the server's address and the experiment's id, as it tells them."""
    ours = subprocess.Popen(
        [sys.executable, "-c", SERVE, place.uri, str(place.results)], stdout=subprocess.PIPE, text=True
    )
    assert ours.stdout is not None
    try:
        told = ours.stdout.readline()
        found = re.search(
            r"(http://127\.0\.0\.1:\d+)/#/experiments/(\d+)/runs\?workflowType=machine_learning\n", told
        )
        assert found, f"no address in {told!r}"
        assert "compareRunsMode=CHART" in ours.stdout.readline()
        yield ours, found[1], found[2]
    finally:
        ours.terminate()
        ours.communicate(timeout=60)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_server_shows_the_runs_and_ends_with_us(place: Place, sign: signal.Signals) -> None:
    write_store(place.folder, [plan(*(r.key for r in RECORDS))])
    place.sync()
    with served(place) as (ours, base, experiment):
        with urlopen(base) as page:
            assert b"<title>MLflow</title>" in page.read()
        assert _run_names(base, experiment) == {"4 runs: learning_rate", *(f"η={r.key}" for r in RECORDS)}
        below = _children(ours.pid)
        ours.send_signal(sign)
        assert ours.wait(30) == 0
        assert [pid for pid in below if _alive(pid)] == []


def test_a_server_is_brought_up_to_date_like_a_database(place: Place, tmp_path: Path) -> None:
    """The server keeps artifacts in a place of its own; everything else reads back equal."""
    write_store(place.folder, [plan(*(r.key for r in RECORDS))])
    place.sync()
    renamed = plan(*(r.key for r in RECORDS), experiment="by_http")
    folder = write_store(tmp_path / "by_http", [renamed])
    with served(place) as (_, base, _), Store.read(folder) as store:
        assert sync(store, base, tmp_path / "elsewhere").sent == 4
        assert sync(store, base, tmp_path / "elsewhere").sent == 0
        by_http = everything(base, "by_http")
    assert not (tmp_path / "elsewhere").exists()
    direct = everything(place.uri)
    for held in (by_http, direct):
        held["runs"]["plan plan-1"]["files"].pop("plan.json")  # it names the experiment
    assert by_http == direct


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


def test_an_unknown_experiment_is_answered_with_the_nearest_and_no_server_stays(place: Place) -> None:
    write_store(place.folder, [plan("slow")], RECORDS[:1])
    place.sync()
    before = _children(os.getpid())  # other tests' pools may have left a helper process of Python's own
    with pytest.raises(GdbenchError, match=r"no experiment called 'lr_sweap'. Did you mean lr_sweep\?"):
        serve(place.uri, place.results, experiment="lr_sweap")
    assert _children(os.getpid()) == before


def test_before_anything_is_tracked_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(GdbenchError, match=r"nothing has been tracked yet. Run a config first"):
        serve(f"sqlite:///{tmp_path}/mlflow.db", tmp_path)


def test_a_running_server_is_only_pointed_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert serve("https://ann:s3cret@mlflow.example.org", tmp_path) == 0
    assert capsys.readouterr().out == "MLflow keeps your runs at https://***@mlflow.example.org\n"


def test_a_port_in_use_is_refused_with_the_remedy(place: Place) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(GdbenchError, match=rf"127.0.0.1:{port} cannot be used.*--port"):
            serve(place.uri, place.results, port=port)


def test_a_server_that_does_not_start_says_why(place: Place) -> None:
    (place.results / "mlflow.db").write_text("dear diary\n" * 500)
    with pytest.raises(GdbenchError, match=r"MLflow's server did not start on sqlite:///"):
        serve(place.uri, place.results)
