"""The shape of a config, checked by pydantic: which keys there are and what each may hold.

What stands on the grid's axes belongs to the registries; `axes.py` reads it.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    create_model,
)

from gdbench.config import vocabulary
from gdbench.config.extending import KEY as EXTENDS
from gdbench.config.grid.axes import AXES
from gdbench.config.grid.combining import KEYS as COMBINING
from gdbench.config.grid.combining import axes_given
from gdbench.config.sections import (
    Line,
    Lines,
    Named,
    RaceShape,
    ReportShape,
    SampleShape,
    Shape,
    TrackingShape,
    domain,
    listed,
)
from gdbench.config.yaml.mistakes import cut
from gdbench.config.yaml.places import each
from gdbench.data.files import ABOUT, reading_parameters
from gdbench.descent.domains import boolean, inner_fraction, show
from gdbench.descent.errors import did_you_mean, nearest
from gdbench.plugins.choices import meanings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

    from gdbench.config.yaml.places import Mistakes, Spot


_Fraction = Annotated[float, *domain(inner_fraction)]


class _SourceShape(Shape):
    """A mapping under `data:`; `source.py` checks its keys against one another."""

    dataset: Line = Field(default="", description="a bundled data set, by name")
    file: Line = Field(
        default="", description="a table of one's own (CSV, TSV, text or Parquet), from this config's folder"
    )
    synthetic: object = Field(default=None, description="a seeded generator: gdbench list generators")
    target: Line = Field(default="", description="the column to predict")
    features: Lines = Field(default=[], description="the columns to use (default: all but the target)")
    standardize: Annotated[bool, *domain(boolean)] = Field(
        default=False, description="bring each feature to mean 0 and standard deviation 1"
    )
    classes: Annotated[list[str | int], *domain(vocabulary.two_labels)] = Field(
        default=[], description="two classes to keep, as 0 and 1 in this order"
    )
    perturb: object = Field(default=None, description="shift, scale or rotate the features on purpose")
    test: object = Field(default=None, description="rows to hold out and test on: a fraction, a file or folds")


_Fields = dict[str, Any]
_reading: _Fields = {
    of.name: (Annotated[object, *domain(of.domain)], Field(default=of.default, description=ABOUT[of.name]))
    for of in reading_parameters()
}
SourceShape = create_model("SourceShape", __base__=_SourceShape, **_reading)

_axes: _Fields = dict.fromkeys((*(axis.name for axis in AXES), *COMBINING), (object, None))
GridShape = create_model("GridShape", __base__=Shape, **_axes)


class ConfigShape(Shape):
    """A whole config."""

    name: Annotated[
        str,
        PlainValidator(vocabulary.experiment_name),
        WithJsonSchema(dict(vocabulary.folder_name.schema)),
    ] = Field(description="names the experiment and its folder of results")
    description: Annotated[str, *domain(vocabulary.text)] = Field(
        default="", description="what the experiment asks, in a sentence"
    )
    plugins: Lines = Field(default=[], description="Python files that add choices, from this config's folder")
    data: Annotated[list[SourceShape], BeforeValidator(listed), Field(min_length=1)] = Field(
        default=[], description="what is fitted: one data set, or a list of them as an axis"
    )
    grid: GridShape = Field(description="the axes of the experiment; every list is one")
    sample: SampleShape | None = Field(default=None, description="take some of the combinations, not all")
    repeats: Annotated[int, *domain(vocabulary.repeats)] = Field(
        default=1, description="runs of each combination in which something is random"
    )
    seed: Annotated[int, *domain(vocabulary.seed)] = Field(default=0, description="of all that is random")
    timeout: Annotated[float | None, *domain(vocabulary.duration)] = Field(
        default=None, description="wall clock that one run may take: seconds, or a text such as '2 min'"
    )
    targets: Annotated[list[_Fraction], BeforeValidator(listed)] = Field(
        default=[], description="relative objective gaps whose first iteration is recorded"
    )
    divergence: Annotated[float, *domain(vocabulary.multiple)] = Field(
        default=1e6, description="growth of the cost, as a multiple, that counts as diverged"
    )
    watch: object = Field(default=None, description="stopping rules that are recorded and stop nothing")
    audit: object = Field(default=None, description="gradient method that the chosen one is compared with")
    compare: Named = Field(default=[], description="axes whose choices are compared as methods")
    tune: Named = Field(default=[], description="axes, and parameters of optimizers, that each method tunes")
    race: RaceShape | None = Field(
        default=None, description="run only the best settings to their end, and pause the others on the way"
    )
    expect: object = Field(
        default=None, description="published numbers, each held against a run once it is done"
    )
    tracking: TrackingShape = Field(default=TrackingShape(), description="how runs appear in MLflow")
    report: ReportShape = Field(default=ReportShape(), description="how the report is written")


_NEEDED = ("model", "cost", "learning_rate", "convergence")

_EXAMPLES = {
    "name": "lr_sweep",
    "data": "{dataset: diabetes, standardize: true}",
    "grid": "{model: linear, cost: mse, learning_rate: 0.1, convergence: {max_iterations: 1000}}",
    "features": "[age, bmi]",
    "plugins": "[./pseudo_huber.py]",
    "sample": "{runs: 200}",
    "runs": "200",
    "compare": "optimizer",
    "tune": "[learning_rate]",
    "race": "{keep: 1/3, rungs: 4}",
    "tracking": "{tags: {team: optics}}",
    "report": "{formats: [html]}",
    **{axis.name: axis.example for axis in AXES},
}
_KEYS = {
    "": [*ConfigShape.model_fields, EXTENDS],
    "data": list(SourceShape.model_fields),
    "grid": list(GridShape.model_fields),
    "race": list(RaceShape.model_fields),
    "sample": list(SampleShape.model_fields),
    "tracking": list(TrackingShape.model_fields),
    "report": list(ReportShape.model_fields),
}


def check_shape(config: Mapping[str, object], mistakes: Mistakes) -> ConfigShape | None:
    """The config's own settings, or None and the mistakes say why."""
    _require_problem(config, mistakes)
    if _aims_at_test(config, mistakes):
        return None
    try:
        return ConfigShape.model_validate(config)
    except ValidationError as error:
        meant = _meant(config)
        told: set[Spot] = set()  # a range's values stand in one place, and the first mistake is enough
        for wrong in error.errors(include_url=False):
            place, kind = mistakes.places.value(wrong["loc"]), wrong["type"]
            if (kind == "value_error" and place in told) or (kind == "missing" and wrong["loc"][-1] in meant):
                continue
            told.add(place)
            _add(wrong, mistakes)
        return None


