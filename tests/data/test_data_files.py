"""A user's own CSV and Parquet files: what comes back, bit for bit, and what each mistake is answered with."""

import csv
import datetime as dt
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from gdbench.data.columns import Columns
from gdbench.data.files import read_options
from gdbench.data.files.remedies import Refusal
from gdbench.data.tabular import read_file
from gdbench.descent.errors import BadParameter, GdbenchError

HOUSES = "rooms,area,price\n3,71.5,200\n4,90.25,310\n2,50,150.5\n"

finite = st.floats(allow_nan=False, allow_infinity=False)


def written(folder: Path, text: str | bytes, name: str = "houses.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def written_parquet(folder: Path, columns: dict[str, Sequence[Any]], name: str = "houses.parquet") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(columns), path)
    return path


def answer(path: Path, target: str | None = "price", features: tuple[str, ...] | None = None) -> GdbenchError:
    with pytest.raises(GdbenchError) as caught:
        read_file(path, target, features)
    return caught.value


def same_bits(columns: Columns, expected: dict[str, Sequence[float]]) -> bool:
    found = {**columns.features, columns.target_name: columns.target}
    return list(found) == list(expected) and all(
        [v.hex() for v in found[name]] == [v.hex() for v in values] for name, values in expected.items()
    )


# --- what comes back


def test_all_columns_but_the_target_are_features(tmp_path: Path) -> None:
    columns = read_file(written(tmp_path, HOUSES), "price")
    assert same_bits(
        columns, {"rooms": [3.0, 4.0, 2.0], "area": [71.5, 90.25, 50.0], "price": [200.0, 310.0, 150.5]}
    )
    assert (columns.name, columns.title, columns.classes) == ("houses.csv", "houses.csv → price", ())


def test_features_choose_and_order_the_columns_and_text_elsewhere_is_no_matter(tmp_path: Path) -> None:
    path = written(tmp_path, "city,price,b,a\nParis,1,2,3\nRome,4,5,6\n")
    columns = read_file(path, "price", ("a", "b"))
    assert same_bits(columns, {"a": [3.0, 6.0], "b": [2.0, 5.0], "price": [1.0, 4.0]})


@given(st.lists(st.tuples(finite, finite, finite), min_size=2, max_size=30))
def test_floats_written_by_the_csv_module_come_back_bit_for_bit(rows: list[tuple[float, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["a", "b", "y"])
            writer.writerows(rows)
        a, b, y = zip(*rows, strict=True)
        assert same_bits(read_file(path, "y"), {"a": a, "b": b, "y": y})


@given(st.lists(st.tuples(finite, finite), min_size=2, max_size=20))
def test_floats_in_parquet_come_back_bit_for_bit(rows: list[tuple[float, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        x, y = zip(*rows, strict=True)
        assert same_bits(read_file(written_parquet(Path(folder), {"x": x, "y": y}), "y"), {"x": x, "y": y})


@pytest.mark.parametrize(
    "text",
    [
        HOUSES,
        "\ufeff" + HOUSES,
        HOUSES.replace("\n", "\r\n"),
        "\ufeff" + HOUSES.replace("\n", "\r\n"),
        HOUSES.replace("\n", "\r"),
        HOUSES.rstrip("\n"),
        "\n" + HOUSES.replace("\n", "\n\n") + "\n  \n",
        HOUSES.replace(",", " , "),
        'rooms,area,"price"\n"3",71.5,200\n4,"90.25",310\n2,50,150.5\n',
        "rooms,area,price\n3e0,7.15E+1,+200\n4.,0090.25,310\n2,50,150.5\n",
    ],
    ids=[
        "plain",
        "bom",
        "crlf",
        "bom crlf",
        "cr",
        "no last newline",
        "blank lines",
        "spaces",
        "quotes",
        "forms",
    ],
)
def test_the_same_table_in_other_clothes_is_the_same_table(tmp_path: Path, text: str) -> None:
    columns = read_file(written(tmp_path, text), "price")
    assert same_bits(
        columns, {"rooms": [3.0, 4.0, 2.0], "area": [71.5, 90.25, 50.0], "price": [200.0, 310.0, 150.5]}
    )


def test_a_text_target_becomes_classes_in_sorted_order(tmp_path: Path) -> None:
    path = written(tmp_path, "x,kind\n1,pear\n2, apple\n3,fig\n4,pear\n")
    columns = read_file(path, "kind")
    assert columns.classes == ("apple", "fig", "pear")
    assert columns.target == [2.0, 0.0, 1.0, 2.0]


def test_plus_and_minus_are_class_names(tmp_path: Path) -> None:
    columns = read_file(written(tmp_path, "x,sign\n1,+\n2,-\n3,+\n"), "sign")
    assert (columns.classes, columns.target) == (("+", "-"), [0.0, 1.0, 0.0])


def test_parquet_gives_whole_numbers_booleans_and_text_classes(tmp_path: Path) -> None:
    path = written_parquet(tmp_path, {"n": [1, 2], "flag": [True, False], "kind": ["b", "a"]})
    columns = read_file(path, "kind")
    assert same_bits(columns, {"n": [1.0, 2.0], "flag": [1.0, 0.0], "kind": [1.0, 0.0]})
    assert columns.classes == ("a", "b")


def test_the_index_that_pandas_writes_is_not_a_feature(tmp_path: Path) -> None:
    path = tmp_path / "kept.parquet"
    pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [4.0, 5.0, 6.0]}, index=[7, 3, 5]).to_parquet(path)
    assert parquet.read_schema(path).names == ["x", "y", "__index_level_0__"]
    assert list(read_file(path, "y").features) == ["x"]


def test_folders_on_the_way_to_a_parquet_file_are_not_columns(tmp_path: Path) -> None:
    path = written_parquet(tmp_path, {"x": [1.0, 2.0], "y": [3.0, 4.0]}, "year=2020/data.parquet")
    assert list(read_file(path, "y").features) == ["x"]


# --- what each mistake is answered with


def refused(path: Path, target: str = "price", features: tuple[str, ...] | None = None) -> str:
    """What is said of a file without its path; what is offered, if anything is, reads the file."""
    error = answer(path, target, features)
    assert str(error).startswith(f"{path}: ")
    assert str(error).isprintable()
    if isinstance(error, Refusal) and error.settings:
        settings = dict(error.settings)
        named = settings.pop("features", features)
        assert len(read_file(path, target, named, read_options(settings)).target) >= 2  # type: ignore[arg-type]
    return str(error).removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; expected column names in the first line and numbers below."),
        ("\ufeff\r\n\n", "is empty; expected column names in the first line and numbers below."),
        ("rooms,price\n", "rows of data: 0; expected 2 or more."),
        ("rooms,price\n1,2\n", "rows of data: 1; expected 2 or more."),
        ("rooms,Price\n1,2\n3,4\n", "no column is called 'price'. Did you mean Price?"),
        ("price\n1\n2\n", "no column is left but the target; expected at least one feature column."),
        ("rooms,price\n1,low\n3,low\n", "column 'price' holds one class only, 'low'; expected two or more."),
        (
            'rooms,price\n1,2\n3,"4\n5,6\n',
            "row 3 is not well-formed (unexpected end of data). Look for a stray quote.",
        ),
        (
            "rooms,price\n1,2\n3\n",
            "row 3 holds 1 value for 2 columns. Add or remove values, or quote those that hold a separator.",
        ),
        (
            "rooms,price\n1,2\n3,4,5\n",
            "row 3 holds 3 values for 2 columns. Add or remove values, or quote those that hold a separator.",
        ),
        (
            "rooms,price\n1,\n3,\n",
            "the target 'price' holds no value at all. Choose another target.",
        ),
        (
            "rooms,price\n1,2023-01-05\n3,2023-01-06\n",
            "'2023-01-05' in row 2 of 'price' and 1 more: a date cannot be predicted. Choose another target.",
        ),
    ],
)
def test_a_mistake_that_no_line_mends_is_answered_with_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    assert refused(written(tmp_path, text)) == message


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("rooms;price\n1;2\n3;4\n", "row 1 is a single column, 'rooms;price'", 'separator: ";"'),
        (
            "3,200\n4,310\n",
            "row 1 holds values and no names ('3, 200')",
            "header: false, names: [column1, price]",
        ),
        (
            "rooms,price,rooms\n1,2,3\n4,5,6\n",
            "two columns are called 'rooms'; the second is read as 'rooms.1'",
            "drop: [rooms.1]",
        ),
        (
            ",rooms,price\n0,1,2\n1,4,5\n",
            "'column1' has no name in row 1 (pandas leaves its index out with to_csv(…, index=False))",
            "drop: [column1]",
        ),
        ("rooms,area,price\n1,5,2\n,6,4\n", "no value in row 3 of 'rooms'", "missing: median"),
        (
            "rooms,area,price\n1,5,2\n\n2,6,4\nNA,6,4\n ,6,4\n",
            "no value ('NA') in row 5 of 'rooms' and 1 more",
            "missing: median",
        ),
        (
            "city,rooms,price\nParis,1,2\nRome,3,4\nRome,3,4\nParis,3,4\n",
            "'Paris' in row 2 of 'city' and 3 more are text",
            "categories: one_hot",
        ),
        (
            "name,rooms,price\nAnn,1,2\nBob,3,4\nCid,3,4\n",
            "'Ann' in row 2 of 'name' and 2 more are text",
            "drop: [name]",
        ),
        ("rooms,price\n1,2\n3,4 000\n", "'4 000' in row 3 of 'price' is no number", 'thousands: " "'),
        (
            'rooms,price\n1,"2,5"\n3,"4,5"\n',
            "'2,5' in row 2 of 'price' and 1 more are no numbers",
            'decimal: ","',
        ),
        (
            "rooms,price\n1,2\n3,unknown\n3,4\n",
            "'unknown' in row 3 of 'price' is no number",
            "missing_values: [unknown], missing: drop",
        ),
        ("rooms,price\n1,low\n3,\n4,high\n", "no value in row 3 of 'price'", "missing: drop"),
        (
            "rooms,price\n1,2\n3,inf\n4,5\n",
            "'inf' in row 3 of 'price' is no number",
            'missing_values: ["inf"], missing: drop',
        ),
        (
            "rooms,price\n1,2\n3,1e999\n4,5\n",
            "'1e999' in row 3 of 'price' is no number",
            'missing_values: ["1e999"], missing: drop',
        ),
        ("rooms,price\n1,2\n3,1_000\n", "'1_000' in row 3 of 'price' is no number", 'thousands: "_"'),
        (
            b"rooms,city,price\n1,K\xf6ln,2\n3,K\xf6ln,4\n3,Bonn,4\n3,Bonn,4\n",
            "row 2: byte 0xf6 is not UTF-8 text",
            "encoding: cp1252, categories: one_hot",
        ),
        (HOUSES.encode("utf-16-le"), None, "encoding: utf-16-le"),
        ("rooms,price\n1,2\n3,4\nTotal,6\n", "row 4 looks like totals ('Total')", "skip_last: 1"),
        (
            "x,when,price\n1,10:30,2\n3,11:00,4\n",
            "'10:30' in row 2 of 'when' and 1 more are dates",
            "drop: [when]",
        ),
        ("# by hand\nrooms,price\n1,2\n3,4\n", None, 'comment: "#"'),
        ("Our flats\n\nrooms,price\n1,2\n3,4\n", None, "skip_first: 2"),
        (
            "Our flats,,\n,,\nrooms,area,price\n1,2,5\n3,4,7\n",
            "no column is called 'price' in row 1",
            "skip_first: 2",
        ),
        (
            "rooms,price\n1,2\n3,4\n\nSource: WHO\n",
            "row 5 holds 1 value for 2 columns",
            "skip_last: 1",
        ),
        ("rooms;price\n1;12'000.–\n2;13'500.50\n", None, 'separator: ";", thousands: "\'"'),
        ("x,y,price\nm,kg,€\n1,2,3\n4,5,7\n", None, 'header: false, names: [x, "y", price], skip_first: 2'),
    ],
)
def test_a_file_that_cannot_be_read_as_it_stands_is_answered_with_the_line_that_reads_it(
    tmp_path: Path, text: str | bytes, message: str | None, line: str
) -> None:
    said, _, offered = refused(written(tmp_path, text)).partition(". This reads it, under 'data:': ")
    assert offered == f"`{line}`"
    assert message is None or said == message


