"""The other Python interpreters of this machine, each found by asking it who it is."""

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("python3.11", "python3.12", "python3.13", "pypy3")


def find(name):
    """The path of a working interpreter, or None: a pyenv shim may exist for one that is not active."""
    for path in _candidates(name):
        if path and _answers(path):
            return path
    return None


def _candidates(name):
    yield shutil.which(name)
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    pattern = f"{name.removeprefix('python')}*/bin/{name}" if name.startswith("python") else "pypy3*/bin/pypy3"
    yield from sorted(str(path) for path in root.glob(pattern))


def _answers(path):
    try:
        return subprocess.run([path, "-c", "pass"], capture_output=True, timeout=30).returncode == 0
    except OSError:
        return False
