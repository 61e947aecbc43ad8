"""A family of dressed tables: `new` reads what is in them, and so does the line of a refusal."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from gdbench.config.first_config import choose
from gdbench.data.columns import Columns
from gdbench.data.files import read_options
from gdbench.data.files.remedies import Refusal
from gdbench.data.tabular import read_file
from tests.data.dressed import Dressed, dressed
from tests.sampling import sampled

SEEDS = range(3000)


def same(found: Sequence[float], expected: Sequence[float]) -> bool:
    return len(found) == len(expected) and all(
        a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(found, expected, strict=True)
    )


def check(columns: Columns, table: Dressed, but: str = "") -> None:
    """All numbers and labels, and nothing else but an ID. but: a gap that is read as a number."""
    found = {**columns.features, columns.target_name: columns.target}
    for name, numbers in table.numbers.items():
        expected = [float(but) if but and math.isnan(value) else value for value in numbers]
        assert same(found.pop(name), expected), name
    if table.labels:
        assert [columns.labels["city"][int(code)] for code in found.pop("city")] == table.labels
    assert set(found) <= {"id"}


@sampled("seed", SEEDS, 60)
def test_new_reads_a_dressed_table_as_the_clean_one(tmp_path: Path, seed: int) -> None:
    table = dressed(seed)
    path = tmp_path / f"table{table.suffix}"
    path.write_bytes(table.content)
    chosen = choose(str(path), table.target)
    check(read_file(path, table.target, None, chosen.reading), table)
    assert chosen.reading.categories == ("one_hot" if table.labels else "refuse")


@sampled("seed", SEEDS, 60)
def test_a_dressed_table_is_read_or_refused_with_the_line_that_reads_it(tmp_path: Path, seed: int) -> None:
    table = dressed(seed)
    path = tmp_path / f"table{table.suffix}"
    path.write_bytes(table.content)
    settings: Mapping[str, object] = {}
    try:
        columns = read_file(path, table.target)
    except Refusal as refusal:
        settings = refusal.settings
    if settings:
        columns = read_file(path, table.target, None, read_options(settings))
    # a number that means "no value" is a number, and told, where nothing else is refused
    told = any(note.kind == "sentinel" for note in columns.notes)
    check(columns, table, "-999" if told and table.gap == "-999" else "")
