"""What `gdbench doctor` looks at, each with what it found: versions, places, clocks."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

import yaml

from gdbench import __version__
from gdbench.config.examples import shipped
from gdbench.descent.errors import GdbenchError
from gdbench.plugins.installed import load_installed
from gdbench.tracking.server.address import is_server, masked, resolve_uri, sqlite_path
from gdbench.tracking.server.embedded import damage_of_database
from gdbench.tracking.server.schema import check_file

#: What makes further runners and stores possible: module → what it is for.
_OPTIONAL = {
    "distributed": "runners dask, dask-slurm and dask-ssh",
    "dask_jobqueue": "runner dask-slurm",
    "asyncssh": "runner dask-ssh",
    "psycopg": "a PostgreSQL tracking server",
}
_INTERPRETERS = ("pypy3", "python3.11", "python3.12", "python3.13", "python3.14")

#: A shell's exit status where there is no such command.
_NOT_THERE = 127

#: Bytes below which a sweep may fill the disk, and seconds by which two clocks may differ.
_LITTLE_SPACE = 200_000_000
_CLOCK_SKEW = 2.0
_SECONDS_TO_ANSWER = 5
_EARLIEST = 1_735_689_600  # 2025: a clock that says less is not set


@dataclass(frozen=True)
class CheckupLine:
    """about: the heading it stands under.  state: fine, absent (and that is no mistake), doubt, wrong."""

    about: str
    name: str
    state: str
    said: str


def checkup(results: Path, tracking_uri: str | None) -> list[CheckupLine]:
    """Everything, in the order in which it is told."""
    return [
        *_versions(),
        *_interpreters(),
        *_optional(),
        *_plugins(),
        *_results(results),
        *_tracking(tracking_uri, results),
        *_clock(results),
    ]


def _versions() -> Iterator[CheckupLine]:
    about = "versions"
    yield CheckupLine(about, "gdbench", "fine", f"{__version__} in {Path(__file__).parents[2]}")
    yield CheckupLine(about, "examples and docs", "fine", f"in {shipped()} (gdbench list examples)")
    running = f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}"
    yield CheckupLine(about, "python", "fine", running)
    yield CheckupLine(about, "platform", "fine", f"{platform.platform()}, {_cores()} cores to use")
    for requirement in requires("gdbench") or []:
        if "extra ==" in requirement:
            continue
        name = re.split(r"[\s<>=!~;\[(]", requirement, maxsplit=1)[0]
        try:
            found = version(name)
        except PackageNotFoundError:
            yield CheckupLine(about, name, "wrong", f"is missing. pip install '{requirement}'")
            continue
        wanted = requirement.removeprefix(name).partition(";")[0].strip()
        if _is_too_old(found, wanted):
            said = f"{found}, but {wanted} is needed. pip install '{requirement}'"
            yield CheckupLine(about, name, "wrong", said)
        else:
            yield CheckupLine(about, name, "fine", found)
    if not yaml.__with_libyaml__:
        yield CheckupLine(
            about, "libyaml", "doubt", "PyYAML was built without it: configs are read 15 times slower"
        )


def _is_too_old(found: str, wanted: str) -> bool:
    least = re.search(r">=\s*([0-9.]+)", wanted)
    return bool(least) and _numbers(found) < _numbers(least[1] if least else "")


def _numbers(text: str) -> list[int]:
    return [int(part) for part in re.findall(r"[0-9]+", text)[:3]]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _interpreters() -> Iterator[CheckupLine]:
    about = "interpreters"
    for name in _INTERPRETERS:
        path = shutil.which(name)
        if path is None:
            if name == "pypy3":
                yield CheckupLine(
                    about,
                    name,
                    "absent",
                    "not on the PATH: it does long runs 10 to 40 times faster, by itself (runner auto)",
                )
            continue
        try:
            done = subprocess.run(  # noqa: S603  a path that `which` found
                [path, "-c", "import sys; print(sys.version.replace('\\n', ' '))"],
                capture_output=True, text=True, timeout=_SECONDS_TO_ANSWER, check=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            status = getattr(error, "returncode", None)
            why = f"exit status {status}" if status is not None else type(error).__name__
            # a launcher of versions (pyenv, asdf) answers so for one that is not installed
            state = "absent" if status == _NOT_THERE else "doubt"
            yield CheckupLine(about, name, state, f"{path} does not start: {why}")
        else:
            yield CheckupLine(about, name, "fine", f"{path}: {done.stdout.strip()}")


def _optional() -> Iterator[CheckupLine]:
    for module, purpose in _OPTIONAL.items():
        try:
            here = find_spec(module) is not None
        except (ImportError, ValueError):
            here = False
        state, said = ("fine", "here") if here else ("absent", "not installed")
        yield CheckupLine("optional parts", module, state, f"{said} ({purpose})")


def _plugins() -> Iterator[CheckupLine]:
    try:
        found = load_installed()
    except GdbenchError as error:
        yield CheckupLine("plug-ins", "packages", "wrong", str(error))
        return
    for plugin in found:
        names = ", ".join(f"{kind} {name}" for kind, name in plugin.entries)
        yield CheckupLine("plug-ins", plugin.module or plugin.origin, "fine", names)


def _results(results: Path) -> Iterator[CheckupLine]:
    """Whether results can be written, and whether there is room for them."""
    about, folder = "results", _nearest(results)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".gdbench-doctor-"):
            pass
    except OSError as error:
        said = f"{folder} cannot be written: {error.strerror}. Choose another folder with --results."
        yield CheckupLine(about, str(results), "wrong", said)
        return
    made = "can be written" if results.is_dir() else f"can be made in {folder}"
    yield CheckupLine(about, str(results), "fine", made)
    free = shutil.disk_usage(folder).free
    state = "doubt" if free < _LITTLE_SPACE else "fine"
    yield CheckupLine(about, "space", state, f"{free / 1e9:.1f} GB free")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the first above it that exists."""
    return next((path for path in (folder, *folder.absolute().parents) if path.is_dir()), Path())


