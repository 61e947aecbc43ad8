"""The data sets that come along, by name, in their raw units: scikit-learn's and NIST's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gdbench.descent.errors import UnknownName
from gdbench.experiment.columns import Columns, choose_features, choose_target
from gdbench.experiment.nist import NIST, read_nist


@dataclass(frozen=True)
class Bundled:
    """One of scikit-learn's sets: what it holds, its targets (the first is the default), how it is loaded."""

    summary: str
    targets: tuple[str, ...] = ("target",)
    classes: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


SCIKIT_LEARN: Mapping[str, Bundled] = {
    "breast_cancer": Bundled("569 tumours × 30 measurements → malignant or benign", classes=True),
    # scaled=False: by default scikit-learn hands this one set out already centred and scaled
    "diabetes": Bundled("442 patients × 10 measurements → progression in a year", options={"scaled": False}),
    "digits": Bundled("1797 images × 64 pixels → one of 10 digits", classes=True),
    "iris": Bundled("150 flowers × 4 measurements → one of 3 species", classes=True),
    "linnerud": Bundled(
        "20 people × 3 exercises → Weight, Waist or Pulse", targets=("Weight", "Waist", "Pulse")
    ),
    "wine": Bundled("178 wines × 13 analyses → one of 3 cultivars", classes=True),
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
    from sklearn import datasets  # noqa: PLC0415  slow to import, and most commands need no data

    bunch = getattr(datasets, f"load_{name}")(**known.options)
    columns = {
        str(label): values for label, values in zip(bunch.feature_names, bunch.data.T.tolist(), strict=True)
    }
    targets = bunch.target.reshape(len(bunch.data), -1).T.tolist()
    chosen = choose_features(name, list(columns), target, features)
    return Columns(
        name=name,
        title=f"{name} → {target}" if len(known.targets) > 1 else name,
        features={label: columns[label] for label in chosen},
        target_name=target,
        target=[float(value) for value in targets[known.targets.index(target)]],
        classes=tuple(str(label) for label in bunch.target_names) if known.classes else (),
    )


def _find(name: str) -> Bundled:
    if name not in SCIKIT_LEARN:
        is_path = "/" in name or name.lower().endswith((".csv", ".parquet"))
        hint = " A file of your own is given by 'file:'." if is_path else ""
        raise UnknownName("data set", name, SCIKIT_LEARN if is_path else BUNDLED, hint)
    return SCIKIT_LEARN[name]
