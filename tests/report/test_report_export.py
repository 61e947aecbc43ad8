"""Export and notebooks: whole frames, typed and explained, that read back bit for bit."""

import csv
import subprocess
import sys

import pandas as pd
import pyarrow.parquet
import pytest

import gdbench
from gdbench.cli import cli
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.study import study
from gdbench.record.columns import curves_columns
from gdbench.record.curves import curve_batches, curves_table
from gdbench.record.frames import curves_frame, runs_frame
from gdbench.record.locate import locate
from gdbench.record.recorded_plan import thinned
from gdbench.record.store import Store
from gdbench.report.page.export import export
from gdbench.session.parquet import write_curves, write_runs
from tests.report.records import Case, descend, mixed, write_store


@pytest.fixture(scope="module")
def parquet(mixed_folder, tmp_path_factory):
    return export(mixed_folder, "parquet", tmp_path_factory.mktemp("parquet"))


@pytest.fixture(scope="module")
def as_csv(mixed_folder, tmp_path_factory):
    return export(mixed_folder, "csv", tmp_path_factory.mktemp("csv"))


@pytest.fixture(scope="module")
def frames(mixed_folder):
    with Store.read(mixed_folder) as store:
        return {"runs": runs_frame(store), "curves": curves_frame(store)}


def test_four_frames_and_a_dictionary_of_their_columns_are_written(parquet, as_csv):
    assert [path.name for path in parquet] == [
        "runs.parquet",
        "curves.parquet",
        "problems.parquet",
        "parameters.parquet",
        "columns.csv",
    ]
    assert [path.name for path in as_csv] == [
        "runs.csv",
        "curves.csv",
        "problems.csv",
        "parameters.csv",
        "columns.csv",
    ]
    assert sorted(path.name for path in parquet[0].parent.iterdir()) == sorted(path.name for path in parquet)


@pytest.mark.parametrize("name", ["runs", "curves"])
def test_parquet_holds_the_frames_whole_and_typed(parquet, frames, name):
    [path] = [path for path in parquet if path.stem == name]
    read = pyarrow.parquet.read_table(path).to_pandas()
    expected = frames[name]
    assert list(read.columns) == list(expected.columns)
    for column in expected.columns:
        pd.testing.assert_series_equal(
            read[column].astype(expected[column].dtype), expected[column], check_exact=True
        )


def test_without_pandas_the_same_parquet_files_are_written(mixed_folder, frames, tmp_path):
    with Store.read(mixed_folder) as store:
        about = study(store)
        write_runs(about, tmp_path / "runs.parquet")
        write_curves(about, store, tmp_path / "curves.parquet")
    for name, frame in frames.items():
        frame.to_parquet(tmp_path / "pandas.parquet", index=False)
        ours = pyarrow.parquet.read_table(tmp_path / f"{name}.parquet")
        theirs = pyarrow.parquet.read_table(tmp_path / "pandas.parquet")
        assert ours.equals(theirs)
        pd.testing.assert_frame_equal(
            pd.read_parquet(tmp_path / f"{name}.parquet"), pd.read_parquet(tmp_path / "pandas.parquet")
        )


def test_every_parquet_column_carries_its_meaning(parquet):
    for path in parquet[:4]:
        for field in pyarrow.parquet.read_schema(path):
            assert field.metadata[b"description"], (path.name, field.name)


def test_the_dictionary_explains_every_column_of_every_frame(parquet):
    rows = list(csv.DictReader(parquet[4].open(newline="", encoding="utf-8")))
    told = [(row["table"], row["column"]) for row in rows if row["meaning"] and row["type"]]
    fields = [(path.stem, field.name) for path in parquet[:4] for field in pyarrow.parquet.read_schema(path)]
    assert told == fields


def test_floats_in_the_exported_csv_read_back_bit_for_bit(as_csv):
    points = {}
    with as_csv[1].open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            points.setdefault(row["key"], []).append((int(row["iteration"]), float(row["cost"])))
    for case in mixed():
        curve = case.result.curve
        assert points.get(case.key, []) == list(zip(curve.iteration, curve.cost, strict=True))


def test_a_problem_carries_its_optimum_and_the_evidence_for_it(parquet):
    problems = pyarrow.parquet.read_table(parquet[2]).to_pandas()
    assert problems["optimum"].tolist() == ["closed form"] * 2
    assert problems["evidence"][0] == "The minimum of a quadratic is its centre."


def test_thinned_curves_keep_their_ends_the_best_and_every_crossing(mixed_folder):
    with Store.read(mixed_folder) as store:
        about = study(store)
        _, table = curves_table(about, store, 40)
        table = table.to_pandas()
    for case in mixed():
        kept = table[table.key == case.key]["iteration"].tolist()
        curve, result = case.result.curve, case.result
        assert len(kept) <= 40
        assert len(kept) == len(curve.iteration) or len(curve.iteration) > 40
        if curve.iteration:
            wanted = {0, curve.iteration[-1], result.best_iteration, *result.iterations_to.values()} - {None}
            assert wanted <= set(kept)


