"""Experiments side by side: faster, the same, or not comparable, each with its reason."""

import re
from dataclasses import replace

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.judgement.study import study
from gdbench.record.records import SessionRecord
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.report.comparison.compare import compare
from gdbench.report.page.write import distinct, write_reports
from tests.report.records import NORMAL, PROBLEM, TARGETS, Case, descend, sweep, write_store


@pytest.fixture(scope="module")
def base():
    return sweep((0.05, 0.1, 0.2, 0.5), limit=900)


def compared(tmp_path, *sides, names=("monday", "tuesday", "wednesday"), curves=True):
    """sides: lists of cases, or of (cases, options of the store)."""
    studies, stores = [], []
    for number, side in enumerate(sides):
        cases, options = side if isinstance(side, tuple) else (side, {})
        stores.append(Store.read(write_store(tmp_path / str(number), cases, **options)))
        studies.append(study(stores[-1]))
    found = compare(names[: len(sides)], studies, stores if curves else ())
    for store in stores:
        store.close()
    return found


def sentences(found, *kinds):
    return [observation.text for observation in found.observations if observation.kind in kinds]


def changed(cases, **changes):
    return [replace(case, result=replace(case.result, **changes)) for case in cases]


def scaled(cases, factor):
    """The same runs with every crossing so much later, and a cost that shows it."""

    def later(k):
        return None if k is None else round(k * factor)

    return [
        replace(
            case,
            result=replace(
                case.result, iterations_to={t: later(k) for t, k in case.result.iterations_to.items()}
            ),
        )
        for case in cases
    ]


def test_two_runs_of_one_config_are_the_same_to_the_last_bit(tmp_path, base):
    found = compared(tmp_path, base, base)
    [same] = [f.text for f in found.observations if f.kind == "same" and f.subject == PROBLEM.label]
    assert "no difference in iterations to 1e-06 (8 settings in both: 0 fewer, 0 more" in same
    [bits] = sentences(found, "same bits")
    assert (
        bits
        == f"All {len(base)} runs with equal keys are equal to the last bit, curves and parameters included."
    )
    assert all(row.cells[-1].text in {"no difference", "neither reached"} for row in found.tables[0].rows)


def test_fewer_iterations_are_told_as_a_factor_with_the_counts_behind_it(tmp_path, base):
    slower = scaled(base, 1.31)
    found = compared(tmp_path, slower, base)
    [text] = sentences(found, "faster")
    assert "tuesday needs 1.31× fewer iterations to 1e-06 than monday" in text
    assert "8 settings in both: 4 fewer, 0 more, 0 the same, 4 never reached" in text
    [back] = sentences(compared(tmp_path / "back", base, slower), "slower")
    assert "tuesday needs 1.31× more iterations" in back


def test_the_factor_is_the_median_over_settings_of_the_median_over_shared_starts(tmp_path, base):
    found = compared(tmp_path, scaled(base, 2), base)
    ratios = [row.cells[-2].value for row in found.tables[0].rows if row.cells[-2].value is not None]
    assert ratios == [pytest.approx(0.5)] * 4


def test_bits_that_differ_are_named_with_both_values(tmp_path, base):
    [first, *rest] = base
    wrong = replace(first, result=replace(first.result, final_cost=first.result.final_cost * (1 + 2**-52)))
    [text] = sentences(compared(tmp_path, base, [wrong, *rest]), "differs")
    assert text.startswith(
        "1 of 16 runs with equal keys differ between monday and tuesday, which should not be"
    )
    assert f"final cost: {first.result.final_cost!r} in monday, {wrong.result.final_cost!r} in tuesday" in text


def test_a_curve_that_differs_in_one_bit_is_found_where_the_stores_are_at_hand(tmp_path, base):
    [first, *rest] = base
    costs = [*first.result.curve.cost]
    costs[3] *= 1 + 2**-52
    curve = replace(first.result.curve, series={**first.result.curve.series, "cost": costs})
    wrong = replace(first, result=replace(first.result, curve=curve))
    assert sentences(compared(tmp_path / "a", base, [wrong, *rest]), "differs")
    assert not sentences(compared(tmp_path / "b", base, [wrong, *rest], curves=False), "differs")


def test_seconds_and_hosts_may_differ_between_equal_bits(tmp_path, base):
    found = compared(tmp_path, base, changed(base, seconds=0.5, host="elsewhere"))
    assert sentences(found, "same bits")
    assert not sentences(found, "differs")


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ({"targets": ("0.5",)}, r"different targets \(monday: 0.01, 0.0001 and 1e-06; tuesday: 0.5\)"),
        ({"targets": ()}, r"different targets \(monday: .*; tuesday: none\)"),
        (
            {"problems": [replace(PROBLEM, optimum=replace(PROBLEM.optimum, cost=2859.0))]},
            "gaps are measured from different reference optima",
        ),
    ],
)
def test_what_cannot_be_compared_says_why(tmp_path, base, second, reason):
    found = compared(tmp_path, base, (base, second))
    [text] = [t for t in sentences(found, "not comparable") if PROBLEM.label in t]
    assert re.search(f"not comparable: {reason}", text)
    assert found.tables[0].absent


def test_other_data_under_the_same_name_is_another_problem(tmp_path, base):
    other = replace(PROBLEM, id="p9", data={"digest": "ff"})
    moved = [replace(case, problem="p9") for case in base]
    found = compared(tmp_path, base, (moved, {"problems": [other]}))
    [text] = [t for t in sentences(found, "not comparable") if PROBLEM.label in t]
    assert "different problems of one name: different data" in text


