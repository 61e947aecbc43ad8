"""What would be too large is refused in a sentence before it is built; theory is left out, and runs go on."""

import math
import re
import tracemalloc
from random import Random

import numpy as np
import pytest

from gdbench.config.experiment import load_experiment
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.descent import limits
from gdbench.descent.kernels import compiler
from gdbench.descent.kernels.expression import Trace, TraceError
from gdbench.descent.limits import DATA_SETS, DIMENSIONS, MISTAKES_TOLD, OPERATIONS, PARAMETERS, ROTATED
from gdbench.descent.numerics import householder
from gdbench.descent.problems.quadratic import affordable, effort
from gdbench.descent.problems.table import Table
from gdbench.descent.problems.terms import Terms
from gdbench.descent.surfaces import SURFACES
from gdbench.descent.synthetic import GENERATORS
from gdbench.planning.plan import make_plan
from gdbench.reference import optimum
from gdbench.reference.problem_records import problem_record
from gdbench.reference.solvers import class_separation
from tests.cli.shell import told
from tests.sampling import drawn, sampled

SMALL = "{synthetic: {linear_data: {rows: 10, features: 1}}}"
ON_DATA = """name: sizes
repeats: {repeats}
data: {data}
grid:
  model: {model}
  cost: {cost}
  learning_rate: {rate}
  initialization: {start}
  kernel: {kernel}
  convergence: {{max_iterations: 3}}
  {more}
"""
ON_SURFACE = """name: sizes
grid:
  surface: {surface}
  learning_rate: 0.1
  convergence: {{max_iterations: 3}}
"""
USUAL = {
    "repeats": 1,
    "data": SMALL,
    "model": "linear",
    "cost": "mse",
    "rate": "0.1",
    "start": "zeros",
    "kernel": "auto",
    "more": "",
}


def on_data(**changes):
    return ON_DATA.format(**{**USUAL, **changes})


def shapes():
    """(name, config): every kind of size, a little above its limit and far above."""
    yield from tables()
    yield from models()
    yield from surfaces()
    yield from grids()


def power(number):
    return f"1e{math.log10(number):.1f}"


def tables():
    def synthetic(generator, **given):
        words = ", ".join(f"{name}: {value}" for name, value in given.items())
        return on_data(data=f"{{synthetic: {{{generator}: {{{words}}}}}}}")

    for name in GENERATORS.names:
        for rows in (3_000_000, 10**9, 10**18):
            yield f"{name}, {power(rows)} rows", synthetic(name, rows=rows)
    for name in ("linear_data", "classification"):
        for features in (10_001, 10**6, 10**18, 10**350):
            yield f"{name}, {power(features)} features", synthetic(name, rows=2, features=features)
    for rows, features in ((3000, 400), (1001, 1000), (90_000, 50), (10**6, 999_999)):
        yield f"orthogonal {rows}×{features}", synthetic("ill_conditioned", rows=rows, features=features)
    turned = "{synthetic: {linear_data: {rows: 10, features: 600}}, perturb: {rotation: true}}"
    yield "rotation", on_data(data=turned)


def models():
    for degree in (PARAMETERS, 10 * PARAMETERS, 10**9, 10**18, 10**350):
        yield f"degree {power(degree)}", on_data(model=f"{{polynomial: {{degree: {degree}}}}}")
    for hidden in ([PARAMETERS], [10**5], [10**9], [10**18], [200, 200], [10**350, 10**350]):
        widths = " ".join(map(power, hidden))
        yield f"hidden {widths}", on_data(model=f"{{mlp: {{hidden: {hidden}}}}}")
    yield "exact", on_data(data="{synthetic: {linear_data: {rows: 10, features: 400}}}", kernel="centred")
    wide = "{synthetic: {linear_data: {rows: 60, features: 2300}}}"
    yield "qr", on_data(data=wide, kernel="qr")
    yield "least squares", on_data(data=wide, start="{from_data: {least_squares: true}}")


