"""Tables of experiments that are empty, tiny, hopeless or huge: sensible, saying what does not apply."""

import re
from dataclasses import replace

import pytest

from gdbench.descent.recording.result import Curve, RunResult
from gdbench.judgement.answer import answer
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.report.page.latex import latex
from gdbench.report.tables.contents import tables
from tests.report.records import NORMAL, PROBLEM, TARGETS, Case, descend, sweep, write_store


def told(tmp_path, cases, **options):
    with Store.read(write_store(tmp_path / "store", cases, **options)) as store:
        about = study(store)
    return {table.id: table for table in tables(about)}


def texts(table, column):
    place = [c.name for c in table.columns].index(column)
    return [row.cells[place].text for row in table.rows]


def test_an_empty_experiment_says_that_nothing_has_finished(tmp_path):
    found = told(tmp_path, sweep(rates=[0.1], limit=3), finished=[], problems=[])
    assert all(table.absent and not table.rows for table in found.values())
    assert {
        found[name].absent for name in ("settings", "winners", "iterations-to-target", "endings", "seconds")
    } == {"No run has finished yet."}


def test_a_single_run_has_no_effects_no_ranks_and_no_rival(tmp_path):
    found = told(tmp_path, [Case(0.2, descend(0.2, (0, 0, 0), 900))])
    assert len(found["settings"].rows) == 1
    assert texts(found["winners"], "next") == ["–"]
    assert "Nothing about how to descend varies" in found["effects"].absent
    assert "no independent evidence" in found["ranks"].absent


def test_when_all_diverged_nothing_is_best(tmp_path):
    found = told(tmp_path, sweep(rates=[0.5, 1.0]))
    assert texts(found["winners"], "best") == ["none that can be used"]
    assert not any(row.best for row in found["settings"].rows)
    assert set(texts(found["iterations-to-target"], "ert_iterations_to_0.01")) == {"∞"}
    assert {row.cells[-1].text for row in found["effects"].rows} == {"neither reached"}


def test_when_all_failed_no_number_is_shown(tmp_path):
    boom = RunResult("failed", "The cost divided by zero.")
    found = told(tmp_path, [Case(0.1, boom), Case(0.2, boom)])
    assert set(texts(found["settings"], "final_cost")) == {"–"}
    assert set(texts(found["iterations-to-target"], "iterations_to_0.01")) == {"never"}
    assert found["seconds"].absent


def test_one_axis_has_one_effect(tmp_path):
    found = told(tmp_path, [Case(rate, descend(rate, (0, 0, 0), 900)) for rate in (0.05, 0.1, 0.2)])
    assert {row.cells[0].text for row in found["effects"].rows} == {"learning rate"}
    assert re.search(r"the unit is the problem, and there is 1\.", found["effects"].note)


def test_identical_repeats_give_no_p_value_and_no_interval(tmp_path):
    twin = descend(0.2, (0, 0, 0), 900)
    slow = descend(0.1, (0, 0, 0), 900)
    cases = [Case(rate, run, NORMAL, r) for rate, run in ((0.2, twin), (0.1, slow)) for r in range(30)]
    found = told(tmp_path, cases)
    assert found["ranks"].absent
    assert found["pairs"].absent
    [effect] = found["effects"].rows
    assert "(" not in effect.cells[-1].text
    assert [cell.note for cell in found["iterations-to-target"].rows[0].cells] == [""] * 7


def test_how_much_a_start_matters_is_told_over_all_starts_of_a_way_to_descend(tmp_path):
    cases = sweep((0.1, 0.5), limit=900)
    found = told(tmp_path, cases)["starts"]
    assert texts(found, "way") == ["η=0.1", "η=0.5"]
    met = "0.0001" if any(case.result.iterations_to["1e-06"] is None for case in cases[:4]) else "1e-06"
    took = sorted(case.result.iterations_to[met] for case in cases if case.rate == 0.1)
    quick, lost = [dict(zip([c.name for c in found.columns], row.cells, strict=True)) for row in found.rows]
    assert [quick[name].value for name in ("starts", "arrived", "least", "most")] == [4, 4, took[0], took[-1]]
    assert quick["factor"].value == took[-1] / took[0]
    assert [lost[name].text for name in ("arrived", "least", "factor")] == ["0", "none arrived", "–"]


