"""Tables as people have them: each is read right, or refused with the line of config that then reads it."""

import gzip
import math
import random
import re
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gdbench.config.experiment import load_experiment
from gdbench.config.first_config import Start, choose, first_config, name_for
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.data.data import load
from gdbench.data.files import Reading, config_text, sheets
from gdbench.data.files.remedies import Refusal
from gdbench.data.preparation import Input, Preparation
from gdbench.data.tabular import read_file, read_new
from gdbench.descent.errors import BadParameter, GdbenchError
from gdbench.planning.plan import make_plan

FOLDER = Path(__file__).parent / "own_tables"
CONFIG = """name: mine
data: {{file: {file}, target: {target}{more}}}
grid: {{model: linear, cost: mse, learning_rate: 0.1, convergence: {{max_iterations: 5}}}}
"""


def by_hand(name: str) -> pd.DataFrame:
    """The columns of numbers that pandas reads when it is told how."""
    path = FOLDER / name
    if name == "houses_us.csv":
        found = pd.read_csv(path, thousands=",")
        found["Price"] = found["Price"].str.replace("[$,]", "", regex=True).astype(float)
        found["Lot (acres)"] = found["Lot (acres)"].fillna(found["Lot (acres)"].median())
        return found.drop(columns=["Listed on"])
    if name == "mpg.csv":
        found = pd.read_csv(path, skipinitialspace=True, na_values="?").drop(columns="car name")
        return found.fillna(found.median())
    if name == "air_comma.csv":
        found = pd.read_csv(path, na_values=-200).iloc[:, :15]
        found = found.drop(columns=["Date", "Time"])
        return found[found["CO(GT)"].notna()].fillna(found[found["CO(GT)"].notna()].median())
    if name == "mixed.csv":
        found = pd.read_csv(path)
        found["rate"] = found["rate"].str.rstrip("%").astype(float)
        found["bought"] = (found["bought"] == "Yes").astype(float)
        return found
    if name == "wohnungen.csv":
        return pd.read_csv(path, sep=";", decimal=",", thousands=".", encoding="utf-8-sig")
    if name == "forms.csv":
        return pd.DataFrame({"x": [1000.0, 2000.0, 3000.0, 16.0], "y": [2.0, 4.0, 6.0, 8.0]})
    if name in ("nohead.csv", "ex1data2.txt"):
        return pd.read_csv(path, header=None, names=["column1", "column2", "price"])
    if name == "quoted_dec.csv":
        return pd.read_csv(path, decimal=",")
    found = pd.read_csv(path, sep="\t" if name.endswith(".tsv") else ",")
    return found.fillna(found.median())


TARGETS = {
    "air_comma.csv": ("CO(GT)", 'missing_values: ["-200"], missing: median, drop: [Date, Time]'),
    "blank.csv": ("y", "missing: median"),
    "blank2.csv": ("y", "missing: median"),
    "ex1data2.txt": ("price", "header: false, names: [column1, column2, price]"),
    "forms.csv": ("y", 'thousands: "_"'),
    "houses_us.csv": ("Price", 'thousands: ",", missing: median, categories: one_hot, drop: [Listed on]'),
    "mixed.csv": ("bought", "categories: one_hot"),
    "mpg.csv": ("mpg", 'missing_values: ["?"], missing: median, drop: [car name]'),
    "nohead.csv": ("price", "header: false, names: [column1, column2, price]"),
    "quoted_dec.csv": ("y", 'decimal: ","'),
    "tab.tsv": ("y", ""),
    "wohnungen.csv": ("Kaltmiete (€)", 'separator: ";", decimal: ",", thousands: "."'),
}
#: Columns of text, with the label that each is compared with.
LABELS = {"houses_us.csv": ("City", "Ames"), "mixed.csv": ("smoker", "no")}


