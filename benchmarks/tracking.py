"""What tracking a run costs: `python benchmarks/tracking.py [--runs N] [--large] [--sweep] [--commands]`.

A run of 15 params, 10 tags, 8 final metrics and a curve of 100 points, side by side: fluent logging as
tutorials show it (a call for each value), `MlflowClient.log_batch`, the same with the calls of a run
pipelined, and ours; into SQLite, into PostgreSQL where it is installed, and through MLflow's own server.
Theirs write into a SQLite file as MLflow makes it, ours into one as gdbench makes it.
"""

import argparse
import contextlib
import json
import math
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).parents[1]))  # the cluster of PostgreSQL is the tests'

from benchmarks.bounds import markdown, verdict
from benchmarks.command_line import commands
from benchmarks.overhead import waited_for_tracking

#: (slower, faster, bound on their ratio) by kind of address.
BOUNDS = {
    "SQLite": [("fluent", "ours", 100), ("log_batch", "ours", 10)],
    "PostgreSQL": [("log_batch", "ours", 8)],
    "HTTP": [("pipelined", "ours", 1)],
}
#: Bounds on a large study: milliseconds a run, seconds until a chart's data and rows are there.
MS_A_RUN, CHART, FIRST_ROWS = 6.0, 1.0, 3.0
CONTESTANTS = "fluent", "log_batch", "pipelined", "ours"
POINTS, PARAMS, TAGS, FINALS = 100, 15, 10, 8
ROUNDS = 3


def records(count):
    """Results as a sweep leaves them, of the size that is measured."""
    from gdbench.descent.recording.result import Curve, RunResult
    from gdbench.record.records import RunRecord

    curve = Curve(list(range(POINTS)), {"cost": [math.exp(-k / 20) for k in range(POINTS)]})
    for i in range(count):
        spec = {f"axis_{j}": {"choice": {"of": f"value {j}"}} for j in range(PARAMS)}
        result = RunResult(
            "converged",
            "the cost changed by less than 1e-9",
            "cost_change",
            POINTS - 1,
            initial_cost=1.0,
            final_cost=curve.cost[-1],
            best_cost=curve.cost[-1],
            best_iteration=POINTS - 1,
            final_gradient_norm=1e-9,
            iterations_to={"0.01": 92, "0.0001": None, "1e-06": 95},
            curve=curve,
            parameters=[0.1] * 11,
            seconds=0.1,
            interpreter="CPython",
        )
        yield RunRecord(uuid.uuid4().hex[:20], spec, "p", result, 1e9 + i, 1e9 + i + 1, "processes")


def problem():
    from gdbench.reference.optimum import Optimum
    from gdbench.reference.problem import ProblemRecord

    data = {"name": "diabetes", "features": ["age", "bmi"], "digest": "0" * 64}
    return ProblemRecord("p", "diabetes", 442, 10, 11, 5.0, Optimum("closed form", "", cost=0.0), data)


def store_of(folder, count):
    from gdbench.record.records import PlannedRun, PlanRecord
    from gdbench.record.store import Store

    runs = list(records(count))
    planned = [PlannedRun(run.key, f"η={i} linear") for i, run in enumerate(runs)]
    with Store.open(folder) as store:
        store._connection.execute("PRAGMA synchronous = OFF")  # writing it is not what is measured
        store.add_problem(problem())
        for run in runs:
            store.add(run)
        store.add_plan(PlanRecord(uuid.uuid4().hex, folder.name, "", "c.yaml", "", 1.0, {}, [], [], planned))
    return folder


def fluent(count):
    import mlflow

    for _ in range(count):
        with mlflow.start_run():
            for j in range(PARAMS):
                mlflow.log_param(f"axis_{j}", f"value {j}")
            for j in range(TAGS):
                mlflow.set_tag(f"tag_{j}", "some text")
            for k in range(POINTS):
                mlflow.log_metric("curve/cost", math.exp(-k / 20), step=k)
            for j in range(FINALS):
                mlflow.log_metric(f"final/{j}", 1.5)
            mlflow.log_text("[0.1, 0.1]", "parameters.json")


