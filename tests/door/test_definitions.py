"""Choices that a notebook's cell or a script defines run everywhere, and are known by what they do."""

import json
import linecache
import subprocess
import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest

import gdbench
from gdbench.plugins.in_cells import definitions
from gdbench.plugins.loading import plugin_of
from tests.interpreters import find
from tests.sampling import sampled

SCRIPT = '''
import json
import sys

import gdbench
from gdbench.descent.domains import positive
from gdbench.descent.functions import exp as e, log

SCALE = 0.5


@gdbench.cost("mycosh", facts={"convex": True}, width=positive)
def mycosh(p, y, width=1.0):
    """log cosh of half the error."""
    r = (p - y) * SCALE / width
    return log((e(r) + e(-r)) / 2)


@gdbench.optimizer("half_step")
def half_step():
    from gdbench.descent.optimizers.protocol import Optimizer

    return Optimizer(lambda w: (), lambda w, g, state, rate: ([a - rate * b / 2 for a, b in zip(w, g)], state))


print("once", file=sys.stderr)
study = gdbench.run(
    {
        "name": "cells",
        "data": {"synthetic": {"linear_data": {"rows": 20, "features": 2}}},
        "grid": {
            "model": "linear",
            "cost": ["mycosh", {"mycosh": {"width": 2.0}}],
            "optimizer": "half_step",
            "learning_rate": [0.1, 0.5],
            "convergence": {"max_iterations": 30},
        },
    },
    runner=sys.argv[1],
    workers=None if sys.argv[1] == "serial" else 2,
    tracking=False,
    progress=False,
)
print(json.dumps([[key, *map(float.hex, costs)] for key, costs in study.curves.groupby("key")["cost"]]))
'''

FILE = """
from gdbench.descent.costs import cost
from gdbench.descent.domains import positive
from gdbench.descent.functions import exp, log
from gdbench.descent.optimizers import optimizer
from gdbench.descent.optimizers.protocol import Optimizer


@cost("mycosh", facts={"convex": True}, width=positive)
def mycosh(p, y, width=1.0):
    r = (p - y) * 0.5 / width
    return log((exp(r) + exp(-r)) / 2)


@optimizer("half_step")
def half_step():
    return Optimizer(lambda w: (), lambda w, g, state, rate: ([a - rate * b / 2 for a, b in zip(w, g)], state))
"""

CONFIG = {
    "name": "filed",
    "plugins": ["mine.py"],
    "data": {"synthetic": {"linear_data": {"rows": 20, "features": 2}}},
    "grid": {
        "model": "linear",
        "cost": ["mycosh", {"mycosh": {"width": 2.0}}],
        "optimizer": "half_step",
        "learning_rate": [0.1, 0.5],
        "convergence": {"max_iterations": 30},
    },
}


def by_script(folder, runner):
    """Curves of a plain script, without `if __name__ == "__main__"`, that defines and runs in one go."""
    (folder / "script.py").write_text(SCRIPT, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "script.py", runner],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count("once") == 1  # no worker has read the script
    return sorted(curve[1:] for curve in json.loads(ran.stdout))


@pytest.fixture(scope="module")
def from_a_file(tmp_path_factory):
    """The same choices from a plug-in's file: the bits to expect."""
    folder = tmp_path_factory.mktemp("filed")
    (folder / "mine.py").write_text(FILE, encoding="utf-8")
    config = {**CONFIG, "plugins": [str(folder / "mine.py")]}
    study = gdbench.run(config, runner="serial", results=folder, tracking=False, progress=False)
    return sorted([*map(float.hex, costs)] for _, costs in study.curves.groupby("key")["cost"])


@sampled("runner", ["serial", "processes", "pypy", "dask"], 1, kept=["processes"])
def test_a_plain_script_runs_what_it_defines_on_every_runner(tmp_path, runner, from_a_file):
    if runner == "pypy" and not find("pypy3"):
        pytest.skip("there is no pypy3")
    assert by_script(tmp_path, runner) == from_a_file


def define(source, **names):
    """A cell's text, executed as IPython does: its lines can be found, its names are a dictionary."""
    file = f"<cell {len(linecache.cache)}>"
    text = textwrap.dedent(source)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    names = {"__name__": "__main__", "gdbench": gdbench, **names}
    exec(compile(text, file, "exec"), names)
    return names


