"""What tracking asks of the place that it copies to, whoever keeps it, and the runs that it hands over.

Two ways lead into the same tables: MLflow's own code (`by_mlflow`), which knows every kind of address, and
plain SQLite, which need not import MLflow. A test holds that they leave the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gdbench.tracking import child
from gdbench.tracking.wire import clean_tags, millis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gdbench.record.records import PlanRecord, RunRecord
    from gdbench.reference.problem import ProblemRecord
    from gdbench.tracking.parent import Options
    from gdbench.tracking.wire import Content, Point
    from gdbench.tracking.words import Words

#: What the best version of a registered model is called: models:/NAME@best.
BEST = "best"

#: Runs written together. More gain nothing, and a transaction of many holds up other writers.
GROUP = 25


@dataclass(frozen=True)
class Outgoing:
    """All that MLflow is to hold of one run. started, finished: Unix milliseconds.

    parent: the MLflow run id of its sweep.  data: what it was run on, None for a surface.
    """

    key: str
    name: str
    parent: str
    status: str
    started: int
    finished: int
    tags: Mapping[str, str]
    content: Content
    data: Data | None


class Written(NamedTuple):
    """A run that is safely in MLflow, with its final status."""

    key: str
    run_id: str
    status: str


#: The tag that MLflow's page shows beside a dataset's name, and what it holds.
CONTEXT = ("mlflow.data.context", "training")

_NAME, _DIGEST = 500, 32  # characters; MLflow takes 36 of a digest


class Data(NamedTuple):
    """A dataset in MLflow's terms, each part as text. digest: the first 32 of SHA-256's hexadecimal digits."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str
    profile: str


class Experiment(NamedTuple):
    """An experiment as it is there. deleted: in the trash.  artifacts: the address above its files."""

    id: str
    name: str
    deleted: bool
    artifacts: str
    tags: Mapping[str, str]


class Held(NamedTuple):
    """A run as it is there. deleted: in the trash.  tags: those that were asked for."""

    run_id: str
    status: str
    deleted: bool
    tags: Mapping[str, str]


class HeldModel(NamedTuple):
    """A logged model as it is there. whole: not torn."""

    model_id: str
    run_id: str
    whole: bool
    tags: Mapping[str, str]


@dataclass(frozen=True)
class OutgoingModel:
    """All that MLflow is to hold of a model. name: below its run.  kind: of model.  made: Unix milliseconds.

    metrics: of its run, once more, by the data that they are of.  files: its id → path within it → text.
    """

    name: str
    run_id: str
    kind: str
    made: int
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[Data | None, Sequence[Point]]
    files: Callable[[str], Mapping[str, str]]


class Version(NamedTuple):
    """A model on its way into the registry. name: of the registered model, whose best version it is."""

    name: str
    description: str
    model_id: str
    run_id: str
    tags: Mapping[str, str]


class Destination(Protocol):
    """Each call is done when it returns.

    version: of the MLflow that answers there; "" of a database, and where it does not tell.
    """

    version: str

    # --- experiments, those in the trash among them

    def experiment(self, name: str) -> Experiment | None:
        """The one of this name."""

    def experiments(self, tag: str, value: str) -> Sequence[Experiment]:
        """Those with this tag, the oldest first."""

    def make_experiment(self, name: str, artifacts: str | None) -> Experiment:
        """A new one. artifacts: None leaves it to the place, which knows where it keeps files."""

    def tag_experiment(self, experiment_id: str, tags: Mapping[str, str]) -> None: ...

    def restore_experiment(self, experiment_id: str) -> None:
        """Take it out of the trash, with all runs that are in it."""

    # --- runs

    def held(self, experiment_id: str, tags: Sequence[str]) -> Iterator[Held]:
        """The runs that have one of these tags, those in the trash among them, the youngest first."""

    def params(self, run_id: str) -> Mapping[str, str]: ...

    def make_run(self, experiment: Experiment, name: str, started: int, tags: Mapping[str, str]) -> str:
        """The id of a new run, RUNNING, which is found by its tags from its first moment on."""

    def log(self, run_id: str, content: Content) -> None: ...

    def log_data(self, run_id: str, data: Sequence[Data]) -> None:
        """Datasets as inputs of a run."""

    def tag_runs(self, tags: Mapping[str, Mapping[str, str]]) -> None:
        """Run id → its tags, new or changed."""

    def update(
        self, run_id: str, *, name: str | None = None, status: str | None = None, ended: int | None = None
    ) -> None: ...

    def delete_run(self, run_id: str) -> None:
        """Put it into the trash."""

    def restore_run(self, run_id: str) -> None: ...

    def write(self, experiment: Experiment, runs: Sequence[Outgoing]) -> Iterator[Sequence[Written]]:
        """Write finished runs, each whole or torn for the next tracker to see; tells those that are there."""

    def attach(self, run_id: str, files: Mapping[str, str | Path]) -> None:
        """Path within the run's artifacts → text or file."""

    # --- models

    def models(self, experiment: Experiment, name: str) -> Iterator[HeldModel]:
        """The logged models of this name; without the trash."""

    def log_model(self, experiment: Experiment, model: OutgoingModel) -> str:
        """Its id; it is torn until all of it is there."""

    def tag_model(self, model_id: str, tags: Mapping[str, str]) -> None: ...

    def delete_model(self, model_id: str) -> None:
        """Put it into the trash."""

    def register(self, version: Version) -> None:
        """Make it a version of its registered model, which is made where missing, and call that "best"."""


def outgoing(
    record: RunRecord,
    plan: PlanRecord,
    words: Words,
    parent: str,
    problem: ProblemRecord | None,
    wanted: Options,
) -> Outgoing:
    """A record in MLflow's terms. words: of its plan; parent: a run id."""
    return Outgoing(
        key=record.key,
        name=words.name(record.spec),
        parent=parent,
        status=child.status(record.result),
        started=millis(record.started),
        finished=millis(record.finished),
        tags=clean_tags({**wanted.tags, **child.tags(record, plan), "mlflow.parentRunId": parent}),
        content=child.content(record, problem, wanted.curve_points, words),
        data=data_of(problem, plan),
    )


def data_of(problem: ProblemRecord | None, plan: PlanRecord) -> Data | None:
    """The data of a problem; None of a surface, which has none. Its source is the config that names it."""
    about = problem.data if problem else {}
    if problem is None or not about.get("digest"):
        return None
    target = about.get("target") or "target"
    columns = [str(name) for name in (*about.get("features", ()), *_listed(target))]
    profile = {key: about[key] for key in ("classes", "standardized", "digest") if about.get(key)}
    return Data(
        name=str(about.get("name") or problem.label)[:_NAME],
        digest=str(about["digest"])[:_DIGEST],
        source_type="code",
        source=json.dumps({"tags": {"mlflow.source.name": plan.config_path}}),
        schema=json.dumps({"mlflow_colspec": [{"type": "double", "name": name} for name in columns]}),
        profile=json.dumps({"num_rows": problem.rows, "num_features": problem.features, **profile}),
    )


def _listed(names: object) -> list[str]:
    return [str(name) for name in names] if isinstance(names, list | tuple) else [str(names)]
