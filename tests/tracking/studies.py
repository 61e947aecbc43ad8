"""Results stores written by hand, and everything that MLflow holds of them read back by its own client."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow import MlflowClient

from gdbench.descent.recording.result import Curve, RunResult
from gdbench.record.records import PlannedRun, PlanRecord, RunRecord
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.reference.problem import ProblemRecord
from gdbench.tracking.server.address import resolve_uri
from gdbench.tracking.sync import sync

if TYPE_CHECKING:
    from gdbench.tracking.sync import TrackingReport

NOON = 1_750_000_000.25  # Unix seconds; whole and quarter seconds are exact in binary

PROBLEM = ProblemRecord(
    id="problem-1",
    label="diabetes · linear · mse",
    rows=442,
    features=10,
    parameters=11,
    baseline=5.0,
    optimum=Optimum("closed form", "Solved by QR.", cost=1.0),
    data={
        "name": "diabetes",
        "features": ["age", "bmi"],
        "target": "progression",
        "standardized": True,
        "digest": "0123456789abcdef" * 4,
    },
)


def spec(rate: float, replicate: int = 0, initialization: str = "zeros") -> dict[str, Any]:
    return {
        "data": "diabetes · standardized",
        "model": {"linear": {}},
        "cost": {"mse": {}},
        "optimizer": {"gradient_descent": {"momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0}},
        "learning_rate": {"constant": {"rate": rate}},
        "initialization": {"normal": {"mean": 0.0, "std": 2.5}}
        if initialization == "normal"
        else {"zeros": {}},
        "convergence": {"any": [{"cost_change": {"tolerance": 1e-9}}, {"max_iterations": {"limit": 5000}}]},
        "replicate": replicate,
        "kernel": "compiled",
    }


def geometric(factor: float, updates: int) -> Curve:
    """The curve of f(w_k) − f* = 4 factor^k with f* = 1: what a quadratic gives."""
    ks = list(range(updates + 1))
    return Curve(ks, {"cost": [1 + 4 * factor**k for k in ks], "gradient_norm": [2 * factor**k for k in ks]})


def converged(factor: float = 0.99, updates: int = 2000, **changed: Any) -> RunResult:
    curve = geometric(factor, updates)
    first = {t: next(k for k in curve.iteration if factor**k <= float(t)) for t in ("0.01", "0.0001")}
    plain: dict[str, Any] = {
        "outcome": "converged",
        "reason": "cost change 8e-10 ≤ 1e-09",
        "rule": "cost_change",
        "iterations": updates,
        "initial_cost": curve.cost[0],
        "final_cost": curve.cost[-1],
        "best_cost": curve.cost[-1],
        "best_iteration": updates,
        "final_gradient_norm": curve.gradient_norm[-1],
        "iterations_to": first,
        "curve": curve,
        "parameters": [0.1, -1 / 3, 5e-324],
        "seconds": 1.0,
        "interpreter": "CPython 3.11.4",
        "host": "somewhere",
    }
    return RunResult(**{**plain, **changed})


def diverged() -> RunResult:
    """Ends just before overflow, with a best that is its start."""
    curve = Curve([0, 1, 2], {"cost": [5.0, 5e150, 5e300], "gradient_norm": [1.0, 1e150, 1e300]})
    return RunResult(
        outcome="diverged",
        reason="the cost was not finite",
        rule="divergence",
        iterations=3,
        initial_cost=5.0,
        final_cost=None,
        best_cost=5.0,
        best_iteration=0,
        diverged_at=3,
        iterations_to={"0.01": None, "0.0001": None},
        curve=curve,
        parameters=[float("inf"), float("nan"), -1.0],
        seconds=0.25,
        interpreter="CPython 3.11.4",
    )


def crashed() -> RunResult:
    return RunResult(outcome="crashed", reason="the worker was killed", interpreter="CPython 3.11.4")


def record(key: str, result: RunResult, rate: float = 0.1, at: float = NOON, **kwargs: Any) -> RunRecord:
    return RunRecord(key, spec(rate, **kwargs), PROBLEM.id, result, at, at + 2.0, runner="processes")


def plan(*keys: str, id: str = "plan-1", **changed: Any) -> PlanRecord:  # noqa: A002  the record's own word
    plain: dict[str, Any] = {
        "id": id,
        "experiment": "lr_sweep",
        "description": "Which learning rates converge?",
        "config_path": "configs/lr_sweep.yaml",
        "config_text": "name: lr_sweep  # η\n",
        "created": NOON - 10,
        "axes": {
            "data": ["diabetes · standardized"],
            "model": [{"linear": {}}],
            "learning_rate": [{"constant": {"rate": rate}} for rate in (0.1, 0.2, 0.5)],
        },
        "varying": ["learning_rate"],
        "targets": ["0.01", "0.0001"],
        "runs": [PlannedRun(key, f"η={key}") for key in keys],
        "environment": {"python": "CPython 3.11.4", "git_commit": "0123abc"},
    }
    return PlanRecord(**{**plain, **changed})


RECORDS = (
    record("slow", converged(), rate=0.1),
    record("fast", converged(factor=0.9, updates=150), rate=0.2, at=NOON + 2),
    record("wild", diverged(), rate=0.5, at=NOON + 4),
    record("lost", crashed(), rate=0.3, at=NOON + 6),
)


def write_store(folder: Path, plans: list[PlanRecord], records: tuple[RunRecord, ...] = RECORDS) -> Path:
    """A store as a sweep leaves it."""
    with Store.open(folder) as store:
        store.add_problem(PROBLEM)
        for one in plans:
            store.add_plan(one)
        for one in records:
            store.add(one)
    return folder


@dataclass(frozen=True)
class Place:
    """A results folder whose MLflow database is there and empty."""

    results: Path

    @property
    def uri(self) -> str:
        return resolve_uri(None, self.results)

    @property
    def folder(self) -> Path:
        return self.results / "lr_sweep"

    def sync(self) -> TrackingReport:
        with Store.read(self.folder) as store:
            return sync(store, self.uri, self.results)


def everything(uri: str, experiment: str = "lr_sweep") -> dict[str, Any]:
    """All that MLflow shows of an experiment, by role and key or plan, without ids that chance chose."""
    client = MlflowClient(uri)
    found = client.get_experiment_by_name(experiment)
    assert found is not None, f"MLflow has no experiment {experiment}"
    runs = client.search_runs([found.experiment_id], max_results=1000)
    names = {run.info.run_id: _name(run) for run in runs}
    held: dict[str, Any] = {}
    for run in runs:
        name = names[run.info.run_id]
        assert name not in held, f"{name} is there twice"
        held[name] = _whole(client, run, names)
    return {"tags": dict(found.tags), "runs": held}


def _name(run: Any) -> str:
    tags = run.data.tags
    return f"run {tags['gdbench.key']}" if "gdbench.key" in tags else f"plan {tags['gdbench.plan']}"


def _whole(client: MlflowClient, run: Any, names: dict[str, str]) -> dict[str, Any]:
    tags = dict(run.data.tags)
    above = tags.pop("mlflow.parentRunId", None)
    run_id = run.info.run_id
    files = [item.path for item in client.list_artifacts(run_id)]
    return {
        "status": run.info.status,
        "times": [run.info.start_time, run.info.end_time],
        "params": dict(run.data.params),
        "tags": tags,
        "under": names[above] if above else None,
        "points": {
            key: sorted((m.step, m.timestamp, m.value) for m in client.get_metric_history(run_id, key))
            for key in run.data.metrics
        },
        "files": {name: Path(client.download_artifacts(run_id, name)).read_text() for name in files},
        "data": [
            {**dict(read.dataset), "tags": {tag.key: tag.value for tag in read.tags}}
            for read in run.inputs.dataset_inputs
        ],
    }
