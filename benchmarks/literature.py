"""How long the gallery takes: every config of configs/literature, run and checked by one command."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    configs = sorted(ROOT.glob("configs/literature/*.yaml"))
    command = [sys.executable, "-c", "from gdbench.cli import main; main()", "run", *map(str, configs)]
    for runner in ("serial", "processes"):
        with tempfile.TemporaryDirectory() as folder:
            before, began = os.times(), time.perf_counter()
            done = subprocess.run(
                [*command, "--runner", runner, "--no-tracking", "--quiet"],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            seconds, after = time.perf_counter() - began, os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        print(f"{runner}: {seconds:.1f} s, {spent:.1f} s of processor time, exit status {done.returncode}")
        print(f"  {done.stderr.splitlines()[-1]}")


if __name__ == "__main__":
    main()
