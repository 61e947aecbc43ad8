"""The sections `tracking:` and `report:` of a config, as pydantic checks them; others act on them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema

from gdbench.config import vocabulary
from gdbench.config.artifact_root import artifact_root as place_of_artifacts  # a field has its name
from gdbench.descent.domains import Domain


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def listed(value: Any) -> Any:
    """One value stands for a list of one."""
    return value if isinstance(value, list) else [value]


def domain(of: Domain[object]) -> tuple[PlainValidator, WithJsonSchema]:
    """What pydantic needs to check a domain, and to say it in JSON Schema."""
    return PlainValidator(of), WithJsonSchema(dict(of.schema))


Line = Annotated[str, *domain(vocabulary.line)]
Lines = Annotated[list[Line], BeforeValidator(listed), Field(min_length=1)]


class TrackingShape(Shape):
    """How runs appear in MLflow."""

    experiment_name: Line = Field(default="", description="MLflow experiment (default: the config's name)")
    tags: Annotated[dict[str, str], *domain(vocabulary.tags)] = Field(
        default={}, description="tags of the parent run and its children, name: text"
    )
    artifact_root: Annotated[str, *domain(place_of_artifacts)] = Field(
        default="", description="where MLflow keeps artifacts: a folder or an address, without credentials"
    )
    curve_points: Annotated[int, *domain(vocabulary.points)] = Field(
        default=300, description="most points of a curve that are sent"
    )


class ReportShape(Shape):
    """How the report of an experiment is written."""

    title: Line = Field(default="", description="heading of the page (default: the config's name)")
    formats: Annotated[list[str], *domain(vocabulary.formats)] = Field(
        default=["html", "md", "csv"], description="what gdbench report writes"
    )
