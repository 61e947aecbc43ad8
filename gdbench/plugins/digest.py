"""What a plug-in does, as one hash: comments, docstrings and layout don't change it, any other word does.

What it claims of itself to theory (`CLAIMS`) is no part of that: no step rests on it, and to say more of a cost
takes no result away. Runs that do rest on it have the hash of the claims in their identity as well.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CellType, CodeType, FunctionType

from gdbench.descent.kernels.definition import define
from gdbench.descent.kernels.expression import Trace
from gdbench.descent.registry import Entry
from gdbench.descent.surfaces import surface_facts

#: (what, its value as text) of all that one import may make otherwise than the next.
Definition = tuple[tuple[str, str], ...]
#: Characters of a value that are kept; the rest is in its hash.
_SHOWN = 40

#: What the syntax tree says of how a thing is written and not of what it does.
_SILENT = ("ctx", "kind", "type_comment", "type_ignores")
_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


#: decorator → the facts that are claims alone. Those that say how a choice is evaluated (on, targets, link,
#: response, basis, dimension, start …) are not among them.
CLAIMS: Mapping[str, tuple[str, ...]] = {
    "cost": ("convex", "curvature", "most_curved_at", "quadratic", "kinks", "falls"),
    "penalty": ("l1", "l2"),
    "model": ("convex",),
    "optimizer": ("along_gradient", "steady", "update", "recommended"),
}


def digest_of(*sources: str) -> str:
    """80 bits of SHA-256 over the syntax trees, without the claims, the same on every Python.

    Raises SyntaxError. `ast.dump` will not do: its text differs from one version of Python to the next.
    """
    return _hashed(word for source in sources for word in _words(ast.parse(source)))


def claims_of(*sources: str) -> str:
    """The hash of the claims that stand in decorators, "" where there are none."""
    found = [claim for source in sources for claim in _claims(ast.parse(source))]
    return _hashed(word for claim in found for word in _words(claim)) if found else ""


def _hashed(words: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(words).encode("utf-8", "backslashreplace")).hexdigest()[:20]


def _words(tree: ast.AST) -> Iterator[str]:
    """The tree in reading order, without recursion: a sum of a thousand terms is a thousand deep."""
    waiting: list[object] = [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, ast.Constant):
            yield f"{type(item.value).__name__} {item.value!r}"
        elif isinstance(item, ast.AST):
            yield f"({type(item).__name__}"
            waiting.append(")")
            for name, value in reversed(_fields(item)):
                waiting += [value, f".{name}"]
        elif isinstance(item, list):
            yield "["
            waiting += ["]", *reversed(item)]
        else:
            yield str(item)


def _fields(node: ast.AST) -> list[tuple[str, object]]:
    """Fields that say something; those that a later Python added are empty in what an earlier one reads."""
    found = dict(ast.iter_fields(node))
    if isinstance(node, _WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
        found["body"] = node.body[1:]
    if isinstance(node, ast.FunctionDef):
        found["decorator_list"] = [_parted(decorator)[0] for decorator in node.decorator_list]
    if isinstance(node, ast.JoinedStr):  # 3.12 ends some of them with an empty text
        found["values"] = [v for v in node.values if not (isinstance(v, ast.Constant) and v.value == "")]
    return [(k, v) for k, v in found.items() if k not in _SILENT and v is not None and v != []]


def _claims(tree: ast.AST) -> Iterator[ast.AST]:
    """Of each function that a decorator registers with claims: its name, and the claims as a dictionary."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for claimed in [_parted(decorator)[1] for decorator in node.decorator_list]:
                if claimed.keys:
                    yield from (ast.Constant(node.name), claimed)


def _parted(decorator: ast.expr) -> tuple[ast.expr, ast.Dict]:
    """The decorator as it would stand without its claims, and them; `facts` goes if nothing is left in it."""
    claimed = ast.Dict([], [])
    if not isinstance(decorator, ast.Call) or _name(decorator.func) not in CLAIMS:
        return decorator, claimed
    kept, names = [], CLAIMS[_name(decorator.func)]
    for keyword in decorator.keywords:
        if keyword.arg == "facts" and isinstance(keyword.value, ast.Dict):
            given, rest = keyword.value, ast.Dict([], [])
            for index, key in enumerate(given.keys):
                into = claimed if isinstance(key, ast.Constant) and key.value in names else rest
                into.keys.append(key)
                into.values.append(given.values[index])
            keyword = ast.keyword("facts", rest)  # noqa: PLW2901  what is left of it
            if not rest.keys and claimed.keys:
                continue
        kept.append(keyword)
    return ast.Call(decorator.func, decorator.args, kept), claimed


