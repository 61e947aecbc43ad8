"""Every number of every table, recomputed from the store by an independent path in plain Python."""

import csv
import io
import json
import math
import re
import statistics

import pytest

from gdbench.judgement.numerals import count, figure
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.report.tables.contents import tables
from tests.report import by_hand
from tests.report.records import TARGETS


@pytest.fixture(scope="module")
def runs(mixed_folder):
    return by_hand.read(mixed_folder)


@pytest.fixture(scope="module")
def about(mixed_folder):
    with Store.read(mixed_folder) as store:
        return study(store)


@pytest.fixture(scope="module")
def found(about):
    return {table.id: table for table in tables(about)}


def cells(table):
    """(model, rate, start) → the cells of that row by column."""
    rows = {}
    for row in table.rows:
        named = dict(zip((column.name for column in table.columns), row.cells, strict=True))
        rows[tuple(named[axis].text for axis in ("model", "learning_rate", "initialization"))] = named
    return rows


def same(value, expected):
    if expected is None:
        return value is None
    return value == pytest.approx(expected, rel=1e-14, abs=0)


def test_the_sweep_holds_runs_that_ended_in_every_way(runs):
    assert {run["outcome"] for run in runs} >= {
        "converged",
        "stopped",
        "diverged",
        "stalled",
        "failed",
        "crashed",
    }
    assert any(None in run["iterations_to"].values() for run in runs if run["outcome"] == "stopped")


@pytest.mark.parametrize(
    "id_", ["settings", "iterations-to-target", "evaluations-to-target", "endings", "seconds"]
)
def test_a_table_has_a_row_for_every_setting(found, runs, id_):
    moved = [run for run in runs if id_ != "seconds" or run["iterations"]]
    assert set(cells(found[id_])) == set(by_hand.settings(moved))


def test_the_settings_repeat_outcomes_iterations_costs_and_gaps(found, runs):
    rows = cells(found["settings"])
    for name, members in by_hand.settings(runs).items():
        row, ends = rows[name], [run["outcome"] for run in members]
        for outcome in set(ends):
            told = outcome if len(ends) == 1 else f"{ends.count(outcome)} "
            assert told in row["outcome"].text
        done = [run["iterations"] for run in members]
        assert row["iterations"].value == statistics.median(done)
        assert same(row["final_cost"].value, by_hand.middle(run["final_cost"] for run in members))
        assert same(row["relative_gap"].value, by_hand.middle(by_hand.gap(r, r["final_cost"]) for r in members))
        for target in TARGETS:
            assert row[f"iterations_to_{target}"].value == statistics.median(
                by_hand.times(members, target, "iterations")
            )


@pytest.mark.parametrize("unit", ["iterations", "evaluations"])
def test_speed_and_expected_running_time_count_the_misses(found, runs, unit):
    rows = cells(found[f"{unit}-to-target"])
    for name, members in by_hand.settings(runs).items():
        for target in TARGETS:
            each = by_hand.times(members, target, unit)
            cell, expected = rows[name][f"{unit}_to_{target}"], rows[name][f"ert_{unit}_to_{target}"]
            assert cell.value == statistics.median(each)
            assert same(expected.value, by_hand.expected(members, target, unit))
            check_words(cell, each, [by_hand.spent(run, unit) for run in members])


