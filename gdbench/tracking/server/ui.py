"""MLflow's own pages on the tracked runs: a server started, its address told, nothing left behind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import IO, TYPE_CHECKING, NotRequired, TypedDict
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import click

from gdbench.config.outside import visible
from gdbench.config.processes import end_tree, interrupt, popen_apart
from gdbench.descent.errors import GdbenchError, nearest
from gdbench.record.lock import exclusive
from gdbench.tracking.server.address import is_server, masked, page_base, sqlite_path
from gdbench.tracking.server.embedded import damage_of_database
from gdbench.tracking.server.front_page import START
from gdbench.tracking.server.schema import check_file
from gdbench.tracking.view import best_page, curves_page, run_charts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PATIENCE = 120.0  # seconds for the server to come up; it needs about 5
_FAREWELL = 5.0  # seconds for it to end by itself when asked, twice; it needs about 2

_USUAL = 5000  # MLflow's
_APP = "gdbench"  # the name of `front_page` among MLflow's apps


def serve(
    uri: str,
    results: Path,
    host: str = "127.0.0.1",
    port: int | None = None,
    experiment: str | None = None,
    latest: Sequence[str] = (),
) -> int:
    """Run MLflow's server on the tracking address until Ctrl-C; returns its exit status.

    uri: as `resolve_uri` gives it; a server that runs already is only pointed to.
    port: the one to use; by default a free one.  experiment: the one whose page is told, by MLflow's name;
    by default the first of `latest` that is there, or else the one changed last.
    """
    path = sqlite_path(uri)
    if path is None:
        from gdbench.tracking.server import connection  # noqa: PLC0415  imports MLflow, for which a file need not wait

        if is_server(uri):
            base = page_base(uri)
            if base is None:
                _say(f"MLflow keeps your runs at {masked(uri, uri)}")
                return 0
            chosen = _choose(connection.experiments_of(uri), experiment, latest)
            _print_pages(base, chosen, connection.server_version(uri))
            return 0
        connection.check_answer(uri, results)
    elif not path.exists():
        raise GdbenchError(
            f"{path}: nothing has been tracked yet. Run a config first: gdbench run configs/….yaml"
        )
    else:
        check_file(path, results)
    with reserved_port(host, port) as ours, tempfile.TemporaryDirectory() as folder:
        base, start = f"http://{_reachable(host)}:{ours}", Path(folder) / "start.json"
        with (Path(folder) / "log").open("w+b") as log, _server(uri, results, host, ours, log, start) as server:
            _await(server, base, log, uri)
            listed, charts = _listed(base)
            chosen = _choose(listed, experiment, latest)
            page = curves_page("", chosen, version("mlflow"))
            start.write_text(json.dumps({"page": page.lstrip("/"), "charts": charts}), encoding="utf-8")
            _print_pages(base, chosen, version("mlflow"))
            _say("Press Ctrl-C to end it.")
            return _watch(server)


def _reachable(host: str) -> str:
    """The name under which this machine reaches what it binds to `host`."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  a comparison, nothing is bound
    return f"[{name}]" if ":" in name else name


@contextmanager
def _server(
    uri: str, results: Path, host: str, port: int, log: IO[bytes], start: Path
) -> Iterator[subprocess.Popen[bytes]]:
    # The address goes by environment, not by argument: every user of a machine may read arguments.
    environment = {
        **os.environ,
        "MLFLOW_BACKEND_STORE_URI": uri,
        START: str(start),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # nine processes and 1.5 GB that nobody here needs
    }
    environment.pop("MLFLOW_TRACKING_URI", None)  # it would make the server a client of somebody else's
    artifacts = (results / "artifacts").absolute().as_uri()
    places = ["--artifacts-destination", artifacts, "--host", host, "--port", str(port), "--workers", "1"]
    # where gdbench is on the path only, MLflow does not know that it has an app
    app = ["--app-name", _APP] if entry_points(group="mlflow.app", name=_APP) else []
    command = [sys.executable, "-m", "mlflow", "server", *places, *app]
    # Ctrl-C reaches only us, who pass it on; workers outlive a server that was killed, and are ended with it.
    server = popen_apart(command, environment, log.fileno())
    try:
        yield server
    finally:
        end_tree(server, _FAREWELL)


