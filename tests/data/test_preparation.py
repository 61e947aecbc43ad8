"""What is learned of training rows: the same as pandas and scikit-learn learn, and nothing of other rows."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from gdbench.data.columns import Columns
from gdbench.data.perturbation import Perturbation
from gdbench.data.preparation import Input, Preparation, Treatment, fit
from gdbench.descent.errors import GdbenchError

GAP = math.nan
CITIES = ("Ames", "Boone", "Nevada")
HOUSES = Columns(
    "houses.csv",
    "houses.csv → price",
    {
        "area": [2104.0, GAP, 2400.0, 1416.0, 3000.0, 1985.0],
        "city": [0.0, 0.0, 1.0, GAP, 2.0, 0.0],
        "floors": [1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    },
    "price",
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    labels={"city": CITIES},
)
TRAINING = [0, 1, 2, 3]


@pytest.mark.parametrize("missing", ["mean", "median"])
@pytest.mark.parametrize("rows", [None, TRAINING, [1, 2, 4, 5]])
def test_gaps_are_filled_with_what_scikit_learn_learns_of_the_same_rows(missing, rows):
    chosen = slice(None) if rows is None else rows
    area = np.array(HOUSES.features["area"])[:, None]
    imputer = SimpleImputer(strategy=missing).fit(area[chosen])
    filled = fit(HOUSES, Treatment(missing), rows).apply(HOUSES)["area"]
    assert list(filled) == pytest.approx(list(imputer.transform(area)[:, 0]), rel=1e-15)


def test_a_gap_in_text_is_filled_with_the_most_frequent_label_of_the_training_rows():
    assert fit(HOUSES, Treatment("median")).inputs[1] == Input("city", "Ames", CITIES)
    assert fit(HOUSES, Treatment("median"), [2, 3, 4]).inputs[1].fill == "Boone"  # of equals the first


def test_each_category_but_the_first_is_a_column_as_pandas_makes_it():
    full = pd.Series([CITIES[int(c)] if c == c else "Ames" for c in HOUSES.features["city"]])
    expected = pd.get_dummies(full, drop_first=True, prefix="city", prefix_sep="=").astype(float)
    found = fit(HOUSES, Treatment("median")).apply(HOUSES)
    assert {name: found[name] for name in expected} == expected.to_dict("list")
    assert list(found) == ["area", "city=Boone", "city=Nevada", "floors"]


def test_a_label_that_no_training_row_has_counts_as_the_first_and_is_told():
    learned = fit(HOUSES, Treatment("median"), TRAINING)
    assert learned.names == ("area", "city=Boone", "floors")
    assert learned.apply(HOUSES)["city=Boone"] == [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    assert learned.unseen(HOUSES) == [("unseen", "city", "Nevada", 1)]
    assert learned.unseen(HOUSES, TRAINING) == []


def test_other_rows_are_standardized_by_the_training_rows():
    learned = fit(HOUSES, Treatment("mean", standardize=True), TRAINING)
    raw = fit(HOUSES, Treatment("mean"), TRAINING).apply(HOUSES)
    table = np.column_stack([raw[name] for name in learned.names])
    expected = StandardScaler().fit(table[TRAINING]).transform(table)
    found = np.column_stack(list(learned.apply(HOUSES).values()))
    assert found == pytest.approx(expected, rel=1e-12)
    assert learned.constant == ("floors",)
    assert learned.means == pytest.approx(tuple(table[TRAINING].mean(axis=0)))


def test_the_features_of_some_rows_are_those_rows_of_all():
    learned = fit(HOUSES, Treatment("mean", standardize=True), TRAINING)
    whole, some = learned.apply(HOUSES), learned.apply(HOUSES, [5, 1])
    assert some == {name: [values[5], values[1]] for name, values in whole.items()}


def test_a_gap_without_a_filling_is_refused():
    with pytest.raises(GdbenchError, match="column 'area' has a gap"):
        fit(HOUSES, Treatment())


def test_a_training_column_of_gaps_cannot_fill_one():
    with pytest.raises(GdbenchError, match="column 'area' holds nothing in the training rows"):
        fit(HOUSES, Treatment("mean"), [1])


columns = st.lists(
    st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.just(GAP)), min_size=6, max_size=6
).filter(lambda values: any(v == v for v in values[:4]))


@given(columns, st.lists(st.sampled_from([*range(5), None]), min_size=6, max_size=6), st.data())
def test_rows_that_are_not_for_training_teach_nothing(numbers, codes, data):
    """Whatever they hold, what is learned stays the same to the last bit; and a record gives it back."""
    names = ("a", "b", "c", "d", "e")

    def table(numbers, codes):
        coded = [GAP if code is None else float(code) for code in codes]
        return Columns("t", "t", {"x": numbers, "k": coded}, "y", [0.0] * 6, labels={"k": names})

    codes[0] = codes[0] or 0
    changed = [*numbers[:4], *data.draw(st.lists(st.floats(), min_size=2, max_size=2))]
    others = [*codes[:4], *data.draw(st.lists(st.sampled_from([0, 4, None]), min_size=2, max_size=2))]
    treatment = Treatment("median", standardize=True, perturbation=Perturbation(shift=1.0))
    learned = fit(table(numbers, codes), treatment, range(4))
    again = fit(table(changed, others), treatment, range(4))
    assert json.dumps(again.to_plain()) == json.dumps(learned.to_plain())
    assert Preparation.from_plain(json.loads(json.dumps(learned.to_plain()))) == learned


def test_scikit_learn_makes_the_same_indicators():
    labels = [["b"], ["a"], ["c"], ["b"]]
    expected = OneHotEncoder(drop="first", sparse_output=False).fit_transform(labels)
    coded = Columns("t", "t", {"k": [1.0, 0.0, 2.0, 1.0]}, "y", [0.0] * 4, labels={"k": ("a", "b", "c")})
    found = fit(coded, Treatment()).apply(coded)
    assert [list(row) for row in zip(*found.values(), strict=True)] == expected.tolist()
