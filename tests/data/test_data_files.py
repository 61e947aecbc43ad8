"""A user's own CSV and Parquet files: what comes back, bit for bit, and what each mistake is answered with."""

import csv
import datetime as dt
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

NOT_A_NUMBER = "Correct it, remove the row, or choose columns of numbers, such as features: "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ": is empty; expected column names in the first line and numbers below."),
        ("\ufeff\r\n\n", ": is empty; expected column names in the first line and numbers below."),
        ("rooms,price\n", ": rows of data: 0; expected 2 or more."),
        ("rooms,price\n1,2\n", ": rows of data: 1; expected 2 or more."),
        ("rooms,Price\n1,2\n3,4\n", ": no column is called 'price'. Did you mean Price?"),
        ("price\n1\n2\n", ": no column is left but the target; expected at least one feature column."),
        (
            "rooms;price\n1;2\n3;4\n",
            ", line 1: one column, 'rooms;price'; expected columns separated by commas.",
        ),
        ("3,200\n4,310\n", ": no column is called 'price'. Its names are numbers: is a header missing?"),
        (
            "rooms,price,rooms\n1,2,3\n4,5,6\n",
            ", line 1: columns 1 and 3 are both called 'rooms'. Rename or remove one.",
        ),
        (
            ",rooms,price\n0,1,2\n1,4,5\n",
            (
                ", line 1: column 1 has no name. Give it one, or remove it "
                "(pandas leaves out its index with to_csv(…, index=False))."
            ),
        ),
        (
            "rooms,price\n1,2\n3,4,5\n",
            ", line 3: 3 values for 2 columns. Add or remove values, or quote those that hold a comma.",
        ),
        (
            "rooms,price\n1,2\n3\n",
            ", line 3: 1 value for 2 columns. Add or remove values, or quote those that hold a comma.",
        ),
        (
            "rooms,area,price\n1,5,2\n,6,4\n",
            f", line 3, column 'rooms': the value is missing. {NOT_A_NUMBER}[area].",
        ),
        (
            "rooms,area,price\n1,5,2\n\n2,6,4\nNA,6,4\n ,6,4\n",
            (
                ", line 5, column 'rooms': the value is missing ('NA') (and 1 more in this column). "
                f"{NOT_A_NUMBER}[area]."
            ),
        ),
        (
            "city,rooms,price\nParis,1,2\nRome,3,4\n",
            (
                ", line 2, column 'city': 'Paris' is not a number (and 1 more in this column). "
                f"{NOT_A_NUMBER}[rooms]."
            ),
        ),
        (
            "city,price\nParis,2\nRome,4\n",
            (
                ", line 2, column 'city': 'Paris' is not a number (and 1 more in this column). "
                "Correct it, remove the row, or choose columns of numbers with 'features:'."
            ),
        ),
        (
            "rooms,price\n1,2\n3,4 000\n",
            ", line 3, column 'price': '4 000' is not a number. Correct it or remove the row.",
        ),
        (
            'rooms,price\n1,"2,5"\n3,"4,5"\n',
            (
                ", line 2, column 'price': '2,5' is not a number (and 1 more in this column). "
                "Correct it or remove the row."
            ),
        ),
        (
            "rooms,price\n1,2\n3,unknown\n",
            ", line 3, column 'price': 'unknown' is not a number. Correct it or remove the row.",
        ),
        (
            "rooms,price\n1,low\n3,\n4,high\n",
            ", line 3, column 'price': the value is missing. Correct it or remove the row.",
        ),
        (
            "rooms,price\n1,\n3,\n",
            (
                ", line 2, column 'price': the value is missing (and 1 more in this column). "
                "Correct it or remove the row."
            ),
        ),
        ("rooms,price\n1,low\n3,low\n", ": column 'price' holds one class only, 'low'; expected two or more."),
        (
            "rooms,price\n1,2\n3,inf\n",
            ", line 3, column 'price': 'inf' is not a finite number. Correct it or remove the row.",
        ),
        (
            "rooms,price\n1,2\n3,1e999\n",
            ", line 3, column 'price': '1e999' is not a finite number. Correct it or remove the row.",
        ),
        (
            "rooms,price\n1,2\n3,1_000\n",
            ", line 3, column 'price': '1_000' is not a number. Correct it or remove the row.",
        ),
        (
            'note,rooms,price\n"two\nlines",1,2\nb,x,4\n',
            (
                ", line 4, column 'rooms': 'x' is not a number. Correct it, remove the row, or take 'rooms' "
                "out of 'features:'."
            ),
        ),
        (
            'rooms,price\n1,2\n3,"4\n5,6\n',
            ", line 3: not well-formed CSV (unexpected end of data). Look for a stray quote.",
        ),
        (b"rooms,price\n1,2\n3,\xff\n", ", line 3: byte 0xff is not UTF-8 text. Save the file as UTF-8."),
        (HOUSES.encode("utf-16"), ", line 1: byte 0xff is not UTF-8 text. Save the file as UTF-8."),
    ],
)
def test_a_mistake_in_a_csv_is_answered_with_its_place_and_a_remedy(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    path = written(tmp_path, text)
    features = ("rooms",) if isinstance(text, str) and text.startswith("note") else None
    assert str(answer(path, features=features)) == f"{path}{message}"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"x": [1.0, None, 3.0], "price": [1, 2, 3]}, ", row 2, column 'x': the value is missing. "),
        ({"x": [1.0, float("nan")], "price": [1, 2]}, ", row 2, column 'x': the value is missing (nan). "),
        ({"x": [1.0, float("-inf")], "price": [1, 2]}, ", row 2, column 'x': -inf is not a finite number. "),
        ({"x": ["1", "two"], "price": [1, 2]}, ", row 2, column 'x': 'two' is not a number. "),
        ({"x": [[1.0], [2.0]], "price": [1, 2]}, ", row 1, column 'x': [1.0] is not a number (and 1 more"),
        ({"x": [1, 2], "price": [dt.date(2024, 1, 31)] * 2}, ", row 1, column 'price': 2024-01-31 is not a"),
        ({"x": [1, 2], "price": ["low", None]}, ", row 2, column 'price': the value is missing. Correct it or"),
        ({"x": [1], "price": [2]}, ": rows of data: 1; expected 2 or more."),
        ({"x": [1, 2], "cost": [2, 3]}, ": no column is called 'price'. Known: cost, x."),
    ],
)
def test_a_mistake_in_a_parquet_file_is_answered_with_its_row(
    tmp_path: Path, columns: dict[str, list[Any]], message: str
) -> None:
    path = written_parquet(tmp_path, columns)
    assert str(answer(path)).startswith(f"{path}{message}")


