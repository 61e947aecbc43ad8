"""What a plug-in does, as one hash: comments, docstrings and layout don't change it, any other word does.

What it claims of itself to theory (`CLAIMS`) is no part of that: no step rests on it, and to say more of a cost
takes no result away. Runs that do rest on it have the hash of the claims in their identity as well.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping

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
