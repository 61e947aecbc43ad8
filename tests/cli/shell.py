"""The real command line in a process of its own, as a user has it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gdbench.cli import main

ROOT = Path(__file__).parents[2]


def environment(**extra):
    """The user's environment without anything that would send our tests' runs elsewhere."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "GDBENCH_"))}
    return {**kept, "MLFLOW_DISABLE_TELEMETRY": "true", "COLUMNS": "100", **extra}


def command(*arguments):
    return [sys.executable, "-c", "from gdbench.cli import main; main()", *map(str, arguments)]


def told(monkeypatch, capsys, folder, *arguments):
    """(exit status, stdout, stderr) of the same in this process, which saves the start of another."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["gdbench", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def gdbench(*arguments, cwd=ROOT, **extra):
    """Run gdbench and give back its completed process."""
    return subprocess.run(
        command(*arguments), cwd=cwd, env=environment(**extra), capture_output=True, text=True, timeout=300
    )
