"""What MLflow's description of a sweep says first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gdbench.judgement.answer import answer
from gdbench.judgement.study import Study
from gdbench.tracking.parent import description
from tests.tracking.studies import PROBLEM, converged, crashed, diverged, plan, record

if TYPE_CHECKING:
    from gdbench.record.records import PlanRecord, RunRecord

PLAN = plan("a", "b", "c")


def run(rate: float, replicate: int = 0, **changed: Any) -> RunRecord:
    return record(f"{rate}#{replicate}", converged(**changed), rate=rate, replicate=replicate)


def described(runs: list[RunRecord], about: PlanRecord = PLAN, number: int = 1) -> str:
    problems = [replace(PROBLEM, id=f"problem-{k + 1}", label=f"table {k + 1}") for k in range(number)]
    return description(about, answer(Study(about, tuple(runs), {one.id: one for one in problems})))


def test_it_begins_with_the_answer_and_how_the_runs_ended() -> None:
    runs = [run(0.1, iterations_to={"0.01": 1, "0.0001": 9}), record("a", diverged(), rate=0.5)]
    first, _, second = described(runs).split("\n")[:3]
    told = "Use η = 0.1: it keeps a relative gap of 0.0001, first met at iteration 9; η = 0.5 diverged."
    assert first == f"**{told}**"
    assert second == "2 of 3 runs so far: 1 converged, 1 diverged."


def test_when_everything_diverged_or_broke_nothing_is_called_best() -> None:
    first = described([record("a", diverged()), record("b", crashed(), rate=0.2)]).split("\n")[0]
    assert first == "**No run ended at a point that can be used: 1 diverged, 1 crashed.**"


def test_each_problem_has_an_answer_of_its_own() -> None:
    runs = [run(0.1), run(0.2), *(replace(run(rate), problem="problem-2") for rate in (0.1, 0.2))]
    lines = described(runs, number=2).split("\n")
    assert lines[0].startswith("- On table 1: Use η = 0.1 or η = 0.2 (under 1 % apart): it keeps")
    assert lines[1].startswith("- On table 2: Use η = 0.1 or η = 0.2 (under 1 % apart): it keeps")


def test_of_many_problems_it_says_what_they_have_in_common_and_lists_the_first() -> None:
    runs = [replace(run(rate), problem=f"problem-{k}") for k in range(1, 13) for rate in (0.1, 0.2)]
    lines = described(runs, number=12).split("\n")
    assert lines[0] == (
        "**η=0.1 keeps a relative gap of 0.0001 on all 12 problems and is best on all; "
        "in the median over problems it is as fast as η=0.2, the next.**"
    )
    assert lines[2].startswith("- table 1: Use η = 0.1 or η = 0.2")
    assert lines[12] == "- … and 2 problems more"


def test_a_plan_without_a_run_says_so() -> None:
    assert described([]).startswith("**No run has finished yet: 0 of 3.**")


def test_skipped_combinations_are_listed_with_their_reasons() -> None:
    text = described([], plan("a", skipped=["logistic cost on diabetes: the target is no class"]))
    assert "- logistic cost on diabetes: the target is no class" in text
