"""A first config for somebody's own data: what `gdbench new` writes, with a comment for each choice."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from gdbench.config.yaml.document import read_scalar
from gdbench.data.bundled import BUNDLED, read_bundled
from gdbench.data.columns import Columns
from gdbench.data.files import ABOUT, USUAL, Reading, config_value
from gdbench.data.files.cells import shown
from gdbench.data.files.judging import Facts, Judged, facts_of, judge, likely_target
from gdbench.data.files.layout import SUFFIXES, Obstructed, is_table
from gdbench.data.files.remedies import Refusal, detected, reason
from gdbench.data.tabular import read_file
from gdbench.descent.errors import BadParameter, GdbenchError, UnknownName, nearest

#: What a first config may vary, with the question that it then answers.
COMPARED = {
    "learning_rates": "Which learning rates converge",
    "optimizers": "Which optimizer is fastest",
    "initializations": "Does it matter where the descent begins",
    "costs": "What does the choice of the cost change",
}


class Chosen(NamedTuple):
    """What is made of a file: how it is read, the target, and what becomes of each other column."""

    path: Path
    reading: Reading
    target: Facts
    others: tuple[Judged, ...]


@dataclass(frozen=True)
class Start:
    """The answers that a first config is made from.

    data: a bundled set, or a file.  target: the column to predict, "" for the only one of a bundled set.
    folder: where the config will stand.  schema: the schema's file beside it, "" for none.
    chosen: what is made of a file.
    """

    name: str
    data: str
    target: str
    compared: str
    folder: Path
    schema: str = ""
    chosen: Chosen | None = None


def is_file(data: str) -> bool:
    """Whether an answer means a file of one's own, and no bundled set."""
    return data not in BUNDLED and (is_table(Path(data)) or Path(data).exists())


def choose(data: str, target: str = "") -> Chosen:
    """Look at a file: how it can be read, and which of its columns to take; raises GdbenchError.

    target: "" for the column that is most likely to be predicted.
    """
    path = Path(data)
    try:
        reading, content = detected(path, USUAL, "")
    except Obstructed as error:
        raise Refusal(path, error.obstacles, {}) from None
    names = tuple(content.columns)
    if target and target not in names:
        raise BadParameter("target", f"{path}: no column is called '{target}'. {nearest(target, names)}")
    target = target or likely_target(content, path.stem, names)
    others = judge(content, target, names)
    if all(one.reason for one in others):
        raise GdbenchError(f"{path}: no column but '{target}' holds numbers or categories; a model needs one.")
    facts = facts_of(content, target)
    return Chosen(path, _settled(reading, facts, others, content.sheet.nameless), facts, tuple(others))


def _settled(reading: Reading, target: Facts, others: Sequence[Judged], nameless: Container[str]) -> Reading:
    """What becomes of columns, gaps and text."""
    taken = [one.facts for one in others if not one.reason]
    # an empty column without a name goes without saying
    left_out = [
        one for one in others if one.reason and not (one.reason == "empty" and one.facts.name in nameless)
    ]
    rows = "drop" if target.gaps else "refuse"
    return replace(
        reading,
        drop=tuple(dict.fromkeys((*reading.drop, *(one.facts.name for one in left_out)))),
        categories="one_hot" if any(one.kind == "text" for one in taken) else "refuse",
        missing="median" if any(one.gaps for one in taken) else rows,
    )


def name_for(data: str) -> str:
    """A name for an experiment on this data."""
    stem = Path(data).stem if is_file(data) else data
    return re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_") or "experiment"


def first_config(start: Start) -> str:
    """The text of the config; raises GdbenchError where there is no such data, target or comparison."""
    if start.compared not in COMPARED:
        known = nearest(start.compared, COMPARED)
        raise GdbenchError(f"nothing to compare is called '{start.compared}'. {known}")
    source, columns = _source(start)
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
        *source,
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


def _source(start: Start) -> tuple[list[str], Columns]:
    """The lines of `data:`, and the columns themselves."""
    if start.chosen is None:
        if start.data not in BUNDLED:
            known = f"A file of your own ends in {', '.join(SUFFIXES)}."
            raise UnknownName("data set", start.data, BUNDLED, f" {known}")
        columns = read_bundled(start.data, start.target or None)
        chosen = f", target: {_quoted(start.target)}" if start.target else ""
        return [f"data: {{dataset: {start.data}{chosen}, standardize: true}}"], columns
    path, reading, target = start.chosen.path, start.chosen.reading, start.chosen.target.name
    columns = read_file(path, target, None, reading)
    written = _quoted(Path(os.path.relpath(path, start.folder)).as_posix())
    settings = reading.to_plain()
    if not settings:
        return [f"data: {{file: {written}, target: {_quoted(target)}, standardize: true}}"], columns
    reasons = [
        f"  {'':<37} #   {shown(one.facts.name)}: {reason(one)}" for one in start.chosen.others if one.reason
    ]
    lines = [_line(f"file: {written}"), _line(f"target: {config_value(target)}", "the column to predict")]
    for key, value in settings.items():
        lines.append(_line(f"{key}: {config_value(value)}", _why(key, start.chosen)))
        lines += reasons if key == "drop" else []
    lines.append(_line("standardize: true", "each feature to mean 0 and deviation 1"))
    return ["data:", *lines], columns


def _line(setting: str, why: str = "") -> str:
    return f"  {setting:<37} # {why}" if why else f"  {setting}"


def _why(key: str, chosen: Chosen) -> str:
    """A comment for a setting that was found."""
    taken = [one.facts for one in chosen.others if not one.reason]
    if key == "drop":
        return "as these say nothing that a model can use:"
    if key == "missing":
        gaps = [f"{facts.gaps} in {shown(facts.name)}" for facts in (*taken, chosen.target) if facts.gaps]
        return f"what becomes of gaps ({', '.join(gaps)}): drop, mean or median"
    if key == "categories":
        text = (shown(facts.name) for facts in taken if facts.kind == "text")
        return f"a column of 0 and 1 for each label but the first of {', '.join(text)}"
    return ABOUT[key]


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
