"""Two processes that track into one file at the same moment wait for one another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

from tests.tracking.studies import Place, converged, plan, record, write_store

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the two processes are forked")


def test_two_processes_that_track_into_one_new_file_both_finish(tmp_path: Path) -> None:
    here, names = Place(tmp_path / "results"), ["one", "two"]
    for name in names:
        keys = [f"{name}-{i}" for i in range(40)]
        records = tuple(record(key, converged(factor=0.9, updates=100)) for key in keys)
        write_store(here.results / name, [plan(*keys, id=name, experiment=name)], records)
    done = subprocess.run(
        [sys.executable, "-m", "tests.tracking.two_syncs", here.results, *names],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert json.loads(done.stdout) == [0, 0], done.stderr
    client = MlflowClient(here.uri)
    for name in names:
        runs = client.search_runs([client.get_experiment_by_name(name).experiment_id])
        assert len(runs) == 41
        assert {run.info.status for run in runs} == {"FINISHED"}
