"""The data of a run as MLflow knows data: a dataset with a digest, the input of every run on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gdbench.record.records import PlanRecord
    from gdbench.reference.problem import ProblemRecord

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
