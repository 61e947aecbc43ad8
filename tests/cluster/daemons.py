"""A real SLURM of one node and a real SSH server, on loopback, in a folder of their own, for one test file."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

PATIENCE = 60  # seconds; only a hang takes so long

#: Debian has them where a user's PATH does not lead.
SBIN = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def need(package, *programs):
    """The programs' paths; skips where one is missing, or where the user may not start them."""
    found = [shutil.which(program, path=SBIN) for program in programs]
    if None in found:
        pytest.skip(f"there is no {programs[found.index(None)]} on this machine (apt install {package})")
    if os.geteuid() != 0:
        pytest.skip(f"{programs[0]} wants to be started by root")
    return found


def free_ports(count):
    """Ports that nobody has at the moment, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


#: Linux's: these tests may be killed, too, and nothing is to outlive them.
WITH_US = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []


class _Daemons:
    """Processes in the foreground, each with its log; all end with the block."""

    def __init__(self, folder):
        self.folder, self._running = Path(folder), []

    def start(self, name, *command, **environment):
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen(
            [str(word) for word in [*WITH_US, *command]], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            cwd=self.folder, env={**os.environ, **environment},
        )  # fmt: skip
        self._running.append((name, process))

    def wait_until(self, condition):
        """Skips, with the last words, where a daemon ends or nothing comes about: that is this machine's."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            for name, process in self._running:
                if process.poll() is not None or time.monotonic() > deadline:
                    last = (self.folder / f"{name}.log").read_text().strip().splitlines()[-1:]
                    self.stop()
                    pytest.skip(f"{name} does not work here: {' '.join(last)}")
            time.sleep(0.05)

    def stop(self):
        for _, process in reversed(self._running):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Slurm(_Daemons):
    """munged, slurmctld and slurmd with one node of two cores. Use as a context manager."""

    def __enter__(self):
        munged, controller, node = need("slurm-wlm munge", "munged", "slurmctld", "slurmd", "sbatch")[:3]
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        socket_ = self.folder / "munge.socket"
        places = [f"--{what}={self.folder / f'munge.{what[:4]}'}" for what in ("pid-file", "seed-file")]
        self.start(
            "munged", munged, "--foreground", "--force", f"--key-file={key}", f"--socket={socket_}", *places
        )
        self.wait_until(socket_.exists)
        self.conf = self.folder / "slurm.conf"
        self.conf.write_text(self._configuration(socket_))
        self.start("slurmctld", controller, "-D", "-c", "-f", self.conf)
        self.start("slurmd", node, "-D", "-N", "here", "-f", self.conf)
        self.wait_until(lambda: self.ask("sinfo", "--noheader", "--format=%T").strip() == "idle")
        return self

    def _configuration(self, munge):
        ports, host = free_ports(2), socket.gethostname()
        return "\n".join(
            [
                "ClusterName=loopback",
                f"SlurmctldHost={host}(127.0.0.1)",
                f"SlurmctldPort={ports[0]}",
                f"SlurmdPort={ports[1]}",
                f"SlurmUser={pwd.getpwuid(os.geteuid()).pw_name}",
                f"AuthInfo=socket={munge}",
                f"StateSaveLocation={self.folder}/state",
                f"SlurmdSpoolDir={self.folder}/spool",
                f"SlurmctldPidFile={self.folder}/slurmctld.pid",
                f"SlurmdPidFile={self.folder}/slurmd.pid",
                "AuthType=auth/munge",
                "CredType=cred/munge",
                "ProctrackType=proctrack/linuxproc",
                "TaskPlugin=task/none",
                "MpiDefault=none",
                "SelectType=select/cons_tres",
                "SelectTypeParameters=CR_Core",
                # the machine may have fewer cores
                "SlurmdParameters=config_overrides",
                "SchedulerParameters=batch_sched_delay=0,bf_interval=1,sched_min_interval=0",
                "ReturnToService=2",
                "KillWait=1",
                "CompleteWait=0",
                f"NodeName=here NodeHostname={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1500",
                "PartitionName=batch Nodes=here Default=YES MaxTime=INFINITE State=UP",
                "",
            ]
        )

    def ask(self, *command):
        done = subprocess.run(
            command,
            env={**os.environ, "SLURM_CONF": str(self.conf)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout

    def jobs(self, state="all"):
        """The ids of those in the queue, the oldest first."""
        states = () if state == "all" else (f"--states={state}",)
        return sorted(self.ask("squeue", "--noheader", "--format=%i", *states).split(), key=int)

    def __exit__(self, *_):
        self.ask("scontrol", "update", "nodename=here", "state=resume")
        self.ask("scancel", "--full", "--state=RUNNING", "--me")
        self.ask("scancel", "--me")
        self.stop()
        # a job is a child of nobody
        for process in psutil.process_iter():
            try:
                if process.environ().get("SLURM_CONF") == str(self.conf) and process.pid != os.getpid():
                    process.kill()
            except psutil.Error:
                continue


class Sshd(_Daemons):
    """An SSH server with keys of its own. Use as a context manager."""

    def __enter__(self):
        server, keygen = need("openssh-server", "sshd", "ssh-keygen")
        for name in ("host", "user", "stranger"):
            subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        # where sshd goes to be without rights
        Path("/run/sshd").mkdir(exist_ok=True, mode=0o755)
        (self.port,) = free_ports(1)
        (self.folder / "authorized").write_text((self.folder / "user.pub").read_text())
        (self.folder / "known").write_text(
            f"[127.0.0.1]:{self.port} {(self.folder / 'host.pub').read_text()}", encoding="utf-8"
        )
        (self.folder / "sshd.conf").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {self.folder}/host\nPidFile none\n"
            f"AuthorizedKeysFile {self.folder}/authorized\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxStartups 100\n"
        )
        # takes connections, and never answers
        self._silent = socket.create_server(("127.0.0.1", 0))
        self.silent = self._silent.getsockname()[1]
        self.start("sshd", server, "-D", "-e", "-f", self.folder / "sshd.conf")
        self.wait_until(lambda: "listening" in (self.folder / "sshd.log").read_text().lower())
        return self

    def options(self, hosts=3, **connection):
        """Of a profile of kind dask-ssh: a scheduler and the other hosts' workers, all of them here."""
        known = {
            "port": self.port,
            "username": pwd.getpwuid(os.geteuid()).pw_name,
            "client_keys": [str(self.folder / "user")],
            "known_hosts": str(self.folder / "known"),
            "config": None,
        }
        loopback = {"host": "127.0.0.1"}
        return {
            "hosts": ["127.0.0.1"] * hosts,
            "connect_options": {**known, **connection},
            "scheduler_options": loopback,
            "worker_options": loopback,
            "remote_python": sys.executable,
            "patience": 60,
        }

    def processes(self, having=""):
        """What was started over this server and has these letters in its command, by its id."""
        return {one.pid: one for one in psutil.process_iter() if self._is_ours(one, having)}

    def _is_ours(self, process, having):
        try:
            connection = process.environ().get("SSH_CONNECTION", "")
            return connection.endswith(f" {self.port}") and having in " ".join(process.cmdline())
        except psutil.Error:
            return False

    def session_of(self, process):
        """The sshd process that carries it."""
        return next(one for one in process.parents() if one.name().startswith("sshd"))

    def __exit__(self, *_):
        self._silent.close()
        for process in self.processes().values():
            process.kill()
        self.stop()
