"""A learned model as the files of an MLflow model: written by hand, which takes a millisecond and not a second.

It predicts by a copy of `gdbench.data.portable` and by the model's formula, printed as the kernels are: the
same arithmetic in the same order, and without NumPy, whose `exp` need not be `math.exp`.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import platform
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from gdbench.data import portable
from gdbench.descent.kernels.compiler import PREAMBLE, printed_function, printed_scores
from gdbench.descent.kernels.definition import define
from gdbench.judgement.model.predicting import chances_of, task_told
from gdbench.reference.predictions import response_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gdbench.data.preparation import Input, Preparation
    from gdbench.judgement.model import LearnedModel

#: What the model needs besides the standard library: MLflow reads it, and hands it frames of pandas.
_REQUIREMENTS = ("mlflow>=3.17,<4", "numpy", "pandas")

#: In the example, of a column of numbers of which nothing is known.
_UNKNOWN = 1.0


class Package(NamedTuple):
    """A model that has no place yet.  files: name → text.  described: what its file `MLmodel` says."""

    files: Mapping[str, str]
    described: Mapping[str, object]

    def placed(self, model_id: str, run_id: str, at: str) -> dict[str, str]:
        """All files. at: when it was learned, in ISO 8601."""
        ids = {"model_id": model_id, "model_uuid": model_id, "run_id": run_id, "utc_time_created": at}
        # JSON is YAML
        return {**self.files, "MLmodel": json.dumps({**self.described, **ids}, indent=1, ensure_ascii=False)}


def package(model: LearnedModel, preparation: Preparation, usual: Mapping[str, float]) -> Package:
    """usual: a number that a column may well hold, where the preparation does not tell any."""
    about = about_of(model, preparation)
    module, source = _code()
    example = {
        "columns": [one.name for one in preparation.inputs],
        "data": [[_example(one, usual) for one in preparation.inputs]],
    }
    python = platform.python_version()
    files = {
        f"code/{module}.py": source,
        "data/model.json": _json(about),
        "data/formula.py": formula_of(model),
        "input_example.json": _json(example),
        "serving_input_example.json": _json({"dataframe_split": example}),
        "requirements.txt": "".join(f"{one}\n" for one in _REQUIREMENTS),
        "python_env.yaml": _json({"python": python, "dependencies": ["-r requirements.txt"]}),
    }
    loaded = {
        "loader_module": module,
        "code": "code",
        "data": "data",
        "env": {"virtualenv": "python_env.yaml"},
        "python_version": python,
    }
    described = {
        "flavors": {"python_function": loaded},
        "mlflow_version": version("mlflow"),
        "signature": {"inputs": _json(_inputs(preparation)), "outputs": _json(_outputs(about)), "params": None},
        "saved_input_example_info": {
            "artifact_path": "input_example.json",
            "serving_input_path": "serving_input_example.json",
            "type": "dataframe",
            "pandas_orient": "split",
        },
        "metadata": {"gdbench": {"run": model.run.key, "problem": model.problem.label}},
    }
    return Package(files, described)


def about_of(model: LearnedModel, preparation: Preparation) -> portable.About:
    """The model as `portable.Model` takes it."""
    after, size, task = preparation.perturbation, len(preparation.names), task_told(model)
    return {
        "inputs": [_input(one) for one in preparation.inputs],
        "scales": [(scale.mean, scale.std, scale.exponent) for scale in preparation.scales],
        "perturb": {"matrix": after.matrix(size), "scale": after.scale, "shift": after.shift}
        if after
        else None,
        "parameters": [value if math.isfinite(value) else str(value) for value in model.fitted],
        "target": str(model.problem.data.get("target") or "y"),
        "task": task,
        "classes": list(model.classes),
        "chances": list(chances_of(model)),
    }


def formula_of(model: LearnedModel) -> str:
    """The source of the scores, and of what they come to, as functions of numbers."""
    spec, task = model.run.spec, task_told(model)
    features = len(model.problem.data["features"])
    definition = define(spec["model"], spec["cost"], features, outputs=len(model.outputs))
    respond = response_of(spec, task)
    parts = [PREAMBLE, printed_scores(definition)]
    parts += [printed_function("respond", respond)] if respond else []
    return "\n\n".join(parts)


@cache
def _code() -> tuple[str, str]:
    """(the module's name, its source). Its content names it: one process may load models of two versions."""
    source = inspect.getsource(portable)
    return f"gdbench_model_{hashlib.sha256(source.encode()).hexdigest()[:12]}", source


def _input(one: Input) -> portable.Input:
    given: portable.Input = {"name": one.name}
    if one.fill is not None:
        given["fill"] = one.fill
    if one.categories:
        given["categories"] = list(one.categories)
    return given


def _inputs(preparation: Preparation) -> list[dict[str, object]]:
    """Numbers are of type "any": of a column that it calls "double" MLflow refuses whole numbers."""
    texts = {one.name: one.categories for one in preparation.inputs}
    kinds = {name: "string" if any(map(_plain_text, some)) else "any" for name, some in texts.items()}
    return [{"name": name, "type": kind, "required": True} for name, kind in kinds.items()]


def _plain_text(label: str) -> bool:
    """Whether pandas reads it as text, and neither as a number nor as yes or no."""
    try:
        float(label)
    except ValueError:
        return label.casefold() not in ("true", "false")
    return False


def _outputs(about: portable.About) -> list[dict[str, object]]:
    names = portable.headings(about["target"], about["chances"])
    first = "double" if about["task"] == portable.NUMBERS else "string"
    kinds = [first, *("double" for _ in names[1:])]
    return [{"name": name, "type": kind, "required": True} for name, kind in zip(names, kinds, strict=True)]


def _example(one: Input, usual: Mapping[str, float]) -> float | str:
    """No row of the data, which need not go along with a model: what stands for a gap, or the like."""
    if one.fill is not None:
        return one.fill
    return one.categories[0] if one.categories else float(f"{usual.get(one.name, _UNKNOWN):.6g}")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
