"""What a run's spec becomes among MLflow's params."""

from __future__ import annotations

from dataclasses import replace

from gdbench.tracking.child import content
from tests.tracking.studies import RECORDS


def test_watched_rules_are_listed_by_their_names() -> None:
    watch = {"ftol ≤ 1e-09": {"ftol": {"tolerance": 1e-9}}, "20 iterations": {"max_iterations": {"limit": 20}}}
    record = replace(RECORDS[0], spec={**RECORDS[0].spec, "watch": watch})
    assert content(record, None).params["watch"] == "ftol ≤ 1e-09, 20 iterations"
    assert "watch" not in content(RECORDS[0], None).params
