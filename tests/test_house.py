"""How large the house may grow: files, folders, branching, and the ways around types and layers, counted."""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in ROOT.glob("gdbench/**/*.py")
}

# bounds, not aims: fewer is better; a house that outgrows one of them is rebuilt, not extended
MOST_FILES = 570
MOST_FILES_IN_A_FOLDER = 16
MOST_LINES = 300
MOST_BRANCHES = 15
MOST_ANY = 299
MOST_TYPES_IGNORED = 5
MOST_LATE_IMPORTS = 43
IMPORT_EXCEPTIONS = ["gdbench -> gdbench.door.*"]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BRANCHES = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)


def nodes(function):
    """All of a function's nodes but those of functions inside it, which are counted for themselves."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, FUNCTIONS):
            yield node
            yield from nodes(node)


def branches(node):
    """Ways that a node adds: a clause one, `a and b or c` two, a comprehension one and one for each `if`."""
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return int(isinstance(node, BRANCHES))


def complexity(function):
    return 1 + sum(map(branches, nodes(function)))


def functions(source):
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, FUNCTIONS)]


def occurrences(pattern):
    """File → how often the pattern is in it."""
    counts = {name: len(re.findall(pattern, source)) for name, source in SOURCES.items()}
    return Counter({name: count for name, count in counts.items() if count})


def late_imports(source):
    return sum(
        isinstance(node, (ast.Import, ast.ImportFrom)) for one in functions(source) for node in nodes(one)
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return x", 1),
        ("return x if y else z", 2),
        ("return x and y or z", 3),
        ("return [a for a in x if a if y]", 4),
        ("if x:\n  pass\n elif y:\n  pass\n else:\n  pass", 3),
        ("try:\n  pass\n except OSError:\n  pass\n except ValueError:\n  pass", 3),
        ("for a in x:\n  while a:\n   pass", 3),
        ("match x:\n  case 1:\n   pass\n  case _:\n   pass", 3),
        ("def g():\n  return x if y else z\n return g", 1),
        ("return lambda a: x if a else y", 2),
    ],
)
def test_every_way_through_a_function_counts(body, expected):
    assert complexity(functions(f"def f(x, y, z):\n {body}")[0]) == expected


def test_no_function_branches_too_much():
    found = {
        f"{name}:{one.lineno} {one.name}": complexity(one)
        for name, source in SOURCES.items()
        for one in functions(source)
    }
    assert {name: count for name, count in found.items() if count > MOST_BRANCHES} == {}


def test_no_file_is_too_long():
    lines = {name: source.count("\n") for name, source in SOURCES.items()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_no_folder_is_too_full():
    folders = Counter(Path(name).parent.as_posix() for name in SOURCES)
    assert {name: count for name, count in folders.items() if count > MOST_FILES_IN_A_FOLDER} == {}


def test_there_are_not_too_many_files():
    assert len(SOURCES) <= MOST_FILES


@pytest.mark.parametrize(
    ("pattern", "most"),
    [(r"\bAny\b", MOST_ANY), (r"type: ignore", MOST_TYPES_IGNORED)],
    ids=["Any", "type: ignore"],
)
def test_types_are_seldom_given_up(pattern, most):
    counts = occurrences(pattern)
    assert counts.total() <= most, counts.most_common(20)


def test_imports_stand_at_the_top():
    counts = Counter({name: count for name, source in SOURCES.items() if (count := late_imports(source))})
    assert counts.total() <= MOST_LATE_IMPORTS, counts.most_common(20)


def test_the_layers_have_no_exception_but_the_door():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    assert [one for contract in contracts for one in contract.get("ignore_imports", [])] == IMPORT_EXCEPTIONS
