"""kill -9 in the middle of tracking, then sync: MLflow holds exactly what an undisturbed pass leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sampling import most
from tests.tracking.studies import plan, write_store

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is forked"),
]

ATTEMPTS = most(9, exhaustive=45)


def test_a_tracker_killed_at_any_instant_and_run_again_leaves_the_same_as_undisturbed(
    tmp_path: Path, template: Path
) -> None:
    few = {"curve_points": 20}  # of commits there are as many as ever
    plans = [plan("slow", "fast", tracking=few), plan("fast", "wild", "lost", id="plan-2", tracking=few)]
    store = write_store(tmp_path / "store", plans)
    helper = [sys.executable, "-m", "tests.tracking.killed_sync"]
    done = subprocess.run(
        [*helper, store, template, tmp_path / "attempts", str(ATTEMPTS)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    direct, in_bulk, by_api, *attempts = [json.loads(line) for line in done.stdout.splitlines()]
    assert (direct["ended"], in_bulk["ended"], by_api["ended"]) == (0, 0, 0)
    assert direct["held"] == in_bulk["held"] == by_api["held"]
    assert len(direct["held"]["runs"]) == 6
    assert len(attempts) == ATTEMPTS
    for number, attempt in enumerate(attempts):
        if "at_commit" in attempt["how"]:
            assert attempt["ended"] == -signal.SIGKILL
        assert attempt["held"] == direct["held"], f"differs after kill {number}: {attempt['how']}"
    assert sum(attempt["ended"] == -signal.SIGKILL for attempt in attempts) > ATTEMPTS // 2