def test_problems_that_only_one_has_are_named(tmp_path, base):
    other = replace(PROBLEM, id="p9", label="another")
    moved = [replace(case, problem="p9") for case in base]
    texts = sentences(compared(tmp_path, base, (moved, {"problems": [other]})), "not comparable")
    assert any(f"{PROBLEM.label}: not comparable: it is in monday only" in text for text in texts)
    assert any("another: not comparable: it is in tuesday only" in text for text in texts)


def test_without_an_optimum_nothing_says_when_a_run_has_arrived(tmp_path, base):
    lost = replace(PROBLEM, optimum=Optimum("unknown", "Nobody knows."))
    cases = changed(base, iterations_to=dict.fromkeys(TARGETS))
    found = compared(tmp_path, (cases, {"problems": [lost]}), (cases, {"problems": [lost]}))
    assert any("no optimum is known (unknown)" in text for text in sentences(found, "not comparable"))


def test_two_configs_that_differ_in_the_optimizer_are_matched_by_the_rest(tmp_path, base):
    other = [replace(case, optimizer="nesterov") for case in scaled(base, 0.5)]
    [text] = sentences(compared(tmp_path, base, other), "faster")
    assert "2× fewer iterations" in text
    assert "optimizer: gradient_descent in monday, nesterov in tuesday" in text


def test_a_target_that_only_one_of_them_reaches_is_said_so(tmp_path):
    quick, slow = Case(0.2, descend(0.2, (0, 0, 0), 900)), Case(0.2, descend(0.2, (0, 0, 0), 100))
    assert any(
        "only tuesday reaches 1e-06" in text
        for text in sentences(compared(tmp_path, [slow], [quick]), "faster")
    )


def test_different_seeds_are_compared_by_medians(tmp_path):
    def drawn(starts):
        return [Case(0.2, descend(0.2, start, 900), NORMAL, r) for r, start in enumerate(starts)]

    here, there = drawn([(0, 0, 0), (90, 0, 0), (9, 9, 0)]), drawn([(9, 9, 0), (0, 0, 0), (90, 0, 0)])
    there = [replace(case, seed=1) for case in there]
    [text] = [f.text for f in compared(tmp_path, here, there).observations if f.subject == PROBLEM.label]
    assert "no difference in iterations to 1e-06 (1 setting in both: 0 fewer, 0 more, 1 the same)" in text


def test_seconds_are_not_compared_across_interpreters_or_kernels(tmp_path, base):
    found = compared(tmp_path, base, changed(base, interpreter="PyPy 7.3.11"))
    [text] = [f.text for f in found.observations if f.subject == "seconds"]
    assert text == "seconds: not comparable: different interpreters (CPython 3.11.2; PyPy 7.3.11)."


def test_a_faster_machine_is_told_by_the_seconds_of_the_runs_that_both_have(tmp_path, base):
    quick = [replace(c, result=replace(c.result, seconds=c.result.seconds / 2, host="new")) for c in base]
    [text] = sentences(compared(tmp_path, base, quick), "pace")
    assert "tuesday takes 2× fewer per iteration than monday" in text
    assert "on new, by those on bench" in text


def test_seconds_of_crowded_sessions_are_left_out(tmp_path, base):
    folder = tmp_path / "crowded"
    with Store.open(folder) as store:
        store.begin_session(
            SessionRecord("plan1", 1.0, "processes", "processes", 9, 2, "bench", 1, 3, comparable=False)
        )
        for case in base:
            store.add(case.record)
    crowded = write_store(folder, base, finished=[])
    with Store.read(crowded) as there, Store.read(write_store(tmp_path / "calm", base)) as here:
        studies = [study(here), study(there)]
        found = compare(["calm", "crowded"], studies)
    [text] = [f.text for f in found.observations if f.subject == "seconds"]
    assert text == "seconds: not comparable: no run in both was timed with a core to itself."


def test_what_is_missing_of_an_unfinished_experiment_is_counted(tmp_path, base):
    found = compared(tmp_path, base, (base, {"finished": base[:-3]}))
    assert sentences(found, "unfinished") == ["tuesday is not finished: 3 runs are missing of 16."]


def test_three_experiments_are_each_compared_with_the_first(tmp_path, base):
    found = compared(tmp_path, base, base, scaled(base, 2))
    assert [table.title for table in found.tables] == ["tuesday against monday", "wednesday against monday"]
    assert len({table.id for table in found.tables}) == 2


def test_a_comparison_is_written_beside_the_first_experiments_report(tmp_path, base):
    folders = [write_store(tmp_path / name, base) for name in ("monday", "tuesday")]
    written = write_reports(folders, ["md", "csv", "latex"])
    assert {path.parent for path in written} == {folders[0] / "report" / "with-tuesday"}
    assert [path.name for path in written] == ["report.md", "versus-1.csv", "tables.tex"]
    text = written[0].read_text(encoding="utf-8")
    assert text.startswith("# monday · tuesday")
    assert "no difference in iterations to 1e-06" in text


def test_experiments_of_one_name_are_told_apart_by_their_folders(tmp_path):
    assert distinct([tmp_path / "a" / "sweep", tmp_path / "b" / "sweep"]) == ["a/sweep", "b/sweep"]
    assert distinct([tmp_path / "a", tmp_path / "b"]) == ["a", "b"]
    with pytest.raises(GdbenchError, match="cannot be compared with itself"):
        distinct([tmp_path / "a", tmp_path / "a"])
