"""Processes without POSIX: what Windows and macOS have instead, by taking the names away."""

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from gdbench.config import processes
from gdbench.config.processes import end_tree, interrupt, kill, memory_can_be_limited, memory_limit, popen_apart
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.execution import interrupts
from gdbench.execution.profiles.profile_files import load_profile
from gdbench.execution.workers import worker_process

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]


@pytest.fixture
def windows(monkeypatch):
    """A system without POSIX: no groups, no SIGKILL, no SIGHUP, no alarms, no bounds on memory."""
    for name in ("SIGKILL", "SIGHUP", "SIGALRM", "setitimer", "ITIMER_REAL"):
        monkeypatch.delattr(signal, name)
    for name in ("killpg", "fork", "getpgid", "setsid", "sysconf", "sched_getaffinity"):
        monkeypatch.delattr(os, name)
    monkeypatch.setattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT, raising=False)
    monkeypatch.setattr(processes, "is_windows", lambda: True)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delattr(processes, "resource")


def started(monkeypatch, tmp_path):
    """A process; of the flags that Windows alone knows, which ones were asked for."""
    asked = []
    real = subprocess.Popen

    def without_flags(*arguments, creationflags=0, **options):
        asked.append(creationflags)
        return real(*arguments, **options)

    monkeypatch.setattr(processes.subprocess, "Popen", without_flags)
    out = tmp_path / "out"
    with out.open("wb") as log:
        process = popen_apart(SLEEPER, dict(os.environ), log.fileno())
    while not out.read_bytes():
        assert process.poll() is None
    return process, asked


def test_a_server_can_be_ended_on_windows(windows, monkeypatch, tmp_path):
    process, asked = started(monkeypatch, tmp_path)
    assert asked == [0x200], "it needs a group of its own to be interrupted"
    end_tree(process, 10.0)
    assert process.returncode is not None


def test_a_server_on_windows_that_heeds_nothing_is_ended_with_all_that_it_started(
    windows, monkeypatch, tmp_path
):
    process, _ = started(monkeypatch, tmp_path)
    ran = []
    monkeypatch.setattr(processes, "interrupt", lambda process: None)
    monkeypatch.setattr(processes.subprocess, "run", lambda command, **options: ran.append(command))
    end_tree(process, 0.01)
    assert ran == [["taskkill", "/T", "/F", "/PID", str(process.pid)]]
    assert process.returncode is not None, "taskkill did nothing here, and the process was ended all the same"


@pytest.mark.skipif(os.name == "nt", reason="what POSIX has")
def test_a_server_is_ended_with_all_that_it_started(tmp_path):
    process = popen_apart(SLEEPER, dict(os.environ), subprocess.DEVNULL)
    interrupt(process)
    end_tree(process, 10.0)
    assert process.returncode in (-signal.SIGINT, -signal.SIGTERM)


def test_a_process_can_be_killed_where_there_is_no_sigkill(windows):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    kill(process.pid)
    assert process.wait() != 0
    kill(process.pid)


def test_the_end_of_a_parent_is_noticed_on_windows_by_its_handle(windows, monkeypatch):
    calls = []
    kernel = SimpleNamespace(
        OpenProcess=lambda *given: calls.append(("open", *given)) or 7,
        WaitForSingleObject=lambda *given: calls.append(("wait", *given)),
    )
    monkeypatch.setattr(processes.ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(processes.os, "_exit", lambda status: calls.append(("exit", status)))
    monkeypatch.setattr(processes.threading, "Thread", Inline)
    processes.end_with_parent()
    assert calls == [("open", 0x100000, 0, os.getppid()), ("wait", 7, 0xFFFFFFFF), ("exit", 1)]


class Inline:
    """A thread that does its work when it is started."""

    def __init__(self, target, args, **_):
        self.start = lambda: target(*args)


def test_a_worker_sets_itself_up_without_posix(windows, monkeypatch):
    monkeypatch.setattr(worker_process, "end_with_parent", lambda: None)
    monkeypatch.setattr(worker_process, "_exit_loudly", lambda: None)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert worker_process.become_worker(SimpleNamespace(memory=1 << 30, timeout=3.0)) == ""
        worker_process.set_alarm(3.0)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_ctrl_c_is_heeded_without_the_signals_of_posix(windows, monkeypatch):
    monkeypatch.setattr(interrupts, "_WORDS", {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"})
    with pytest.raises(KeyboardInterrupt), interrupts.interruptible():
        signal.raise_signal(signal.SIGTERM)
    assert (interrupts.status(), interrupts.word()) == (143, "terminated")


@pytest.mark.parametrize("system", ["darwin", "win32", "cygwin"])
def test_a_memory_limit_is_refused_where_the_system_keeps_none(monkeypatch, tmp_path, system):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "platform", system)
    assert not memory_can_be_limited()
    assert memory_limit() == 0
    with pytest.raises(ConfigError, match="cannot be enforced: this system has no bound"):
        load_profile("processes", overrides=["runner.memory_limit=2GB"])


def test_only_one_module_knows_what_posix_has():
    """The names that Windows lacks stand in one place; elsewhere a `hasattr` comes before them."""
    lacking = ("killpg", "SIGKILL", "start_new_session", "getppid", "import resource\n", "send_signal(")
    package = processes.Path(processes.__file__).parents[1]
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found = [name for name in lacking if name in text]
        assert not found or path.name == "processes.py", (path, found)