def test_a_feature_that_is_asked_for_and_cannot_be_read_is_taken_out_of_the_features(tmp_path: Path) -> None:
    path = written(tmp_path, 'note,rooms,price\n"two\nlines",1,2\nb,x,4\nc,3,5\n')
    assert refused(path, features=("rooms", "note")) == (
        "'x' in row 4 of 'rooms' is no number; 'two lines' in row 2 of 'note' and 2 more are text. "
        "This reads it, under 'data:': `missing_values: [x], missing: median, features: [rooms]`"
    )


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"x": [1.0, None, 3.0], "price": [1, 2, 3]}, "no value in row 2 of 'x'. "),
        ({"x": [1.0, float("nan")], "price": [1, 2]}, "no value ('nan') in row 2 of 'x'. "),
        ({"x": [1.0, float("-inf"), 1.0], "price": [1, 2, 4]}, "'-inf' in row 2 of 'x' is no number"),
        ({"x": ["1", "two", "3"], "price": [1, 2, 3]}, "'two' in row 2 of 'x' is no number"),
        ({"x": [[1.0], [2.0]], "price": [1, 2]}, "'[1.0]' in row 1 of 'x' and 1 more"),
        (
            {"x": [1, 2], "price": [dt.date(2024, 1, 31)] * 2},
            "'2024-01-31' in row 1 of 'price' and 1 more: a date",
        ),
        ({"x": [1, 2, 3], "price": ["low", None, "high"]}, "no value in row 2 of 'price'. "),
        ({"x": [1], "price": [2]}, "rows of data: 1; expected 2 or more."),
        ({"x": [1, 2], "cost": [2, 3]}, "no column is called 'price'. Known: cost, x."),
    ],
)
def test_a_mistake_in_a_parquet_file_is_answered_with_its_row(
    tmp_path: Path, columns: dict[str, list[Any]], message: str
) -> None:
    assert refused(written_parquet(tmp_path, columns)).startswith(message)