def test_batches_have_a_bounded_number_of_rows(mixed_folder, monkeypatch):
    monkeypatch.setattr("gdbench.record.curves._BATCH", 1000)
    with Store.read(mixed_folder) as store:
        sizes = [batch.num_rows for batch in curve_batches(study(store), store, curves_columns())]
        whole = len(curves_frame(store))
    assert sum(sizes) == whole
    assert max(sizes) < 2000


def test_an_empty_experiment_is_exported_with_all_its_columns(tmp_path):
    folder = write_store(tmp_path / "store", [Case(0.1, descend(0.1, (0, 0, 0), 3))], finished=[])
    for to in ("parquet", "csv"):
        written = export(folder, to)
        assert all(path.is_file() for path in written)
    assert pd.read_csv(folder / "export" / "runs.csv").empty
    assert "relative_gap" in pd.read_csv(folder / "export" / "curves.csv").columns


def test_a_folder_that_cannot_be_made_is_one_sentence(mixed_folder, tmp_path):
    (tmp_path / "taken").write_text("in the way", encoding="utf-8")
    with pytest.raises(GdbenchError, match="cannot be written"):
        export(mixed_folder, "csv", tmp_path / "taken")


def test_the_verb_prints_what_it_wrote(mixed_folder, tmp_path, capsys):
    cli.main(
        ["export", "mixed", "--to", "csv", "--output", str(tmp_path), "--results", str(mixed_folder.parent)],
        standalone_mode=False,
    )
    assert capsys.readouterr().out.split() == [
        str(tmp_path / name)
        for name in ("runs.csv", "curves.csv", "problems.csv", "parameters.csv", "columns.csv")
    ]


def test_unknown_names_are_answered_at_once_with_all_that_exist(tmp_path):
    for name in ("monday", "tuesday"):
        write_store(tmp_path / name, [Case(0.1, descend(0.1, (0, 0, 0), 3))])
    with pytest.raises(GdbenchError) as caught:
        locate(tmp_path, ["mondy", "tuesday", "zzz"])
    told = "no experiment is called 'mondy' or 'zzz'. Did you mean monday? There are: monday, tuesday. "
    told += "--results or GDBENCH_RESULTS names another folder."
    assert str(caught.value) == f"{tmp_path}: {told}"
    assert locate(tmp_path, ["tuesday", str(tmp_path / "monday")]) == [
        tmp_path / "tuesday",
        tmp_path / "monday",
    ]
    with pytest.raises(GdbenchError, match="Nothing has been run yet"):
        locate(tmp_path / "none", ["monday"])


def test_a_notebook_has_the_frames_and_tables_at_hand(mixed_folder, frames):
    loaded = gdbench.load("mixed", results=mixed_folder.parent)
    pd.testing.assert_frame_equal(loaded.runs, frames["runs"])
    pd.testing.assert_frame_equal(loaded.curves, frames["curves"])
    assert list(loaded.problems["label"]) == ["quadratic · linear · mse", "quadratic · mlp · mse"]
    assert loaded.tables["settings"].frame()["iterations_to_0.01"].dtype == "float64"
    assert loaded.answer.text in repr(loaded)


def test_results_draw_themselves_in_a_notebook(mixed_folder):
    loaded = gdbench.load(str(mixed_folder))
    page = loaded._repr_html_()
    assert "<h3>lr_sweep</h3>" in page
    assert "&gt; 900" in page
    assert loaded.answer.text.split(":")[0] in page
    assert "<p>A profile compares" in loaded.tables["profile"]._repr_html_()


def test_what_a_user_wrote_is_escaped_in_a_notebook(tmp_path):
    evil = "<script>alert(1)</script>"
    case = Case(0.1, descend(0.1, (0, 0, 0), 3))
    page = gdbench.load(str(write_store(tmp_path / "store", [case], description=evil)))._repr_html_()
    assert evil not in page
    assert "&lt;script&gt;" in page


def test_importing_gdbench_and_its_kernels_loads_nothing_heavy():
    program = "import sys, gdbench, gdbench.descent.execute; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    names = {name.split(".")[0] for name in loaded.split()}
    assert not names & {"pandas", "numpy", "pyarrow", "scipy", "vl_convert", "mlflow", "sqlite3"}


def test_thinning_to_fewer_points_than_there_are_crossings_keeps_the_ends():
    assert thinned(range(100), 3, [10, 20, 30])[::2] == [0, 99]