def log_batch(count, experiment_id, *, pipelined=False):
    """pipelined: what of a run need not wait for one another is sent at once."""
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param, RunTag

    client = MlflowClient()
    with ThreadPoolExecutor(2) as threads:
        for _ in range(count):
            run_id = client.create_run(experiment_id).info.run_id
            curve = [Metric("curve/cost", math.exp(-k / 20), 1_000_000, k) for k in range(POINTS)]
            finals = [Metric(f"final/{j}", 1.5, 1_000_000, 0) for j in range(FINALS)]
            params = [Param(f"axis_{j}", f"value {j}") for j in range(PARAMS)]
            tags = [RunTag(f"tag_{j}", "some text") for j in range(TAGS)]
            batch = threads.submit(client.log_batch, run_id, curve + finals, params, tags)
            if not pipelined:
                batch.result()
            client.log_text(run_id, "[0.1, 0.1]", "parameters.json")
            batch.result()
            client.set_terminated(run_id)


def ours(folder, uri, results):
    from gdbench.record.store import Store
    from gdbench.tracking.sync import sync

    with Store.read(folder) as store:
        assert sync(store, uri, results).sent


def milliseconds(count, function, *arguments):
    """Of one run: by the clock, and of the processor that this process has, servers not counted."""
    began, processor = time.perf_counter(), time.process_time()
    function(*arguments)
    return [1e3 * spent / count for spent in (time.perf_counter() - began, time.process_time() - processor)]