def test_without_targets_there_is_no_speed_but_an_ending(tmp_path):
    bare = [Case(r, replace(descend(r, (0, 0, 0), 50), iterations_to={}, work_to={})) for r in (0.1, 0.2)]
    found = told(tmp_path, bare, targets=())
    assert "names no targets" in found["iterations-to-target"].absent
    assert len(found["endings"].rows) == 2
    assert "gap" in texts(found["winners"], "achieved")[0]


def test_without_an_optimum_costs_are_shown_and_gaps_are_not(tmp_path):
    problem = replace(PROBLEM, optimum=Optimum("unknown", "Nobody knows."))
    runs = [(rate, descend(rate, (0, 0, 0), 50)) for rate in (0.1, 0.2)]
    cases = [Case(rate, replace(run, iterations_to=dict.fromkeys(TARGETS))) for rate, run in runs]
    found = told(tmp_path, cases, problems=[problem])
    assert "cannot be measured" in found["iterations-to-target"].absent
    assert set(texts(found["endings"], "relative_gap")) == {"–"}
    assert texts(found["winners"], "achieved")[0].startswith("a cost of")


def test_records_of_an_older_gdbench_have_iterations_but_no_evaluations(tmp_path):
    old = [replace(case, result=replace(case.result, work_to={})) for case in sweep((0.1, 0.2), limit=900)]
    found = told(tmp_path, old)
    assert len(found["iterations-to-target"].rows) == 4
    assert "An older gdbench recorded these runs" in found["evaluations-to-target"].absent
    assert not any(column.name.startswith("seconds_to") for column in found["seconds"].columns)


def test_seconds_are_told_apart_by_kernel_interpreter_and_machine(tmp_path):
    run = descend(0.2, (0, 0, 0), 900)
    places = [{}, {"interpreter": "PyPy 7.3.11"}, {"host": "elsewhere"}]
    cases = [Case(0.2, replace(run, **place), NORMAL, r) for r, place in enumerate(places)]
    found = told(tmp_path, cases)
    assert sorted(texts(found["seconds"], "place")) == [
        "compiled · CPython 3.11.2 · bench",
        "compiled · CPython 3.11.2 · elsewhere",
        "compiled · PyPy 7.3.11 · bench",
    ]
    assert texts(found["seconds"], "runs") == ["1"] * 3


def test_who_never_arrives_is_below_who_does_in_the_seconds_too(tmp_path):
    quick = replace(descend(0.01, (0, 0, 0), 90), seconds=1e-6)
    found = told(tmp_path, [Case(0.01, quick), Case(0.2, descend(0.2, (0, 0, 0), 900))])
    assert texts(found["seconds"], "learning_rate") == ["0.2", "0.01"]


def problems(number):
    """As many problems, each with three methods, of which the first is always the fastest."""
    known = [replace(PROBLEM, id=f"p{i}", label=f"problem {i}") for i in range(number)]
    cases = []
    for i, problem in enumerate(known):
        for rate, factor in ((0.2, 1), (0.1, 2 + i % 3), (0.05, 5 + i % 2)):
            run = descend(0.2, (0, 0, 0), 900)
            later = {t: None if k is None else k * factor + i for t, k in run.iterations_to.items()}
            work = {
                t: k and {"cost_evaluations": k + 1, "gradient_evaluations": k + 1} for t, k in later.items()
            }
            changed = replace(run, iterations_to=later, work_to=work, curve=Curve())
            cases.append(Case(rate, changed, problem=problem.id, model=f"model{i}"))
    return cases, known


def test_over_many_problems_profiles_ranks_and_intervals_appear(tmp_path):
    cases, known = problems(8)
    found = told(tmp_path, cases, problems=known)
    assert texts(found["ranks"], "method") == ["η=0.2", "η=0.1", "η=0.05"]
    assert texts(found["ranks"], "mean_rank") == ["1", "2", "3"]
    assert texts(found["profile"], "within_1") == ["100 %", "0 %", "0 %"]
    assert len(found["pairs"].rows) == 3
    assert "percentile bootstrap of the median over 8 problems" in found["effects"].note
    assert re.search(r"× more iterations \(\d.* to \d.*\)", found["effects"].rows[0].cells[-1].text)


def test_a_method_that_is_never_told_from_another_is_grouped_with_it(tmp_path):
    cases, known = problems(8)
    found = told(tmp_path, cases, problems=known)
    assert texts(found["ranks"], "not_told_apart") == ["a", "ab", "b"]


