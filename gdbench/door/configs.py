"""Whatever stands for a config in Python, as an experiment: a path, YAML text, a mapping with data in memory.

What has no file gets one beside the store as soon as it is to be run: the commands that gdbench prints work on
it, and whoever finds the record can run it again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from gdbench.config.experiment import Experiment, load_experiment, read_experiment
from gdbench.config.yaml.document import plain_document, read_mapping
from gdbench.config.yaml.places import ConfigText, dotted
from gdbench.config.yaml.writing import yaml_of
from gdbench.descent.errors import GdbenchError
from gdbench.door.memory import FRAME, put_away
from gdbench.planning.plan import Plan, make_plan
from gdbench.plugins.in_cells import definitions
from gdbench.plugins.loading import forget

_FILE_NAME = re.compile(r"[^A-Za-z0-9_-]")

#: What a config may be.
Config = str | os.PathLike[str] | Mapping[str, object] | Experiment

#: What mistakes call a config that has no file.
NAMELESS = "<config>"

#: The file that it gets in the experiment's folder.
KEPT = "config.yaml"


def kept(config: Config, results: Path, overrides: Sequence[str] = ()) -> Plan:
    """The plan of a config; one without a file is written into the experiment's folder.

    Nothing is written before everything in it is right.
    """
    with read(config, overrides) as experiment:
        plan = make_plan(experiment)
    if isinstance(config, Experiment):
        return plan
    path, folder = _path_of(config), results / experiment.name
    value = _value(experiment.text if path else config)
    defined = _used(value)
    if path and not defined:
        return plan
    placed = _placed(value, folder, folder / "data", path.parent if path else Path())
    if defined:
        placed["plugins"] = [*_listed(placed.get("plugins", [])), *_written_out(defined, folder)]
    # a text that names no file reads alike from everywhere, and keeps its comments
    text = config if isinstance(config, str) and placed == value else yaml_of(placed)
    return replace(plan, experiment=load_experiment(_written(text, folder / KEPT), overrides))


@contextmanager
def read(config: Config, overrides: Sequence[str] = ()) -> Iterator[Experiment]:
    """The experiment that is asked for, to look at: what is written for it is gone after the block."""
    if isinstance(config, Experiment):
        yield config
    elif path := _path_of(config):
        yield load_experiment(path, overrides)
    elif isinstance(config, str):
        # mistakes are found at the lines of the text that was given; its paths begin at the current folder
        yield read_experiment(config, Path(NAMELESS), overrides, NAMELESS)
    else:
        with TemporaryDirectory(prefix="gdbench-") as folder:
            text = yaml_of(_placed(_value(config), None, Path(folder), Path()))
            yield read_experiment(text, Path(NAMELESS), overrides, NAMELESS)


def _path_of(config: object) -> Path | None:
    """A text of one line without a ': ' is a path."""
    if isinstance(config, str):
        return None if "\n" in config or ": " in config else Path(config)
    if isinstance(config, os.PathLike):
        return Path(config)
    if isinstance(config, (Mapping, Experiment)):
        return None
    raise GdbenchError(
        f"a config is a path, YAML text or a mapping, not {type(config).__name__}. "
        "For example gdbench.run('configs/lr_sweep.yaml')."
    )


def _written(text: str, path: Path) -> Path:
    beside = path.with_name(f".{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise GdbenchError(f"{path}: cannot be written: {error.strerror or error}.") from error
    return path


# --- plain values


def _value(config: object) -> dict[str, object]:
    """The config as plain values; data in memory is left as it is."""
    if isinstance(config, str):
        return dict(plain_document(read_mapping(ConfigText(NAMELESS, config))).value)
    assert isinstance(config, Mapping)
    return {str(key): plain_value(value, (str(key),)) for key, value in config.items()}


def plain_value(value: object, path: tuple[str | int, ...]) -> object:
    """NumPy's numbers and arrays, paths and tuples as YAML has them."""
    if value is None or isinstance(value, (bool, int, float, str)) or path[-1] == FRAME:
        return value.item() if hasattr(value, "item") and path[-1] != FRAME else value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        if FRAME in value:
            return dict(value)
        return {str(key): plain_value(inner, (*path, str(key))) for key, inner in value.items()}
    if hasattr(value, "tolist"):
        return plain_value(value.tolist(), path)
    if isinstance(value, (list, tuple, range)):
        return [plain_value(inner, (*path, i)) for i, inner in enumerate(value)]
    raise GdbenchError(
        f"{NAMELESS}: {dotted(path)} is {type(value).__name__}, which no config can hold. "
        "Give a text, a number, a list or a mapping; a table is given by data={'frame': …, 'target': …}."
    )


# --- paths, which begin at the current folder in Python and at its own folder in a file


def _placed(value: Mapping[str, object], folder: Path | None, data: Path, base: Path) -> dict[str, object]:
    """The paths in a config as they are seen from a folder, or whole where that is None.

    data: the folder that data in memory is written into.  base: the folder that the paths begin at.
    """

    def seen(path: object) -> object:
        if not isinstance(path, str) or Path(path).is_absolute():
            return path
        return from_there(base / path)

    def from_there(path: Path) -> str:
        return str(path.absolute()) if folder is None else os.path.relpath(path, folder)

    def source(item: object) -> object:
        if not isinstance(item, Mapping):
            return item
        if FRAME in item:
            found = put_away(item, data)
            found["file"] = from_there(Path(str(found["file"])))
        else:
            found = dict(item)
            found.update({"file": seen(found["file"])} if "file" in found else {})
        return {**found, "test": source(found["test"])} if "test" in found else found

    placed = dict(value)
    for key, change in (("extends", seen), ("plugins", seen), ("data", source)):
        if key in placed:
            placed[key] = _each(placed[key], change)
    return placed


def _each(value: object, change: Callable[[object], object]) -> object:
    return [change(item) for item in value] if isinstance(value, list) else change(value)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


# --- what a notebook's cells have defined


def _used(value: object) -> dict[tuple[str, str], str]:
    """(kind, name) → text of the definitions whose names a config uses."""
    names = set(_names(value))
    return {known: text for known, text in definitions().items() if known[1] in names}


def _names(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _names(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)


def _written_out(defined: Mapping[tuple[str, str], str], folder: Path) -> Iterator[str]:
    """A plug-in's file for each definition, as seen from the folder; the file is what is loaded from now on."""
    for (kind, name), text in defined.items():
        path = folder / "plugins" / f"{kind.replace(' ', '_')}_{_FILE_NAME.sub('_', name)}.py"
        _written(text, path)
        forget(kind, name)
        yield f"plugins/{path.name}"
