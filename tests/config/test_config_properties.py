"""Whatever a config holds, the answer is an experiment or a ConfigError: never anything else."""

from __future__ import annotations

import string
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from benchmarks.config_grammar import Grammar, shipped
from gdbench.config.experiment import Experiment, load_experiment
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.descent.errors import GdbenchError
from gdbench.planning.plan import make_plan
from tests.sampling import most, sampled

CONFIGS = Path(__file__).parents[2] / "configs"
VALID = (CONFIGS / "lr_sweep.yaml").read_text(encoding="utf-8")
#: Runs up to which a mutant is laid out.
MOST_PLANNED = 2_000

# pieces that mean something to YAML or to the schema: far more likely to reach deep than random letters
PIECES = st.sampled_from(
    [
        *"[]{}:\n\t'\"|>#~%@,\\\0\r\x85\u2028é😀",
        *(": ", "- ", "\n  ", "? ", "---\n", "&a ", "*a", "<<: ", "!!int ", "!x "),
        *("1e999", "-1", ".nan", "0x", "9" * 500, "true", "any", "all", "constant", "normal"),
        *(
            "grid",
            "data",
            "name",
            "synthetic",
            "file",
            "extends: ",
            "zip: ",
            "exclude: ",
            "include: ",
            "when: ",
        ),
        *("{linspace: [0.1, 1, 3]}", "{per_decade: [1e-9, 1, 9]}", "{values: mse, when: {cost: mse}}"),
    ]
)
EDITS = st.lists(st.tuples(st.integers(0, len(VALID)), st.integers(0, 40), PIECES), min_size=1, max_size=4)

# the file is written anew for each example
fixture_reused = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def outcome(path: Path, content: bytes, overrides: Iterable[str] = ()) -> Experiment | ConfigError:
    path.write_bytes(content)
    try:
        return load_experiment(path, overrides)
    except ConfigError as refused:
        error = refused
    assert error.mistakes
    assert len(str(error).splitlines()) == len(error.mistakes)
    pointed = sum(3 if problem.line else 1 for problem in error.mistakes)
    assert len(error.pointed().splitlines()) == pointed
    return error


@fixture_reused
@given(content=st.binary(max_size=300))
def test_random_bytes_are_refused(tmp_path: Path, content: bytes) -> None:
    assert isinstance(outcome(tmp_path / "random.yaml", content), ConfigError)


@fixture_reused
@given(content=st.text(max_size=300))
def test_random_text_is_refused(tmp_path: Path, content: str) -> None:
    assert isinstance(outcome(tmp_path / "random.yaml", content.encode("utf-8", "replace")), ConfigError)


@fixture_reused
@given(pieces=st.lists(PIECES, max_size=30))
def test_random_yaml_is_refused(tmp_path: Path, pieces: list[str]) -> None:
    assert isinstance(outcome(tmp_path / "random.yaml", "".join(pieces).encode()), ConfigError)


@pytest.mark.exhaustive
@settings(fixture_reused, max_examples=most(150, exhaustive=1000))
@given(edits=EDITS)
def test_a_mutated_config_is_read_or_refused(tmp_path: Path, edits: list[tuple[int, int, str]]) -> None:
    text = VALID
    for at, removed, piece in edits:
        text = text[:at] + piece + text[at + removed :]
    outcome(tmp_path / "mutated.yaml", text.encode())


WORDS = [
    *("normal", "constant", "any", "all", "zeros", "std", "cost_change", "x", ""),
    *("linspace", "logspace", "per_decade", "values", "when", "not", "above", "cost", "mse", "model", "data"),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=2),
    max_leaves=8,
)
SETTINGS = [
    *("name", "description", "data", "grid", "repeats", "seed", "targets", "divergence"),
    *("grid.cost", "grid.learning_rate", "grid.initialization", "grid.convergence", "grid.x"),
    *("data.dataset", "data.file", "data.synthetic", "data.target", "data.features", "data.classes"),
    *("data.standardize", "data.perturb", "timeout", "tracking", "report", "watch", "audit", "plugins"),
    *("compare", "tune"),
    *("grid.zip", "grid.exclude", "grid.include", "grid.penalty", "grid.batch_size", "grid.model"),
]


@pytest.mark.exhaustive
@settings(fixture_reused, max_examples=most(150, exhaustive=1000))
@given(key=st.sampled_from(SETTINGS), value=VALUES)
@example(key="data.classes", value=[[], {}])
@example(key="grid.learning_rate", value=[float("inf")])
def test_a_value_of_the_wrong_shape_anywhere_is_read_or_refused(
    tmp_path: Path, key: str, value: object
) -> None:
    text = repr(value).replace("None", "null").replace("nan", ".nan").replace("inf", ".inf")
    outcome(tmp_path / "shaped.yaml", VALID.encode(), [f"{key}={text}"])


#: Mutants of structure that `pytest -m exhaustive` reads and plans.
MUTANTS = 10_000


@sampled("first", range(0, MUTANTS, 50), 2)
def test_a_config_whose_structure_met_with_accidents_is_planned_or_refused(tmp_path: Path, first: int) -> None:
    trees, config = shipped(), tmp_path / "mutant.yaml"
    (tmp_path / "plugins").symlink_to(CONFIGS / "plugins")
    (tmp_path / "there.csv").write_text("x,y\n1,2\n2,3\n3,5\n", encoding="utf-8")
    for number in range(first, first + 50):
        grammar = Grammar(Random(f"structure {number}"), trees)
        config.write_text(grammar.text(), encoding="utf-8", errors="replace")
        overrides = [grammar.override(grammar.config())] if number % 5 == 0 else []
        try:
            experiment = load_experiment(config, overrides)
            if experiment.combining.size * experiment.repeats <= MOST_PLANNED:
                make_plan(experiment)
        except GdbenchError:
            continue
        except Exception as error:
            raise AssertionError(f"mutant {number}:\n{config.read_text(encoding='utf-8')}") from error


@fixture_reused
@given(override=st.text(string.printable + "\udc80é", max_size=40))
def test_any_text_may_be_tried_as_an_override(tmp_path: Path, override: str) -> None:
    outcome(tmp_path / "small.yaml", VALID.encode(), [override])


def test_reading_a_config_loads_nothing_heavy() -> None:
    code = (
        "import sys, gdbench.config.experiment, gdbench.config.wording;"
        "print([m for m in ('mlflow', 'pandas', 'sklearn', 'scipy', 'numpy') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_naming_runs_needs_neither_yaml_nor_pydantic() -> None:
    code = "import sys, gdbench.config.wording; print([m for m in ('yaml', 'pydantic') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
