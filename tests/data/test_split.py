"""Which rows are held out: those that scikit-learn would choose, from the same seed."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from gdbench.config.experiment import read_experiment
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.data.data import load
from gdbench.data.held_out import HeldOut
from gdbench.data.split import split
from gdbench.descent.errors import BadParameter
from tests.sampling import most

SEEDS = st.one_of(st.integers(0, 9), st.integers(0, 2**32 - 1))
TARGETS = st.lists(st.sampled_from([0.0, 1.0, 2.0, 7.5]), min_size=6, max_size=80)


def parts(target, **asked):
    found = split(HeldOut(**asked), target)
    return list(found.training), list(found.test)


@pytest.mark.exhaustive
@given(TARGETS, SEEDS, st.integers(2, 5), st.booleans())
@settings(max_examples=most(60, 1000), deadline=None)
def test_folds_are_those_of_scikit_learn(target, seed, folds, shuffle):
    theirs = KFold(folds, shuffle=shuffle, random_state=seed if shuffle else None).split(target)
    for number, (training, test) in enumerate(theirs, start=1):
        ours = parts(target, folds=folds, fold=number, shuffle=shuffle, seed=seed if shuffle else 0)
        assert ours == (list(training), list(test))


@pytest.mark.exhaustive
@given(TARGETS, SEEDS, st.integers(2, 4))
@settings(max_examples=most(60, 1000), deadline=None)
def test_folds_by_class_are_those_of_scikit_learn(target, seed, folds):
    try:
        ours = [parts(target, folds=folds, fold=k + 1, stratify=True, seed=seed) for k in range(folds)]
    except BadParameter:
        assert min(target.count(value) for value in target) < folds
        return
    theirs = StratifiedKFold(folds, shuffle=True, random_state=seed).split(target, list(map(str, target)))
    assert ours == [(list(training), list(test)) for training, test in theirs]


@pytest.mark.exhaustive
@given(TARGETS, SEEDS, st.floats(0.05, 0.6), st.sampled_from(["shuffled", "in order", "by class"]))
@settings(max_examples=most(100, 1500), deadline=None)
def test_a_fraction_is_that_of_scikit_learn(target, seed, fraction, way):
    asked = {
        "shuffled": {"seed": seed},
        "in order": {"shuffle": False},
        "by class": {"seed": seed, "stratify": True},
    }
    theirs = {"shuffled": {}, "in order": {"shuffle": False}, "by class": {"stratify": target}}[way]
    seeded = {} if way == "in order" else {"random_state": seed}
    try:
        ours = parts(target, fraction=fraction, **asked[way])
    except BadParameter:
        if way == "by class":
            with pytest.raises(ValueError, match="class"):
                train_test_split(range(len(target)), test_size=fraction, **seeded, **theirs)
        return
    training, test = train_test_split(range(len(target)), test_size=fraction, **seeded, **theirs)
    assert ours == (sorted(training), sorted(test))


def read(tmp_path, asked, data="dataset: iris"):
    text = (
        f"name: a\ndata: {{{data}, test: {asked}}}\n"
        "grid: {model: linear, cost: mse, learning_rate: 0.1, convergence: {max_iterations: 5}}\n"
    )
    return read_experiment(text, tmp_path / "a.yaml").sources


def test_a_number_is_a_fraction_and_folds_are_a_data_set_each(tmp_path):
    (one,) = read(tmp_path, 0.2)
    assert (one.test, one.to_plain()["test"]) == (HeldOut(fraction=0.2), {"fraction": 0.2})
    three = read(tmp_path, "{folds: 3, seed: 4}")
    assert [source.test.fold for source in three] == [1, 2, 3]
    assert len({source.family for source in three}) == 1
    assert three[1].to_plain()["test"] == {"folds": 3, "fold": 2, "seed": 4}
    assert read(tmp_path, "{folds: 3, seed: 4, fold: 2}") == (three[1],)
    assert one.family == ""


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (
            "1.5",
            "a.yaml:2:29: 'fraction' of data option 'test' must be a number between 0 and 1, both ex",
        ),
        ("{folds: 1}", "'folds' of data option 'test' must be a whole number of 2 or more"),
        ("{fold: 2}", "holds rows out in one way: 'fraction', 'file' or 'folds'; here is none of them."),
        ("{folds: 3, fraction: 0.2}", "here is 'fraction' and 'folds'."),
        ("{folds: 3, fold: 4}", "there is no fold 4 of 3."),
        ("{fraction: 0.2, fold: 1}", "'fold' goes with 'folds'."),
        ("{file: b.csv, seed: 1}", "'seed' says how rows are drawn; those of a file are there already."),
        ("{fraction: 0.2, shuffle: false, stratify: true}", "'shuffle: false' leaves their order."),
        ("{fractoin: 0.2}", "Did you mean fraction?"),
        ("[0.1, 0.2]", "must be a number between 0 and 1"),
    ],
)
def test_what_cannot_be_held_out_is_refused_where_it_stands(tmp_path, asked, answer):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, asked)
    assert answer in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "data", "answer"),
    [
        ("0.999", "dataset: linnerud", "of 20 rows 0 would be left to train on; hold fewer out."),
        ("{folds: 21}", "dataset: linnerud", "21 folds of 20 rows leave some of them empty."),
        ("{fraction: 0.2, stratify: true}", "dataset: diabetes", "different values, and 25 occurs once. Leave"),
        ("{fraction: 0.01, stratify: true}", "dataset: iris", "needs a row of each of the 3 classes held out"),
        ("0.2", "dataset: Norris", "NIST certifies the fit to all of its rows, so none is held out."),
    ],
)
def test_a_table_that_is_too_small_is_refused(tmp_path, asked, data, answer):
    with pytest.raises(BadParameter) as caught:
        load(read(tmp_path, asked, data)[0])
    assert answer in str(caught.value)
    assert caught.value.parameter.split(".")[0] == "test"


def test_means_are_those_of_the_training_rows(tmp_path):
    (source,) = read(tmp_path, "{fraction: 0.3, seed: 2}", "dataset: diabetes, standardize: true")
    whole = load(
        read_experiment(
            "name: a\ndata: {dataset: diabetes}\n"
            "grid: {model: linear, cost: mse, learning_rate: 0.1, convergence: {max_iterations: 5}}\n",
            tmp_path / "a.yaml",
        ).sources[0]
    )
    data = load(source)
    with warnings.catch_warnings():
        training, test = train_test_split(whole.table.rows, test_size=0.3, random_state=2)
    for j, (mean, std) in enumerate(zip(data.means, data.stds, strict=True)):
        values = [row[j] for row in training]
        assert mean == pytest.approx(sum(values) / len(values), rel=1e-13)
        scaled = sorted(row[j] for row in data.held_out.table.rows)
        assert scaled == pytest.approx(sorted((row[j] - mean) / std for row in test), rel=1e-12, abs=1e-12)
    assert sorted(row[-1] for row in data.held_out.table.rows) == sorted(row[-1] for row in test)
    assert data.describe()["test"] == {
        "rows": 133,
        "digest": data.held_out.table.digest,
        "how": {"fraction": 0.3, "seed": 2},
        "positions": data.held_out.positions,
    }


def test_rows_of_a_file_have_the_classes_of_the_others(tmp_path):
    (tmp_path / "a.csv").write_text("x,kind\n1,owl\n2,cat\n3,dog\n4,owl\n")
    (tmp_path / "b.csv").write_text("kind,more,x\nowl,0,7\ndog,0,8\n")
    (source,) = read(tmp_path, "{file: b.csv}", "file: a.csv, target: kind")
    data = load(source)
    assert data.table.rows == [(1.0, 2.0), (2.0, 0.0), (3.0, 1.0), (4.0, 2.0)]
    assert data.held_out.table.rows == [(7.0, 2.0), (8.0, 1.0)]
    assert data.label.endswith("tested on b.csv")
    (tmp_path / "b.csv").write_text("kind,more,x\nowl,0,7\nbat,0,8\n")
    with pytest.raises(BadParameter, match="'kind' holds 'bat', and the rows to train on hold cat, dog, owl"):
        load(source)


CELLS = st.tuples(
    st.one_of(st.just(""), st.integers(-9, 9).map(str)),
    st.floats(-1e6, 1e6).map(repr),
    st.sampled_from(["red", "blue", "gold", ""]),
)


@pytest.mark.exhaustive
@given(st.lists(CELLS, min_size=9, max_size=9), st.sampled_from(["number", "class"]))
@settings(max_examples=most(25, 300), deadline=None)
def test_what_is_learned_of_a_file_does_not_depend_on_the_rows_held_out(tmp_path_factory, changed, target):
    folder = tmp_path_factory.mktemp("held")
    held = set(split(HeldOut(fraction=0.3, seed=1), [0.0] * 30).test)
    ends = {"number": [f"{0.5 * i}" for i in range(30)], "class": ["owl", "cat"] * 15}[target]
    rows = [[str(i % 7), repr(i * 0.37), ["red", "blue", ""][i % 3], ends[i]] for i in range(30)]
    rows[2][0] = ""
    others = [row[:] for row in rows]
    for place, cells in zip(sorted(held), changed, strict=True):
        others[place] = [*cells, {"number": "7.25", "class": "ant"}[target]]
    asked = "target: y, missing: median, categories: one_hot, standardize: true"
    learned = []
    for content in (rows, others):
        text = "\n".join(["a,b,colour,y", *(",".join(row) for row in content)]) + "\n"
        (folder / "a.csv").write_text(text, encoding="utf-8")
        (source,) = read(folder, "{fraction: 0.3, seed: 1}", f"file: a.csv, {asked}")
        data = load(source)
        learned.append((data.table.digest, data.preparation, data.held_out.positions))
    assert learned[0] == learned[1]


def test_rows_with_gaps_are_gone_before_the_split_so_that_it_is_scikit_learns_after_dropna(tmp_path):
    """A gap that comes or goes deals all rows anew: told in docs/howto/hold-rows-out.md. Values never do."""
    rows = [[str(i), repr(i * 0.5)] for i in range(30)]

    def loaded(content):
        text = "\n".join(["a,y", *(",".join(row) for row in content)]) + "\n"
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        (source,) = read(tmp_path, "{fraction: 0.3, seed: 1}", "file: a.csv, target: y, missing: drop")
        return load(source)

    held = split(HeldOut(fraction=0.3, seed=1), [0.0] * 30).test[0]
    gap = [["" if i == held else row[0], row[1]] for i, row in enumerate(rows)]
    other = [["-7" if i == held else row[0], row[1]] for i, row in enumerate(rows)]
    left = [row for i, row in enumerate(rows) if i != held]
    training, test = train_test_split([float(row[0]) for row in left], test_size=0.3, random_state=1)
    found = loaded(gap)
    assert {row[0] for row in found.table.rows} == set(training)
    assert {row[0] for row in found.held_out.table.rows} == set(test)
    assert loaded(other).table == loaded(rows).table != found.table
