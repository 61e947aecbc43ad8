"""Which setting a description calls the best."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gdbench.tracking.parent import description
from gdbench.tracking.verdict import best_setting
from tests.tracking.studies import PROBLEM, converged, crashed, diverged, plan, record

if TYPE_CHECKING:
    from gdbench.record.records import RunRecord

PLAN = plan("a", "b", "c")


def run(rate: float, replicate: int = 0, **changed: Any) -> RunRecord:
    return record(f"{rate}#{replicate}", converged(**changed), rate=rate, replicate=replicate)


def test_a_setting_that_never_reaches_a_target_never_beats_one_that_does() -> None:
    reaches = run(0.1, iterations_to={"0.01": 900, "0.0001": 4000}, final_cost=1.5)
    never = run(0.2, iterations_to={"0.01": 1, "0.0001": None}, final_cost=1.0)
    best = best_setting(PLAN, [never, reaches])
    assert best == ("learning_rate 0.1", "4000 iterations to a relative gap of 0.0001")


def test_replicates_count_together_and_misses_first() -> None:
    """Two of two in a median of 50 beats one of two in 10."""
    steady = [run(0.1, r, iterations_to={"0.01": k, "0.0001": k}) for r, k in enumerate((40, 60))]
    lucky = [run(0.2, r, iterations_to={"0.01": k, "0.0001": k}) for r, k in enumerate((10, None))]
    best = best_setting(PLAN, [*lucky, *steady])
    assert best == ("learning_rate 0.1", "median 50 iterations to a relative gap of 0.0001")


def test_misses_are_told() -> None:
    runs = [run(0.2, r, iterations_to={"0.0001": k}) for r, k in enumerate((10, None, None))]
    best = best_setting(PLAN, runs)
    assert best is not None
    assert best.evidence == "10 iterations to a relative gap of 0.0001, reached in 1 of 3 runs"


def test_without_any_target_reached_the_final_cost_decides() -> None:
    runs = [run(rate, iterations_to={}, final_cost=cost) for rate, cost in ((0.1, 3.0), (0.2, 2.0))]
    best = best_setting(PLAN, runs)
    assert best == ("learning_rate 0.2", "final cost 2, no target reached")


def test_when_everything_diverged_or_broke_nothing_is_called_best() -> None:
    runs = [record("a", diverged()), record("b", crashed(), rate=0.2)]
    assert best_setting(PLAN, runs) is None
    first = description(PLAN, runs, {PROBLEM.id: PROBLEM}).split("\n")[0]
    assert first == "**No setting is usable.**"


def test_each_problem_has_a_verdict_of_its_own() -> None:
    other = replace(PROBLEM, id="problem-2", label="wine · linear · mse")
    runs = [run(0.1), replace(run(0.2), problem="problem-2")]
    lines = description(PLAN, runs, {PROBLEM.id: PROBLEM, other.id: other}).split("\n")
    assert lines[0].startswith("- diabetes · linear · mse: **Best: learning_rate 0.1**")
    assert lines[1].startswith("- wine · linear · mse: **Best: learning_rate 0.2**")


def test_a_plan_without_a_run_says_so() -> None:
    assert description(PLAN, [], {}).startswith("**No run has finished yet.**")


def test_skipped_combinations_are_listed_with_their_reasons() -> None:
    text = description(plan("a", skipped=["logistic cost on diabetes: the target is no class"]), [], {})
    assert "- logistic cost on diabetes: the target is no class" in text
