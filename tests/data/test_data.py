"""Data by name: scikit-learn's sets, synthetic tables, two classes out of several, labels and records."""

import hashlib
import json
import math
import subprocess
import sys
from array import array
from pathlib import Path
from typing import Any

import pytest

from gdbench.config.grid.choice import Choice
from gdbench.data.data import Dataset, load
from gdbench.data.source import Source
from gdbench.descent.errors import BadParameter, GdbenchError, UnknownName
from gdbench.descent.synthetic import classification, linear_data


def generator(name: str, **parameters: Any) -> Choice:
    return Choice(name, tuple(parameters.items()))


# SHA-256 of all features row by row, then all targets, as little-endian float64: computed from the
# arrays that scikit-learn's loaders return, outside this project.
SHA256 = {
    "diabetes": "e9c1f7559552854a24dc45b41c446ce5f79f96e5da081bcce24b57492720b3f7",
    "linnerud": "c266745f3efea8e5fdfea31d200c148d033d2350cefc2d160343e8324478d7e2",
    "iris": "18565d0da72dafd52595fe48b03ca9b06dfc2c05d0c4c155576631d0aae8eb7e",
    "wine": "c7e84e8e03b2b5a354287416d84d08945318450658a22a63c39973d8306c2ca4",
    "breast_cancer": "cdd5f37c36cbdfc2e5ee074cec7540fac54340874afb25917a673e446270d0d0",
    "digits": "f19a7d92591ca0a1ffc65ec172e8149afdff995e0d2c4cb0afd151f38471ff90",
}
SHAPES = {
    "diabetes": (442, 10),
    "linnerud": (20, 3),
    "iris": (150, 4),
    "wine": (178, 13),
    "breast_cancer": (569, 30),
    "digits": (1797, 64),
}


def column(data: Dataset, position: int) -> list[float]:
    return [row[position] for row in data.table.rows]


@pytest.mark.parametrize("name", SHA256)
def test_a_bundled_data_set_is_what_scikit_learn_hands_out_bit_for_bit(name: str) -> None:
    targets = ("Weight", "Waist", "Pulse") if name == "linnerud" else ("target",)
    loaded = [load(Source(dataset=name, target=target)) for target in targets]
    x = [value for row in loaded[0].table.rows for value in row[:-1]]
    y = [value for values in zip(*(column(data, -1) for data in loaded), strict=True) for value in values]
    content = array("d", x + y)
    if sys.byteorder == "big":
        content.byteswap()
    assert hashlib.sha256(content.tobytes()).hexdigest() == SHA256[name]
    assert (len(loaded[0].table.rows), loaded[0].table.features) == SHAPES[name]


