"""What the command line costs before anything runs: `python benchmarks/command_line.py [--benchopt PATH]`.

`gdbench --help`, and `gdbench plan` of 1,000 runs, in processor seconds of a fresh process; the contestants
take turns, and each is known by its fastest round. PATH is a benchopt command, which must live in an
environment of its own; without it, that column is left out. Modules are compiled once, before the clock.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
GDBENCH = [sys.executable, "-c", "from gdbench.cli import main; main()"]
PLAN = ["plan", "configs/lr_sweep.yaml", "--set", "grid.learning_rate={linspace: [0.001, 0.25, 250]}"]

#: contestant → seconds that it may take on a quiet machine.
BOUNDS = {"gdbench --help": 0.15, "gdbench plan, 1,000 runs": 0.5}


def cpu_seconds(command, environment):
    """User and system time of one process."""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:4])} … ended with status {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--benchopt", metavar="PATH")
    arguments.add_argument("--rounds", type=int, default=7)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        contestants = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "gdbench --help": [*GDBENCH, "--help"],
            "gdbench plan, 1,000 runs": [*GDBENCH, *PLAN, "--results", folder],
        }
        if asked.benchopt:
            contestants["benchopt --help"] = [asked.benchopt, "--help"]
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(Path(folder, "compiled"))
        fastest = dict.fromkeys(contestants, float("inf"))
        for command in contestants.values():
            cpu_seconds(command, environment)
        for _ in range(asked.rounds):
            for name, command in contestants.items():
                fastest[name] = min(fastest[name], cpu_seconds(command, environment))
    slow = False
    for name, seconds in fastest.items():
        bound = BOUNDS.get(name)
        verdict = "" if bound is None else f"  ≤ {bound} s: {'holds' if seconds <= bound else 'FAILS'}"
        slow |= bound is not None and seconds > bound
        print(f"{name:26} {seconds:6.3f} s  {seconds / fastest['gdbench --help']:5.1f}×{verdict}")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
