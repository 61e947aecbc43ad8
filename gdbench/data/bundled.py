"""The data sets that come along, by name, in their raw units: scikit-learn's and NIST's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gdbench.data.columns import Columns, choose_features, choose_target
from gdbench.data.nist import NIST
from gdbench.data.scikit_learn import read_raw
from gdbench.descent.errors import UnknownName


@dataclass(frozen=True)
class Bundled:
    """One of scikit-learn's sets: what it holds, and its targets (the first is the default)."""

    summary: str
    targets: tuple[str, ...] = ("target",)


SCIKIT_LEARN: Mapping[str, Bundled] = {
    "breast_cancer": Bundled("569 tumours × 30 measurements → malignant or benign"),
    # in its raw units: by default scikit-learn hands this one set out already centred and scaled
    "diabetes": Bundled("442 patients × 10 measurements → progression in a year"),
    "digits": Bundled("1797 images × 64 pixels → one of 10 digits"),
    "iris": Bundled("150 flowers × 4 measurements → one of 3 species"),
    "linnerud": Bundled(
        "20 people × 3 exercises → Weight, Waist or Pulse", targets=("Weight", "Waist", "Pulse")
    ),
    "wine": Bundled("178 wines × 13 analyses → one of 3 cultivars"),
}

#: Every name that `dataset:` may give.
BUNDLED: tuple[str, ...] = (*SCIKIT_LEARN, *NIST)


def read_bundled(name: str, target: str | None = None, features: Sequence[str] | None = None) -> Columns:
    """A bundled data set. linnerud has three targets: Weight (the default), Waist, Pulse.

    The others of scikit-learn have one, called "target" as there, with class names where it is categorical;
    NIST's are called as its models say. Raises UnknownName and BadParameter.
    """
    if name in NIST:
        return read_nist(name, target, features)
    known = _find(name)
    target = choose_target(name, known.targets, target)
    raw = read_raw(name)
    chosen = choose_features(name, list(raw.features), target, features)
    return Columns(
        name=name,
        title=f"{name} → {target}" if len(known.targets) > 1 else name,
        features={label: raw.features[label] for label in chosen},
        target_name=target,
        target=raw.targets[known.targets.index(target)],
        classes=raw.classes,
    )


def read_nist(name: str, target: str | None = None, features: Sequence[str] | None = None) -> Columns:
    """The data in its raw units, the target what NIST's model predicts.

    That is y, except in Nelson, where it is log(y); `target: y` asks for the observations there too.
    name: one of NIST.  Raises BadParameter for a target or feature that the set does not have.
    """
    known = NIST[name]
    target = choose_target(name, list(dict.fromkeys([known.response, "y"])), target)
    chosen = choose_features(name, list(known.predictors), target, features)
    return Columns(
        name=name,
        title=f"{name} → {target}" if known.response != "y" else name,
        features={label: known.predictors[label] for label in chosen},
        target_name=target,
        target=known.y if target == "y" else [math.log(y) for y in known.y],
    )


def _find(name: str) -> Bundled:
    if name not in SCIKIT_LEARN:
        is_path = "/" in name or name.lower().endswith((".csv", ".parquet"))
        hint = " A file of your own is given by 'file:'." if is_path else ""
        raise UnknownName("data set", name, SCIKIT_LEARN if is_path else BUNDLED, hint)
    return SCIKIT_LEARN[name]
