"""What a run's spec becomes among MLflow's params."""

from __future__ import annotations

from dataclasses import replace

from gdbench.record.records import PlannedRun
from gdbench.tracking.child import content, tags
from gdbench.tracking.words import Words
from tests.tracking.studies import PROBLEM, RECORDS, plan


def test_watched_rules_are_listed_by_their_names() -> None:
    watch = {"ftol ≤ 1e-09": {"ftol": {"tolerance": 1e-9}}, "20 iterations": {"max_iterations": {"limit": 20}}}
    record = replace(RECORDS[0], spec={**RECORDS[0].spec, "watch": watch})
    assert content(record, None).params["watch"] == "ftol ≤ 1e-09, 20 iterations"
    assert "watch" not in content(RECORDS[0], None).params


def test_bookkeeping_is_a_tag_so_that_runs_compared_show_what_differs() -> None:
    spec = {**RECORDS[0].spec, "digest": "0123", "divergence": 1e6, "kernel_version": 4, "targets": ["0.01"]}
    record = replace(RECORDS[0], spec=spec)
    kept = content(record, None).params
    assert {"data", "learning_rate", "replicate"} <= kept.keys()
    assert not {"digest", "divergence", "kernel_version", "targets"} & kept.keys()
    told = tags(record, plan(record.key))
    assert (told["gdbench.digest"], told["gdbench.divergence"], told["gdbench.kernel_version"]) == (
        "0123",
        "1000000",
        "4",
    )


def test_summaries_come_before_hyperparameters_and_the_closeness_first() -> None:
    keys = list(dict.fromkeys(point.key for point in content(RECORDS[1], PROBLEM).points))
    assert keys[0] == "final/log10_relative_gap"
    assert [key.partition("/")[0] for key in keys].index("hp") > keys.index("final/cost")
    assert keys[-1].startswith("hp/")


def test_what_goes_without_saying_is_no_number_unless_it_varies() -> None:
    decayed = {"optimizer": {"gradient_descent": {"momentum": 0.0, "weight_decay": 0.5}}}
    record = replace(RECORDS[0], spec={**RECORDS[0].spec, **decayed})

    def numbers(words: Words | None) -> set[str]:
        return {p.key for p in content(record, None, words=words).points if p.key.startswith("hp/opt")}

    assert numbers(None) == {"hp/optimizer.weight_decay"}
    optimizers = [{"gradient_descent": {"momentum": m, "weight_decay": 0.5}} for m in (0.0, 0.9)]
    varying = Words(plan("a", axes={"optimizer": optimizers}, varying=["optimizer"]))
    assert numbers(varying) == {"hp/optimizer.momentum", "hp/optimizer.weight_decay"}


def test_the_relative_gap_of_each_point_is_its_gap_by_the_yardstick() -> None:
    points = content(RECORDS[1], PROBLEM).points
    gaps = [point.value for point in points if point.key == "curve/relative_gap"]
    costs = [point.value for point in points if point.key == "curve/cost"]
    assert gaps == [(cost - 1.0) / (5.0 - 1.0) for cost in costs]
    assert not [point for point in content(RECORDS[1], None).points if point.key == "curve/relative_gap"]


def test_a_probe_of_a_search_is_tagged_with_what_is_sought() -> None:
    record, other = RECORDS[:2]
    stages = ({"kind": "find", "id": "s", "what": "critical"},)
    runs = [PlannedRun(record.key, "a probe", "s"), PlannedRun(other.key, "a run")]
    searched = plan(stages=stages, runs=runs)
    assert tags(record, searched)["gdbench.search"] == "critical"
    assert "gdbench.search" not in tags(other, searched)
    assert "gdbench.search" not in tags(record, plan(record.key))
