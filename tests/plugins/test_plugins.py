"""A plug-in joins the rooms like gdbench's own choices, in every process, and is part of a run's identity."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.config.experiment import load_experiment
from gdbench.descent.costs import COSTS
from gdbench.descent.errors import GdbenchError
from gdbench.descent.kernels.definition import define
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.problems.table import Table
from gdbench.planning.plan import make_plan
from gdbench.plugins import loading
from gdbench.plugins.digest import digest_of
from gdbench.plugins.loading import load_file, load_source, plugin_of
from gdbench.plugins.packages import install
from tests.cli.shell import gdbench
from tests.interpreters import NAMES, find
from tests.sweeps import SWEEP

ROOT = Path(__file__).parents[2]
CUBE = '''\
from gdbench.descent.costs import cost
from gdbench.descent.domains import positive
from gdbench.descent.functions import absolute

@cost("cube", scale=positive)
def cube(p, y, scale=1.0):
    """s |p - y|^3"""
    r = absolute(p - y)
    return scale * r * r * r  # rises fast
'''
BOWL = '''\
from gdbench.descent.surfaces import surface

@surface("bowl", facts={"dimension": lambda: 1, "start": lambda: [1.0]})
def bowl(w):
    """w^2"""
    return w[0] * w[0]
'''
USING = SWEEP.replace("cost: mse", "cost: [mse, cube]").replace("\ndata:", "\nplugins: ./cube.py\ndata:")


@pytest.fixture(autouse=True)
def _no_plugin_stays():
    yield
    for plugin in list(loading._loaded.values()):
        loading._unload(plugin)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "cube.py").write_text(CUBE)
    (tmp_path / "using.yaml").write_text(USING)
    return tmp_path


def refused(source):
    with pytest.raises(GdbenchError) as raised:
        load_source(source, "mine.py")
    return str(raised.value)


def test_a_file_registers_what_it_decorates(folder):
    plugin = load_file(folder / "cube.py")
    assert plugin.entries == (("cost", "cube"),)
    assert COSTS["cube"].function(3.0, 1.0) == 8.0
    assert plugin_of("cost", "cube") is plugin
    assert plugin_of("cost", "mse") is None


def test_loading_a_file_twice_is_harmless_and_so_is_another_comment(folder):
    first = load_file(folder / "cube.py")
    assert load_file(folder / "cube.py") is first
    assert load_source(CUBE.replace("rises fast", "rises very fast"), "cube.py") is first


def test_a_newer_text_of_the_same_file_takes_the_place_of_the_old(folder):
    load_file(folder / "cube.py")
    (folder / "cube.py").write_text(CUBE.replace("* r * r * r", "* r * r"))
    load_file(folder / "cube.py")
    assert COSTS["cube"].function(3.0, 1.0) == 4.0


@pytest.mark.parametrize("kernel", ["compiled", "reference"])
def test_no_kernel_remembers_the_older_text(kernel):
    def cost_at_two(source):
        load_source(source, "cube.py")
        definition = define({"linear": {}}, {"cube": {}}, features=1)
        objective = KERNELS[kernel].function(definition, Table([(1.0, 0.0)], 1))
        return objective.cost([2.0, 0.0]), objective.cost_and_gradient([2.0, 0.0])

    assert cost_at_two(CUBE) == (8.0, (8.0, [12.0, 12.0]))
    assert cost_at_two(CUBE.replace("* r * r * r", "* r * r")) == (4.0, (4.0, [4.0, 4.0]))


def test_no_surface_is_remembered_by_its_older_text():
    def cost_at_two(source):
        load_source(source, "bowl.py")
        problem = build_problem({"surface": {"bowl": {}}}, None, ProblemConstants())
        return problem.objective.cost_and_gradient([2.0])

    assert cost_at_two(BOWL) == (4.0, [4.0])
    assert cost_at_two(BOWL.replace("w[0] * w[0]", "w[0] * w[0] * w[0]")) == (8.0, [12.0])


def test_a_name_that_exists_is_told_with_both_origins():
    said = refused(CUBE.replace('"cube"', '"huber"'))
    assert said == "mine.py:5: two costs are called 'huber': one in gdbench.descent.costs, one in mine.py."


def test_a_file_that_fails_leaves_nothing_behind():
    said = refused(CUBE + "\n1 / 0\n")
    assert said == "mine.py:11: ZeroDivisionError: division by zero"
    assert "cube" not in COSTS


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def f(:\n", "mine.py:1: this is not Python"),
        ("x = 1\n", "mine.py: this file registers nothing"),
        ("import sys\nsys.exit(3)\n", "mine.py:2: SystemExit: 3"),
        ("import no_such_module\n", "mine.py:1: ModuleNotFoundError"),
        ("a\0b", "mine.py: this is not Python"),
        (CUBE.replace("scale=positive", "size=positive"), "what its parameter 'scale' may be"),
        (
            CUBE.replace('"cube",', '"cube", facts={"targets": "words"},'),
            "it may be binary or classes or counts",
        ),
        (
            (
                "from gdbench.descent.models import model\n"
                "@model('flat')\ndef flat(w, x, outputs):\n    return w[0]\n"
            ),
            "model 'flat' does not say its size or layers",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence_with_its_line(source, said):
    assert said in refused(source)


def test_files_that_cannot_be_read_say_why(tmp_path):
    (tmp_path / "latin.py").write_bytes(b"# caf\xe9\n")
    for name, said in (("gone.py", "no such file"), (".", "this is a folder"), ("latin.py", "UTF-8")):
        with pytest.raises(GdbenchError, match=said):
            load_file(tmp_path / name)


def test_a_config_loads_its_plugins_from_its_own_folder_before_the_grid_is_read(folder):
    plan = make_plan(load_experiment(folder / "using.yaml"))
    used = [run.spec.get("plugins") for run in plan.runs if "cube" in run.spec["cost"]]
    assert used
    assert all(set(plugins) == {"cost cube"} for plugins in used)
    assert all("plugins" not in run.spec for run in plan.runs if "mse" in run.spec["cost"])


def keys(folder, source=CUBE):
    (folder / "cube.py").write_text(source)
    plan = make_plan(load_experiment(folder / "using.yaml"))
    return {
        name: ([r.key for r in runs], {r.problem for r in runs})
        for name in ("mse", "cube")
        for runs in [[r for r in plan.runs if name in r.spec["cost"]]]
    }


def test_the_key_changes_with_the_code_of_a_plugin_that_is_used_and_with_nothing_else(folder):
    before = keys(folder)
    assert keys(folder, f"# a comment\n\n{CUBE}".replace('    """s |p - y|^3"""\n', "")) == before
    after = keys(folder, CUBE.replace("* r * r * r", "* r * r"))
    assert after["mse"] == before["mse"]
    assert not set(after["cube"][0]) & set(before["cube"][0])
    assert not after["cube"][1] & before["cube"][1]  # nor is its reference optimum taken over


LAYOUTS = [
    "def f(a, b):\n    return a + b * 2.0\n",
    "def f(a,b):\n  return (a + (b*2.0))  # the same\n",
    'def f(a, b):\n    """What it is."""\n\n    return a + \\\n        b * 2.0\n',
    '"""A file."""\ndef f(\n    a,\n    b,\n):\n    return a + b * 2.\n',
]


def test_layout_comments_and_docstrings_do_not_change_the_digest():
    assert len({digest_of(source) for source in LAYOUTS}) == 1


@given(st.sampled_from(["a", "b", "2.0", "3", "-a", "'x'"]), st.sampled_from(["+", "-", "*", "/"]))
def test_any_other_word_changes_the_digest(operand, operator):
    source = f"def f(a, b):\n    return a {operator} {operand}\n"
    assert digest_of(source) != digest_of(LAYOUTS[0])
    assert (digest_of(source) == digest_of("def f(a, b):\n    return a + b\n")) == (operand + operator == "b+")


@pytest.mark.parametrize("name", NAMES)
def test_the_digest_is_the_same_on_every_interpreter(name):
    interpreter = find(name)
    if interpreter is None:
        pytest.skip(f"{name} is not installed")
    code = (
        "import sys; from gdbench.plugins.loading import load_source\n"
        "print(load_source(sys.stdin.read(), 'cube.py').digest)"
    )
    source = CUBE + 'x: int = 1\nNAME = f"{x!r:>{x}}" "y"\nclass C:\n    def f(self, *, a=None): yield a\n'
    done = subprocess.run(
        [interpreter, "-c", code], input=source, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == digest_of(source)


def test_a_plugin_travels_as_plain_values_to_a_process_that_has_no_such_file(folder):
    plugin = load_file(folder / "cube.py")
    code = (
        "import sys, pickle; from gdbench.plugins.packages import install\n"
        "install(pickle.load(sys.stdin.buffer)); from gdbench.descent.costs import COSTS\n"
        "import inspect; print(inspect.getsource(COSTS['cube'].function))"
    )
    (folder / "cube.py").unlink()
    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(plugin), cwd=ROOT, capture_output=True, check=True
    )
    assert b"s |p - y|^3" in done.stdout
    install(plugin)  # here it is loaded already


def test_workers_and_the_serial_engine_run_it_alike(folder):
    outputs = []
    for runner in (["--runner", "serial"], ["--workers", "2"]):
        done = gdbench("run", "using.yaml", "--no-tracking", "--results", runner[-1], *runner, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert "cube" in done.stdout
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]


def test_a_bad_plugin_is_told_at_its_place_in_the_config(folder):
    (folder / "cube.py").write_text("from gdbench.descent.costs import cots\n")
    done = gdbench("run", "using.yaml", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("using.yaml:3:10: cube.py:1: ImportError")
    assert len(done.stderr.strip().splitlines()) == 1


def test_plugins_that_are_no_list_of_texts_are_refused(folder):
    (folder / "using.yaml").write_text(USING.replace("./cube.py", "3"))
    done = gdbench("run", "using.yaml", cwd=folder)
    assert done.returncode == 2
    assert "using.yaml:3:10:" in done.stderr


def test_an_installed_package_adds_choices_by_its_entry_point(folder):
    site = folder / "site"
    (site / "cubes").mkdir(parents=True)
    (site / "cubes" / "__init__.py").write_text("")
    (site / "cubes" / "costs.py").write_text(CUBE)
    info = site / "cubes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: cubes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gdbench.plugins]\ncubes = cubes.costs\n")
    (folder / "using.yaml").write_text(USING.replace("plugins: ./cube.py\n", ""))
    path = f"{site}:{ROOT}"
    for runner in (["--runner", "serial"], ["--workers", "2"]):
        done = gdbench(
            "run", "using.yaml", "--no-tracking", "--results", runner[-1], *runner, cwd=folder, PYTHONPATH=path
        )
        assert done.returncode == 0, done.stderr
        assert "cube" in done.stdout
    (site / "cubes" / "costs.py").write_text("1 / 0\n")
    done = gdbench("run", "using.yaml", cwd=folder, PYTHONPATH=path)
    assert done.returncode == 2
    said = "plug-in cubes (cubes.costs): this package cannot be loaded: "
    assert done.stderr.startswith(f"{said}{site}/cubes/costs.py:1: ZeroDivisionError")


def test_the_shipped_example_runs(tmp_path):
    plan = make_plan(load_experiment(ROOT / "configs" / "plugins.yaml"))
    assert len(plan.runs) == 6


def test_the_page_on_plugins_shows_the_shipped_file():
    page = (ROOT / "docs" / "plugins.md").read_text("utf-8")
    assert (ROOT / "configs" / "plugins" / "pseudo_huber.py").read_text("utf-8") in page


def test_a_worker_looks_for_no_packages_and_loads_nothing_that_does():
    """`importlib.metadata` and what it needs were a sixth of a worker's start."""
    code = "import sys, gdbench.execution.workers.worker\nprint(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "gdbench.execution.workers.worker" in loaded.stdout
    assert not {"importlib.metadata", "email", "zipfile", "csv", "sqlite3"} & set(loaded.stdout.split())