def surfaces():
    scalable = [entry for entry in SURFACES if "dimension" in {p.name for p in entry.parameters}]
    for entry in scalable:
        needs_rows = "rows" in {p.name for p in entry.parameters}
        for dimension in () if entry.name == "watson" else (DIMENSIONS + 60, 60 * 10**12):
            rows = f", rows: {dimension}" if needs_rows else ""
            surface = f"{{{entry.name}: {{dimension: {dimension}{rows}}}}}"
            yield f"{entry.name} {power(dimension)}", ON_SURFACE.format(surface=surface)
        if needs_rows:
            surface = f"{{{entry.name}: {{dimension: 10, rows: {10**9}}}}}"
            yield f"{entry.name}, rows", ON_SURFACE.format(surface=surface)
    for dimension in (ROTATED + 1, 5000, 10**9):
        surface = f"{{quadratic: {{dimension: {dimension}, rotated: true}}}}"
        yield f"rotated {power(dimension)}", ON_SURFACE.format(surface=surface)


def grids():
    thousands = "{linspace: [0.1, 0.9, 10000]}"
    yield "two axes", on_data(rate=thousands, start=f"{{normal: {{std: {thousands}}}}}")
    yield "repeats", on_data(rate="{linspace: [0.1, 0.9, 101]}", start="normal", repeats=10_000)
    stds = "{normal: {std: {linspace: [0.1, 0.9, 10000]}}}"
    yield "include", on_data(more=f"include: [{{learning_rate: {thousands}, initialization: {stds}}}]")
    excluded = ", ".join(f"{{learning_rate: {{above: {i}}}}}" for i in range(1500))
    yield (
        "questions",
        on_data(rate=thousands, more=f"optimizer: [adam, nadam, lion, rmsprop, adagrad, radam, adamax]\n"
                f"  exclude: [{excluded}]"),
    )  # fmt: skip
    several = ", ".join(f"{{linspace: [0.{i}1, 0.9, 10000]}}" for i in range(11))
    yield "ranges", on_data(rate=f"[{several}]")
    yield "one axis", on_data(rate="[{linspace: [0.11, 0.2, 6000]}, {linspace: [0.21, 0.3, 6000]}]")
    seeds = f"{{seed: {{linspace: [0, {DATA_SETS}, {DATA_SETS + 1}]}}}}"
    yield "data sets", on_data(data=f"{{synthetic: {{linear_data: {seeds}}}}}")
    large = "{rows: 1000000, features: 3, seed: {linspace: [0, 9, 10]}}"
    yield "numbers of data sets", on_data(data=f"{{synthetic: {{linear_data: {large}}}}}")


SHAPES = dict(shapes())
#: Bytes that a refusal may take at its height, and what its sentence holds.
MEMORY = 25_000_000
REMEDY = re.compile(r"\b(Lower|Take|Choose|Split|Leave|Exclude|Ask|Keep) ")


EVERY_DAY = 50


@pytest.mark.exhaustive
def test_at_least_forty_shapes_are_tried():
    assert len(SHAPES) > 90
    assert len(drawn(SHAPES, EVERY_DAY, name=str)) >= 40


@sampled("name", SHAPES, EVERY_DAY)
def test_what_is_too_large_is_refused_at_its_place_before_memory_is_taken(name, tmp_path, monkeypatch):
    def nothing_is_printed(*_, **__):
        raise AssertionError("a function was printed")

    monkeypatch.setattr(compiler, "load", nothing_is_printed)
    path = tmp_path / "sizes.yaml"
    path.write_text(SHAPES[name], encoding="utf-8")
    tracemalloc.start()
    try:
        with pytest.raises(ConfigError) as refused:
            make_plan(load_experiment(path))
        _, height = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert height < MEMORY
    sentence = max(str(refused.value).splitlines(), key=lambda line: "the most" in line)
    assert re.match(rf"{re.escape(str(path))}:\d+:\d+: ", sentence)
    assert " the most" in sentence or "more than" in sentence
    assert REMEDY.search(sentence)
    assert len(sentence) < len(str(path)) + 450


