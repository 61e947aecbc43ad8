"""What tracking a run costs: `python benchmarks/tracking.py [--uri ADDRESS] [--runs N]`.

A run of 15 params, 10 tags, 8 final metrics and a curve of 100 points, three ways in one run: fluent
logging as tutorials show it (a call for each value), `MlflowClient.log_batch`, and ours. By default into
a new SQLite database; ADDRESS is any other database or server, which gets experiments of its own.
"""

import argparse
import contextlib
import math
import tempfile
import time
import uuid
from pathlib import Path

#: (slower, faster, bound on their ratio) by kind of address.
BOUNDS = {
    "sqlite": [("fluent", "ours", 100), ("log_batch", "ours", 10)],
    "postgresql": [("log_batch", "ours", 8)],
    "http": [("log_batch", "ours", 1)],
}
POINTS, PARAMS, TAGS, FINALS = 100, 15, 10, 8


def records(count):
    """Results as a sweep leaves them, of the size that is measured."""
    from gdbench.descent.result import Curve, RunResult
    from gdbench.execution.records import RunRecord

    curve = Curve(list(range(POINTS)), [math.exp(-k / 20) for k in range(POINTS)], [])
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


def store_of(folder, count):
    from gdbench.execution.records import PlannedRun, PlanRecord
    from gdbench.execution.store import Store

    runs = list(records(count))
    planned = [PlannedRun(run.key, f"η={i} linear") for i, run in enumerate(runs)]
    with Store.open(folder) as store:
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


def log_batch(count, experiment_id):
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param, RunTag

    client = MlflowClient()
    for _ in range(count):
        run_id = client.create_run(experiment_id).info.run_id
        curve = [Metric("curve/cost", math.exp(-k / 20), 1_000_000, k) for k in range(POINTS)]
        finals = [Metric(f"final/{j}", 1.5, 1_000_000, 0) for j in range(FINALS)]
        params = [Param(f"axis_{j}", f"value {j}") for j in range(PARAMS)]
        client.log_batch(run_id, curve + finals, params, [RunTag(f"tag_{j}", "some text") for j in range(TAGS)])
        client.log_text(run_id, "[0.1, 0.1]", "parameters.json")
        client.set_terminated(run_id)


def ours(folder, uri, results):
    from gdbench.execution.store import Store
    from gdbench.tracking.sync import sync

    with Store.read(folder) as store:
        assert sync(store, uri, results).sent


def seconds(count, function, *arguments):
    """Of one run."""
    began = time.perf_counter()
    function(*arguments)
    return (time.perf_counter() - began) / count


def measure(uri, results, runs):
    import mlflow

    from gdbench.tracking.connection import connect

    connect(uri, results)
    mlflow.set_tracking_uri(uri)
    name = f"benchmark {uuid.uuid4().hex[:8]}"
    experiment = mlflow.set_experiment(name)
    few = max(3, runs // 50)
    fluent(1), log_batch(2, experiment.experiment_id), ours(store_of(results / f"{name} 0", 25), uri, results)
    folder = store_of(results / f"{name} 1", runs)
    return {
        "fluent": seconds(few, fluent, few),
        "log_batch": seconds(5 * few, log_batch, 5 * few, experiment.experiment_id),
        "ours": seconds(runs, ours, folder, uri, results),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uri", help="MLflow's address; default: a new SQLite database")
    parser.add_argument("--runs", type=int, default=500, help="runs that are sent our way")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        results = Path(folder) / "results"
        uri = chosen.uri or f"sqlite:///{(results / 'mlflow.db').as_posix()}"
        found = measure(uri, results, chosen.runs)
    for name, spent in found.items():
        print(f"{name:<12}{spent * 1e3:9.2f} ms a run")
    kind = uri.partition(":")[0].partition("+")[0].replace("https", "http")
    for slower, faster, bound in BOUNDS.get(kind, []):
        ratio = found[slower] / found[faster]
        print(f"{slower} / {faster}  {ratio:.1f}   ≥ {bound}   {'holds' if ratio >= bound else 'FAILS'}")


if __name__ == "__main__":
    main()