def test_columns_may_be_named_by_numbers(tmp_path: Path) -> None:
    columns = read_file(written(tmp_path, "2019,2020,2021\n1,2,3\n4,5,6\n"), "2021")
    assert same_bits(columns, {"2019": [1.0, 4.0], "2020": [2.0, 5.0], "2021": [3.0, 6.0]})


def test_a_message_is_one_line_whatever_the_file_holds(tmp_path: Path) -> None:
    path = written(tmp_path, 'rooms,"the\nprice"\n1,2\n3,"a\nb\x07' + "c" * 99 + '"\n')
    message = str(answer(path, "the price"))
    assert message.startswith(f"{path}: 'a b c")
    assert "in row 4 of 'the price' is no number" in message
    assert message.isprintable()


def test_a_parquet_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, HOUSES, "houses.parquet")
    assert str(answer(path)).startswith(f"{path}: is not a Parquet file that can be read (")


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_corrupt_parquet_file_is_refused(tmp_path: Path, place: float) -> None:
    path = written_parquet(tmp_path, {"x": [1.0, 2.0], "price": [1.0, 2.0]})
    content = path.read_bytes()
    cut = int(place * len(content))
    path.write_bytes(content[:cut] + content[cut + 20 :])
    assert str(answer(path)).startswith(f"{path}: is not a Parquet file that can be read (")


