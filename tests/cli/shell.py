"""The real command line in a process of its own, as a user has it."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
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


def here(*arguments, cwd=ROOT, **extra):
    """What `gdbench` below gives, in this process: starting one takes longer than what most verbs do."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["gdbench", *map(str, arguments)])
        wanted = environment(**extra)
        for name in os.environ.keys() - wanted.keys():
            patch.delenv(name)
        for name, value in wanted.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    return subprocess.CompletedProcess(
        arguments, ended.value.code, *(stream.buffer.getvalue().decode() for stream in (out, err))
    )


def gdbench(*arguments, cwd=ROOT, **extra):
    """Run gdbench and give back its completed process."""
    return subprocess.run(
        command(*arguments), cwd=cwd, env=environment(**extra), capture_output=True, text=True, timeout=300
    )
