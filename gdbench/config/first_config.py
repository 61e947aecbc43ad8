"""A first config for somebody's own data: what `gdbench new` writes, with a comment for each choice."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from gdbench.config.yaml.document import read_scalar
from gdbench.data.bundled import BUNDLED, read_bundled
from gdbench.data.columns import Columns
from gdbench.data.sheets import read_sheet
from gdbench.data.tabular import numeric_columns, read_file
from gdbench.descent.errors import GdbenchError, UnknownName, nearest

#: What a first config may vary, with the question that it then answers.
COMPARED = {
    "learning_rates": "Which learning rates converge",
    "optimizers": "Which optimizer is fastest",
    "initializations": "Does it matter where the descent begins",
    "costs": "What does the choice of the cost change",
}

_FILES = (".csv", ".parquet")


@dataclass(frozen=True)
class Start:
    """The answers that a first config is made from.

    data: a bundled set, or a file.  target: the column to predict, "" for the only one of a bundled set.
    folder: where the config will stand.  schema: the schema's file beside it, "" for none.
    """

    name: str
    data: str
    target: str
    compared: str
    folder: Path
    schema: str = ""


def is_file(data: str) -> bool:
    """Whether an answer means a file of one's own, and no bundled set."""
    return data not in BUNDLED and (Path(data).suffix.lower() in _FILES or Path(data).exists())


def columns_of(data: str) -> tuple[str, ...]:
    """The columns of a file, of which one is the target; raises GdbenchError."""
    return read_sheet(Path(data)).names


def name_for(data: str) -> str:
    """A name for an experiment on this data."""
    stem = Path(data).stem if is_file(data) else data
    return re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_") or "experiment"


def first_config(start: Start) -> str:
    """The text of the config; raises GdbenchError where there is no such data, target or comparison."""
    if start.compared not in COMPARED:
        known = nearest(start.compared, COMPARED)
        raise GdbenchError(f"nothing to compare is called '{start.compared}'. {known}")
    source, columns, left_out = _source(start)
    task = _TASKS[_task(columns)]
    if start.compared == "costs" and len(task.costs) < 2:
        raise GdbenchError("for more than two classes there is one cost, softmax: compare something else.")
    question = f"{COMPARED[start.compared]} on {columns.title}?"
    lines = [
        f"# {question}",
        *([f"# yaml-language-server: $schema={start.schema}"] if start.schema else []),
        "#",
        f"# Run it:      gdbench run {start.name}.yaml",
        f"# See it:      gdbench report {start.name}, or gdbench ui",
        "# Each choice: gdbench list costs, gdbench list optimizers, …",
        f"name: {_quoted(start.name)}",
        f"description: {_quoted(question)}",
        *([f"# left out, as they hold text or gaps: {', '.join(left_out)}"] if left_out else []),
        f"data: {source}",
        "grid:                                   # every list is an axis; the grid is their product",
        f"{f'  model: {task.model}':<39} # {task.about}",
        *task.compared(start.compared),
        "  convergence:                          # ends at the first that holds; the limit must be there",
        "    any: [{relative_cost_change: 1e-9}, {max_iterations: 2000}]",
        "repeats: 3                              # of each combination in which something is random",
        "targets: [0.1, 0.01, 0.001]             # parts of the way still to go, each with its iteration",
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


# --- the data


def _source(start: Start) -> tuple[str, Columns, list[str]]:
    """What stands under `data:`, the columns themselves, and those left out."""
    if not is_file(start.data):
        if start.data not in BUNDLED:
            known = "A file of your own ends in .csv or .parquet."
            raise UnknownName("data set", start.data, BUNDLED, f" {known}")
        columns = read_bundled(start.data, start.target or None)
        chosen = f", target: {_quoted(start.target)}" if start.target else ""
        return f"{{dataset: {start.data}{chosen}, standardize: true}}", columns, []
    path = Path(start.data)
    names = read_sheet(path).names
    features = numeric_columns(path, start.target)
    left_out = [name for name in names if name not in features and name != start.target]
    if not features:
        raise GdbenchError(f"{path}: no column but '{start.target}' holds numbers only; a model needs one.")
    columns = read_file(path, start.target or None, features if left_out else None)
    written = Path(os.path.relpath(path, start.folder)).as_posix()
    listed = f", features: [{', '.join(map(_quoted, features))}]" if left_out else ""
    target = f", target: {_quoted(start.target)}"
    return f"{{file: {_quoted(written)}{target}{listed}, standardize: true}}", columns, left_out


def _quoted(text: str) -> str:
    """Text as YAML has it: plain where that is what it is read as, in quotes elsewhere."""
    plain = re.fullmatch(r"[A-Za-z_./][\w ./→-]*(?<! )", text) and isinstance(read_scalar(text), str)
    return text if plain else json.dumps(text, ensure_ascii=False)


# --- what is fitted to it


@dataclass(frozen=True)
class _Task:
    """A kind of target, and what goes with it. step: rates as multiples of 1/L, where L is known."""

    model: str
    about: str
    costs: tuple[str, ...]

    def compared(self, what: str) -> list[str]:
        """The lines of the grid that depend on what is compared."""
        cost = f"  cost: {self.costs[0]}"
        if what == "optimizers":
            return [
                cost,
                "  optimizer: [gradient_descent, nesterov, adam]",
                "  learning_rate:                        # each with steps that suit it",
                "    - {values: {over_L: [0.5, 1.0]}, when: {optimizer: [gradient_descent, nesterov]}}",
                "    - {values: [0.01, 0.1, 1.0], when: {optimizer: adam}}",
                "  initialization: zeros",
            ]
        if what == "costs":
            return [
                f"  cost: [{', '.join(self.costs)}]",
                "  learning_rate: {per_decade: [0.001, 1, 2]}",
                "  initialization: zeros",
            ]
        if what == "initializations":
            return [
                cost,
                "  learning_rate: {over_L: 1.0}          # in units of 1/L, the step that is always safe",
                "  initialization: [zeros, {normal: {std: [0.1, 1.0, 10.0]}}]",
            ]
        return [
            cost,
            "  learning_rate: {over_L: [0.1, 0.5, 1.0, 1.9, 2.1]}   # times 1/L; beyond 2 it may diverge",
            "  initialization: [zeros, {normal: {std: 1.0}}]",
        ]


_TASKS = {
    "number": _Task(
        "linear", "a weighted sum of the features, and a bias", ("mse", "mae", "{huber: {delta: 1.0}}")
    ),
    "binary": _Task("logistic", "the probability of the second class", ("logistic", "hinge", "squared_hinge")),
    "classes": _Task("softmax", "a probability for each class", ("softmax",)),
}


def _task(columns: Columns) -> str:
    values = sorted(set(columns.target))
    if values == [0.0, 1.0]:
        return "binary"
    return "classes" if columns.classes else "number"
