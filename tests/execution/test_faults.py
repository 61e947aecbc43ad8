"""Whatever a run, a worker, the parent or the network does, the other runs complete and nothing is lost."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace

import pytest

from gdbench.descent.errors import GdbenchError
from gdbench.execution.profiles.profile import available_cores
from gdbench.record.store import Store
from tests.cli.shell import ROOT
from tests.execution import acting
from tests.execution.sweeping import recorded, run_all
from tests.sampling import drawn

#: Seconds; long for a run of 20 iterations even where eight others want the same core.
TIMEOUT = 3.0
#: Seconds; only what hangs takes so long.
PATIENCE = 180.0

#: What a run does → its outcome, words of its reason, how often it is tried.
FAULTS = {
    "raises": ("failed", "Unpicklable: one and two", 1),
    "raises_what_has_no_words": ("failed", "Unspeakable, which cannot be shown", 1),
    "recurses": ("failed", "RecursionError", 1),
    "allocates": ("failed", "MemoryError", 1),
    "is_not_a_number": ("diverged", "iteration 6", 1),
    "overflows": ("diverged", "iteration 6", 1),
    "is_killed": ("crashed", "ended by SIGKILL in the middle of this run; so 2 times", 2),
    "segfaults": ("crashed", "ended by SIGSEGV in the middle of this run; so 2 times", 2),
    "exits": ("crashed", "ended itself in the middle of this run, with status", 2),
    "hangs": ("timed_out", "longer than its limit of 3 s", 1),
    "hangs_in_c": ("timed_out", "longer than its limit of 3 s", 1),
    "silences_its_alarm": ("timed_out", "longer than its limit of 3 s", 1),
}
#: What each engine does in a way of its own: a run that raises, one that ends its worker, one that hangs.
MOST_DIFFERENT = ("raises", "segfaults", "hangs_in_c")


def allowance():
    """Seconds by which a deadline may be missed; a machine with other work to do gets round to it later."""
    return 0.5 if os.getloadavg()[0] < available_cores() else 3.0


def act_of(label):
    return re.search(r"how=(\w+)", label)[1]


@pytest.mark.exhaustive
def test_whatever_runs_do_only_they_are_lost(place, tmp_path):
    profile = place(timeout=TIMEOUT, memory_limit=400_000_000, retries=1)
    # every day all of them on the engine that is the default, and some on the others
    chosen = list(FAULTS) if profile.kind == "processes" else drawn(FAULTS, 5, MOST_DIFFERENT, name=str)
    faults = {act: FAULTS[act] for act in chosen}
    plan = acting.plan_of(tmp_path, *faults)
    records = run_all(plan, tmp_path / "s", profile)
    told = {act_of(label): record for label, record in records.items()}
    tries = Counter(acting.begun(tmp_path))

    assert {act: told[act].result.outcome for act in faults} == {act: row[0] for act, row in faults.items()}
    for number, (act, (outcome, words, tried)) in enumerate(faults.items(), 2):
        result = told[act].result
        assert words in result.reason
        assert (act, tries[f"{act} {number}"]) == (act, tried)
        if outcome == "failed":
            assert f"in {act}" in result.traceback
        if outcome == "diverged":
            assert result.diverged_at == 6
        if outcome in ("timed_out", "crashed"):
            assert result.curve.iteration == [0, 1, 2, 3, 4, 5]
            assert result.best_cost == min(result.curve.cost)
        if outcome == "timed_out":
            assert TIMEOUT <= told[act].finished - told[act].started <= TIMEOUT + allowance()

    healthy = [record.result for label, record in records.items() if act_of(label) == "behaves"]
    assert len(healthy) == len(faults) + 1
    assert {(result.outcome, result.iterations) for result in healthy} == {("stopped", 20)}
    # and each of them was begun once: nobody paid for what its neighbours did
    assert {tries[f"behaves {number}"] for number in range(1, len(faults) + 2)} == {1}


def test_when_the_parent_is_killed_its_workers_die_and_what_finished_is_kept(place, tmp_path):
    psutil = pytest.importorskip("psutil", reason="psutil, which Dask brings, is not installed")
    profile = place()
    plan = acting.plan_of(tmp_path, "hangs", "hangs")
    command = [sys.executable, "-m", "tests.execution.sweeping", str(tmp_path / "small.yaml")]
    command += [str(tmp_path / "s"), profile.model_dump_json()]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        seen = {parent.stdout.readline().strip()}
        workers = [psutil.Process(pid) for pid in hanging(tmp_path, 2)]
        parent.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        seen |= {line.strip() for line in parent.stdout}
    _, alive = psutil.wait_procs(workers, PATIENCE)
    assert alive == []
    assert time.monotonic() - killed <= 5 + allowance() - 0.5
    assert seen <= recorded(plan, tmp_path / "s").keys()
    assert all(act_of(label) == "behaves" for label in seen)

    again = []
    whole = run_all(plan, tmp_path / "s", place(timeout=0.5), lambda run, record: again.append(run.label))
    assert whole.keys() == {run.label for run in plan.runs}
    assert seen.isdisjoint(again)


def hanging(folder, count):
    """Process ids of what hangs, once there are so many."""
    deadline = time.monotonic() + PATIENCE
    while True:
        assert time.monotonic() < deadline, "no run came to where it hangs"
        pids = (folder / "pids").read_text().split() if (folder / "pids").exists() else []
        if len(pids) == count:
            return [int(pid) for pid in pids]
        time.sleep(0.02)


def test_workers_of_another_gdbench_are_refused_with_both_versions_before_any_run(place, tmp_path, monkeypatch):
    other = {"gdbench": "0.0.1", "kernels": "0123456789ab"}
    monkeypatch.setattr("gdbench.execution.launch.identity", lambda: other)
    plan = acting.plan_of(tmp_path)
    with pytest.raises(
        GdbenchError, match=r"gdbench \d\S+ \(kernels \w+\) there, gdbench 0\.0\.1 \(kernels 0123456789ab\)"
    ):
        run_all(plan, tmp_path / "s", place())
    assert nothing_ran(tmp_path)


def test_workers_with_another_plug_in_are_refused_with_both_digests_before_any_run(place, tmp_path):
    plan = acting.plan_of(tmp_path)
    (plugin,) = plan.experiment.plugins
    other = plugin._replace(digest="0123456789abcdef")
    plan = replace(plan, experiment=replace(plan.experiment, plugins=(other,)))
    with pytest.raises(
        GdbenchError, match=rf"acting\.py: .* digest is {plugin.digest[:12]} there, 0123456789ab here"
    ):
        run_all(plan, tmp_path / "s", place())
    assert nothing_ran(tmp_path)


def nothing_ran(folder):
    with Store.read(folder / "s") as store:
        return not store.keys() and not (folder / "begun").exists()
