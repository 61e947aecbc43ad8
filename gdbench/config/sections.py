"""The smaller sections of a config, as pydantic models: how runs are tracked, told, raced and sampled."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from gdbench.config import vocabulary
from gdbench.config.race import Race, share
from gdbench.descent.domains import Domain


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def listed(value: object) -> object:
    """One value stands for a list of one."""
    return value if isinstance(value, list) else [value]


def domain(of: Domain[object]) -> tuple[PlainValidator, WithJsonSchema]:
    """What pydantic needs to check a domain, and to say it in JSON Schema."""
    return PlainValidator(of), WithJsonSchema(dict(of.schema))


Line = Annotated[str, *domain(vocabulary.line)]
Lines = Annotated[list[Line], BeforeValidator(listed), Field(min_length=1)]

#: Axes, and parameters as in 'optimizer.beta'; none may be named.
Named = Annotated[list[Annotated[str, *domain(vocabulary.address)]], BeforeValidator(listed)]


class TrackingShape(Shape):
    """How runs appear in MLflow."""

    experiment_name: Line = Field(default="", description="MLflow experiment (default: the config's name)")
    tags: Annotated[dict[str, str], *domain(vocabulary.tags)] = Field(
        default={}, description="tags of the parent run and its children, name: text"
    )
    artifact_root: Annotated[str, *domain(vocabulary.artifact_root)] = Field(
        default="", description="where MLflow keeps artifacts: a folder or an address, without credentials"
    )
    curve_points: Annotated[int, *domain(vocabulary.points)] = Field(
        default=300, description="most points of a curve that are sent"
    )
    models: Annotated[str, *domain(vocabulary.models)] = Field(
        default="best", description="runs whose model can be loaded: the best of each problem, all, or none"
    )
    register_as: Annotated[str, *domain(vocabulary.registered)] = Field(
        default="", description="name of the registered model that the best becomes a version of"
    )

    @model_validator(mode="after")
    def _register_what_there_is(self) -> TrackingShape:
        if self.register_as and self.models == "none":
            raise ValueError("has no model to register with 'models: none'. Remove one of the two.")
        return self


class ReportShape(Shape):
    """How the report of an experiment is written."""

    title: Line = Field(default="", description="heading of the page (default: the config's name)")
    formats: Annotated[list[str], *domain(vocabulary.formats)] = Field(
        default=["html", "md", "csv"], description="what gdbench report writes"
    )
    rank_by: Annotated[str, *domain(vocabulary.ranked_by)] = Field(
        default="targets", description="what settings are ranked by: targets, or the cost on rows held out"
    )


class RaceShape(Shape):
    """How settings are outpaced: successive halving over iterations."""

    keep: Annotated[Fraction, *domain(share)] = Field(
        default=Race().keep, description="the share of settings that goes on from each rung (default: 1/3)"
    )
    rungs: Annotated[int, *domain(vocabulary.repeats)] = Field(
        default=Race().rungs, description="how often settings are compared, the end included"
    )


class SampleShape(Shape):
    """How many combinations of a grid are taken, instead of all."""

    runs: Annotated[int, *domain(vocabulary.sampled)] = Field(
        description="combinations to take, on each data set"
    )
    seed: Annotated[int, *domain(vocabulary.seed)] = Field(default=0, description="of which ones")