def measure(theirs, uri, results, runs):
    """Milliseconds a run by contestant: the contestants take turns, the fastest round of each counts."""
    import mlflow

    from gdbench.tracking.server.connection import quiet

    with quiet():
        mlflow.set_tracking_uri(theirs)
        experiment = mlflow.set_experiment(f"benchmark {uuid.uuid4().hex[:8]}").experiment_id
    few = max(2, runs // 100)
    folders = [store_of(results / f"benchmark {uuid.uuid4().hex[:8]}", runs) for _ in range(ROUNDS)]
    fluent(1), log_batch(2, experiment), ours(store_of(results / uuid.uuid4().hex, 25), uri, results)
    found = {}
    for folder in folders:
        spent = {
            "fluent": milliseconds(few, fluent, few),
            "log_batch": milliseconds(5 * few, log_batch, 5 * few, experiment),
            "pipelined": milliseconds(5 * few, partial(log_batch, pipelined=True), 5 * few, experiment),
            "ours": milliseconds(runs, ours, folder, uri, results),
        }
        found = {name: list(map(min, found.get(name, value), value)) for name, value in spent.items()}
    return found


def tell(kind, found):
    """A row of the table: milliseconds a run, and how often ours fits into what a bound is on."""
    row = [f"{clock:.2f} ({processor:.2f})" for clock, processor in found.values()]
    held = []
    for slower, faster, bound in BOUNDS[kind]:
        clock, processor = (a / b for a, b in zip(found[slower], found[faster]))
        kept = "holds" if clock >= bound else "missed"
        held.append(f"{slower} {clock:.1f}× ({processor:.1f}×), ≥ {bound}: {kept}")
    row = [kind, *row, "; ".join(held)]
    print(*row, sep="   ", file=sys.stderr, flush=True)
    return row


@contextlib.contextmanager
def serving(uri, results):
    """MLflow's server, as `gdbench ui` starts it."""
    from gdbench.tracking.server.ui import _await, _server, reserved_port

    with reserved_port("127.0.0.1", None) as port, tempfile.TemporaryFile() as log:
        base, start = f"http://127.0.0.1:{port}", results / "start.json"
        with _server(uri, results, "127.0.0.1", port, log, start) as server:
            _await(server, base, log, uri)
            yield base


def side_by_side(results, runs):
    from tests.tracking.postgres import cluster, programs

    theirs, mine = (f"sqlite:///{(results / name).as_posix()}" for name in ("theirs.db", "mlflow.db"))
    results.mkdir()
    rows = [tell("SQLite", measure(theirs, mine, results, runs))]
    if programs():
        with cluster() as database:
            rows.append(tell("PostgreSQL", measure(database, database, results, runs)))
    with serving(mine, results) as base:
        rows.append(tell("HTTP", measure(base, base, results, max(40, runs // 10))))
    print(markdown(["ms a run (of the processor)", *CONTESTANTS, "against ours"], rows))


def large(results, runs):
    """A large study: tracked, its charts' data asked for, seen in a browser, as is a small one beside it."""
    uri, folder = f"sqlite:///{(results / 'mlflow.db').as_posix()}", store_of(results / "large", runs)
    ours(store_of(results / "small", 25), uri, results)
    took, processor = milliseconds(runs, ours, folder, uri, results)
    rows = [[f"tracked, ms a run ({processor:.2f} of the processor)", f"{took:.2f}", verdict(took, MS_A_RUN)]]
    with serving(uri, results) as base:
        from mlflow import MlflowClient

        client = MlflowClient(base)
        experiment = client.get_experiment_by_name("large").experiment_id
        found = client.search_runs([experiment], "tags.`gdbench.role` = 'run'", max_results=100)
        asked = [("run_ids", run.info.run_id) for run in found] + [("metric_key", "curve/cost")]
        address = f"{base}/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?"
        spent = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            with urlopen(address + urlencode([*asked, ("max_results", 320)])) as answer:
                points = len(json.load(answer)["metrics"])
            spent.append(time.perf_counter() - began)
        took = min(spent)
        rows.append([f"chart data of 100 runs, {points} points, s", f"{took:.2f}", verdict(took, CHART)])
        for name in ("small", "large"):
            took = first_rows(base, client.get_experiment_by_name(name).experiment_id)
            told = "25 runs, s: the floor" if name == "small" else f"{runs:,} runs, s"
            held = verdict(took, FIRST_ROWS) if name == "large" else ""
            rows.append([f"first rows in the browser, {told}", f"{took:.2f}", held])
    print(markdown([f"{runs:,} runs of {POINTS} points in MLflow", "", "bound"], rows))


def _any_row(driver):
    return driver.find_elements("css selector", ".ag-row a")


def first_rows(base, experiment):
    """Least seconds from the address to the first rows, in a browser that is open, with a fresh profile."""
    from selenium.webdriver.support.ui import WebDriverWait

    from gdbench.tracking.view import curves_page
    from tests.tracking.test_tracking_browser import CHROMIUM, DRIVER, FLAGS, webdriver

    spent = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as profile:
            options = webdriver.ChromeOptions()
            options.binary_location = CHROMIUM
            for flag in (*FLAGS, f"--user-data-dir={profile}"):
                options.add_argument(flag)
            driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
            try:
                began = time.perf_counter()
                driver.get(curves_page(base, experiment, version("mlflow")))
                WebDriverWait(driver, 120, 0.05).until(_any_row)
                spent.append(time.perf_counter() - began)
            finally:
                driver.quit()
    return min(spent)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, help="sent our way, each round: 500, or with --large 10,000")
    parser.add_argument("--large", action="store_true", help="instead: a large study, in a browser too")
    parser.add_argument("--sweep", action="store_true", help="instead: a sweep of 1,000 runs")
    parser.add_argument("--commands", action="store_true", help="instead: gdbench run, tracked and not")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        results = Path(folder) / "results"
        if chosen.commands:
            print(commands(Path(folder), ROUNDS))
        elif chosen.sweep:
            waited_for_tracking(results)
        elif chosen.large:
            large(results, chosen.runs or 10_000)
        else:
            side_by_side(results, chosen.runs or 500)


if __name__ == "__main__":
    main()
