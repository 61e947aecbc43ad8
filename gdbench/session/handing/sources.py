"""What goes into a bundle beside the store: the configs, the plug-ins, the data, each as it was when it ran."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gdbench.config.private import folders_of, impersonal
from gdbench.data.data import Dataset, load
from gdbench.data.source import Source
from gdbench.descent.errors import GdbenchError
from gdbench.descent.limits import as_bytes
from gdbench.descent.problems.table import Table
from gdbench.descent.recording.held_out import TEST_DIGEST
from gdbench.descent.registry import Spec
from gdbench.judgement.next_experiment.writing import asked
from gdbench.record.records import PlanRecord
from gdbench.session.handing.parts import DataPart, PluginPart

CONFIGS, DATA = "configs", "data"

#: How a plan's record marks the text of a config that is extended: see `gdbench.config.experiment`.
_EXTENDED = re.compile(r"^# --- (.+), extended above\n", re.MULTILINE)

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9]+")


@dataclass
class Gathered:
    """parts: name → content.  config: the part to run.  left_out: a sentence for each thing that is not."""

    parts: dict[str, bytes | Path] = field(default_factory=dict)
    data: list[DataPart] = field(default_factory=list)
    plugins: list[PluginPart] = field(default_factory=list)
    config: str = ""
    left_out: list[str] = field(default_factory=list)


def gather(plans: Iterable[PlanRecord], specs: Iterable[Spec], most: int) -> Gathered:
    """Of plans, the latest last. specs: of the runs.  most: bytes of a table or a file that goes in."""
    found, planned = Gathered(), list(plans)
    needed = dict.fromkeys(digest for spec in specs for digest in _digests(spec))
    tables: dict[str, _Placed] = {}
    sources: tuple[Source, ...] = ()
    why = "its config can no longer be read, for want of a plug-in, say"
    for plan in reversed(planned):
        if plan is planned[-1] or needed.keys() - tables.keys():
            experiment = asked(plan)
            why = "its config no longer gives it" if experiment else why
            sources = sources or (experiment.sources if experiment else ())
            for placed in _tables(experiment.sources if experiment else ()):
                tables.setdefault(placed.table.digest, placed)
    _place_configs(found, planned[-1], sources, most)
    for digest in needed:
        if digest in tables:
            _place_table(found, tables[digest], most)
        else:
            found.left_out.append(f"the data {digest[:12]}…: {why}")
    return found


def _digests(spec: Spec) -> Iterator[str]:
    if "surface" not in spec:
        yield spec["digest"]
        if TEST_DIGEST in spec:
            yield spec[TEST_DIGEST]


# --- tables, as the runs had them


@dataclass(frozen=True)
class _Placed:
    """A table of a data set. held_out: whether its rows are those that are tested on."""

    table: Table
    dataset: Dataset
    source: Source
    held_out: bool = False


def _tables(sources: Iterable[Source]) -> Iterator[_Placed]:
    for source in sources:
        try:
            dataset = load(source)
        except (GdbenchError, OSError):
            continue  # the file is gone, say: what is left out is told
        yield _Placed(dataset.table, dataset, source)
        if dataset.held_out:
            yield _Placed(dataset.held_out.table, dataset, source, held_out=True)


def _place_table(found: Gathered, placed: _Placed, most: int) -> None:
    table, dataset = placed.table, placed.dataset
    digest, size = table.digest, 8 * len(table.rows) * (table.features + table.targets)
    label, part = impersonal(dataset.label), ""
    if size <= most:
        slug = _NOT_IN_A_NAME.sub("-", impersonal(dataset.name)).strip("-")[:40]
        part = f"{DATA}/{slug}-{'test-' * placed.held_out}{digest[:8]}.csv"
        found.parts[part] = as_csv(table, [*dataset.feature_names, dataset.target_name])
    else:
        found.left_out.append(f"the data of {label}: {as_bytes(size)}, more than {as_bytes(most)}")
    recipe = {key: _recipe(value) for key, value in placed.source.to_plain().items()}
    shape = len(table.rows), table.features, table.targets
    found.data.append(DataPart(digest, *shape, label, part, recipe, placed.held_out))


def _recipe(value: object) -> object:
    """A part of what the config says, without the folders of whole paths."""
    if isinstance(value, Mapping):
        return {key: _recipe(inner) for key, inner in value.items()}
    return Path(value).name if isinstance(value, str) and Path(value).is_absolute() else value


def as_csv(table: Table, names: list[str]) -> bytes:
    """Every float as the shortest text that reads as the same float."""
    width = table.features + table.targets
    head = [*names, *(f"column {j}" for j in range(len(names) + 1, width + 1))][:width]
    lines = [",".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in head)]
    lines += [",".join(map(repr, row)) for row in table.rows]
    return ("\n".join(lines) + "\n").encode()


def read_csv(content: bytes, of: DataPart) -> Table:
    """The table that `as_csv` wrote; raises ValueError where it is none. Names may have line ends in them."""
    lines = content.decode().rstrip("\n").split("\n")
    rows = [tuple(map(float, line.split(","))) for line in lines[len(lines) - of.rows :]]
    if any(len(row) != of.features + of.targets for row in rows):
        raise ValueError("rows of another length")
    return Table(rows, of.features, of.targets)


# --- configs, with all that they name, in the same places beside one another


def _place_configs(found: Gathered, plan: PlanRecord, sources: Iterable[Source], most: int) -> None:
    texts = _texts(plan)
    files: dict[str, bytes | Path] = {
        **{path: text.encode() for path, text in texts.items()},
        **{origin: text.encode() for origin, text in plan.plugins.items()},
    }
    for source in sources:
        for file in filter(None, (source.file, source.test_file)):
            if file.is_file() and file.stat().st_size <= most:
                files[str(file)] = file
    places = _places(plan.config_path, files, "\n".join(texts.values()))
    folders = folders_of(files)
    for path, content in files.items():
        cleaned = impersonal(texts[path], folders, sign="").encode() if path in texts else content
        found.parts[places[path]] = cleaned
    found.config = places[plan.config_path]
    found.plugins += [PluginPart(places[origin], impersonal(origin, folders)) for origin in plan.plugins]


def _texts(plan: PlanRecord) -> dict[str, str]:
    """Path → text of the config and of those that it extends."""
    own, *bases = _EXTENDED.split(plan.config_text)
    texts = {plan.config_path: own.removesuffix("\n") if bases else own}
    for path, below in zip(bases[::2], bases[1::2], strict=True):
        lines = [line.removeprefix("# ") for line in below.split("\n") if line.startswith("#")]
        texts[path] = "\n".join(lines) + "\n"
    return texts


def _places(config: str, files: Iterable[str], text: str) -> dict[str, str]:
    """File → part: seen from the config's folder as it was; one that is named by a whole path, beside it."""
    folder = Path(config).parent
    seen = {path: _seen(path, folder, named=Path(path).is_absolute() and path in text) for path in files}
    steps = {path: re.split(r"[\\/]", relative) for path, relative in seen.items()}
    upward = max(one.count("..") for one in steps.values())
    return {path: "/".join([CONFIGS, *_below(one, upward)]) for path, one in steps.items()}


def _seen(path: str, folder: Path, *, named: bool) -> str:
    return Path(path).name if named else os.path.relpath(path, folder)


def _below(steps: list[str], upward: int) -> list[str]:
    """A way from the config's folder as one from the highest folder that any of them leads to."""
    above = [f"folder-{number}" for number in range(1, upward - steps.count("..") + 1)]
    return [*above, *(step for step in steps if step != "..")]