def test_columns_may_be_named_by_numbers(tmp_path: Path) -> None:
    columns = read_file(written(tmp_path, "2019,2020,2021\n1,2,3\n4,5,6\n"), "2021")
    assert same_bits(columns, {"2019": [1.0, 4.0], "2020": [2.0, 5.0], "2021": [3.0, 6.0]})


def test_a_message_is_one_line_whatever_the_file_holds(tmp_path: Path) -> None:
    path = written(tmp_path, 'rooms,"the\nprice"\n1,2\n3,"a\nb\x07\0' + "c" * 99 + '"\n')
    message = str(answer(path, "the\nprice"))
    assert message.startswith(f"{path}, line 4, column 'the price': 'a b c")
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
    assert str(answer(path)) == f"{path}: columns 1 and 2 are both called 'x'. Rename or remove one."


def test_a_missing_file_a_folder_and_a_foreign_suffix_are_blamed_on_the_key_file(tmp_path: Path) -> None:
    errors = [answer(tmp_path / "nowhere.csv"), answer(tmp_path), answer(written(tmp_path, "x", "x.xlsx"))]
    assert [e.parameter for e in errors if isinstance(e, BadParameter)] == ["file"] * 3
    assert [str(e).partition(": ")[2] for e in errors] == [
        "there is no such file. A relative path is taken from the config's folder.",
        "is a folder; expected a CSV or Parquet file. Name a file in it.",
        "expected a file that ends in .csv or .parquet.",
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