LARGE = {
    "parameters of a network": on_data(model=f"{{mlp: {{hidden: [{PARAMETERS // 3 - 1}]}}}}"),
    "degree": on_data(model=f"{{polynomial: {{degree: {PARAMETERS - 1}}}}}"),
    "features": on_data(data="{synthetic: {linear_data: {rows: 3, features: 10000}}}"),
    "ill_conditioned": on_data(data="{synthetic: {ill_conditioned: {rows: 101, features: 100}}}"),
    "dimensions": ON_SURFACE.format(surface="{extended_rosenbrock: {dimension: 5000}}"),
    "a long axis": on_data(rate="{linspace: [0.1, 0.9, 1000]}"),
}


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", drawn(LARGE, 4, ["parameters of a network", "features"], str))
def test_what_is_large_and_allowed_is_planned_without_printing_or_solving_anything(name, tmp_path, monkeypatch):
    def nothing_is_solved(*_, **__):
        raise AssertionError("a plan solved for an optimum, or printed a function")

    monkeypatch.setattr(compiler, "load", nothing_is_solved)
    monkeypatch.setattr(optimum, "reference_optimum", nothing_is_solved)
    path = tmp_path / "sizes.yaml"
    path.write_text(LARGE[name], encoding="utf-8")
    assert make_plan(load_experiment(path)).runs


def test_classes_are_counted_before_each_is_a_column(tmp_path):
    lines = [f"{i},{i}" for i in range(6000)]
    (tmp_path / "classes.csv").write_text("\n".join(["x,y", *lines]) + "\n", encoding="utf-8")
    path = tmp_path / "sizes.yaml"
    config = on_data(data="{file: classes.csv, target: y}", model="softmax", cost="softmax")
    path.write_text(config, encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"over 6,000 classes needs about 2\.9 GB; 25,000,000 numbers is the most"
    ):
        make_plan(load_experiment(path))


# --- theory


def with_ten_columns(folder):
    path = folder / "theory.yaml"
    config = on_data(data="{synthetic: {linear_data: {rows: 200, features: 150}}}", rate="[0.01, 0.1]")
    path.write_text(config.replace("name: sizes", "name: theory"), encoding="utf-8")
    return path


def test_theory_is_left_out_above_its_limit_and_the_run_goes_on_and_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(optimum, "THEORY_COLUMNS", 149)
    path = with_ten_columns(tmp_path)
    said = "theory is left out above 149 columns: on 150 columns it needs about 3.8 MB"
    status, out, err = told(monkeypatch, capsys, tmp_path, "plan", path)
    assert status == 0
    assert said in err
    status, out, err = told(monkeypatch, capsys, tmp_path, "inspect", path)
    assert status == 0
    assert f"left out: T{said[1:]}" in " ".join(out.split())
    arguments = ("run", path, "--runner", "serial", "--no-tracking", "--results", tmp_path / "results")
    status, out, err = told(monkeypatch, capsys, tmp_path, *arguments)
    assert status == 0
    assert "theory is left out of so large a problem, so gaps cannot be measured" in " ".join(out.split())


def test_within_its_limit_theory_is_worked_out(tmp_path):
    plan = make_plan(load_experiment(with_ten_columns(tmp_path)))
    (problem,) = plan.problems.values()
    assert not plan.doubts
    assert problem_record(problem).optimum.kind == "closed form"


@pytest.mark.parametrize(
    ("limit", "cost", "said"),
    [("THEORY_WORK", "huber", "rows × columns × columns"), ("THEORY_KINKED", "mae", "rows × rows × columns")],
)
def test_theory_is_left_out_above_so_much_work(limit, cost, said, monkeypatch):
    table = GENERATORS["linear_data"].function(rows=50, features=2)
    linear, chosen = {"linear": {}}, {cost: {"delta": 1.0} if cost == "huber" else {}}
    assert optimum.theory_left_out(linear, chosen, {"none": {}}, table) == ""
    monkeypatch.setattr(optimum, limit, 100)
    assert said in optimum.theory_left_out(linear, chosen, {"none": {}}, table)
    left_out = optimum.reference_optimum(linear, chosen, {"none": {}}, table)
    assert (left_out.kind, left_out.cost) == ("left out", None)


def test_theory_is_left_out_of_many_classes_with_a_1_norm(monkeypatch):
    table = Table([(0.1 * i, float(i % 4)) for i in range(12)], 1)
    penalty = {"l1": {"strength": 0.1, "bias": False}}
    softmax = {"softmax": {}}
    assert optimum.theory_left_out(softmax, softmax, penalty, table) == ""
    monkeypatch.setattr(optimum, "THEORY_CLASSES", 7)
    assert "7 parameters with a 1-norm: on 8 it needs" in optimum.theory_left_out(
        softmax, softmax, penalty, table
    )
    assert optimum.theory_left_out(softmax, softmax, {"none": {}}, table) == ""