def test_five_thousand_runs_are_tabulated(tmp_path):
    run = descend(0.2, (0, 0, 0), 60)
    bare = replace(run, curve=Curve())
    cases = [Case(0.0001 * (rate + 1), bare, NORMAL, r) for rate in range(500) for r in range(10)]
    found = told(tmp_path, cases)
    assert len(found["settings"].rows) == 500
    assert len(latex([found["settings"]], "many").splitlines()) > 500


def test_latex_has_booktabs_a_label_and_no_sign_that_it_cannot_set(tmp_path):
    found = told(tmp_path, sweep(limit=900))
    text = latex(found.values(), "lr_sweep")
    assert (
        text.count(r"\begin{tabular}")
        == text.count(r"\bottomrule")
        == sum(not t.absent for t in found.values())
    )
    assert r"\label{tab:lr-sweep-settings}" in text
    assert r"$\eta$" in text
    assert r"$>$ 900" in text
    assert re.search(r"\$1\.\d+ \\times 10\^\{-11\}\$|\$\d\.?\d* \\times 10\^\{\d+\}\$", text)
    outside = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    assert outside.isascii(), {sign for sign in outside if not sign.isascii()}
    assert outside.count("{") - outside.count(r"\{") == outside.count("}") - outside.count(r"\}")
    assert "% Mean ranks over problems: Rank tests need" in text


def test_latex_escapes_what_a_user_wrote(tmp_path):
    label = r"100% of $x_1 & \evil{~^#}"
    found = told(tmp_path, [Case(0.1, descend(0.1, (0, 0, 0), 5))], problems=[replace(PROBLEM, label=label)])
    text = latex([found["winners"]], "x")
    assert r"100\% of \$x\_1 \& \textbackslash evil\{" in text


@pytest.mark.parametrize("format_", ["to_html", "texts"])
def test_a_table_that_does_not_apply_can_be_shown_all_the_same(tmp_path, format_):
    found = told(tmp_path, [Case(0.2, descend(0.2, (0, 0, 0), 9))])
    shown = getattr(found["ranks"], format_)()
    assert ("no independent evidence" in shown) if format_ == "to_html" else shown.empty


def test_a_value_that_helps_here_and_hurts_there_is_split_not_averaged(tmp_path):
    quick, slow = descend(0.2, (0, 0, 0), 900), descend(0.2, (0, 0, 0), 100)
    cases = [
        Case(0.2, quick, optimizer="adam"),
        Case(0.2, slow, optimizer="lion"),
        Case(0.1, slow, optimizer="adam"),
        Case(0.1, quick, optimizer="lion"),
    ]
    found = told(tmp_path, cases)
    optimizer = next(row for row in found["effects"].rows if row.cells[0].text == "optimizer")
    assert [cell.text for cell in optimizer.cells[3:9]] == ["2", "1", "1", "0", "0", "split"]
    assert optimizer.cells[9].text == "never reached in 1, only it reached in 1 of 2 pairs"


def test_the_verdict_over_many_problems_counts_who_is_best_on_how_many(tmp_path):
    cases, known = problems(9)
    with Store.read(write_store(tmp_path / "store", cases, problems=known)) as store:
        assert answer(study(store)).text == (
            "η=0.2 keeps a relative gap of 1e-06 on all 9 problems and is best on all; in the median over "
            "problems it takes 2.98× fewer iterations than η=0.1, the next."
        )


def test_a_killed_run_is_never_a_miss_free_of_charge(tmp_path):
    """Its curve says how many iterations it did, but what it evaluated and how long it took died with it."""
    good = descend(0.2, (0, 0, 0), 900)
    killed = replace(
        descend(0.2, (1, 0, 0), 300),
        outcome="timed_out",
        work_to={},
        cost_evaluations=0,
        gradient_evaluations=0,
    )
    killed = replace(killed, seconds=0.0)
    cases = [Case(0.2, good, NORMAL, 0), Case(0.2, killed, NORMAL, 1), Case(0.1, descend(0.1, (0, 0, 0), 900))]
    found = told(tmp_path, cases)
    reached = good.iterations_to["1e-06"]
    # half of its runs arrived: below the setting whose every run did
    assert texts(found["iterations-to-target"], "ert_iterations_to_1e-06") == ["822", f"{reached + 300}"]
    evaluations = found["evaluations-to-target"]
    # a cost and a gradient at the start and at each of 822 iterates
    assert sorted(texts(evaluations, "evaluations_to_1e-06")) == [f"{2 * (822 + 1)}", "not measured"]
    assert texts(found["seconds"], "runs") == ["1", "1"]