def _tracking(given: str | None, results: Path) -> Iterator[CheckupLine]:
    about = "tracking"
    try:
        uri = resolve_uri(given, results)
    except GdbenchError as error:
        yield CheckupLine(about, "address", "wrong", str(error))
        return
    shown = masked(uri, uri)
    database = sqlite_path(uri)
    if database is not None:
        yield CheckupLine(about, shown, *_database(database, results))
    elif is_server(uri) and uri != "databricks":
        yield CheckupLine(about, shown, *_server(uri))
    else:
        yield CheckupLine(about, shown, "doubt", "is not asked here: gdbench sync tells whether it answers")


def _database(path: Path, results: Path) -> tuple[str, str]:
    if not path.exists():
        return "fine", "is made by the first run"
    if not os.access(path, os.W_OK):
        return "wrong", "cannot be written. Mend its permissions, or choose another with --tracking-uri"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
    except sqlite3.Error as error:
        return "wrong", f"is no MLflow database: {error}. Move it away, or choose another with --tracking-uri"
    damage = damage_of_database(f"sqlite:///{path.absolute().as_posix()}")
    if damage:
        return "wrong", damage
    try:
        check_file(path, results)
    except GdbenchError as error:
        return "doubt", str(error)
    return "fine", f"holds {runs} runs"


def _server(uri: str) -> tuple[str, str]:
    try:
        with urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=_SECONDS_TO_ANSWER) as answer:  # noqa: S310  http or https, as resolve_uri has it
            return ("fine", "answers") if answer.status == 200 else ("doubt", f"answers {answer.status}")
    except urllib.error.HTTPError as error:
        return "doubt", f"answers {error.code} {error.reason}"
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        later = "Runs are recorded all the same; gdbench sync sends them later"
        return "doubt", f"does not answer: {reason}. {later}"


def _clock(results: Path) -> Iterator[CheckupLine]:
    """A clock that is fine enough to time a run, and one date for this process and its files."""
    about, info = "clock", time.get_clock_info("perf_counter")
    state = "fine" if info.resolution <= 1e-5 else "doubt"
    yield CheckupLine(about, "timing", state, f"steps of {info.resolution:.0e} s ({info.implementation})")
    now = time.time()
    told = time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(now))
    if now < _EARLIEST:
        yield CheckupLine(
            about, "date", "wrong", f"{told}: it is not set, and runs would be in the wrong order"
        )
        return
    try:
        with tempfile.NamedTemporaryFile(dir=_nearest(results), prefix=".gdbench-doctor-") as file:
            skew = os.fstat(file.fileno()).st_mtime - now
    except OSError:
        skew = 0.0
    if abs(skew) > _CLOCK_SKEW:
        yield CheckupLine(about, "date", "doubt", f"{told}; files are dated {skew:+.0f} s from it")
    else:
        yield CheckupLine(about, "date", "fine", told)
