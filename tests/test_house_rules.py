"""The rules that keep the house in order, each held by the tool that knows it best."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "tool",
    [
        ("ruff", "check", "--no-cache"),
        ("ruff", "format", "--check", "--no-cache"),
        ("mypy",),
        ("lint-imports",),
    ],
    ids=["lint", "format", "types", "import contracts"],
)
def test_the_tool_finds_nothing(tool):
    done = subprocess.run([BIN / tool[0], *tool[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "path", sorted((ROOT / "gdbench" / "descent").rglob("*.py")), ids=lambda path: path.stem
)
def test_the_kernels_keep_to_the_syntax_of_python_3_9(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "gdbench").rglob("*.py")), ids=lambda path: "/".join(path.parts[-2:])
)
def test_every_file_opens_with_a_sentence_that_says_what_it_is_for(path):
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert said
    assert said.split("\n\n")[0].rstrip().endswith((".", "?"))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "gdbench" / "descent").rglob("*.py")), ids=lambda path: path.stem
)
def test_the_kernels_avoid_what_gives_different_bits(path):
    # sum() of floats changed in 3.12; hypot and ** round differently from one version or libm to the next
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = node.func if isinstance(node, ast.Call) else None
        called = getattr(name, "id", getattr(name, "attr", ""))
        assert called not in {"hypot", "sumprod", "log2", "erf", "pow"}
        assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow))


SAMPLING = {"drawn", "most", "sampling"}


def sampling_names(body):
    """What a module has of tests/sampling.py, but for `sampled`, which marks by itself."""
    froms = [
        node for node in body if isinstance(node, ast.ImportFrom) and node.module in {"tests", "tests.sampling"}
    ]
    return {alias.name for node in froms for alias in node.names} & SAMPLING


def reads(node, names):
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))


def test_what_is_sampled_every_day_is_marked_so_that_it_is_run_whole():
    forgotten = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        names, kept = sampling_names(body), [node for node in body if isinstance(node, ast.Assign)]
        if not names or any(
            "pytestmark" in ast.unparse(one) and "exhaustive" in ast.unparse(one) for one in kept
        ):
            continue
        names |= {target.id for one in kept if reads(one.value, names) for target in one.targets}
        for node in ast.walk(ast.Module(body, [])):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and reads(node, names):
                marks = map(ast.unparse, node.decorator_list)
                forgotten += [] if "pytest.mark.exhaustive" in marks else [f"{path.name}: {node.name}"]
    assert not forgotten
