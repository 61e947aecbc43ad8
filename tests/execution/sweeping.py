"""Plans that are run into a store, and what the store then holds."""

import json
import sys
from dataclasses import replace
from pathlib import Path

from gdbench.config.experiment import load_experiment
from gdbench.execution.launch import launch, record_plan
from gdbench.execution.profiles.profile import BUILT_IN, Profile
from gdbench.execution.selection import to_do
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store


def run_all(plan, folder, profile, observe=lambda run, record: None):
    """Run what is missing of a plan; label of each run → its record."""
    with Store.open(folder) as store:
        record_plan(plan, store)
        launch(plan, to_do(plan.runs, store.outcomes()), store, profile, observe)
    return recorded(plan, folder)


def run_bits(plan, folder, profile=BUILT_IN["serial"], observe=lambda run, record: None):
    """Run what is missing of a plan; the bits of all that is then recorded."""
    run_all(plan, folder, profile, observe)
    return bits(folder)


def bits(folder):
    """Key → everything of a result but what its place and time may change."""
    with Store.read(folder) as store:
        return {record.key: bits_of(record.result) + repr(record.spec) for record in store.runs()}


def bits_of(result):
    return repr(replace(result, seconds=0.0, host="", interpreter=""))


def recorded(plan, folder):
    """Label → record of a plan's runs that are recorded."""
    with Store.read(folder) as store:
        labels = {run.key: run.label for run in plan.runs}
        return {labels[record.key]: record for record in store.runs()}


def main(config, folder, profile):
    """In a process of its own, which a test may kill: run a config, and print each run as it is recorded."""
    plan = make_plan(load_experiment(Path(config)))
    given = Profile.model_validate(json.loads(profile))
    run_all(plan, Path(folder), given, lambda run, record: print(run.label, flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
