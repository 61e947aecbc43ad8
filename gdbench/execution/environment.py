"""Under what a plan was run: versions, machine and commit, for the record and never for a run's key."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from gdbench import __version__
from gdbench.descent import KERNEL_VERSION

_PACKAGES = ("mlflow", "numpy", "pandas", "scikit-learn", "scipy")


def describe_environment() -> Mapping[str, str]:
    """Name → version or description; what cannot be found out is left out."""
    found = {
        "gdbench": __version__,
        "kernel_version": str(KERNEL_VERSION),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "machine": platform.machine(),
        "host": platform.node(),
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    commit = _git("rev-parse", "HEAD")
    if commit:
        found["git_commit"] = commit
        found["git_dirty"] = "yes" if _git("status", "--porcelain") else "no"
    return found


def _git(*arguments: str) -> str:
    """What git says of the current folder; nothing where there is no git or no repository."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=5, check=False)  # noqa: S603, S607
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