def _aims_at_test(config: Mapping[str, object], mistakes: Mistakes) -> bool:
    """Whether a target is the cost on rows held out, which has an own answer."""
    asked = each(config.get("targets"), ("targets",))
    found = [
        path for item, path in asked if item == "test_cost" or (isinstance(item, dict) and "test_cost" in item)
    ]
    for path in found:
        mistakes.add(
            path,
            "targets are gaps of the cost that is minimised; the cost on rows held out is not minimised, "
            "so it is no target. It may end a run: convergence: {any: [{test_cost: {patience: 20}}, …]}.",
        )
    return bool(found)


def _require_problem(config: Mapping[str, object], mistakes: Mistakes) -> None:
    """A config minimises either a surface, or a model and a cost on data; it says how fast and how long."""
    grid = config.get("grid")
    meant = _meant(config)
    given = (axes_given(grid) if isinstance(grid, dict) else set()) | meant
    on_surface = "surface" in given
    if on_surface and "data" in config:
        mistakes.add(("data",), "a surface needs no data. Remove 'data:', or 'surface:'.", at_key=True)
    if not on_surface and "data" not in {*config, *meant}:
        mistakes.add(("data",), f"the config needs 'data', {_example('data')}.", at_key=True)
    needed = ("learning_rate", "convergence") if on_surface else _NEEDED
    for key in needed if isinstance(grid, dict) else ():
        if key not in given:
            mistakes.add(("grid", key), f"grid needs '{key}', {_example(key)}.", at_key=True)


def _meant(config: Mapping[str, object]) -> set[str]:
    """Keys that are there, but misspelt or in the wrong place: that is told, and not that they are missing."""
    grid = config.get("grid")
    strange = [(key, "") for key in config if key not in _KEYS[""]]
    strange += [(key, "grid") for key in grid if key not in _KEYS["grid"]] if isinstance(grid, dict) else []
    everywhere = {key for keys in _KEYS.values() for key in keys}
    close = {match for key, home in strange for match in get_close_matches(key, _KEYS[home], n=1)}
    meant = {said.partition(":")[0] for key, _ in strange for said in meanings(key)}
    return close | meant | {key for key, _ in strange if key in everywhere}


def _add(wrong: ErrorDetails, mistakes: Mistakes) -> None:
    path, kind = wrong["loc"], wrong["type"]
    *parents, key = steps = [step for step in path if isinstance(step, str)]
    parent, dotted = ".".join(parents), ".".join(steps)
    if kind == "missing":
        mistakes.add(path, f"{parent or 'the config'} needs '{key}', {_example(key)}.", at_key=True)
    elif kind == "extra_forbidden":
        mistakes.add(path, _unknown(parent, cut(key)), at_key=True)
    elif kind == "too_short":
        mistakes.add(path, f"'{dotted}' needs at least one value, {_example(key)}.")
    elif kind == "value_error":
        subject = f"each of '{dotted}'" if isinstance(path[-1], int) else f"'{dotted}'"
        mistakes.add(path, f"{subject} {wrong['ctx']['error']}")
    else:
        what = "not a list" if isinstance(wrong["input"], list) else f"not {show(wrong['input'])}"
        mistakes.add(path, f"'{dotted}' must be a mapping, {what}; {_example(key)}.")


def _unknown(parent: str, key: str) -> str:
    meant = meanings(key) if parent in {"", "grid"} else []
    home = next((home for home, keys in _KEYS.items() if home != parent and key in keys), None)
    if home is None and meant:
        under = "" if parent else ", under 'grid:'"
        return f"no key is called '{key}' in {parent or 'a config'}. {did_you_mean(meant).rstrip('?')}{under}?"
    if home is None or get_close_matches(key, _KEYS[parent]):
        return f"no key is called '{key}' in {parent or 'a config'}. {nearest(key, _KEYS[parent])}"
    belongs = f"under '{home}:'" if home else "at the top of the config"
    return f"'{key}' belongs {belongs}, not {f'under {parent!r}' if parent else 'at the top'}. Move it there."


def _example(key: str) -> str:
    return f"for example {key}: {_EXAMPLES[key]}"
