"""Where an experiment's data comes from: a bundled set, a file, or a seeded generator."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdbench.config.grid.components import read_choices
from gdbench.config.yaml.mistakes import cut
from gdbench.config.yaml.places import ConfigPath, Mistakes, each
from gdbench.data.bundled import BUNDLED
from gdbench.data.files import OPTIONS, USUAL, Reading, read_options
from gdbench.data.held_out import HeldOut, each_fold, read_held_out
from gdbench.data.perturbation import Perturbation, read_perturbation
from gdbench.descent.domains import show
from gdbench.descent.errors import BadParameter, UnknownName
from gdbench.descent.synthetic import GENERATORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gdbench.config.grid.choice import Choice

_KINDS = ("dataset", "file", "synthetic")


@dataclass(frozen=True)
class Source:
    """Exactly one of `dataset`, `file` and `synthetic`, and what is taken from it.

    file: found from the config's folder; `written` is the path as the config spells it.
    target: the column to predict.  features: the columns to use, None for all others.
    classes: the two classes to keep, mapped to 0 and 1 in this order.
    perturb: how the features are shifted, scaled and rotated.
    test: which rows are held out.  test_file: the file that holds them, where one does.
    reading: how a file is read.
    path: where the config asks for it, for errors found later.
    """

    dataset: str | None = None
    file: Path | None = None
    synthetic: Choice | None = None
    target: str | None = None
    features: tuple[str, ...] | None = None
    standardize: bool = False
    classes: tuple[str | int, ...] | None = None
    perturb: Perturbation | None = None
    test: HeldOut | None = None
    test_file: Path | None = None
    reading: Reading = USUAL
    written: str | None = field(default=None, compare=False)
    path: ConfigPath = field(default=(), compare=False, repr=False)

    @property
    def family(self) -> str:
        """A digest of what the folds of one data set have in common; "" where there are none."""
        if self.test is None or self.test.fold is None:
            return ""
        shared = {**self.to_plain(), "test": replace(self.test, fold=None).to_plain()}
        return hashlib.sha256(json.dumps(shared, sort_keys=True).encode()).hexdigest()[:20]

    def to_plain(self) -> dict[str, object]:
        """In config form and JSON-plain, with what is not asked for left out."""
        plain = {
            "dataset": self.dataset,
            "file": self.written or (str(self.file) if self.file else None),
            "synthetic": self.synthetic.to_plain() if self.synthetic else None,
            "target": self.target,
            "features": list(self.features) if self.features else None,
            "standardize": self.standardize or None,
            "classes": list(self.classes) if self.classes else None,
            "perturb": self.perturb.to_plain() if self.perturb else None,
            "test": self.test.to_plain() if self.test else None,
            **self.reading.to_plain(),
        }
        return {key: value for key, value in plain.items() if value is not None}


def read_sources(data: object, folder: Path, mistakes: Mistakes) -> tuple[Source, ...]:
    """The sources under `data:`, one mapping or a list of them, without repetition.

    The types of the values are the schema's concern; here they are checked against one another.
    """
    read = (
        _read(item, path, folder, mistakes) for item, path in each(data, ("data",)) if isinstance(item, dict)
    )
    return tuple(dict.fromkeys(source for sources in read for source in sources))


def _read(item: Mapping[str, Any], path: ConfigPath, folder: Path, mistakes: Mistakes) -> Iterable[Source]:
    _check_kind(item, path, mistakes)
    _check_target(item, path, mistakes)
    perturb = _perturbation(item, path, mistakes)
    held_out = _held_out(item, path, mistakes)
    reading = _reading(item, path, mistakes)
    generators: Iterable[Choice | None] = (None,)
    if "synthetic" in item:
        generators = read_choices(GENERATORS, item["synthetic"], (*path, "synthetic"), mistakes)
    if mistakes.all:
        return ()
    written = item.get("file")
    tested = held_out.file if held_out else None
    return (
        Source(
            dataset=item.get("dataset"),
            file=mistakes.places.folder((*path, "file"), folder) / written if written else None,
            synthetic=generator,
            target=item.get("target"),
            features=_tuple(item.get("features")),
            standardize=item.get("standardize", False),
            classes=_tuple(item.get("classes")),
            perturb=perturb,
            test=test,
            test_file=mistakes.places.folder((*path, "test", "file"), folder) / tested if tested else None,
            reading=reading,
            written=written,
            path=path,
        )
        for generator in generators
        for test in each_fold(held_out)
    )


def _perturbation(item: Mapping[str, object], path: ConfigPath, mistakes: Mistakes) -> Perturbation | None:
    given = item.get("perturb")
    if given is None:
        return None
    if not isinstance(given, dict):
        wrong = f"'perturb' must be a mapping, not {show(given)}; for example perturb: {{rotation: true}}."
        mistakes.add((*path, "perturb"), wrong)
        return None
    try:
        return read_perturbation(given)
    except BadParameter as error:
        mistakes.add((*path, "perturb", error.parameter), str(error), at_key=error.parameter not in given)
        return None


def _held_out(item: Mapping[str, object], path: ConfigPath, mistakes: Mistakes) -> HeldOut | None:
    given = item.get("test")
    if given is None:
        return None
    asked = given if isinstance(given, dict) else {"fraction": given}
    try:
        return read_held_out(asked)
    except BadParameter as error:
        found = given is not asked or not error.parameter
        at = (*path, "test") if found else (*path, "test", error.parameter)
        mistakes.add(at, str(error), at_key=error.parameter not in asked)
        return None


def _reading(item: Mapping[str, object], path: ConfigPath, mistakes: Mistakes) -> Reading:
    given = {key: item[key] for key in OPTIONS if key in item}
    for key in given if "file" not in item else ():
        mistakes.add(
            (*path, key), f"'{key}' says how a file is read, and there is no 'file:'. Remove it.", at_key=True
        )
    if "columns" in item and "features" in item:
        wrong = "'columns' and 'features' both choose columns. Keep one."
        mistakes.add((*path, "columns"), wrong, at_key=True)
    try:
        return read_options(given)
    except BadParameter as error:
        mistakes.add((*path, error.parameter), str(error))
        return USUAL


def _check_kind(item: Mapping[str, object], path: ConfigPath, mistakes: Mistakes) -> None:
    kinds = [kind for kind in _KINDS if kind in item]
    if not kinds:
        mistakes.add(
            path, "data needs one of 'dataset: NAME', 'file: PATH' and 'synthetic: GENERATOR'.", at_key=True
        )
    for kind in kinds[1:]:
        mistakes.add((*path, kind), f"data names both '{kinds[0]}' and '{kind}'. Keep one.", at_key=True)
    name = item.get("dataset")
    if isinstance(name, str) and name not in BUNDLED:
        hint = " A file of your own is given by 'file:'." if Path(name).suffix else ""
        mistakes.add((*path, "dataset"), str(UnknownName("data set", cut(name), BUNDLED, hint)))


def _check_target(item: Mapping[str, object], path: ConfigPath, mistakes: Mistakes) -> None:
    if "file" in item and "target" not in item:
        mistakes.add(
            (*path, "file"),
            "a file needs 'target:', the name of the column to predict, for example target: price.",
            at_key=True,
        )
    if "synthetic" in item and "target" in item:
        wrong = "'target' has no meaning for synthetic data, which brings its own. Remove it."
        mistakes.add((*path, "target"), wrong, at_key=True)


def names_of(source: Source) -> tuple[str, ...]:
    """What conditions may call it: its set, its generator, its file as it is written or without folders."""
    generator = source.synthetic.name if source.synthetic else None
    file = Path(source.written).name if source.written else None
    return tuple(name for name in (source.dataset, generator, source.written, file) if name)


def _tuple(value: object) -> tuple[Any, ...] | None:
    """One column or class stands for a list of one."""
    return None if value is None else tuple(value) if isinstance(value, list) else (value,)
