"""Runs on a real SLURM: the bits of this machine, whatever becomes of jobs and nodes, or a sentence."""

import re
import time

import pytest

pytest.importorskip("distributed", reason="Dask is not installed (pip install 'gdbench[slurm]')")
pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed (pip install 'gdbench[slurm]')")

from dask_jobqueue import SLURMCluster

from gdbench.descent.errors import GdbenchError
from gdbench.execution.engines.dask_slurm import slurm_options
from gdbench.execution.profiles.profile import Profile
from tests.cluster.daemons import Slurm, free_ports
from tests.execution.dask_cluster import wait_until
from tests.execution.sweeping import bits, run_bits
from tests.sampling import sampled


@pytest.fixture(scope="module")
def daemons(tmp_path_factory):
    with Slurm(tmp_path_factory.mktemp("slurm")) as slurm:
        yield slurm


@pytest.fixture
def slurm(daemons, monkeypatch):
    """The node is as if nothing had ever been on it."""
    monkeypatch.setenv("SLURM_CONF", str(daemons.conf))
    yield daemons
    resume(daemons)
    wait_until(lambda: not daemons.jobs())


def profile(workers=2, **options):
    loopback = {"scheduler_options": {"host": "127.0.0.1", "dashboard_address": ":0"}}
    given = {"memory": "1GB", "walltime": "00:10:00", "patience": 60, **loopback, **options}
    return Profile(kind="dask-slurm", name="queue", workers=workers, options=given)


def drain(slurm):
    slurm.ask("scontrol", "update", "nodename=here", "state=drain", "reason=test")


def resume(slurm):
    slurm.ask("scontrol", "update", "nodename=here", "state=resume")


def cancel_and_drain(slurm):
    """Nothing new may begin when the job is cancelled: its successor waits until the node is back."""

    def cancel():
        slurm.ask("scancel", *slurm.jobs("R"))
        wait_until(lambda: slurm.jobs("PD"))
        resume(slurm)

    return {2: lambda: drain(slurm), 3: cancel}


def cancel_both(slurm):
    return {2: lambda: slurm.ask("scancel", slurm.jobs("R")[0]), 6: lambda: slurm.ask("scancel", *slurm.jobs())}


def end_time(slurm):
    """What SLURM does at a job's wall time. It looks every half minute: until then the job stands still."""

    def end():
        [job] = slurm.jobs("R")
        slurm.ask("scancel", "--full", "--signal=STOP", job)
        slurm.ask("scontrol", "update", f"jobid={job}", f"EndTime={time.strftime('%Y-%m-%dT%H:%M:%S')}")

    return {1: end}


#: What happens → how many jobs, the profile's options, what is done after so many runs, whether these are long.
DISTURBED = {
    "its node is drained for a while and its job cancelled": (1, {}, cancel_and_drain, True),
    "both jobs are cancelled": (2, {}, cancel_both, False),
    # SLURM counts in minutes; so workers leave after some seconds, as they do before the end of an hour
    "jobs leave before their time is up": (
        2,
        {"worker_extra_args": ["--lifetime", "15s", "--lifetime-stagger", "2s"]},
        lambda slurm: {},
        True,
    ),
    "a job comes to its wall time": (1, {}, end_time, True),
}


@sampled("what", DISTURBED, 1, kept=["its node is drained for a while and its job cancelled"])
def test_a_sweep_ends_whole_though(slurm, plan, longer, serially, tmp_path, monkeypatch, what):
    jobs, options, events, long = DISTURBED[what]
    after, seen = events(slurm), []

    def disturb(run, record):
        seen.append(run.key)
        after.get(len(seen), lambda: None)()

    results = tmp_path / "results"
    monkeypatch.chdir(results.parent)
    before = set(tmp_path.iterdir())
    done = run_bits(longer if long else plan, results / "small", profile(jobs, **options), disturb)
    assert done == serially(longer if long else plan)
    # what jobs say lies beside the results, and nothing in the folder that one was in
    assert set(tmp_path.iterdir()) - before == {results}
    said = sorted((results / "small" / "slurm").iterdir())
    assert len(said) > jobs  # somebody came in their place
    assert all(path.name.startswith("slurm-") and path.suffix == ".out" for path in said)
    if events is end_time:
        assert any("DUE TO TIME LIMIT" in path.read_text() for path in said)
    wait_until(lambda: not slurm.jobs())