def test_a_slow_pass_is_told_with_what_it_takes(tmp_path, monkeypatch):
    monkeypatch.setattr("gdbench.planning.extent.SLOW_PASS", 100)
    path = tmp_path / "sizes.yaml"
    path.write_text(on_data(model="{mlp: {hidden: [1000]}}"), encoding="utf-8")
    (doubt,) = make_plan(load_experiment(path)).doubts
    assert "3,001 parameters on 10 rows" in doubt
    assert "each evaluation takes 60,020 multiplications" in doubt


# --- what keeps the large cheap, without another bit


def test_a_recorded_function_ends_where_it_would_not_fit(monkeypatch):
    monkeypatch.setattr("gdbench.descent.kernels.expression.OPERATIONS", 1000)
    trace = Trace()
    x = trace.variable("x")
    with pytest.raises(TraceError, match="more than 1,000 operations"):
        x ** (10 * OPERATIONS)
    assert len(trace.nodes) == 1000


def test_the_effort_of_exact_arithmetic_is_known_without_powers_of_large_degree():
    asked = []

    def expand(x):
        asked.append(x)
        return [value**k for value in x for k in range(1, 400)]

    table = Table([(0.5, 1.0)] * 100, 1)
    assert not affordable(Terms(expand), table)
    assert len(asked) == 1


@pytest.mark.parametrize("size", [1, 5, 20, 60, 100])
def test_what_is_said_without_looking_is_never_more_than_what_looking_says(size):
    numbers = Random(size)
    table = Table([tuple(numbers.gauss(0, 1) for _ in range(size + 1)) for _ in range(10)], size)
    assert effort(Terms(list), table, 0.0) <= effort(Terms(list), table)


@pytest.mark.parametrize(("length", "count"), [(1, 1), (7, 3), (20, 20), (40, 11)])
def test_reflections_that_begin_later_change_no_bit_of_a_column(length, count):
    numbers = Random(length)
    columns = [[numbers.gauss(0, 1) for _ in range(length)] for _ in range(count)]
    reflections = householder.factor(columns).reflections
    for k in range(len(reflections)):
        whole = [0.0] * length
        whole[k] = -1.0
        for h in reversed(reflections):
            h.apply(whole)
        found = householder._column(reflections, -1.0, k, length)
        assert [value.hex() for value in found] == [value.hex() for value in whole]


def test_entries_of_a_program_over_classes_are_counted_before_it_is_built():
    numbers = np.random.default_rng(1)
    codes = np.array([0, 1, 2, 3, 0, 2, 1, 3, 3])
    targets = np.eye(4)[codes]
    Z = numbers.normal(size=(9, 3)) * (numbers.random((9, 3)) > 0.3)
    design = type("Design", (), {"targets": targets, "Z": Z})()
    assert class_separation._program(design).nnz == 2 * 3 * np.count_nonzero(Z)


# --- sentences


def test_mistakes_beyond_those_that_anybody_reads_are_counted(tmp_path):
    path = tmp_path / "sizes.yaml"
    path.write_text(on_data(rate=f"[{', '.join(f'-{i}' for i in range(1, 5001))}]"), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_experiment(path)
    for text in (str(refused.value), refused.value.pointed()):
        assert text.endswith(f"… and {5000 - MISTAKES_TOLD:,} more mistakes. Mend these first.")
        assert text.count("a learning rate must be") == MISTAKES_TOLD
    assert len(refused.value.mistakes) == 5000


@pytest.mark.parametrize(
    ("count", "said"),
    [(999, "999 bytes"), (1e6, "1 MB"), (3.21e9, "3.2 GB"), (640e6, "640 MB"), (2e15, "2,000 TB")],
)
def test_bytes_are_told_as_one_says_them(count, said):
    assert limits.as_bytes(count) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(50, "50 seconds"), (600, "10 minutes"), (1e4, "3 hours"), (1e6, "12 days")]
)
def test_times_are_told_as_one_says_them(seconds, said):
    assert limits.as_time(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"), [(12_345, "12,345"), (4.8e8, "480 million"), (1.1e9, "1.1 billion")]
)
def test_counts_are_told_as_one_says_them(count, said):
    assert limits.as_count(count) == said
