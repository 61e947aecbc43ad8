"""Other processes, and bounds on this one: POSIX has signals and groups, Windows neither, macOS no bounds.

Standard library and Python 3.9 only: workers under PyPy import this module.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import resource

#: Linux, <sys/prctl.h>.
_PR_SET_PDEATHSIG = 1
#: Windows, <winnt.h>, <winbase.h>; and what subprocess calls a group of its own there.
_SYNCHRONIZE, _FOREVER = 0x00100000, 0xFFFFFFFF
_NEW_GROUP = 0x00000200
_SECONDS_BETWEEN_LOOKS = 1.0


def is_windows() -> bool:
    """Asked when it matters, so that a test can take POSIX away."""
    return os.name == "nt"


# --- a server and what it starts


def popen_apart(command: list[str], environment: dict[str, str], log: int) -> subprocess.Popen[bytes]:
    """A process whose children are ended with it (`end_tree`), and which Ctrl-C in our terminal does not reach.

    log: file descriptor for all that it prints.
    """
    flags = _NEW_GROUP if is_windows() else 0
    return subprocess.Popen(  # noqa: S603  our own interpreter
        command,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=not is_windows(),
        creationflags=flags,
    )


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """What Ctrl-C would do to a process of `popen_apart`."""
    with suppress(OSError):
        process.send_signal(
            getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT) if is_windows() else signal.SIGINT
        )


def end_tree(process: subprocess.Popen[bytes], patience: float) -> None:
    """Ask a process of `popen_apart` and all that it started to end, then make them.

    patience: seconds for each.
    """
    for end in (_ask, _force):
        if not end(process):
            break
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    if process.poll() is None:
        kill(process.pid)
    process.wait()


def _ask(process: subprocess.Popen[bytes]) -> bool:
    """False where there is nobody left to ask."""
    if is_windows():
        interrupt(process)
        return True
    return _signal_group(process.pid, signal.SIGTERM)


def _force(process: subprocess.Popen[bytes]) -> bool:
    if not is_windows():
        return _signal_group(process.pid, signal.SIGKILL)
    with suppress(OSError):
        subprocess.run(  # noqa: S603  Windows' own program ends a process with its children
            ["taskkill", "/T", "/F", "/PID", str(process.pid)],  # noqa: S607
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    return True


def _signal_group(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def kill(pid: int) -> None:
    """End a process at once; harmless where it has ended."""
    # on Windows every signal ends a process at once, and there is no SIGKILL
    with suppress(OSError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


# --- a parent


def end_with_parent() -> None:
    """End this process when its parent ends: by the kernel on Linux, elsewhere by a thread that looks."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    wait = _wait_for_handle(os.getppid()) if is_windows() else _wait_for_adoption(os.getppid())
    threading.Thread(target=_end_after, args=(wait,), name="orphan watch", daemon=True).start()


def _end_after(wait: Callable[[], None]) -> None:
    wait()
    os._exit(1)


def _wait_for_adoption(parent: int) -> Callable[[], None]:
    """POSIX: a process whose parent ends gets another."""

    def wait() -> None:
        while os.getppid() == parent:
            time.sleep(_SECONDS_BETWEEN_LOOKS)

    return wait


def _wait_for_handle(parent: int) -> Callable[[], None]:
    """Windows: the number of a parent that ended stays; a handle that is held tells of its end."""
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  on Windows alone
    handle = kernel.OpenProcess(_SYNCHRONIZE, 0, parent)

    def wait() -> None:
        if handle:  # else it has ended already
            kernel.WaitForSingleObject(handle, _FOREVER)

    return wait


# --- memory


def memory_can_be_limited() -> bool:
    """Whether this system keeps a process to a bound on its memory. macOS has the call and refuses it."""
    return sys.platform not in ("win32", "cygwin", "darwin") and hasattr(resource, "RLIMIT_AS")


def limit_memory(limit: int | None) -> None:
    """Bound this process's address space, for good; None takes our bound away."""
    if memory_can_be_limited():
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard if limit is None else limit, hard))


def memory_limit() -> int:
    """The bound on this process's address space (ulimit -v) in bytes; 0 where there is none."""
    if not memory_can_be_limited():
        return 0
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return 0 if limit == resource.RLIM_INFINITY else limit


def address_space() -> int:
    """Bytes of this process's address space, which is what a limit bounds; 0 where nobody tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, AttributeError):
        return 0


def git_facts() -> dict[str, str]:
    """What git says of the current folder; nothing where there is no git or no commit."""
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return {}
    told = {
        "git_commit": commit,
        # files of which git has never been told change nothing of the commit
        "git_dirty": "yes" if _git("status", "--porcelain", "--untracked-files=no") else "no",
        "git_branch": _git("branch", "--show-current"),
        "git_repository": _git("remote", "get-url", "origin"),
    }
    return {key: value for key, value in told.items() if value}


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=5, check=False)  # noqa: S603, S607
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