def check_words(cell, each, spent):
    """A censored cell shows the effort without arriving, never a number or a blank; a share where some did."""
    missed = sorted(s for s, time in zip(spent, each, strict=True) if time == math.inf)
    if cell.value == math.inf:
        bound = missed[(len(missed) - 1) // 2]
        assert cell.text.startswith(f"> {count(bound)}" if any(spent) else "never")
    else:
        assert cell.text.startswith(count(cell.value))
    assert (f"({len(each) - len(missed)} of {len(each)})" in cell.text) == (0 < len(missed) < len(each))


def test_endings_repeat_gaps_norms_and_costs_at_best_and_at_last(found, runs):
    rows = cells(found["endings"])
    for name, members in by_hand.settings(runs).items():
        best = members[0]["problem"]["optimum"]["cost"]
        each = {
            "objective_gap": [None if r["final_cost"] is None else r["final_cost"] - best for r in members],
            "best_objective_gap": [None if r["best_cost"] is None else r["best_cost"] - best for r in members],
            "relative_gap": [by_hand.gap(r, r["final_cost"]) for r in members],
            "gradient_norm": [r["final_gradient_norm"] for r in members],
            "final_cost": [r["final_cost"] for r in members],
            "best_cost": [r["best_cost"] for r in members],
        }
        for column, values in each.items():
            cell, known = rows[name][column], [value for value in values if value is not None]
            assert same(cell.value, by_hand.middle(values))
            assert cell.text == figure(cell.value)
            if known and cell.note:
                assert cell.note == " to ".join(figure(end, 3) for end in by_hand.quartiles(known))


def test_seconds_are_medians_in_one_place(found, runs):
    rows = cells(found["seconds"])
    assert {row["place"].text for row in rows.values()} == {"compiled · CPython 3.11.2 · bench"}
    for name, members in by_hand.settings([run for run in runs if run["iterations"]]).items():
        row = rows[name]
        assert row["runs"].value == len(members)
        assert same(row["seconds"].value, statistics.median(run["seconds"] for run in members))
        each = statistics.median(1e6 * run["seconds"] / run["iterations"] for run in members)
        assert same(row["microseconds_per_iteration"].value, each)
        for target in TARGETS:
            value = row[f"seconds_to_{target}"].value
            assert same(value, statistics.median(by_hand.times(members, target, "seconds")))


def test_effects_are_ratios_of_pairs_that_differ_in_one_choice(found, runs):
    groups = by_hand.settings(runs)
    [target] = re.findall(r"iterations to (\S+)", found["effects"].title)
    axes = {"learning rate": 1, "initialization": 2}
    for row in found["effects"].rows:
        named = dict(zip((column.name for column in found["effects"].columns), row.cells, strict=True))
        place = axes[named["axis"].text]
        ratios = list(pairs_of(groups, place, named["level"].text, named["reference"].text, target))
        known = [ratio for ratio in ratios if ratio is not None]
        told = [named[column].value for column in ("pairs", "faster", "slower", "same", "neither")]
        less, more = sum(r < 1 for r in known), sum(r > 1 for r in known)
        assert told == [len(ratios), less, more, len(known) - less - more, ratios.count(None)]
        assert same(named["ratio"].value, by_hand.typical(known))


def pairs_of(groups, place, level, reference, target):
    for name, members in groups.items():
        other = groups.get((*name[:place], reference, *name[place + 1 :]))
        if name[place] == level and other:
            yield ratio_of(members, other, target)


def ratio_of(members, other, target):
    """Run by run where both have the same replicates, else of the medians; None where neither arrived."""
    left, right = (by_hand.times(group, target, "iterations") for group in (members, other))
    if [run["spec"]["replicate"] for run in members] != [run["spec"]["replicate"] for run in other]:
        left, right = [statistics.median(left)], [statistics.median(right)]
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if min(a, b) < math.inf]
    return by_hand.typical([a / b for a, b in pairs])


def test_the_best_of_each_problem_is_the_one_that_arrives_first_at_the_tightest_target_or_ties(found, runs):
    for row in found["winners"].rows:
        named = dict(zip((column.name for column in found["winners"].columns), row.cells, strict=True))
        mine = {
            n: g for n, g in by_hand.settings(runs).items() if g[0]["problem"]["label"] == named["problem"].text
        }
        assert named["settings"].value == len(mine)
        target = next(
            t
            for t in sorted(TARGETS, key=float)
            if any(min(by_hand.times(g, t, "iterations")) < math.inf for g in mine.values())
        )
        middles = {name: statistics.median(by_hand.times(mine[name], target, "iterations")) for name in mine}
        names = {f"η={name[1]} · {name[2]}": name for name in mine}
        achieved = middles[names[named["best"].text]]
        assert achieved <= 1.01 * min(middles.values())  # under 1 % apart is a tie
        assert named["achieved"].text == f"{count(achieved)} iterations to {target}"


def test_nobody_who_misses_a_target_stands_above_one_who_meets_it(found):
    for id_ in ("settings", "iterations-to-target", "evaluations-to-target"):
        tightest = min(TARGETS, key=float)
        column = next(c.name for c in found[id_].columns if c.name.endswith(f"_to_{tightest}"))
        for model in ("linear", "mlp"):
            values = [row[column].value for name, row in cells(found[id_]).items() if name[0] == model]
            arrived = [value < math.inf for value in values]
            assert arrived == sorted(arrived, reverse=True)


def test_the_csv_of_a_table_has_full_precision_and_no_empty_cell(found):
    for table in found.values():
        rows = list(csv.reader(io.StringIO(table.csv())))
        assert all(all(cell for cell in row) for row in rows), table.id
        if table.absent:
            assert rows == [["absent"], [table.absent]]
            continue
        assert rows[0] == [column.name for column in table.columns]
        for row, told in zip(rows[1:], table.rows, strict=True):
            for text, cell in zip(row, told.cells, strict=True):
                if isinstance(cell.value, float) and math.isfinite(cell.value):
                    assert float(text) == cell.value
                else:
                    assert text == cell.text or json.loads(text) == cell.value


def test_every_column_of_every_table_says_what_it_is(found):
    for table in found.values():
        for column in table.columns:
            assert column.meaning.endswith((".", "…")), (table.id, column.name)
            assert column.name
        assert len({column.name for column in table.columns}) == len(table.columns)
        assert table.absent or table.rows
