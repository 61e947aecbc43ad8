"""A config run in this process, without workers: its store, for what reads stores."""

import re

from gdbench.config.experiment import load_experiment
from gdbench.descent.execute import execute
from gdbench.execution.launch import record_plan, record_problems
from gdbench.planning.plan import make_plan
from gdbench.record.records import RunRecord
from gdbench.record.store import Store


def swept(folder, text):
    """The store of a config whose text may leave out its name."""
    path = folder / "swept.yaml"
    path.write_text(
        text if re.search(r"^name:", text, re.MULTILINE) else f"name: swept\n{text}", encoding="utf-8"
    )
    plan = make_plan(load_experiment(path))
    store = Store.open(folder / "swept")
    record_plan(plan, store)
    known = record_problems(plan, store)
    for run in plan.runs:
        data = plan.problems[run.problem].dataset
        result = execute(run.spec, data.table if data else None, known[run.problem].constants)
        store.add(RunRecord(run.key, run.spec, run.problem, result, 0.0, 0.0))
    return store
