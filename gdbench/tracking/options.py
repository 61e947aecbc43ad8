"""How a plan wants to appear in MLflow: its config's section `tracking:`, with what goes without saying."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gdbench.tracking.child import CURVE_POINTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gdbench.record.records import PlanRecord


@dataclass(frozen=True)
class Options:
    """experiment: MLflow's, by name.  tags: on the parent and its children.

    artifact_root: a folder or an address, "" for the usual place.  curve_points: the most of a curve.
    """

    experiment: str
    tags: Mapping[str, str] = field(default_factory=dict)
    artifact_root: str = ""
    curve_points: int = CURVE_POINTS


def options(plan: PlanRecord) -> Options:
    """What the plan's config says; an MLflow experiment is called as ours unless it says otherwise."""
    given = plan.tracking
    return Options(
        experiment=str(given.get("experiment_name") or plan.experiment),
        tags={str(key): str(value) for key, value in given.get("tags", {}).items()},
        artifact_root=str(given.get("artifact_root") or ""),
        curve_points=int(given.get("curve_points") or CURVE_POINTS),
    )
