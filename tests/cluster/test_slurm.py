"""Runs on a real SLURM: the bits of this machine, whatever becomes of jobs and nodes, or a sentence."""

import re

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
    daemons.ask("scontrol", "update", "nodename=here", "state=resume")
    wait_until(lambda: not daemons.jobs())


def profile(workers=2, **options):
    loopback = {"scheduler_options": {"host": "127.0.0.1", "dashboard_address": ":0"}}
    given = {"memory": "1GB", "walltime": "00:10:00", "patience": 60, **loopback, **options}
    return Profile(kind="dask-slurm", name="queue", workers=workers, options=given)


def drain(slurm):
    slurm.ask("scontrol", "update", "nodename=here", "state=drain", "reason=test")


def test_a_sweep_ends_whole_though_both_jobs_are_cancelled_and_the_node_is_drained_for_a_while(
    slurm, plan, serially, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    def cancel_all_and_resume():
        slurm.ask("scancel", *slurm.jobs())
        slurm.ask("scontrol", "update", "nodename=here", "state=resume")

    events = {
        2: lambda: drain(slurm),
        3: lambda: slurm.ask("scancel", slurm.jobs("R")[0]),
        6: cancel_all_and_resume,
    }
    seen = []

    def disturb(run, record):
        seen.append(run.key)
        events.get(len(seen), lambda: None)()

    assert run_bits(plan, tmp_path / "results" / "small", profile(), disturb) == serially
    # what jobs say lies beside the results, and nothing in the folder that one was in
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
    said = sorted((tmp_path / "results" / "small" / "slurm").iterdir())
    assert len(said) >= 3  # two jobs, and at least one in their place
    assert all(path.name.startswith("slurm-") and path.suffix == ".out" for path in said)
    wait_until(lambda: not slurm.jobs())


#: What is wrong → the profile's options, and what is said of it.
WRONG = {
    "a partition that does not exist": (
        {"queue": "nope"},
        r"takes no job \(Invalid partition name specified\)\. sinfo",
    ),
    "a Python that is not there": (
        {"python": "/nowhere/python"},
        r"job \d+ ended before one came \(.*No such file",
    ),
    "a Python without Dask": (
        {"python": "/usr/bin/python3 -S"},
        r"before one came \(.*No module named 'distributed'",
    ),
}


@sampled("wrong", WRONG, 2, kept=["a partition that does not exist"])
def test_what_no_job_can_come_of_is_said_at_once_and_nothing_is_left_in_the_queue(slurm, plan, tmp_path, wrong):
    options, said = WRONG[wrong]
    with pytest.raises(GdbenchError, match=rf"^runner queue: it has no worker, as SLURM.*{said}"):
        run_bits(plan, tmp_path / "s", profile(**options))
    assert slurm.jobs() == []
    assert bits(tmp_path / "s") == {}


@pytest.mark.exhaustive
def test_a_queue_in_which_nothing_moves_is_waited_for_as_long_as_the_profile_says(slurm, plan, tmp_path):
    drain(slurm)
    said = r"has no worker, and none came within 6 s\. SLURM says of job \d+: pending \(Nodes required"
    with pytest.raises(GdbenchError, match=said):
        run_bits(plan, tmp_path / "s", profile(patience=6))
    wait_until(lambda: not slurm.jobs())


@pytest.mark.exhaustive
def test_a_controller_that_is_gone_is_said_within_the_patience_of_the_profile(
    slurm, plan, tmp_path, monkeypatch
):
    text = slurm.conf.read_text()
    elsewhere = tmp_path / "slurm.conf"
    elsewhere.write_text(re.sub(r"SlurmctldPort=\d+", f"SlurmctldPort={free_ports(1)[0]}", text))
    monkeypatch.setenv("SLURM_CONF", str(elsewhere))
    with pytest.raises(
        GdbenchError, match=r"none came within 4 s\. SLURM does not answer, either: try sinfo\."
    ):
        run_bits(plan, tmp_path / "s", profile(patience=4))


@pytest.mark.exhaustive
def test_a_sweep_that_is_longer_than_its_jobs_may_be_ends_whole(slurm, plan, serially, tmp_path):
    """SLURM counts in minutes: each worker leaves after some seconds, as it does before the end of an hour."""
    ends = {"worker_extra_args": ["--lifetime", "8s", "--lifetime-stagger", "1s"]}
    held = []

    def hold(run, record):
        if not held:
            held.extend(slurm.jobs("R"))
            wait_until(lambda: not set(held) & set(slurm.jobs()))

    assert run_bits(plan, tmp_path / "s", profile(**ends), hold) == serially


@pytest.mark.exhaustive
def test_a_job_that_slurm_ends_at_its_wall_time_is_replaced(slurm, plan, serially, tmp_path):
    """The worker would leave after 45 s; it is told to stay, and SLURM kills it after 60."""
    stays = {"walltime": "1", "worker_extra_args": ["--lifetime", "1h"]}
    held = []

    def hold(run, record):
        if not held:
            held.extend(slurm.jobs("R"))
            wait_until(lambda: not set(held) & set(slurm.jobs("R")))

    assert run_bits(plan, tmp_path / "s", profile(**stays), hold) == serially
    assert "DUE TO TIME LIMIT" in (tmp_path / "s" / "slurm" / f"slurm-{held[0]}.out").read_text()


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