def config(folder: Path, name: str, target: str, line: str) -> Path:
    path = folder / "mine.yaml"
    more = f", {line}" if line else ""
    path.write_text(CONFIG.format(file=FOLDER / name, target=f'"{target}"', more=more), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", TARGETS)
def test_the_line_of_a_refusal_reads_the_table_as_pandas_does_by_hand(tmp_path: Path, name: str) -> None:
    target, line = TARGETS[name]
    if line:
        with pytest.raises(ConfigError) as caught:
            make_plan(load_experiment(config(tmp_path, name, target, "")))
        assert f"This reads it, under 'data:': `{line}`" in str(caught.value)
    [source] = load_experiment(config(tmp_path, name, target, line)).sources
    dataset = load(source)
    expected = by_hand(name)
    if name in LABELS:
        column, first = LABELS[name]
        dummies = pd.get_dummies(expected[column], prefix=column, prefix_sep="=").astype(float)
        place = expected.columns.get_loc(column)
        dummies = dummies.drop(columns=f"{column}={first}")
        expected = pd.concat([expected.iloc[:, :place], dummies, expected.iloc[:, place + 1 :]], axis=1)
    features = [column for column in expected if column != target]
    assert list(dataset.feature_names) == features
    table = expected[[*features, target]].to_numpy(dtype=float)
    assert np.array(dataset.table.rows).tolist() == table.tolist()


@pytest.mark.parametrize("name", TARGETS)
def test_new_writes_a_config_that_reads_the_table(tmp_path: Path, name: str) -> None:
    target, _ = TARGETS[name]
    given = "" if target == "price" else target  # the files without a header do not know it
    chosen = choose(str(FOLDER / name), given)
    start = Start(name_for(name), str(FOLDER / name), target, "learning_rates", tmp_path, "", chosen)
    path = tmp_path / "new.yaml"
    path.write_text(first_config(start), encoding="utf-8")
    plan = make_plan(load_experiment(path))
    assert plan.runs
    [source] = load_experiment(path).sources
    assert source.reading == chosen.reading


def test_new_leaves_out_what_is_no_feature_and_says_why() -> None:
    others = choose(str(FOLDER / "houses_us.csv")).others
    assert {one.facts.name: one.reason for one in others if one.reason} == {
        "ID": "id",
        "Listed on": "date",
        "Currency year": "constant",
    }
    assert choose(str(FOLDER / "houses_us.csv")).target.name == "Price"
    others = choose(str(FOLDER / "mpg.csv")).others
    assert {one.facts.name: one.reason for one in others if one.reason} == {"car name": "words"}


def test_copies_leaks_and_columns_without_a_use_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [(i * 7 % 12, i * i % 13, i * 5 % 11) for i in range(12)]
    lines = ["a,a_cm,b,cents,again,empty,note,price"]
    lines += [f"{a},{100 * a},{b},{c * 100 + 5},{c},,word{i},{c}" for i, (a, b, c) in enumerate(rows)]
    path.write_text("\n".join(lines))
    chosen = choose(str(path), "price")
    assert {one.facts.name: (one.reason, one.other) for one in chosen.others if one.reason} == {
        "a_cm": ("copy", "a"),
        "cents": ("leak", ""),
        "again": ("target", ""),
        "empty": ("empty", ""),
        "note": ("id", ""),
    }


def test_what_is_done_on_the_way_is_told(tmp_path: Path) -> None:
    doubts = make_plan(load_experiment(config(tmp_path, "mixed.csv", "bought", "categories: one_hot"))).doubts
    assert doubts[0] == "mixed.csv: '%' is left off the numbers of 'rate'."
    assert doubts[1].startswith(
        "cost 'mse' takes No and Yes of bought for numbers, 0 and 1, and model 'linear'"
    )
    line = "missing: drop, drop: [Date, Time]"
    doubts = make_plan(load_experiment(config(tmp_path, "air_comma.csv", "AH", line))).doubts
    assert "air_comma.csv: 'column16' has neither a name nor a value, and is left out." in doubts
    [sentinel] = [doubt for doubt in doubts if "-200" in doubt]
    assert 'write missing_values: ["-200"]' in sentinel


def test_an_option_of_files_needs_a_file(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(
        'name: c\ndata: {dataset: iris, decimal: ","}\n'
        "grid: {model: softmax, cost: softmax, learning_rate: 0.1, convergence: {max_iterations: 5}}\n"
    )
    with pytest.raises(ConfigError, match="'decimal' says how a file is read, and there is no 'file:'"):
        load_experiment(path)


def test_a_refusal_is_a_value_with_its_obstacles_and_settings() -> None:
    with pytest.raises(Refusal) as caught:
        read_file(FOLDER / "mpg.csv", "mpg")
    first = caught.value.obstacles[0]
    assert (first.kind, first.row, first.column, first.text, first.more) == ("number", 4, "horsepower", "?", 0)
    assert config_text(caught.value.settings) == TARGETS["mpg.csv"][1]


def test_new_rows_are_read_as_the_rows_that_were_learned_from(tmp_path: Path) -> None:
    line = TARGETS["houses_us.csv"][1]
    [source] = load_experiment(config(tmp_path, "houses_us.csv", "Price", line)).sources
    learned = load(source).preparation
    rows = tmp_path / "rows.csv"
    rows.write_text('City,Bedrooms,Lot (acres),Currency year,ID,Living area (sq ft)\nBoone,3,,2023,9,"1,800"\n')
    columns = read_new(rows, learned, source.reading, "Price")
    assert {name: list(values) for name, values in learned.apply(columns).items()} == {
        "ID": [9.0],
        "Living area (sq ft)": [1800.0],
        "Bedrooms": [3.0],
        "Lot (acres)": [0.18],
        "City=Boone": [1.0],
        "City=Nevada": [0.0],
        "Currency year": [2023.0],
    }


def test_new_rows_of_other_columns_are_refused(tmp_path: Path) -> None:
    learned, reading = Preparation((Input("x"), Input("kind", None, ("a", "b")))), Reading()
    rows = tmp_path / "rows.csv"
    rows.write_text("x,kin\n1,a\n")
    with pytest.raises(GdbenchError, match="no column is called 'kind', which was learned from"):
        read_new(rows, learned, reading, "y")
    rows.write_text("kind,x\na,\nb,2\n")
    with pytest.raises(GdbenchError, match="no value in row 2 of 'x'"):
        read_new(rows, learned, reading, "y")
    rows.write_text("kind,x\na,much\nc,2\n")
    with pytest.raises(GdbenchError, match="'much' in row 2 of 'x' is no number"):
        read_new(rows, learned, reading, "y")
    rows.write_text("kind,x\nc,2\n")
    columns = read_new(rows, learned, reading, "y")
    assert [(note.column, note.text, note.times) for note in learned.unseen(columns)] == [("kind", "c", 1)]


def test_new_rows_of_a_file_without_a_header_may_lack_the_target(tmp_path: Path) -> None:
    learned = Preparation((Input("area"), Input("rooms")))
    reading = Reading(header=False, names=("area", "rooms", "price"))
    rows = tmp_path / "rows.csv"
    for text in ("50,2\n60,3\n", "50,2,100\n60,3,200\n"):
        rows.write_text(text)
        columns = read_new(rows, learned, reading, "price")
        assert {name: list(values) for name, values in columns.features.items()} == {
            "area": [50.0, 60.0],
            "rooms": [2.0, 3.0],
        }


# --- long files and large ones


def written(folder: Path, rows: list[str], name: str = "long.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["a,b,y", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that pandas reads what follows the third row."""
    monkeypatch.setattr(sheets, "BLOCK", 3)


@pytest.mark.usefixtures("short_blocks")
def test_the_rest_of_a_long_file_has_the_bits_of_pythons_floats(tmp_path: Path) -> None:
    draw = random.Random(0)
    numbers = [struct.unpack("d", draw.randbytes(8))[0] for _ in range(3000)]
    texts = [repr(number if math.isfinite(number) else -0.0) for number in numbers]
    texts += [f"{draw.gauss(0, 1):.25f}" for _ in range(300)] + [
        "1e-400",
        "-0",
        "012",
        ".5",
        "5.",
        "1E+05",
    ] * 5
    rows = [f'{text} , "{text}",{i}' for i, text in enumerate(texts)]
    columns = read_file(written(tmp_path, rows), "y")
    assert [value.hex() for value in columns.features["a"]] == [float(text).hex() for text in texts]
    assert [value.hex() for value in columns.features["b"]] == [float(text).hex() for text in texts]


@pytest.mark.usefixtures("short_blocks")
def test_what_is_odd_far_down_a_long_file_is_noticed_all_the_same(tmp_path: Path) -> None:
    start = [f"{i},{i * i},{i + 1}" for i in range(20)]
    for odd, message in (
        ("7,,8", "no value in row 22 of 'b'"),
        ("7,x,8", "'x' in row 22 of 'b' is no number"),
        ("7,inf,8", "'inf' in row 22 of 'b' is no number"),
        ("7,1_0,8", "'1_0' in row 22 of 'b' is no number"),
        ("7,8", "row 22 holds 2 values for 3 columns"),
        ("7,8,9,10", "row 22 holds 4 values for 3 columns"),
        ('7,"8,9', "row 22 is not well-formed"),
    ):
        path = written(tmp_path, [*start, odd, *start])
        with pytest.raises(Refusal, match=f": {re.escape(message)}"):
            read_file(path, "y")
    path = written(tmp_path, [*start, "7,5 kg,8", *(f"{i},{i} kg,2" for i in range(60))])
    with pytest.raises(Refusal, match="'1' in row 3 of 'b' and 18 more"):  # numbers without the unit of most
        read_file(path, "y")
    path = written(tmp_path, [*start, "7,?,8", *start])
    columns = read_file(path, "y", None, Reading(missing_values=("?",), missing="drop"))
    assert list(columns.features["b"]) == [float(i * i) for i in (*range(20), *range(20))]


def test_a_table_that_is_too_large_is_refused_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = tmp_path / "wide.csv"
    wide.write_text(",".join(f"x{i}" for i in range(10_001)) + "\n")
    with pytest.raises(BadParameter, match="10,001 columns; 10,000 is the most"):
        read_file(wide, "x1")
    monkeypatch.setattr(sheets, "TABLE_NUMBERS", 30)
    path = written(tmp_path, ["1,2,3"] * 11)
    with pytest.raises(BadParameter, match="11 rows of 3 columns or more; 30 cells is the most"):
        read_file(path, "y")
    assert len(read_file(path, "y", ("a",)).target) == 11
    packed = tmp_path / "bomb.csv.gz"
    packed.write_bytes(gzip.compress(b"a,b,y\n" + b"1,2,3\n" * 1000))
    monkeypatch.setattr("gdbench.data.files.layout.TABLE_BYTES", 2000)
    with pytest.raises(BadParameter, match="the most that is read"):
        read_file(packed, "y")


def with_units(folder, name, unit, dressed):
    """A table of 1 to 60, the first so many with a unit."""
    rows = [f"{i}{f' {unit}' if i <= dressed else ''},1" for i in range(1, 61)]
    path = folder / "units.csv"
    path.write_text("\n".join([f"{name},y", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["area (m²)", "area [m²]", "area ( m² )"])
@pytest.mark.parametrize("dressed", [1, 30, 59])
def test_cells_may_leave_out_the_unit_that_the_name_of_their_column_says(tmp_path, name, dressed):
    path = with_units(tmp_path, name, "m²", dressed)
    columns = read_file(path, "y", None, Reading())
    assert list(columns.features[name]) == list(map(float, range(1, 61)))


def test_a_unit_that_the_name_does_not_say_is_an_obstacle_still(tmp_path):
    path = with_units(tmp_path, "area (m²)", "ft²", 8)
    with pytest.raises(Refusal, match="'1 ft²' in row 2"):
        read_file(path, "y", None, Reading())