def _name(function: ast.expr) -> str:
    """cost of `cost` and of `costs.cost`."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def definition_of(entries: Iterable[Entry[object]]) -> Definition:
    """What an import made of a plug-in's choices: where each begins, constants that it reads, its formula.

    The text of a plug-in says what it does only if this is the same at every import, on every machine.
    """
    found: dict[str, str] = {}
    for entry in entries:
        name = f"{entry.kind} {entry.name}"
        if isinstance(entry.function, FunctionType):
            _note_values(entry.function, name, found, set())
        found[f"{name}: its formula"] = _formula(entry)
    return tuple(sorted(found.items()))


def _note_values(function: FunctionType, name: str, found: dict[str, str], seen: set[FunctionType]) -> None:
    """Constants of a function and of those of the same file that it calls."""
    if function in seen:
        return
    seen.add(function)
    found[f"{name}: the line of {function.__name__}"] = str(function.__code__.co_firstlineno)
    for key, value in _read_by(function).items():
        if isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
            _note_values(value, name, found, seen)
        elif _is_plain(value):
            found[f"{name}: {key}"] = _short(repr(value))


def _read_by(function: FunctionType) -> dict[str, object]:
    """Name → value of what a function has from outside: its file, what is around it, its defaults."""
    code, cells = function.__code__, function.__closure__ or ()
    given = {f"default {i + 1} of {function.__name__}": v for i, v in enumerate(function.__defaults__ or ())}
    around = {key: cells[i].cell_contents for i, key in enumerate(code.co_freevars) if cells[i] != CellType()}
    of_file = {key: function.__globals__[key] for key in _names_in(code) if key in function.__globals__}
    return {**of_file, **around, **given, **(function.__kwdefaults__ or {})}


def _names_in(code: CodeType) -> set[str]:
    """Names that a function asks its file for, those of functions within it as well."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*map(_names_in, inner))


def _is_plain(value: object) -> bool:
    """Numbers, words that are no paths, and collections of them."""
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, (*value, *value.values())))
    if isinstance(value, str):
        return "/" not in value and "\\" not in value
    return value is None or isinstance(value, (int, float, complex))


def _formula(entry: Entry[object]) -> str:
    """The hash of what is recorded of it, "" where it is no formula, or needs parameters."""
    trace, given = Trace(), {parameter.name: parameter.default for parameter in entry.parameters}
    if entry.kind not in _RECORDED or any(parameter.required for parameter in entry.parameters):
        return ""
    try:
        trace.lift(_RECORDED[entry.kind](entry, trace, given))
    except Exception:  # noqa: BLE001  what cannot be traced is told where it is used
        return ""
    return _hashed(f"{node.operation}{node.inputs}{node.label}" for node in trace.nodes)


def _cost(entry: Entry[object], trace: Trace, given: Mapping[str, object]) -> object:
    p, y = trace.variables("p", 3), trace.variables("y", 3)
    of_classes = entry.facts.get("targets") == "classes"
    return entry.function(p if of_classes else p[0], y if of_classes else y[0], **given)


def _model(entry: Entry[object], trace: Trace, given: Mapping[str, object]) -> object:
    definition = define({entry.name: given}, {"half_mse": {}}, 2)
    return definition.cost_of_row(
        trace.variables("w", definition.size), trace.variables("x", 2), trace.variable("y")
    )


def _surface(entry: Entry[object], trace: Trace, given: Mapping[str, object]) -> object:
    size = surface_facts({entry.name: given}).dimension
    return entry.function(trace.variables("w", size), **given)


#: kind → what is recorded of a choice with these parameters.
_RECORDED: Mapping[str, Callable[[Entry[object], Trace, Mapping[str, object]], object]] = {
    "cost": _cost,
    "penalty": lambda entry, trace, given: entry.function(trace.variables("w", 3), **given),
    "model": _model,
    "surface": _surface,
}


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({_hashed([text])[:8]})"
