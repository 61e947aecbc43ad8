"""What a terminal prints is whole at any width: no digit is cut, and what has no room is told."""

import csv
import io
import random

import pytest
from rich.console import Console
from rich.text import Text

from gdbench.judgement.numerals import figure, span
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.report.page.fitted import Fitted, FittedColumn
from gdbench.report.page.terminal import summary
from gdbench.report.page.write import write_report

WIDTHS = (20, 40, 60, 80, 120)


def printed(shown, width):
    file = io.StringIO()
    Console(file=file, width=width, color_system=None, force_terminal=False).print(shown)
    return file.getvalue()


def tight(text):
    """Without white space: what folding leaves alone."""
    return "".join(text.split())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("of", ["folder", "mixed_folder"])
def test_every_number_of_the_summary_is_that_of_the_csv_or_its_column_is_told_as_left_out(of, width, request):
    folder = request.getfixturevalue(of)
    with Store.read(folder) as store:
        about = study(store)
        text = printed(summary(store), width)
    assert all(len(line) <= width for line in text.splitlines())
    [path] = [path for path in write_report(folder, ["csv"]) if path.name == "settings.csv"]
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    left_out = [line for line in " ".join(text.split()).split("…") if ": see settings.csv" in line]
    told = left_out[-1].partition(":")[0] if left_out else ""
    wanted = {
        "final cost": [figure(float(row["final_cost"])) for row in rows if row["final_cost"]],
        "rel. gap": [figure(float(row["relative_gap"]), 2) for row in rows if row["relative_gap"]],
        "iterations": [span(s.iterations[1], s.iterations[2]) for s in about.settings],
        f"kept {about.tightest}": [s.reach_text(about.tightest) for s in about.settings],
    }
    shown = tight(text) if width == 20 else text.split()  # in words there: nothing stands beside anything
    for heading, numbers in wanted.items():
        if heading in told:
            continue
        for number in numbers:
            assert all(part in shown for part in number.split()), (heading, number)
    assert f"kept {about.tightest}" not in told  # what settings are ranked by is always there


@pytest.mark.parametrize("seed", range(12))
def test_numbers_stay_whole_and_texts_complete_in_any_table(seed):
    drawn = random.Random(seed)
    kinds = [drawn.choice(["text", "number"]) for _ in range(drawn.randint(2, 7))]
    columns = [
        FittedColumn(f"{kind[0]}{i} heading", kind == "number", spare=drawn.choice([0, 1, 2]))
        for i, kind in enumerate(kinds)
    ]

    def cell(kind):
        if kind == "number":
            return drawn.choice(["7", "479", "> 500", "12,345–1,234,567", "3.1e-11", "–"])
        return " ".join("".join(drawn.choices("abc(=", k=drawn.randint(1, 24))) for _ in range(4))

    row = [cell(kind) for kind in kinds]
    for width in (20, 30, 40, 60, 80, 120):
        text = printed(Fitted(columns, [row], "it.csv"), width)
        lines = text.splitlines()
        assert all(len(line) <= width for line in lines)
        table, _, told = text.partition("…")
        assert (": see it.csv" in " ".join(told.split())) == bool(told)
        for column, value in zip(columns, row, strict=True):
            if tight(column.heading) in tight(told):
                assert column.spare
            elif column.number:
                assert value in " ".join(table.split())


def test_a_table_with_room_is_on_one_line_and_nothing_is_told():
    shown = Fitted([FittedColumn("name"), FittedColumn("n", True, 1)], [["a b", "479"], ["c", "7"]], "x")
    assert printed(shown, 40).split("\n") == ["name   n", "a b  479", "c      7", ""]


def test_the_most_spare_column_goes_first_and_is_told():
    columns = [FittedColumn("name"), FittedColumn("once", True, 1), FittedColumn("twice", True, 2)]
    shown = Fitted(columns, [["a_name_of_twenty_abc", "123456", "7654321"]], "x.csv")
    assert "twice: see x.csv" in printed(shown, 30)
    assert "123456" in printed(shown, 30)


def test_a_sign_stays_beside_its_word():
    columns = [FittedColumn("", least=11), FittedColumn(), FittedColumn("n", True)]
    text = printed(Fitted(columns, [[Text("✓ converged"), "a_long_name_of_a_setting", "1234567"]]), 30)
    assert "✓ converged a_long" in text
