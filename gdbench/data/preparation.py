"""What is learned of the training rows before anything is fitted: fillings, categories, means, deviations.

`fit` looks at the training rows and at nothing else; `Preparation.apply` does the same to any rows.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gdbench.data.columns import Columns, Note
from gdbench.data.perturbation import Perturbation, perturb, read_perturbation
from gdbench.data.portable import filled, indicators
from gdbench.data.standardize import Scale, is_constant
from gdbench.descent.errors import GdbenchError

_NAMES_SHOWN = 3


@dataclass(frozen=True)
class Treatment:
    """What a config asks for.

    missing: `mean` or `median` fills gaps, `drop` has left out their rows before, `refuse` has found none.
    """

    missing: str = "refuse"
    standardize: bool = False
    perturbation: Perturbation | None = None


class Input(NamedTuple):
    """A column of the source, and what becomes of it.

    fill: what stands for a gap: a number, or a category; None where there may be none.
    categories: of a column of text, in order. Each but the first is a feature of its own, 1 where it holds and
    0 elsewhere; the first is what they are compared with, as the bias stands for it.
    """

    name: str
    fill: float | str | None = None
    categories: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """What its features are called: by its name, or `name=category`."""
        if not self.categories:
            return (self.name,)
        return tuple(f"{self.name}={category}" for category in self.categories[1:])

    def to_plain(self) -> dict[str, object]:
        return {
            "name": self.name,
            **({"fill": self.fill} if self.fill is not None else {}),
            **({"categories": list(self.categories)} if self.categories else {}),
        }


@dataclass(frozen=True)
class Preparation:
    """From the columns of a source to the features of a table, as the training rows have it.

    inputs: in the order of the features that they give.  scales: of these features, empty where they are left
    as they are.  constant: features that never vary in the training rows.  perturbation: what comes last.
    """

    inputs: tuple[Input, ...]
    scales: tuple[Scale, ...] = ()
    constant: tuple[str, ...] = ()
    perturbation: Perturbation | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The features, by name, before they are perturbed."""
        return tuple(name for one in self.inputs for name in one.features)

    @property
    def means(self) -> tuple[float, ...]:
        """Of the features before they were standardized; empty where they were not."""
        return tuple(scale.raw[0] for scale in self.scales)

    @property
    def stds(self) -> tuple[float, ...]:
        """As `means`; 0 of a feature that never varied, which has become 0 throughout."""
        return tuple(scale.raw[1] for scale in self.scales)

    def apply(self, columns: Columns, rows: Sequence[int] | None = None) -> dict[str, Sequence[float]]:
        """The features of some rows, or of all, by name and in order. A label never seen counts as the first.

        Raises GdbenchError for a gap that nothing is known to stand for.
        """
        features: dict[str, Sequence[float]] = dict(_encoded(self.inputs, columns, rows))
        if self.scales:
            scaled = zip(features, self.scales, features.values(), strict=True)
            features = {name: scale.standardized(values) for name, scale, values in scaled}
        return perturb(features, self.perturbation) if self.perturbation else features

    def unseen(self, columns: Columns, rows: Sequence[int] | None = None) -> list[Note]:
        """The labels that no training row has, and how many rows hold each: they count as the first one."""
        found = []
        for one in self.inputs if columns.labels else ():
            labels = columns.labels.get(one.name, ())
            codes = _chosen(columns.features[one.name], rows) if labels else ()
            counts = Counter(labels[int(code)] for code in codes if code == code)
            strange = sorted(label for label in counts if label not in one.categories)
            found += [Note("unseen", one.name, label, counts[label]) for label in strange]
        return found

    def to_plain(self) -> dict[str, object]:
        """JSON-plain, and enough to prepare other rows in the same way."""
        return {
            "inputs": [one.to_plain() for one in self.inputs],
            **({"scales": [list(scale) for scale in self.scales]} if self.scales else {}),
            **({"constant": list(self.constant)} if self.constant else {}),
            **({"perturb": self.perturbation.to_plain()} if self.perturbation else {}),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Preparation:
        """What `to_plain` gave, back from a record."""
        return cls(
            tuple(
                Input(one["name"], one.get("fill"), tuple(one.get("categories", ()))) for one in plain["inputs"]
            ),
            tuple(Scale(*scale) for scale in plain.get("scales", ())),
            tuple(plain.get("constant", ())),
            read_perturbation(plain["perturb"]) if "perturb" in plain else None,
        )


def fit(columns: Columns, treatment: Treatment, rows: Sequence[int] | None = None) -> Preparation:
    """Learn from these rows (None: all of them), and from no other."""
    inputs = tuple(
        _input(name, _chosen(values, rows), columns.labels.get(name), treatment.missing)
        for name, values in columns.features.items()
    )
    features = dict(_encoded(inputs, columns, rows))
    return Preparation(
        inputs,
        tuple(Scale.of(values) for values in features.values()) if treatment.standardize else (),
        tuple(name for name, values in features.items() if is_constant(values)),
        treatment.perturbation,
    )


def _input(name: str, values: Sequence[float], labels: tuple[str, ...] | None, missing: str) -> Input:
    present = [value for value in values if value == value]
    fills = missing in ("mean", "median")
    if fills and not present:
        raise GdbenchError(
            f"column '{name}' holds nothing in the training rows that could fill its gaps. Drop it."
        )
    if labels is None:
        return Input(name, _middle(present, missing) if fills else None)
    counts = Counter(labels[int(code)] for code in present)
    categories = tuple(sorted(counts))
    most_frequent = max(categories, key=lambda label: counts[label]) if fills else None
    return Input(name, most_frequent, categories)


def _middle(values: Sequence[float], kind: str) -> float:
    """The mean, correctly rounded, or the median: of an even number of values between the middle two."""
    if kind == "mean":
        return Scale.of(values).raw[0]
    ordered, half = sorted(values), len(values) // 2
    low, high = ordered[(len(values) - 1) // 2], ordered[half]
    return low if low == high else low / 2 + high / 2


# --- from codes with gaps to features


def _encoded(
    inputs: Sequence[Input], columns: Columns, rows: Sequence[int] | None
) -> Iterator[tuple[str, list[float]]]:
    """Each feature of each input, filled, before it is standardized."""
    for one in inputs:
        values = _chosen(columns.features[one.name], rows)
        if bool(one.categories) != (one.name in columns.labels):
            here, there = ("text", "numbers") if one.categories else ("numbers", "text")
            raise GdbenchError(f"column '{one.name}' holds {here} in the training rows and {there} in others.")
        if one.categories:
            yield from zip(one.features, _indicators(one, values, columns.labels[one.name]), strict=True)
        else:
            yield one.name, _filled(one, values)


def _chosen(values: Sequence[float], rows: Sequence[int] | None) -> Sequence[float]:
    return values if rows is None else [values[i] for i in rows]


def _filled(one: Input, values: Sequence[float]) -> list[float]:
    if isinstance(one.fill, float):
        return filled(values, one.fill)
    _refuse_gap(one, values)
    return list(values)


def _refuse_gap(one: Input, values: Sequence[float]) -> None:
    if any(map(math.isnan, values)):
        raise GdbenchError(
            f"column '{one.name}' has a gap, and nothing says what stands for one: 'missing: median' would."
        )


def _indicators(one: Input, values: Sequence[float], labels: Sequence[str]) -> Iterator[list[float]]:
    """For each category but the first: 1 where a row is of it, 0 elsewhere."""
    if one.fill is None:
        _refuse_gap(one, values)
    yield from indicators([labels[int(code)] if code == code else one.fill for code in values], one.categories)