def test_dates_beyond_the_calendar_are_refused_not_a_crash(tmp_path: Path) -> None:
    dates = pa.array([2**62, 2**62], pa.timestamp("us"))
    path = written_parquet(tmp_path, {"x": dates, "price": [1.0, 2.0]})
    assert str(answer(path)).startswith(f"{path}: is not a Parquet file that can be read (")


def test_duplicate_names_in_parquet_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.parquet"
    ones = pa.array([1.0, 2.0])
    parquet.write_table(pa.Table.from_arrays([ones, ones, ones], names=["x", "x", "price"]), path)
    assert refused(path) == (
        "two columns are called 'x'; the second is read as 'x.1'. This reads it, under 'data:': `drop: [x.1]`"
    )


def test_a_missing_file_a_folder_and_a_foreign_suffix_are_blamed_on_the_key_file(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    errors = [
        answer(tmp_path / "nowhere.csv"),
        answer(tmp_path / "folder.csv"),
        answer(written(tmp_path, "x", "x.xlsx")),
    ]
    assert [e.parameter for e in errors if isinstance(e, BadParameter)] == ["file"] * 3
    assert [str(e).partition(": ")[2] for e in errors] == [
        "there is no such file. A relative path is taken from the config's folder.",
        "this is a folder. Name a file in it.",
        (
            "expected a file that ends in .csv, .tsv, .tab, .txt, .dat, .data, .parquet or .pq, or in .csv.gz. "
            "Save the sheet as CSV."
        ),
    ]


def test_a_file_needs_its_target_named(tmp_path: Path) -> None:
    path = written(tmp_path, HOUSES)
    error = answer(path, target=None)
    assert isinstance(error, BadParameter)
    assert error.parameter == "target"
    assert str(error) == f"{path}: 'target:' must name the column to predict. Known: rooms, area, price."


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (("rooms", "price"), "'price' is the target, so it cannot be a feature as well."),
        (("rooms", "aera"), "no column is called 'aera'. Did you mean area?"),
        ((), "'features:' is empty; expected at least one feature column."),
    ],
)
def test_features_that_cannot_be_are_blamed_on_the_key_features(
    tmp_path: Path, features: tuple[str, ...], message: str
) -> None:
    path = written(tmp_path, HOUSES)
    error = answer(path, features=features)
    assert isinstance(error, BadParameter)
    assert (error.parameter, str(error)) == ("features", f"{path}: {message}")


def test_a_file_in_utf_16_that_was_cut_in_a_letter_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv"
    path.write_bytes(HOUSES.encode("utf-16")[:-1])
    error = answer(path)
    assert re.search(r"row \d+: byte 0x.. is not UTF-16 text", str(error)), error
