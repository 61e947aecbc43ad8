"""scikit-learn's bundled data, read from the files in its package without importing it.

Importing it takes over a second, most of it NumPy and SciPy, and a plan needs ten columns of text. The
tests compare every value and name with what scikit-learn itself hands out.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from gdbench.descent.errors import GdbenchError

_CANCER = (
    "radius texture perimeter area smoothness compactness concavity concave_points symmetry fractal_dimension"
)
_WINE = (
    "alcohol malic_acid ash alcalinity_of_ash magnesium total_phenols flavanoids nonflavanoid_phenols "
    "proanthocyanins color_intensity hue od280/od315_of_diluted_wines proline"
)


@dataclass(frozen=True)
class _Files:
    """features, target: files and the lines at their top that hold no data; without a target's file, the
    target is the last column.  header: whether the first line ends in the names of the classes.
    """

    names: tuple[str, ...]
    features: str
    target: str = ""
    skipped: int = 0
    header: bool = False
    classes: tuple[str, ...] = ()


_FILES: Mapping[str, _Files] = {
    "breast_cancer": _Files(
        (
            *(f"mean {name.replace('_', ' ')}" for name in _CANCER.split()),
            *(f"{name.replace('_', ' ')} error" for name in _CANCER.split()),
            *(f"worst {name.replace('_', ' ')}" for name in _CANCER.split()),
        ),
        "breast_cancer.csv",
        skipped=1,
        header=True,
    ),
    "diabetes": _Files(
        ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
        "diabetes_data_raw.csv.gz",
        "diabetes_target.csv.gz",
    ),
    "digits": _Files(
        tuple(f"pixel_{i}_{j}" for i in range(8) for j in range(8)),
        "digits.csv.gz",
        classes=tuple("0123456789"),
    ),
    "iris": _Files(
        ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
        "iris.csv",
        skipped=1,
        header=True,
    ),
    "linnerud": _Files(
        ("Chins", "Situps", "Jumps"), "linnerud_exercise.csv", "linnerud_physiological.csv", skipped=1
    ),
    "wine": _Files(tuple(_WINE.split()), "wine_data.csv", skipped=1, header=True),
}


@dataclass(frozen=True)
class Raw:
    """Columns as scikit-learn hands them out, unscaled. targets: one column for each target."""

    features: Mapping[str, Sequence[float]]
    targets: Sequence[Sequence[float]]
    classes: tuple[str, ...]


def read_raw(name: str) -> Raw:
    """One of scikit-learn's sets; raises GdbenchError where its package lacks the file."""
    files = _FILES[name]
    columns = _columns(files.features, files.skipped)
    targets = _columns(files.target, files.skipped) if files.target else [columns.pop()]
    # two counts, and then the names of the classes
    classes = tuple(_lines(files.features)[0].strip().split(",")[2:]) if files.header else files.classes
    return Raw(dict(zip(files.names, columns, strict=True)), targets, classes)


def _columns(file: str, skipped: int) -> list[list[float]]:
    rows = [[float(cell) for cell in re.split(r"[,\s]+", line.strip())] for line in _lines(file)[skipped:]]
    return [list(column) for column in zip(*rows, strict=True)]


def _lines(file: str) -> list[str]:
    spec = find_spec("sklearn")
    folders = list(spec.submodule_search_locations or []) if spec else []
    path = Path(folders[0] if folders else "", "datasets", "data", file)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GdbenchError(
            f"{path}: scikit-learn's data cannot be read: {error.strerror}. Install scikit-learn again."
        ) from None
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("ascii")
    return text.splitlines()
