"""What a run's spec becomes among MLflow's params."""

from __future__ import annotations

from dataclasses import replace

from gdbench.record.records import PlannedRun
from gdbench.tracking.child import content, tags
from tests.tracking.studies import RECORDS, plan


def test_watched_rules_are_listed_by_their_names() -> None:
    watch = {"ftol ≤ 1e-09": {"ftol": {"tolerance": 1e-9}}, "20 iterations": {"max_iterations": {"limit": 20}}}
    record = replace(RECORDS[0], spec={**RECORDS[0].spec, "watch": watch})
    assert content(record, None).params["watch"] == "ftol ≤ 1e-09, 20 iterations"
    assert "watch" not in content(RECORDS[0], None).params


def test_a_probe_of_a_search_is_tagged_with_what_is_sought() -> None:
    record, other = RECORDS[:2]
    stages = ({"kind": "find", "id": "s", "what": "critical"},)
    runs = [PlannedRun(record.key, "a probe", "s"), PlannedRun(other.key, "a run")]
    searched = plan(stages=stages, runs=runs)
    assert tags(record, searched)["gdbench.search"] == "critical"
    assert "gdbench.search" not in tags(other, searched)
    assert "gdbench.search" not in tags(record, plan(record.key))
