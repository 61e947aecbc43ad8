"""kill -9 in the middle of tracking, then sync: MLflow holds exactly what an undisturbed pass leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tracking.studies import plan, write_store

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is forked")

ATTEMPTS = 12


def test_a_tracker_killed_at_any_commit_and_run_again_leaves_the_same_as_undisturbed(
    tmp_path: Path, template: Path
) -> None:
    store = write_store(tmp_path / "store", [plan("slow", "fast"), plan("fast", "wild", "lost", id="plan-2")])
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.tracking.killed_sync",
            store,
            template,
            tmp_path / "attempts",
            str(ATTEMPTS),
        ],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    undisturbed, *attempts = [json.loads(line) for line in done.stdout.splitlines()]
    assert undisturbed["ended"] == 0
    assert len(undisturbed["held"]["runs"]) == 6
    assert [attempt["ended"] for attempt in attempts] == [-signal.SIGKILL] * ATTEMPTS
    for number, attempt in enumerate(attempts):
        assert attempt["held"] == undisturbed["held"], f"differs after kill {number} of {ATTEMPTS}"
