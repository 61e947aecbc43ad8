"""Runs on machines reached by SSH: the bits of this one, though connections end, or a sentence."""

import pytest

pytest.importorskip("distributed", reason="Dask is not installed (pip install 'gdbench[ssh]')")
pytest.importorskip("asyncssh", reason="asyncssh is not installed (pip install 'gdbench[ssh]')")

import json
import re
import subprocess
import sys

import yaml

from gdbench.execution.profiles.profile import Profile
from gdbench.execution.workers.identity import identity
from tests.cli.shell import ROOT, told
from tests.cluster.daemons import Sshd, free_ports
from tests.execution.dask_cluster import wait_until
from tests.execution.sweeping import bits, run_bits
from tests.sampling import sampled


@pytest.fixture(scope="module")
def sshd(tmp_path_factory):
    with Sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


def kill_sessions(sshd, plan, serially, folder):
    """Of one worker, which goes with it, and then of all."""
    seen = []

    def disturb(run, record):
        seen.append(run.key)
        workers = list(sshd.processes("Nanny").values())
        if len(seen) == 2:
            sshd.session_of(workers[0]).kill()
            workers[0].kill()
        if len(seen) == 4:
            for worker in workers:
                sshd.session_of(worker).kill()

    profile = Profile(kind="dask-ssh", name="lab", options=sshd.options())
    assert run_bits(plan, folder / "s", profile, disturb) == serially(plan)


def kill_gdbench(sshd, plan, serially, folder):
    profile = Profile(kind="dask-ssh", name="lab", options=sshd.options(hosts=2))
    words = [sys.executable, "-m", "tests.execution.sweeping", plan.experiment.path, folder / "s"]
    sweep = subprocess.Popen(
        [*map(str, words), profile.model_dump_json()], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert sweep.stdout.readline()  # a run is recorded
    assert sshd.processes("Nanny")
    sweep.kill()
    sweep.communicate()
    kept = bits(folder / "s")
    assert kept.items() <= serially(plan).items()


KILLED = {"the sessions of the workers": kill_sessions, "gdbench itself": kill_gdbench}


@sampled("what", KILLED, 1, kept=["the sessions of the workers"])
def test_no_run_is_wrong_and_nothing_stays_on_the_hosts_when_somebody_kills(
    sshd, plan, serially, tmp_path, what
):
    KILLED[what](sshd, plan, serially, tmp_path)
    wait_until(lambda: not sshd.processes())


def program(folder, name, text):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


#: What is wrong → a profile's options of a server (and a folder), and what is said of it.
WRONG = {
    "nobody listens": (
        lambda sshd, _: sshd.options(port=free_ports(1)[0]),
        r"host \S+ cannot be reached by SSH \(.*\)\. Are name and port right, and does its SSH server run\?",
    ),
    "a name that nobody has": (
        lambda sshd, _: {**sshd.options(), "hosts": ["127.0.0.1", "no-such-host.invalid"]},
        r"host \S+@no-such-host\.invalid:\d+ cannot be reached by SSH",
    ),
    "a server that never says a word": (
        lambda sshd, _: {**sshd.options(port=sshd.silent), "patience": 1},
        r"host \S+ has not answered by SSH within 1 s\. Is it up, .* options\.patience allows it more time\.",
    ),
    "a key that is refused": (
        lambda sshd, _: sshd.options(client_keys=[str(sshd.folder / "stranger")]),
        r"host \S+ refuses us by SSH \(Permission denied.*\)\. Put your public key into its authorized_keys",
    ),
    "a key that is not there": (
        lambda sshd, _: sshd.options(client_keys=["/nowhere/key"]),
        r"host \S+: its options\.connect_options are not what asyncssh expects \(FileNotFound.*/nowhere/key",
    ),
    "a host that is not known": (
        lambda sshd, _: sshd.options(known_hosts="/dev/null"),
        r"host \S+ shows a key that is not trusted \(.*\)\. Connect to it once with ssh",
    ),
    "a connection option that asyncssh does not know": (
        lambda sshd, _: sshd.options(prot=22),
        r"host \S+: its options\.connect_options are not what asyncssh expects \(TypeError.*'prot'",
    ),
    "no such Python": (
        lambda sshd, _: {**sshd.options(), "remote_python": "/nowhere/python"},
        r"/nowhere/python on host \S+ does not start \(.*\)\. Install gdbench .* and name its Python",
    ),
    "a Python without gdbench": (
        lambda sshd, _: {**sshd.options(), "remote_python": "/usr/bin/python3 -S"},
        r"/usr/bin/python3 -S on host \S+ cannot load gdbench \(ModuleNotFoundError.*\)\. Install gdbench",
    ),
    "a Python with another gdbench": (
        lambda sshd, folder: {
            **sshd.options(),
            "remote_python": program(
                folder, "other", """echo hello; echo '[{"gdbench": "9.9", "kernels": "ab"}, true]'"""
            ),
        },
        r"/other on host \S+ has another gdbench than this one: gdbench 9\.9 \(kernels ab\) there, .* here\.",
    ),
    "a Python without Dask": (
        lambda sshd, folder: {
            **sshd.options(),
            "remote_python": program(folder, "bare", f"""echo '[{json.dumps(identity())}, false]'"""),
        },
        r"/bare on host \S+ has no Dask\. Install gdbench\[dask\] there",
    ),
    "a program that is no Python": (
        lambda sshd, _: {**sshd.options(), "remote_python": "/bin/true"},
        r"/bin/true on host \S+ cannot load gdbench \(it said nothing\)",
    ),
    "a Python whose worker does not start": (
        lambda sshd, folder: {
            **sshd.options(),
            "remote_python": program(
                folder,
                "broken",
                f"""case "$1" in -c) echo '[{json.dumps(identity())}, true]';; *) exit 3;; esac""",
            ),
        },
        r"Dask does not start on its hosts \(.*Worker failed to start\)\. Try there: \S+ -m distributed",
    ),
    "a list that is too short": (
        lambda sshd, _: {**sshd.options(), "remote_python": ["python3", "python3"]},
        r"options\.remote_python lists 2 entries for 3 hosts\. Give one for each host, or one for all",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_machine_that_cannot_serve_is_one_sentence_with_its_name_and_status_two(
    sshd, tmp_path, monkeypatch, capsys, wrong
):
    options, said = WRONG[wrong]
    profile = {"kind": "dask-ssh", "options": options(sshd, tmp_path)}
    (tmp_path / "lab.yaml").write_text(yaml.safe_dump(profile))
    status, out, err = told(monkeypatch, capsys, tmp_path, "runners", "check", "lab.yaml")
    assert (status, out) == (2, "")
    assert re.match(rf"^runner lab: {said}.*\n$", err.replace(str(tmp_path), "")), err
    wait_until(lambda: not sshd.processes())