def _await(server: subprocess.Popen[bytes], base: str, log: IO[bytes], uri: str) -> None:
    """Wait until the server answers, or say why it will not."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urlopen(f"{base}/health", timeout=5):  # noqa: S310  http, to ourselves
                return
        except (URLError, OSError):
            time.sleep(0.1)
    why = f"MLflow's server did not start on {masked(uri, uri)}: {_last_words(log, uri)}"
    raise GdbenchError(damage_of_database(uri) or why)


def _last_words(log: IO[bytes], uri: str) -> str:
    log.seek(0)
    lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    return masked(lines[-1].strip(), uri) if lines else "it said nothing."


def _print_pages(base: str, experiment_id: str, mlflow: str) -> None:
    _say(f"MLflow shows your runs and their curves at {curves_page(base, experiment_id, mlflow)}")
    _say(f"and the best of them first at {best_page(base, experiment_id, mlflow)}")


def _choose(listed: Mapping[str, str], experiment: str | None, latest: Sequence[str]) -> str:
    """The id of the named experiment, or of the latest; `listed` is name → id, the one changed last first."""
    known = {name: id_ for name, id_ in listed.items() if name != "Default"}
    name = experiment or next((name for name in latest if name in known), next(iter(known), ""))
    if name not in known:
        wanted = f"no experiment called '{name}'. {nearest(name, known)}" if name else "no experiment yet."
        raise GdbenchError(f"MLflow holds {wanted} Run a config first, or bring it up to date: gdbench sync")
    return known[name]


def _say(line: str) -> None:
    click.echo(visible(line))


class _Experiment(TypedDict):
    name: str
    experiment_id: str
    tags: NotRequired[list[dict[str, str]]]


def _listed(base: str) -> tuple[dict[str, str], Mapping[str, object]]:
    """Our server's experiments, the one changed last first: (name → id, id → how a run's charts are drawn)."""
    question = {"max_results": 1000, "order_by": ["last_update_time DESC"]}
    request = Request(  # noqa: S310  http, to ourselves
        f"{base}/api/2.0/mlflow/experiments/search",
        json.dumps(question).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310
            experiments: list[_Experiment] = json.load(answer).get("experiments", [])
    except HTTPError as error:
        raise GdbenchError(f"MLflow's server at {base} does not list its experiments: {error}.") from error
    charts = {one["experiment_id"]: run_charts(one.get("tags", [])) for one in experiments}
    return {one["name"]: one["experiment_id"] for one in experiments}, charts


def _watch(server: subprocess.Popen[bytes]) -> int:
    """Wait for the server's end; Ctrl-C is passed on and is no failure."""
    try:
        return server.wait()
    except KeyboardInterrupt:
        interrupt(server)
        try:
            return max(0, server.wait(_FAREWELL))
        except subprocess.TimeoutExpired:
            return 0  # a busy machine, or a server that was told to ignore it: `end_tree` makes it


@contextmanager
def reserved_port(host: str, port: int | None) -> Iterator[int]:
    """The port asked for, which must be free; or MLflow's usual one; or any. Ours until the block ends.

    A server binds its port seconds after it was found free. Two that start together would both find the
    same one, and the second would take the first one's answers for its own: so a lock file goes with it.
    """
    reason = "another gdbench is starting a server there"
    for candidate in [port] if port is not None else [_USUAL, 0, 0, 0]:
        found, refusal = _free(host, candidate)
        if found is None:
            reason = refusal
            continue
        with ExitStack() as stack:
            try:
                stack.enter_context(exclusive(_lock(found), 0.0, reason))
            except GdbenchError:
                continue
            yield found
            return
    raise GdbenchError(
        f"{host}:{port or ''} cannot be used: {reason}. Choose another --port or --host, or leave both."
    )


def _free(host: str, port: int) -> tuple[int | None, str]:
    """(a port that can be bound, "") or (None, why not); 0 stands for any."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return None, error.strerror or str(error)
        return int(probe.getsockname()[1]), ""


def _lock(port: int) -> Path:
    return Path(tempfile.gettempdir()) / f"gdbench-port-{port}.lock"
