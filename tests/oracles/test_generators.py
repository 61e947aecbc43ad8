"""The oracles can be made again: each file has its script, and what needs no other library is made here."""

import ast
import json
import re
from pathlib import Path

import pytest

from tests.oracles.generate import optima
from tests.oracles.generate.oracle import differences, distance, kept

ORACLES = Path(__file__).parent
GENERATORS = ORACLES / "generate"
#: NIST's own files, copied digit for digit.
COPIED = {"nist"}
CERTIFIED = json.loads((ORACLES / "optima.json").read_text(encoding="utf-8"))


def test_each_file_has_the_script_that_makes_it():
    files = {path.stem for path in ORACLES.glob("*.json")}
    scripts = {path.stem for path in GENERATORS.glob("*.py")} - {"__init__", "oracle"}
    assert files - COPIED == scripts


@pytest.mark.parametrize("name", sorted({path.stem for path in ORACLES.glob("*.json")} - COPIED))
def test_a_script_says_its_source_and_its_command_and_the_readme_lists_it(name):
    said = ast.get_docstring(ast.parse((GENERATORS / f"{name}.py").read_text(encoding="utf-8")))
    assert said.startswith(f"{name}.json: ")
    assert re.search(r"^Sources?: ", said, re.MULTILINE)
    assert f"python -m tests.oracles.generate.{name}" in said
    assert f"| `{name}` |" in (GENERATORS / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["torch_trajectories", "torch_schedules"])
def test_what_torch_is_asked_for_is_what_the_file_holds(name):
    text = (GENERATORS / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    (asked,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and getattr(node.targets[0] if isinstance(node, ast.Assign) else node.target, "id", "")
        in ("OPTIMIZERS", "SCHEDULERS")
    )
    held = json.loads((ORACLES / f"{name}.json").read_text(encoding="utf-8"))
    key, part = ("optimizer", "trajectories") if name == "torch_trajectories" else ("scheduler", "schedules")
    assert list(dict.fromkeys(one[key] for one in held[part])) == [ast.literal_eval(k) for k in asked.keys]
    assert held["source"].count("2.13.0") == 1 <= text.count("2.13.0")


@pytest.mark.parametrize("name", ["ols/linnerud_Weight_std", "poisson/linnerud_Chins_std_lam0"])
def test_a_certified_optimum_is_found_again_to_all_of_its_digits(name):
    made, known = optima.entry(optima.problems()[name]), CERTIFIED[name]
    for key in ("min_cost", "params", "cost_at_zero", "grad_at_zero"):
        assert made[key] == known[key]
    if counts := made.get("gd_iters_lr_1_over_L_global_from_zero"):
        assert counts == known["gd_iters_lr_1_over_L_global_from_zero"]


def test_the_dual_certificate_of_least_absolute_errors_is_found_again():
    made, known = optima.absolute(), CERTIFIED["mae/diabetes_std"]
    assert made == known


def test_numbers_that_rounding_alone_changes_stay_as_committed():
    made, committed = {"a": [1.0, 2.0], "b": "0.1"}, {"a": [1.0 + 2e-16, 3.0], "b": "0.10"}
    assert kept(made, committed, 1e-15) == {"a": [1.0 + 2e-16, 2.0], "b": "0.10"}
    assert [place for place, *_ in differences(made, committed)] == ["/a/0", "/a/1", "/b"]
    assert distance("x", "y") == float("inf")
