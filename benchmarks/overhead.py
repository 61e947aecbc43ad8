"""What the machinery around a run costs: engine, journey and store, and the parent's memory.

python benchmarks/overhead.py [--runs 1000] [--noops 10000] [--workers 2]

Three bounds. Runs of about 10 ms end within 1.25 times the ideal: their own work, divided among as many bare
processes, half of it before the engine's turn and half after, so that a busy machine slows both alike. Runs
that do nothing cost 1 ms each or less, from the start of the command to its end. The command's memory stays
under 300 MB. Tracking is off.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# gdbench is imported where it is used: a spawned worker imports this file before anything else, and must be
# as quick about it as with the command itself


IDEAL, MILLISECONDS, MEGABYTES = 1.25, 1.0, 300
#: Seconds that a run is to take.
AIM = 0.01

CONFIG = """\
name: overhead
description: Runs of one length that differ in their rate.
data: {{synthetic: {{linear_data: {{rows: 60, features: 4, noise: 0.1, seed: 1}}}}}}
grid:
  model: linear
  cost: mse
  learning_rate: [{rates}]
  convergence: {{max_iterations: {iterations}}}
"""


def config(folder, runs, iterations):
    path = Path(folder) / f"overhead-{runs}-{iterations}.yaml"
    rates = ", ".join(f"{1e-7 * (i + 1):.3e}" for i in range(runs))
    path.write_text(CONFIG.format(rates=rates, iterations=iterations), encoding="utf-8")
    return path


class Bench:
    """A plan whose runs can be executed here, one after the other, and by an engine."""

    def __init__(self, folder, runs, iterations):
        from gdbench.config.experiment import load_experiment
        from gdbench.execution.launch import cargo_of, record_problems
        from gdbench.execution.profiles.profile import Profile
        from gdbench.execution.task import Task
        from gdbench.execution.workers.worker import Worker
        from gdbench.planning.plan import make_plan
        from gdbench.record.store import Store

        self.plan = make_plan(load_experiment(config(folder, runs, iterations)))
        self.profile = Profile(kind="processes", name="processes")
        self._folder = Path(folder) / f"store-{runs}-{iterations}"
        with Store.open(self._folder) as store:
            constants = {id_: known.constants for id_, known in record_problems(self.plan, store).items()}
        self._tasks = [Task(run.key, run.spec, constants[run.problem]) for run in self.plan.runs]
        self._worker = Worker(cargo_of(self.plan, self.profile))

    def here(self, part):
        """Seconds that some of the runs take in this process."""
        began = time.perf_counter()
        for task in self._tasks[part]:
            assert self._worker.work(task).result.outcome == "stopped"
        return time.perf_counter() - began

    def bare(self, runs, workers):
        """Seconds that some of the runs take in processes that do nothing else, on average over those."""
        pipes = []
        for i in range(workers):
            ours, theirs = os.pipe()
            if os.fork() == 0:
                os.write(theirs, repr(self.here(slice(runs.start + i, runs.stop, workers))).encode())
                os._exit(0)
            os.close(theirs)
            pipes.append(ours)
        spent = []
        for pipe in pipes:
            spent.append(float(os.read(pipe, 100)))
            os.close(pipe)
            os.wait()
        return sum(spent) / workers

    def by_engine(self, workers):
        """Seconds from the first worker's start to the last result in the store; to the first run; in runs."""
        from gdbench.execution.launch import launch, record_plan
        from gdbench.record.store import Store

        profile, runs = self.profile.model_copy(update={"workers": workers}), []
        with Store.open(self._folder) as store:
            record_plan(self.plan, store)
            began = time.time()
            seen = lambda _, record: runs.append((record.started, record.finished))  # noqa: E731  an observer
            launch(self.plan, self.plan.runs, store, profile, seen)
            seconds = time.time() - began
        return seconds, min(runs)[0] - began, sum(end - start for start, end in runs) / workers


