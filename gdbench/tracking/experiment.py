"""The MLflow experiment of a store: found or made, with its kind, its description and its views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdbench.descent.errors import GdbenchError
from gdbench.tracking.options import options
from gdbench.tracking.parent import NOTE_TAG
from gdbench.tracking.server.address import artifact_location
from gdbench.tracking.view import views

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient
    from mlflow.entities import Experiment

    from gdbench.record.records import PlanRecord

#: MLflow shows experiments of this kind on its training pages, not among language models.
_KIND = {"mlflow.experimentKind": "custom_model_development"}


def ensure_experiment(client: MlflowClient, plan: PlanRecord, uri: str, results: Path) -> Experiment:
    """The plan's MLflow experiment, made where missing; its tags are brought up to date."""
    wanted = options(plan)
    experiment = client.get_experiment_by_name(wanted.experiment)
    if experiment is None:
        location = artifact_location(uri, results, wanted.experiment, wanted.artifact_root)
        experiment = client.get_experiment(client.create_experiment(wanted.experiment, location))
    elif experiment.lifecycle_stage == "deleted":
        raise GdbenchError(
            f"the MLflow experiment '{wanted.experiment}' is in the trash. Empty the trash with 'mlflow gc', "
            f"or 'mlflow experiments restore --experiment-id {experiment.experiment_id}'."
        )
    for key, value in {**_KIND, NOTE_TAG: plan.description, **views(plan)}.items():
        if value and experiment.tags.get(key) != value:
            client.set_experiment_tag(experiment.experiment_id, key, value)
    return experiment