def swept(tmp_path, cost, name="cell"):
    config = {
        "name": name,
        "data": {"synthetic": {"linear_data": {"rows": 10, "features": 1}}},
        "grid": {"model": "linear", "cost": cost, "learning_rate": 0.1, "convergence": {"max_iterations": 5}},
    }
    return gdbench.run(config, runner="serial", results=tmp_path, tracking=False, progress=False)


CELL = """
@gdbench.cost("cubed")
def cubed(p, y):
    return (p - y) * (p - y) * FACTOR
"""


def test_numbers_that_a_definition_reads_travel_by_value_and_are_part_of_its_identity(tmp_path):
    keys = []
    for factor in (1.5, 2, 1.5):
        define(CELL, FACTOR=factor)
        keys += list(swept(tmp_path, "cubed").runs["key"])
        assert f"FACTOR = {factor}\n" in (tmp_path / "cell" / "plugins" / "cost_cubed.py").read_text()
    assert keys[0] == keys[2] != keys[1]


def test_a_cell_that_is_run_again_replaces_what_it_defined(tmp_path):
    define(CELL, FACTOR=1.0)
    first = swept(tmp_path, "cubed").runs["final_cost"][0]
    define(CELL.replace("(p - y) * (p - y)", "(p - y) * (p - y) * (p - y) * (p - y)"), FACTOR=1.0)
    assert swept(tmp_path, "cubed").runs["final_cost"][0] != first
    swept(tmp_path, "cubed", name="elsewhere")
    define(CELL, FACTOR=1.0)
    assert swept(tmp_path, "cubed").runs["final_cost"][0] == first


def test_the_source_is_recorded_and_stands_in_the_report(tmp_path):
    define(CELL, FACTOR=4.25)
    study = swept(tmp_path, "cubed")
    assert "FACTOR = 4.25" in study.report(["html"]).read_text(encoding="utf-8")
    [(origin, source)] = study.plugins.items()
    assert Path(origin).read_text() == source


def test_a_config_file_may_name_what_a_cell_defines(tmp_path):
    define(CELL, FACTOR=1.0)
    (tmp_path / "table.csv").write_text("x,y\n1,2\n2,4\n3,5\n")
    (tmp_path / "named.yaml").write_text(
        "name: named\ndata: {file: table.csv, target: y}\n"
        "grid: {model: linear, cost: cubed, learning_rate: 0.01, convergence: {max_iterations: 5}}\n"
    )
    study = gdbench.run(
        tmp_path / "named.yaml", runner="serial", results=tmp_path / "r", tracking=False, progress=False
    )
    assert len(study.runs) == 1
    assert "plugins/cost_cubed.py" in (study.folder / "config.yaml").read_text()


def test_a_definition_that_is_refused_leaves_none_of_its_name(tmp_path):
    define(CELL, FACTOR=1.0)
    with pytest.raises(gdbench.GdbenchError, match="has the fact convx"):
        define(CELL.replace('("cubed")', '("cubed", facts={"convx": True})'), FACTOR=1.0)
    assert ("cost", "cubed") not in definitions()
    with pytest.raises(gdbench.GdbenchError, match="no cost is called 'cubed'"):
        swept(tmp_path, "cubed")


REFUSED = [
    ("a list", {"FACTOR": [1.0]}, "reads 'FACTOR', which is a list"),
    ("a function", {"FACTOR": lambda: 1.0}, "reads 'FACTOR', which is a function of your own"),
    ("a module", {"FACTOR": json}, "reads 'FACTOR', which is the module json"),
    ("a frame", {"FACTOR": pd.DataFrame()}, "reads 'FACTOR', which is a DataFrame"),
    ("nothing", {}, "reads 'FACTOR', which is not defined"),
]


@pytest.mark.parametrize(("names", "said"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_cannot_travel_is_refused_by_its_name(names, said):
    before = definitions()
    with pytest.raises(gdbench.GdbenchError, match=said):
        define(CELL.replace("cubed", "refused"), **names)
    assert definitions() == before


def test_a_definition_without_a_source_is_refused():
    with pytest.raises(gdbench.GdbenchError, match="its source cannot be found"):
        exec('@gdbench.cost("sourceless")\ndef sourceless(p, y):\n    return p - y', {"gdbench": gdbench})


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(gdbench.GdbenchError, match="two costs are called 'mse'"):
        define(CELL.replace('"cubed"', '"mse"'), FACTOR=1.0)
    assert plugin_of("cost", "mse") is None