def drained(slurm, folder, monkeypatch):
    drain(slurm)
    return {"patience": 4}


def without_controller(slurm, folder, monkeypatch):
    elsewhere = folder / "slurm.conf"
    port = f"SlurmctldPort={free_ports(1)[0]}"
    elsewhere.write_text(re.sub(r"SlurmctldPort=\d+", port, slurm.conf.read_text()))
    monkeypatch.setenv("SLURM_CONF", str(elsewhere))
    return {"patience": 3}


def python(path):
    return lambda *_: {"python": path}


#: What is wrong → makes it so and gives the profile's options, and what is said of it.
WRONG = {
    "a partition that does not exist": (
        lambda *_: {"queue": "nope"},
        r"runner queue: it has no worker, as SLURM takes no job \(Invalid partition name specified\)\. sinfo",
    ),
    "a Python that is not there": (
        python("/nowhere/python"),
        r"runner queue: it has no worker, as SLURM's job \d+ ended before one came \(.*No such file.*\)",
    ),
    "a Python without Dask": (
        python("/usr/bin/python3 -S"),
        r"runner queue: it has no worker, as SLURM's job \d+ ended before one came \(.*No module named",
    ),
    "a node that is drained": (
        drained,
        r"the Dask scheduler at \S+ has no worker, and none came within 4 s\. SLURM says of job \d+: PENDING",
    ),
    "a controller that does not answer": (
        without_controller,
        r"the Dask scheduler at \S+ has no worker, and none came within 3 s\. SLURM does not answer, either",
    ),
}


@sampled("wrong", WRONG, 1, kept=["a partition that does not exist"])
def test_a_queue_that_gives_no_worker_is_a_sentence_and_nothing_is_left_in_it(
    slurm, plan, tmp_path, monkeypatch, wrong
):
    make, said = WRONG[wrong]
    with pytest.raises(GdbenchError, match=f"^{said}"):
        run_bits(plan, tmp_path / "s", profile(**make(slurm, tmp_path, monkeypatch)))
    monkeypatch.setenv("SLURM_CONF", str(slurm.conf))
    wait_until(lambda: not slurm.jobs())
    assert bits(tmp_path / "s") == {}


def test_a_slurm_job_leaves_before_its_time_is_up(tmp_path):
    options = slurm_options({"queue": "short", "cores": 2, "memory": "4GB", "walltime": "02:00:00"})
    here = {"host": "127.0.0.1", "dashboard": False, "dashboard_address": "127.0.0.1:0"}
    with SLURMCluster(**{**options, "scheduler_options": here}) as cluster:
        script = cluster.job_script()
    assert "#SBATCH -p short" in script
    assert "#SBATCH -t 02:00:00" in script
    assert "--lifetime 6900s" in script
    assert "DASK_DISTRIBUTED__WORKER__DAEMON=False" in script


@pytest.mark.parametrize(
    ("walltime", "seconds"),
    [
        ("30", 1800),
        ("30:15", 1815),
        ("02:00:00", 7200),
        ("1-12", 129600),
        ("1-12:30", 131400),
        ("2-0:0:1", 172801),
    ],
)
def test_a_walltime_is_read_as_slurm_reads_it(walltime, seconds):
    given = slurm_options({"walltime": walltime})["worker_extra_args"]
    assert given == ["--lifetime", f"{seconds - 300}s", "--lifetime-stagger", "60s"]


def test_a_short_job_works_for_three_quarters_of_its_time():
    given = slurm_options({"walltime": "1"})["worker_extra_args"]
    assert given == ["--lifetime", "45s", "--lifetime-stagger", "3s"]
