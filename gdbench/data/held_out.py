"""Rows held out of the training, as a config asks for them and as a data set has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import PurePath

from gdbench.descent.domains import at_least_two, boolean, inner_fraction, natural, text, within
from gdbench.descent.errors import BadParameter
from gdbench.descent.problems.table import Table
from gdbench.descent.registry import Parameter, Registry

_OPTIONS: Registry[HeldOut] = Registry("data option", "data options")

#: The ways to hold rows out, of which one is given.
_WAYS = ("fraction", "file", "folds")
_DRAWN = ("seed", "shuffle", "stratify")
_SEED = within(0, 2**32 - 1)


@_OPTIONS.register(
    "test",
    fraction=inner_fraction,
    file=text,
    folds=at_least_two,
    fold=natural,
    seed=_SEED,
    shuffle=boolean,
    stratify=boolean,
)
@dataclass(frozen=True)
class HeldOut:
    """Which rows are held out: a fraction of them, those of a file, or one fold after the other.

    fraction: in (0, 1), rounded up to whole rows.  file: a file of the same columns, from the config's folder.
    folds: ≥ 2, parts of equal size; each is held out once.  fold: only this one, from 1.
    seed: a whole number below 2³², of the order in which rows are drawn; of nothing else.
    shuffle: false holds out the last rows, or folds of rows that stand together.
    stratify: true holds out the same share of each class.
    """

    fraction: float | None = None
    file: str | None = None
    folds: int | None = None
    fold: int | None = None
    seed: int = 0
    shuffle: bool = True
    stratify: bool = False

    def to_plain(self) -> dict[str, object]:
        """In config form, without what goes without saying."""
        return {name: value for name, value in asdict(self).items() if value != _USUAL[name]}

    def __str__(self) -> str:
        """'fold 2 of 5', '20 % held out, seed 3, by class', 'tested on new.csv'."""
        if self.file is not None:
            return f"tested on {PurePath(self.file).name}"
        share = f"{100 * (self.fraction or 0.0):g} % held out"
        fold = f"fold {self.fold} of {self.folds}" if self.fold else f"{self.folds} folds"
        what = fold if self.folds else share
        how = ["in order"] if not self.shuffle else [f"seed {self.seed}"] if self.seed else []
        return ", ".join([what, *how, *(["by class"] if self.stratify else [])])


_USUAL = {f.name: f.default for f in fields(HeldOut)}


def held_out_parameters() -> tuple[Parameter, ...]:
    """What may stand under `test:`."""
    return _OPTIONS["test"].parameters


def read_held_out(given: Mapping[str, object]) -> HeldOut:
    """From the mapping under `test:`; raises BadParameter, which names the key."""
    asked = HeldOut(**_OPTIONS["test"].resolve(given))
    ways = [way for way in _WAYS if given.get(way) is not None]
    if len(ways) != 1:
        found = " and ".join(f"'{way}'" for way in ways) or "none of them"
        wrong = f"'test' holds rows out in one way: 'fraction', 'file' or 'folds'; here is {found}."
        raise BadParameter(ways[1] if ways else "", wrong)
    _check_fold(asked)
    _check_drawing(asked, given)
    return asked


def _check_fold(asked: HeldOut) -> None:
    if asked.fold is None:
        return
    if asked.folds is None:
        raise BadParameter("fold", "'fold' goes with 'folds'.")
    if asked.fold > asked.folds:
        raise BadParameter("fold", f"there is no fold {asked.fold} of {asked.folds}.")


def _check_drawing(asked: HeldOut, given: Mapping[str, object]) -> None:
    """Refuse what says how rows are drawn where none are, or not in this way."""
    if asked.file is not None:
        for name in filter(given.__contains__, _DRAWN):
            raise BadParameter(name, f"'{name}' says how rows are drawn; those of a file are there already.")
    if not asked.shuffle and (asked.stratify or asked.seed):
        name = "stratify" if asked.stratify else "seed"
        wrong = f"'{name}' says how rows are shuffled, and 'shuffle: false' leaves their order."
        raise BadParameter(name, wrong)


def each_fold(wanted: HeldOut | None) -> Sequence[HeldOut | None]:
    """What is asked for as data sets: each fold is one, in its order."""
    if wanted is None or wanted.folds is None or wanted.fold is not None:
        return (wanted,)
    return [replace(wanted, fold=k) for k in range(1, wanted.folds + 1)]


@dataclass(frozen=True)
class HeldOutRows:
    """Rows that no step sees, prepared by what was learned from the others.

    how: which rows.  positions: a digest of where they stood.
    family, together: of folds, a digest and a label that are the same for all of one data set.
    """

    table: Table
    how: HeldOut
    positions: str
    family: str = ""
    together: str = ""

    def describe(self) -> dict[str, object]:
        """What the record keeps of them."""
        return {
            "rows": len(self.table.rows),
            "digest": self.table.digest,
            "how": self.how.to_plain(),
            "positions": self.positions,
            **({"family": self.family} if self.family else {}),
        }
