"""Where a plan runs changes when and where its results were made, and not a bit of anything else."""

import json
import sqlite3

import pytest

from gdbench.execution.profiles.profile import Profile
from gdbench.record.locate import STORE_NAME
from tests.execution import acting
from tests.execution.sweeping import run_all

#: What a place and a time may change of a result.
ELSEWHERE = ("seconds", "host", "interpreter")

#: Rates of a plug-in, a diverging one and one of each kind of end; batches of every size; rows held out.
CHANGES = {
    "seed: 3}}}": "seed: 3}}, test: 0.25}",
    "learning_rate: [{acting: {how: behaves}}]": "learning_rate: [{acting: {how: behaves}}, 0.2, 1e-4, 5.0]",
    "convergence: {max_iterations: 20}": (
        "batch_size: [full, 5]\n"
        "  initialization: [zeros, {normal: {std: 1.0}}]\n"
        "  optimizer: [gradient_descent, adam]\n"
        "  convergence: {any: [{cost_change: 1e-9}, {max_iterations: 120}]}\n"
        "repeats: 2\n"
        "targets: [1e-2, 1e-6]"
    ),
}


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return acting.plan_of(tmp_path_factory.mktemp("parity"), **CHANGES)


@pytest.fixture(scope="module")
def serial(plan, tmp_path_factory):
    """What the serial engine leaves."""
    return written(plan, tmp_path_factory.mktemp("serial"), Profile(kind="serial", workers=1, name="serial"))


def written(plan, folder, profile):
    """Every row of every table of a store, but for places, times, their checksums, and the order of return."""
    outcomes = {record.result.outcome for record in run_all(plan, folder, profile).values()}
    assert outcomes == {"converged", "stopped", "diverged"}
    with sqlite3.connect(folder / STORE_NAME) as connection:
        connection.row_factory = sqlite3.Row
        runs = [dict(row) for row in connection.execute("SELECT * FROM runs ORDER BY key")]
        problems = [dict(row) for row in connection.execute("SELECT * FROM problems ORDER BY id")]
        plans = [json.loads(row["record"]) for row in connection.execute("SELECT record FROM plans")]
    connection.close()
    for row in runs:
        row["result"] = {k: v for k, v in json.loads(row["result"]).items() if k not in ELSEWHERE}
        for name in ("position", "started", "finished", "runner", "ending", "checksum"):
            del row[name]
    for one in plans:
        del one["created"]
    # repr: a NaN is the same as itself
    return [repr(row) for row in [*runs, *problems, *plans]]


def test_every_engine_leaves_the_store_that_the_serial_one_leaves(place, plan, serial, tmp_path):
    assert written(plan, tmp_path, place()) == serial