def calibrated(folder):
    """Iterations in a run of the length that is aimed at; looked for twice, as no run is iterations alone."""
    iterations = 1000
    for _ in range(2):
        probe = Bench(folder, 20, iterations)
        iterations = max(1, round(iterations * AIM / (min(probe.here(slice(None)) for _ in range(3)) / 20)))
    return iterations


def against_the_ideal(folder, runs, workers):
    bench = Bench(folder, runs, calibrated(folder))
    half = runs // 2
    before = bench.bare(slice(0, half), workers)
    engine, start, busy = bench.by_engine(workers)
    ideal = before + bench.bare(slice(half, runs), workers)
    each = 1e3 * ideal * workers / runs
    print(f"{runs} runs of {each:.1f} ms, {workers} workers: {engine:.2f} s, ideally {ideal:.2f} s")
    print(f"  of the engine's seconds {start:.2f} were start-up, and {busy:.2f} in runs on each worker")
    return told(f"{engine / ideal:.2f} times the ideal", engine / ideal, IDEAL)


def of_nothing(folder, runs, workers):
    """(seconds, peak megabytes) of the whole command."""
    command = [sys.executable, "-c", "from gdbench.cli import main; main()", "run"]
    command += [str(config(folder, runs, 1)), "--results", f"{folder}/r{runs}"]
    command += ["--runner", "processes", "--workers", str(workers), "--no-tracking", "--quiet"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)  # of this command alone, and of the largest of its workers
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"gdbench run ended with status {process.returncode}")
    return seconds, used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def told(what, value, bound):
    print(f"  {what} (bound {bound:g}: {'holds' if value <= bound else 'missed'})", flush=True)
    return value <= bound


def waited_for_tracking(results):
    """A sweep of 1,000 runs on two workers, and how much of it is spent in calls of the follower."""
    from gdbench.config.experiment import load_experiment
    from gdbench.execution.profiles.profile_files import load_profile
    from gdbench.planning.plan import make_plan
    from gdbench.session.run import run
    from gdbench.session.sweep import Sweep
    from gdbench.tracking.live_tracking import LiveTracking

    config = results.parent / "thousand.yaml"
    rates = [round(0.0002 * (i + 1), 6) for i in range(1000)]
    config.write_text(
        "name: thousand\ndata: {dataset: diabetes, standardize: true}\n"
        f"grid: {{model: linear, cost: mse, learning_rate: {rates}, convergence: {{max_iterations: 300}}}}\n"
    )
    waited = []

    def timed(function):
        def call(*arguments, **named):
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                waited.append(time.perf_counter() - began)

        return call

    for name in ("__init__", "follow", "close"):
        setattr(LiveTracking, name, timed(getattr(LiveTracking, name)))
    plan = make_plan(load_experiment(config))
    uri = f"sqlite:///{(results / 'mlflow.db').as_posix()}"
    began = time.perf_counter()
    run(Sweep(plan, results, load_profile("processes", 2), uri))
    whole = time.perf_counter() - began
    share = sum(waited) / whole
    print(
        f"a sweep of 1,000 runs: {whole:.1f} s, of which {sum(waited):.2f} s in tracking, {share:.1%}   ≤ 10%"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--noops", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        held = [against_the_ideal(folder, given.runs, given.workers)]
        few = max(1, given.noops // 10)
        _, small = of_nothing(folder, few, given.workers)
        seconds, large = of_nothing(folder, given.noops, given.workers)
    print(f"{given.noops:,} runs of nothing: {seconds:.2f} s from the command's start to its end")
    held.append(told(f"{1e3 * seconds / given.noops:.2f} ms each", 1e3 * seconds / given.noops, MILLISECONDS))
    each = 1e3 * (large - small) / (given.noops - few)
    print(f"memory at its peak: {small:.0f} MB with {few:,} runs, so {each:.1f} kB for each more")
    held.append(told(f"{large:.0f} MB with {given.noops:,}", large, MEGABYTES))
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
