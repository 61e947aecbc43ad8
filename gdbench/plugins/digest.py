"""What a plug-in does, as one hash: comments, docstrings and layout don't change it, any other word does."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from typing import Any

#: What the syntax tree says of how a thing is written and not of what it does.
_SILENT = ("ctx", "kind", "type_comment", "type_ignores")
_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def digest_of(*sources: str) -> str:
    """80 bits of SHA-256 over the syntax trees, the same on every Python; raises SyntaxError.

    `ast.dump` will not do: its text differs from one version of Python to the next.
    """
    words = [word for source in sources for word in _words(ast.parse(source))]
    return hashlib.sha256("\n".join(words).encode("utf-8", "backslashreplace")).hexdigest()[:20]


def _words(tree: ast.AST) -> Iterator[str]:
    """The tree in reading order, without recursion: a sum of a thousand terms is a thousand deep."""
    waiting: list[Any] = [tree]
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


def _fields(node: ast.AST) -> list[tuple[str, Any]]:
    """Fields that say something; those that a later Python added are empty in what an earlier one reads."""
    found = dict(ast.iter_fields(node))
    if isinstance(node, _WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
        found["body"] = node.body[1:]
    if isinstance(node, ast.JoinedStr):  # 3.12 ends some of them with an empty text
        found["values"] = [v for v in node.values if not (isinstance(v, ast.Constant) and v.value == "")]
    return [(k, v) for k, v in found.items() if k not in _SILENT and v is not None and v != []]
