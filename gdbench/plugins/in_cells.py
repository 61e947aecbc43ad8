"""Choices that a notebook's cell or a script defines: each becomes a plug-in of its own, made of its source.

    @gdbench.cost("log_cosh", facts={"convex": True})
    def log_cosh(p, y):
        ...

Workers never see the notebook. What is taken along is the function's text, the numbers that it reads from
outside, and what it uses of gdbench and `math`; anything else is refused by name.

Standard library and Python 3.9 only: workers import this module where such a text asks for `gdbench.cost`.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType

from gdbench.descent import domains, functions
from gdbench.descent.domains import Domain
from gdbench.descent.errors import GdbenchError
from gdbench.descent.registry import Registry
from gdbench.plugins.choices import REGISTRIES
from gdbench.plugins.guard import is_importing
from gdbench.plugins.loading import forget, load_source

Function = Callable[..., object]

#: Modules that a definition may use beside gdbench's.
_MODULES = {"math": math}

#: Where most of what they use is at home: other modules import it from there.
_HOMES = (domains.__name__, functions.__name__)

#: (kind, name) → the text of the plug-in that it became.
_texts: dict[tuple[str, str], str] = {}


def __getattr__(name: str) -> Decorator:
    """`cost`, `optimizer` …: the decorator that registers choices of a kind, wherever it stands."""
    for registry in REGISTRIES:
        if registry.kind.replace(" ", "_") == name:
            return Decorator(registry)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


class Decorator:
    """What `@gdbench.cost(…)` calls. In a plug-in's text it registers; elsewhere it makes that text first."""

    def __init__(self, registry: Registry[object]) -> None:
        self._registry = registry

    def __call__(
        self, name: str, facts: Mapping[str, object] | None = None, **domains: Domain[object]
    ) -> Callable[[Function], Function]:
        def add(function: Function) -> Function:
            if is_importing():
                return self._registry.register(name, facts, **domains)(function)
            define(self._registry.kind, name, function)
            return function

        return add


def define(kind: str, name: str, function: Function) -> None:
    """Register what a cell defines, in place of an earlier definition; raises GdbenchError."""
    called = f"{kind} '{name}'"
    text = _text_of(called, function)
    if _texts.pop((kind, name), None) is not None:
        forget(kind, name)
    load_source(text, f"<{called}>")
    _texts[kind, name] = text


def definitions() -> dict[tuple[str, str], str]:
    """(kind, name) → the text of everything that cells have defined so far."""
    return dict(_texts)


# --- from a function to a text that stands alone


def _text_of(called: str, function: Function) -> str:
    try:
        own = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise GdbenchError(
            f"{called}: its source cannot be found, and workers need it. Define it in a notebook's cell or "
            "in a file."
        ) from None
    tree = ast.parse(own)
    imports, numbers = {"import gdbench"}, []
    for name in sorted(_free(tree)):
        value = _outside(called, function, name)
        if isinstance(value, (int, float)) and type(value) in (bool, int, float):
            numbers.append(f"{name} = {_literal(value)}")
        else:
            imports.add(_import(called, name, value))
    blocks = ["from __future__ import annotations", "\n".join(sorted(imports)), "\n".join(numbers)]
    head = "\n\n".join(block for block in blocks if block)
    return f"{head}\n\n\n{own}"


def _free(tree: ast.AST) -> Iterator[str]:
    """Names that are read and bound nowhere in the text, but for built-in ones and those of annotations."""
    annotated, read, bound = _in_annotations(tree), set[str](), {"gdbench"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                bound.add(node.id)
            elif id(node) not in annotated:
                read.add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
    return (name for name in read - bound if not hasattr(builtins, name))


def _in_annotations(tree: ast.AST) -> set[int]:
    """The nodes of annotations, which nothing evaluates."""
    found: set[int] = set()
    for node in ast.walk(tree):
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(part, ast.AST):
                found.update(map(id, ast.walk(part)))
    return found


def _outside(called: str, function: Function, name: str) -> object:
    """What a name stands for where the function is defined."""
    cells = inspect.getclosurevars(function).nonlocals
    for names in (cells, function.__globals__):
        if name in names:
            found: object = names[name]
            return found
    raise GdbenchError(f"{called}: reads '{name}', which is not defined. Define it above, or give it a value.")


def _literal(value: float) -> str:
    return repr(value) if math.isfinite(value) else f"float({str(value)!r})"


def _import(called: str, name: str, value: object) -> str:
    """The line that gets the same thing in any other process."""
    for module, known in _MODULES.items():
        if value is known:
            return f"import {module}" if name == module else f"import {module} as {name}"
    if isinstance(value, ModuleType) and value.__name__.partition(".")[0] == "gdbench":
        return f"import {value.__name__}" if name == value.__name__ else f"import {value.__name__} as {name}"
    home = getattr(value, "__module__", None)
    own = [(home, sys.modules[home])] if home in sys.modules and home.partition(".")[0] == "gdbench" else []
    for module, known in [*own, *_MODULES.items(), *_rooms()]:
        for attribute, found in vars(known).items():
            if found is value and not isinstance(value, ModuleType):
                return f"from {module} import {attribute}" + ("" if attribute == name else f" as {name}")
    raise GdbenchError(
        f"{called}: reads '{name}', which is {_described(value)}. Workers get plain numbers, and what it uses "
        "of gdbench and math. Define it inside, or give it as a parameter."
    )


def _rooms() -> list[tuple[str, ModuleType]]:
    """The modules of descent that are loaded: what definitions are made of."""
    loaded = sorted(name for name in sys.modules if name.startswith("gdbench.descent."))
    return [(name, sys.modules[name]) for name in dict.fromkeys([*_HOMES, *loaded])]


def _described(value: object) -> str:
    if isinstance(value, ModuleType):
        return f"the module {value.__name__}"
    kind = type(value).__name__
    return "a function of your own" if kind == "function" else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
