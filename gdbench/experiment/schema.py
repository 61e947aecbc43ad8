"""The shape of a config, checked by pydantic: which keys there are and what each may hold.

What stands on the grid's axes belongs to the registries; `axes.py` reads it.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    create_model,
)

from gdbench.descent.domains import show
from gdbench.descent.errors import nearest
from gdbench.experiment import vocabulary
from gdbench.experiment.axes import AXES
from gdbench.experiment.problems import cut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gdbench.experiment.places import Findings


def _listed(value: Any) -> list[Any]:
    """One value stands for a list of one."""
    return value if isinstance(value, list) else [value]


_Line = Annotated[str, PlainValidator(vocabulary.line)]
_Fraction = Annotated[float, PlainValidator(vocabulary.fraction)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SourceShape(_Shape):
    """A mapping under `data:`; `source.py` checks its keys against one another."""

    dataset: _Line = ""
    file: _Line = ""
    synthetic: Any = None
    target: _Line = ""
    features: Annotated[list[_Line], BeforeValidator(_listed), Field(min_length=1)] = []
    standardize: Annotated[bool, PlainValidator(vocabulary.boolean)] = False
    classes: Annotated[list[str | int], PlainValidator(vocabulary.two_labels)] = []
    perturb: Any = None


_PROBLEM_AXES = ("surface", "model", "cost")  # which of them are needed depends on the others
_axes: dict[str, Any] = {
    axis.name: (Any, axis.default) if axis.default or axis.name in _PROBLEM_AXES else Any for axis in AXES
}
GridShape = create_model("GridShape", __base__=_Shape, **_axes)


class ConfigShape(_Shape):
    """A whole config."""

    name: Annotated[str, PlainValidator(vocabulary.folder_name)]
    description: Annotated[str, PlainValidator(vocabulary.text)] = ""
    plugins: Annotated[list[_Line], BeforeValidator(_listed), Field(min_length=1)] = []
    data: Annotated[list[SourceShape], BeforeValidator(_listed), Field(min_length=1)] = []
    grid: GridShape
    repeats: Annotated[int, PlainValidator(vocabulary.repeats)] = 1
    seed: Annotated[int, PlainValidator(vocabulary.seed)] = 0
    targets: Annotated[list[_Fraction], BeforeValidator(_listed)] = []
    divergence: Annotated[float, PlainValidator(vocabulary.multiple)] = 1e6
    watch: Any = None
    audit: Any = None


_EXAMPLES = {
    "name": "lr_sweep",
    "data": "{dataset: diabetes, standardize: true}",
    "grid": "{model: linear, cost: mse, learning_rate: 0.1, convergence: {max_iterations: 1000}}",
    "features": "[age, bmi]",
    "plugins": "[./pseudo_huber.py]",
    **{axis.name: axis.example for axis in AXES},
}
_KEYS = {"": list(ConfigShape.model_fields), "data": list(SourceShape.model_fields), "grid": list(_axes)}


def check_shape(config: Mapping[str, Any], findings: Findings) -> ConfigShape | None:
    """The config's own settings, or None and the findings say why."""
    _require_problem(config, findings)
    try:
        return ConfigShape.model_validate(config)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            _add(problem, findings)
        return None


def _require_problem(config: Mapping[str, Any], findings: Findings) -> None:
    """A config minimises either a surface, or a model and a cost on data."""
    grid = config.get("grid")
    on_surface = isinstance(grid, dict) and "surface" in grid
    if on_surface and "data" in config:
        findings.add(("data",), "a surface needs no data. Remove 'data:', or 'surface:'.", at_key=True)
    if on_surface:
        return
    if "data" not in config:
        findings.add(("data",), f"the config needs 'data', {_example('data')}.", at_key=True)
    for key in ("model", "cost"):
        if isinstance(grid, dict) and key not in grid:
            findings.add(("grid", key), f"grid needs '{key}', {_example(key)}.", at_key=True)


def _add(problem: Any, findings: Findings) -> None:
    path, kind = problem["loc"], problem["type"]
    *parents, key = steps = [step for step in path if isinstance(step, str)]
    parent, dotted = ".".join(parents), ".".join(steps)
    if kind == "missing":
        findings.add(path, f"{parent or 'the config'} needs '{key}', {_example(key)}.", at_key=True)
    elif kind == "extra_forbidden":
        findings.add(path, _unknown(parent, cut(key)), at_key=True)
    elif kind == "too_short":
        findings.add(path, f"'{dotted}' needs at least one value, {_example(key)}.")
    elif kind == "value_error":
        subject = f"each of '{dotted}'" if isinstance(path[-1], int) else f"'{dotted}'"
        findings.add(path, f"{subject} {problem['ctx']['error']}")
    else:
        what = "not a list" if isinstance(problem["input"], list) else f"not {show(problem['input'])}"
        findings.add(path, f"'{dotted}' must be a mapping, {what}; {_example(key)}.")


def _unknown(parent: str, key: str) -> str:
    home = next((home for home, keys in _KEYS.items() if home != parent and key in keys), None)
    if home is None or get_close_matches(key, _KEYS[parent]):
        return f"no key is called '{key}' in {parent or 'a config'}. {nearest(key, _KEYS[parent])}"
    belongs = f"under '{home}:'" if home else "at the top of the config"
    return f"'{key}' belongs {belongs}, not {f'under {parent!r}' if parent else 'at the top'}. Move it there."


def _example(key: str) -> str:
    return f"for example {key}: {_EXAMPLES[key]}"
