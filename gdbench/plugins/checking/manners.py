"""What every choice owes its reader, whatever its kind: a signature that fits, and a docstring that tells."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from gdbench.descent.registry import Entry
from gdbench.plugins.checking.finding import CAUTION, FINE, WRONG, Finding
from gdbench.plugins.contracts import line_of

#: kind → what gdbench passes, in this order, before what a config chooses.
_GIVEN = {
    "cost": ("p", "y"),
    "model": ("w", "x", "outputs"),
    "penalty": ("w",),
    "surface": ("w",),
    "initializer": ("shape", "random"),
    "kernel": ("definition", "table"),
    "batch size": ("rows",),
}
_FORMULAS = ("cost", "model", "penalty", "surface", "optimizer", "learning rate")
#: A sign of arithmetic is enough to tell a formula from a sentence.
_FORMULA = re.compile(r"[=+*/^|√Σ∑∏·²³½¼‖∇ηλ(−]")


def fits(entry: Entry[object]) -> Finding | None:
    """None if the function takes what it will be given."""
    given = _GIVEN.get(entry.kind, ())
    parameters = list(inspect.signature(entry.function).parameters)
    if len(parameters) >= len(given):
        return None
    said = (
        f"a {entry.kind} is called with {' and '.join(given)}, and this one takes {len(parameters)}. "
        f"Begin it with def {entry.name}({', '.join(given)}, …)."
    )
    return Finding(WRONG, "signature", said, line_of(entry))


def manners(entry: Entry[object]) -> Iterator[Finding]:
    """Defaults within their domains, and a docstring with the formula and every parameter."""
    wrong = list(_defaults(entry))
    yield from wrong
    missing = list(_docstring(entry))
    yield from missing
    if not wrong and not missing:
        yield Finding(FINE, "docstring", f"says its formula: {entry.summary}")


def _defaults(entry: Entry[object]) -> Iterator[Finding]:
    for parameter in entry.parameters:
        if not parameter.required:
            try:
                parameter.domain(parameter.default)
            except ValueError as error:
                said = f"the default of '{parameter.name}' {error}"
                yield Finding(WRONG, "signature", said, line_of(entry))


def _docstring(entry: Entry[object]) -> Iterator[Finding]:
    said, line = inspect.getdoc(entry.function) or "", line_of(entry)
    if not said:
        text = "there is no docstring. Its first line is the formula, which `gdbench list` shows."
        yield Finding(CAUTION, "docstring", text, line)
        return
    if entry.kind in _FORMULAS and not _FORMULA.search(entry.summary):
        yield Finding(CAUTION, "docstring", "the docstring's first line has no formula.", line)
    for parameter in entry.parameters:
        if not re.search(rf"\b{re.escape(parameter.name)}\b", said):
            text = f"the docstring does not say what '{parameter.name}' is, nor its unit or range."
            yield Finding(CAUTION, "docstring", text, line)
