"""Configs run in this process with small tables, and the causes told of their runs."""

import random
import shutil
from pathlib import Path

import yaml

from gdbench.config.wording import label
from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.study import study
from tests.swept import swept

CASES = Path(__file__).parent / "cases"


def table(folder, rows, *, target="y", names=None):
    """A CSV of rows, the target last."""
    width = len(rows[0]) - 1
    header = [*(names or [f"x{j}" for j in range(1, width + 1)]), target]
    lines = [",".join(header), *(",".join(map(repr, row)) for row in rows)]
    (folder / "table.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "data: {file: table.csv, target: " + target + "}\n"


def ran(folder, text):
    """[(run, its diagnosis, its problem)] of a config."""
    with swept(folder, text) as store:
        about = study(store)
        found = diagnoses(about, store)
        return [(run, found[run.key], about.problems[run.problem]) for run in about.with_curves(store)]


def told(folder, text, *axes):
    """The varying labels of a run, or that of some axes → its diagnosis."""
    runs = ran(folder, text)
    varying = axes or [a for a in runs[0][0].spec if len({label_of(run, a) for run, _, _ in runs}) > 1]
    varying = [axis for axis in varying if axis not in ("replicate", "seed", "digest")]
    return {" ".join(label_of(run, axis) for axis in varying): found for run, found, _ in runs}


def label_of(run, axis):
    value = run.spec.get(axis)
    return label(value) if isinstance(value, dict) and len(value) == 1 else str(value)


def case(folder, name, *changes):
    """The text of a case, its tables copied beside where it will run. changes: (old, new) in its text."""
    for path in (CASES / name).glob("*.csv"):
        shutil.copy(path, folder)
    text = (CASES / name / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def mended(text, remedy, **more):
    """The config with the changes of a remedy, and others."""
    config = yaml.safe_load(text)
    for key, choice in remedy.changes.items():
        if key.startswith("data."):
            config["data"][key.removeprefix("data.")] = choice
        else:
            config["grid"].pop("zip", None)
            config["grid"][key] = choice
    config["grid"].update(more)
    return yaml.safe_dump(config, sort_keys=False)


def until(gap, limit):
    return {"any": [{"target": {"gap": gap}}, {"max_iterations": limit}]}


def gaussian(seed, rows, width):
    numbers = random.Random(seed)
    return [[numbers.gauss(0.0, 1.0) for _ in range(width)] for _ in range(rows)], numbers