@pytest.mark.parametrize(
    ("name", "features", "classes"),
    [
        ("diabetes", ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"], ()),
        ("linnerud", ["Chins", "Situps", "Jumps"], ()),
        (
            "iris",
            ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"],
            ("setosa", "versicolor", "virginica"),
        ),
    ],
)
def test_columns_and_classes_keep_the_names_that_scikit_learn_gives(
    name: str, features: list[str], classes: tuple[str, ...]
) -> None:
    data = load(Source(dataset=name))
    assert (list(data.feature_names), data.classes) == (features, classes)


@pytest.mark.parametrize(
    ("source", "gradient_at_zero"),
    [
        # ∇f(0) of the mean squared error on standardized data, weights first and the bias last:
        # computed outside this project in 240-bit arithmetic.
        (
            Source(dataset="diabetes", standardize=True),
            [
                -28.937026779179324, -6.6320426187899856, -90.3200600409258, -67.993264211734843,
                -32.65389858323374, -26.806252571562559, 60.802081418311009, -66.294690902855653,
                -87.15242221118347, -58.906851974616353, -304.26696832579186,
            ],
        ),
        (
            Source(dataset="linnerud", standardize=True),
            [18.756210861974775, 23.732439057364261, 10.891753704972011, -357.2],
        ),
    ],
)  # fmt: skip
def test_standardized_features_give_the_published_gradient_at_zero(
    source: Source, gradient_at_zero: list[float]
) -> None:
    rows = load(source).table.rows
    width = len(rows[0]) - 1
    slopes = [-2 * math.fsum(row[-1] * row[j] for row in rows) / len(rows) for j in range(width)]
    bias = -2 * math.fsum(row[-1] for row in rows) / len(rows)
    assert [*slopes, bias] == pytest.approx(gradient_at_zero, rel=1e-12)


def test_two_classes_of_iris_are_standardized_on_the_rows_that_are_kept() -> None:
    data = load(Source(dataset="iris", classes=("versicolor", "virginica"), standardize=True))
    rows = data.table.rows
    # ∇f(0) of the logistic cost, computed outside this project in 240-bit arithmetic
    slopes = [math.fsum((0.5 - row[-1]) * row[j] for row in rows) / len(rows) for j in range(4)]
    published = [-0.2471524621875763, -0.15403989042190036, -0.39321182542663459, -0.41406463898739715]
    assert slopes == pytest.approx(published, rel=1e-12)


def test_a_set_of_nist_is_its_predictors_and_its_response_in_raw_units() -> None:
    data = load(Source(dataset="Norris"))
    assert (data.feature_names, data.target_name, data.label) == (("x",), "y", "Norris")
    assert data.table.rows[:2] == [(0.2, 0.1), (337.4, 338.8)]
    assert load(Source(dataset="Longley")).table.rows[0] == (83.0, 234289, 2356, 1590, 107608, 1947, 60323)


def test_nelson_is_loaded_in_logarithms() -> None:
    data = load(Source(dataset="Nelson"))
    assert (data.target_name, data.label) == ("log(y)", "Nelson → log(y)")
    assert data.table.rows[0] == (1.0, 180.0, math.log(15.0))


def test_features_are_picked_by_name_in_the_order_given() -> None:
    whole = load(Source(dataset="diabetes"))
    picked = load(Source(dataset="diabetes", features=("bp", "age")))
    assert picked.feature_names == ("bp", "age")
    assert column(picked, 0) == column(whole, 3)
    assert column(picked, 1) == column(whole, 0)
    assert column(picked, 2) == column(whole, 10)


def test_linnerud_predicts_weight_unless_told_otherwise() -> None:
    assert load(Source(dataset="linnerud")).target_name == "Weight"
    assert column(load(Source(dataset="linnerud", target="Pulse")), -1)[:3] == [50.0, 52.0, 58.0]


def test_the_constant_pixels_of_digits_are_named_and_become_exactly_zero() -> None:
    data = load(Source(dataset="digits", standardize=True))
    assert data.constant_columns == ("pixel_0_0", "pixel_4_0", "pixel_4_7")
    for name in data.constant_columns:
        assert set(column(data, data.feature_names.index(name))) == {0.0}


# --- classes


@pytest.mark.parametrize("classes", [("virginica", "setosa"), (2, 0)])
def test_two_classes_become_0_and_1_in_the_order_wanted(classes: tuple[str | int, ...]) -> None:
    whole, data = load(Source(dataset="iris")), load(Source(dataset="iris", classes=classes))
    expected = [(*row[:-1], {2.0: 0.0, 0.0: 1.0}[row[-1]]) for row in whole.table.rows if row[-1] != 1.0]
    assert data.table.rows == expected
    assert data.classes == ("virginica", "setosa")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            Source(dataset="iris", classes=("setosa", "virginca")),
            "iris: no class of 'target' is called 'virginca'. Did you mean virginica?",
        ),
        (
            Source(dataset="iris", classes=("setosa", 3)),
            "iris: no class of 'target' is called '3'. Known: setosa, versicolor, virginica.",
        ),
        (
            Source(dataset="iris", classes=("setosa", 0)),
            "iris: 'classes:' names 'setosa' twice; expected two classes.",
        ),
        (Source(dataset="iris", classes=("setosa",)), "iris: 'classes:' must name two classes, not 1."),
        (
            Source(dataset="diabetes", classes=("low", "high")),
            (
                "diabetes: no class of 'target' is called 'low'. It is a column of numbers: "
                "25, 31, 37, 39, 40, 42, 43, 44, …."
            ),
        ),
    ],
)
def test_classes_that_cannot_be_kept_are_answered_with_those_that_can(source: Source, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        load(source)
    assert (caught.value.parameter, str(caught.value)) == ("classes", message)


# --- synthetic


def test_a_synthetic_source_is_its_generators_table() -> None:
    parameters = {"rows": 30, "features": 3, "noise": 0.5, "seed": 4}
    data = load(Source(synthetic=generator("linear_data", **parameters)))
    assert data.table.rows == linear_data(**parameters).rows
    assert (data.feature_names, data.target_name, data.classes) == (("x1", "x2", "x3"), "y", ())
    assert data.describe()["parameters"] == {**parameters, "outliers": 0.0, "outlier_scale": 10.0}


def test_synthetic_data_is_told_apart_by_what_is_unusual_of_it() -> None:
    usual = load(Source(synthetic=generator("linear_data")))
    noisy = load(Source(synthetic=generator("linear_data", noise=0.5, outliers=0.1)))
    assert usual.label == "linear_data(100×2)"
    assert noisy.label == "linear_data(100×2, noise=0.5, outliers=0.1)"


def test_synthetic_classes_are_named_0_and_1() -> None:
    data = load(Source(synthetic=generator("classification", rows=10)))
    assert data.classes == ("0", "1")
    assert data.table.rows == classification(rows=10).rows


def test_a_synthetic_table_that_overflows_is_refused() -> None:
    with pytest.raises(GdbenchError, match="linear_data: some of its values overflow"):
        load(Source(synthetic=generator("linear_data", noise=1.7e308)))


# --- mistakes in names


@pytest.mark.parametrize(
    ("source", "parameter", "message"),
    [
        (
            Source(dataset="diabetes", target="bmi"),
            "target",
            "diabetes: no target is called 'bmi'. Known: target.",
        ),
        (
            Source(dataset="linnerud", target="Waste"),
            "target",
            "linnerud: no target is called 'Waste'. Did you mean Waist?",
        ),
        (
            Source(dataset="diabetes", features=("bmi", "bpp")),
            "features",
            "diabetes: no column is called 'bpp'. Did you mean bp?",
        ),
        (
            Source(dataset="diabetes", features=("bmi", "target")),
            "features",
            "diabetes: 'target' is the target, so it cannot be a feature as well.",
        ),
        (
            Source(dataset="diabetes", features=("bmi", "bmi")),
            "features",
            "diabetes: 'features:' names 'bmi' twice; once is enough.",
        ),
        (
            Source(dataset="diabetes", features=()),
            "features",
            "diabetes: 'features:' is empty; expected at least one feature column.",
        ),
        (
            Source(synthetic=generator("linear_data"), target="x1"),
            "target",
            "linear_data: no target is called 'x1'. Known: y.",
        ),
        (
            Source(synthetic=generator("linear_data", rows=1)),
            "rows",
            "'rows' of generator 'linear_data' must be a whole number of 2 or more, not 1.",
        ),
        (Source(), "data", "no data is named; expected one of 'dataset:', 'file:' and 'synthetic:'."),
    ],
)
def test_a_wrong_choice_names_the_key_to_blame_and_the_remedy(
    source: Source, parameter: str, message: str
) -> None:
    with pytest.raises(BadParameter) as caught:
        load(source)
    assert (caught.value.parameter, str(caught.value)) == (parameter, message)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Source(dataset="diabetis"), "no data set is called 'diabetis'. Did you mean diabetes?"),
        (
            Source(dataset="data/houses.csv"),
            (
                "no data set is called 'data/houses.csv'. Known: breast_cancer, diabetes, digits, iris, "
                "linnerud, wine. A file of your own is given by 'file:'."
            ),
        ),
        (Source(dataset="norris"), "no data set is called 'norris'. Did you mean Norris or iris?"),
        (Source(synthetic=generator("linear")), "no generator is called 'linear'. Did you mean linear_data?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(source: Source, message: str) -> None:
    with pytest.raises(UnknownName) as caught:
        load(source)
    assert str(caught.value).startswith(message)


# --- label and record


@pytest.mark.parametrize(
    ("source", "label"),
    [
        (Source(dataset="diabetes"), "diabetes"),
        (Source(dataset="diabetes", standardize=True), "diabetes · standardized"),
        (Source(dataset="diabetes", features=("bmi", "bp")), "diabetes · bmi, bp"),
        (Source(dataset="diabetes", features=("bmi", "bp", "s1", "s2")), "diabetes · 4 features"),
        (Source(dataset="linnerud", target="Waist"), "linnerud → Waist"),
        (
            Source(dataset="iris", classes=("setosa", "virginica"), standardize=True),
            "iris · setosa/virginica · standardized",
        ),
        (Source(synthetic=generator("linear_data")), "linear_data(100×2)"),
    ],
)
def test_a_label_says_what_was_chosen_and_done(source: Source, label: str) -> None:
    assert load(source).label == label


def test_the_record_of_the_data_is_plain_json_and_holds_what_standardizing_took_away() -> None:
    raw = load(Source(dataset="diabetes", features=("age", "bmi")))
    data = load(Source(dataset="diabetes", features=("age", "bmi"), standardize=True))
    plain = data.describe()
    assert json.loads(json.dumps(plain)) == plain
    assert {key: plain[key] for key in ("name", "rows", "features", "target", "standardized")} == {
        "name": "diabetes",
        "rows": 442,
        "features": ["age", "bmi"],
        "target": "target",
        "standardized": True,
    }
    assert plain["digest"] == data.table.digest != raw.table.digest
    for j in range(2):
        restored = [z * plain["stds"][j] + plain["means"][j] for z in column(data, j)]
        assert restored == pytest.approx(column(raw, j), rel=1e-13)
    assert "means" not in raw.describe()


def test_the_digest_follows_the_content_and_nothing_else(tmp_path: Path) -> None:
    data = load(Source(dataset="linnerud"))
    copy = tmp_path / "copy.csv"
    lines = [",".join([*data.feature_names, data.target_name])]
    lines += [",".join(map(repr, row)) for row in data.table.rows]
    copy.write_text("\n".join(lines))
    assert load(Source(file=copy, target="Weight")).table.digest == data.table.digest
    assert load(Source(dataset="linnerud", target="Waist")).table.digest != data.table.digest


def test_importing_the_loader_imports_nothing_heavy() -> None:
    program = (
        "import sys, gdbench.data.data;"
        "print(sorted({'numpy', 'pandas', 'pyarrow', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
