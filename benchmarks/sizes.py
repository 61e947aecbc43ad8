"""Seconds and bytes of large shapes: `python benchmarks/sizes.py [--verb plan|inspect] [WORD …]`.

Each is asked of the real command in a process of its own: seconds of the processor, bytes at the height, and
exit status (2: refused). What is refused once took minutes or gigabytes; the others stand just below the limits
of `gdbench/descent/limits.py`. A shape that takes more than `--timeout` seconds is ended, which is a fault.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = [sys.executable, "-c", "from gdbench.cli import main; main()"]
GRID = (
    "grid: {{model: {model}, cost: {cost}, learning_rate: {rate}, convergence: {{max_iterations: 3}}{more}}}\n"
)
OK, REFUSED = 0, 2


def on_data(data, model="linear", cost="mse", rate="0.01", more=""):
    return f"name: sizes\ndata: {data}\n" + GRID.format(model=model, cost=cost, rate=rate, more=more)


def synthetic(generator, rows, features):
    size = f"rows: {rows}" + (f", features: {features}" if features else "")
    return f"{{synthetic: {{{generator}: {{{size}}}}}}}"


def on_surface(surface):
    return (
        f"name: sizes\ngrid: {{surface: {surface}, learning_rate: 0.01, convergence: {{max_iterations: 3}}}}\n"
    )


LINE = synthetic("linear_data", 10, 1)
MANY = ", ".join(f"{{learning_rate: {0.0001 * i:.4f}}}" for i in range(1, 4001))

#: Name → (config, exit status of a plan).
SHAPES = {
    "2×100,000": (on_data(synthetic("linear_data", 2, 100_000)), REFUSED),
    "10×10,000": (on_data(synthetic("linear_data", 10, 10_000)), OK),
    "1,000×1,000": (on_data(synthetic("linear_data", 1000, 1000)), OK),
    "100,000×20": (on_data(synthetic("linear_data", 100_000, 20)), OK),
    "1,000,000×2": (on_data(synthetic("linear_data", 1_000_000, 2)), OK),
    "ill_conditioned 3,000×400": (on_data(synthetic("ill_conditioned", 3000, 400)), REFUSED),
    "ill_conditioned 1,000×300": (on_data(synthetic("ill_conditioned", 1000, 300)), OK),
    "degree 50,000": (on_data(LINE, model="{polynomial: {degree: 50000}}"), REFUSED),
    "degree 20,000": (on_data(LINE, model="{polynomial: {degree: 20000}}"), OK),
    "mlp 100,000": (on_data(LINE, model="{mlp: {hidden: [100000]}}"), REFUSED),
    "mlp 9,000": (on_data(LINE, model="{mlp: {hidden: [9000]}}"), OK),
    "surface of 100,000": (on_surface("{extended_rosenbrock: {dimension: 100000}}"), REFUSED),
    "surface of 10,000": (on_surface("{extended_rosenbrock: {dimension: 10000}}"), OK),
    "rotated 1,000": (on_surface("{quadratic: {dimension: 1000, rotated: true}}"), REFUSED),
    "rotated 100": (on_surface("{quadratic: {dimension: 100, rotated: true}}"), OK),
    "qr 1,100×1,000": (on_data(synthetic("linear_data", 1100, 1000), more=", kernel: qr"), REFUSED),
    "lasso 300×3,000": (on_data(synthetic("linear_data", 300, 3000), more=", penalty: {l1: 0.1}"), OK),
    "logistic 300×1,000": (
        on_data(synthetic("classification", 300, 1000), model="logistic", cost="logistic"),
        OK,
    ),
    "include 4,000": (on_data(LINE, more=f", include: [{MANY}]"), OK),
    "rates 10,000": (on_data(LINE, rate="{linspace: [0.1, 0.9, 10000]}"), OK),
    "mistakes 5,000": (on_data(LINE, rate=f"[{', '.join(f'-{i}' for i in range(1, 5001))}]"), REFUSED),
}


def measured(verb, config, timeout):
    """(processor seconds, bytes at its height, exit status or None where it was ended, its last line)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sizes.yaml"
        path.write_text(config, encoding="utf-8")
        output = Path(folder) / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [*COMMAND, verb, str(path)], stdout=file, stderr=subprocess.STDOUT, cwd=folder
            )
        ended, status, used, deadline = 0, 0, None, time.monotonic() + timeout
        while not ended:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if not ended and time.monotonic() > deadline:
                os.kill(process.pid, signal.SIGKILL)
                _, _, used = os.wait4(process.pid, 0)
                status = None
                break
            time.sleep(0.01)
        process.returncode = status or 0  # waited for already
        lines = output.read_text(encoding="utf-8", errors="replace").strip().splitlines() or [""]
        code = None if status is None else os.waitstatus_to_exitcode(status)
        return (
            used.ru_utime + used.ru_stime,
            used.ru_maxrss * 1024,
            code,
            lines[-1].replace(str(path), "sizes.yaml"),
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="parts of names of shapes; all without any")
    parser.add_argument("--verb", default="plan", choices=["plan", "inspect"])
    parser.add_argument("--timeout", type=float, default=120.0)
    asked = parser.parse_args()
    faults = 0
    for name, (config, expected) in SHAPES.items():
        if asked.words and not any(word in name for word in asked.words):
            continue
        seconds, height, code, line = measured(asked.verb, config, asked.timeout)
        faults += code != expected
        verdict = "ended" if code is None else {OK: "ok", REFUSED: "refused"}.get(code, f"status {code}")
        wrong = "" if code == expected else "  ← not as expected"
        print(f"{name:26} {seconds:7.1f} s {height / 1e6:7.0f} MB  {verdict:8}{wrong}", flush=True)
        if code != OK:
            print(f"    {line[:200]}", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
