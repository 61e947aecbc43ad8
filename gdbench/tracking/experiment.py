"""Where a store's runs are in MLflow: the experiment of our name, or the one that was renamed since."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from gdbench.config.outside import command
from gdbench.descent.errors import GdbenchError
from gdbench.record.locate import words_for
from gdbench.tracking.server.address import masked, words_for_address
from gdbench.tracking.server.embedded import EXPERIMENT_TAG, PLAN_TAG

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from gdbench.tracking.destination import Destination, Experiment


def find_experiment(destination: Destination, name: str, plans: Collection[str]) -> Experiment | None:
    """The experiment of this name; or one that had it, if it holds one of these plans; those in use first."""
    named = destination.experiment(name)
    # MLflow's search has no way to write a name with such a quote
    tagged = [] if "'" in name else destination.experiments(EXPERIMENT_TAG, name)
    others = [one for one in tagged if named is None or one.id != named.id]
    if not others:
        return named
    ours = [one for one in (*([named] if named else []), *others) if _holds(destination, one, plans)]
    in_use = (one for one in (*ours, *([named] if named else [])) if not one.deleted)
    return next(in_use, named or next(iter(ours), None))


def _holds(destination: Destination, experiment: Experiment, plans: Collection[str]) -> bool:
    return any(run.tags.get(PLAN_TAG) in plans for run in destination.held(experiment.id, (PLAN_TAG,)))


class InTrash(GdbenchError):
    """Somebody has put an experiment into the trash, and nobody has said that it is wanted back."""


def in_trash(experiment: Experiment, ours: str, uri: str, results: Path) -> InTrash:
    """What to say of an experiment that somebody has put into the trash. ours: what we call it."""
    words = ["gdbench", "sync", ours, *words_for(results), *words_for_address(uri, results)]
    known = os.environ.get("MLFLOW_TRACKING_URI") == uri
    where = "" if known else f"MLFLOW_TRACKING_URI={shlex.quote(masked(uri, uri))} "
    return InTrash(
        f"MLflow's experiment '{experiment.name}' is in the trash. To take it out and send what is missing: "
        f"{command(words)} – or to take it out alone: {where}mlflow experiments restore --experiment-id "
        f"{experiment.id}"
    )


#: Variables by which MLflow's own programs choose an experiment.
_CHOOSERS = ("MLFLOW_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_ID")


def unheeded() -> list[str]:
    """A sentence on each variable of MLflow's that is set, and has no say here."""
    return [
        f"{name} is not heeded: an experiment has one of its own, called as its config says "
        "(name, or tracking: {experiment_name: …})"
        for name in _CHOOSERS
        if os.environ.get(name)
    ]
