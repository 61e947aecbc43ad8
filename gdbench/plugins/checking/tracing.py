"""Can the formula be recorded? If not: the line, the reason, and what to write instead."""

from __future__ import annotations

import ast
import inspect
import textwrap
import time
from collections.abc import Iterator

from gdbench.descent.kernels.compiler import Compiled, compile_surface
from gdbench.descent.kernels.expression import Trace, TraceError, needed
from gdbench.descent.registry import Entry
from gdbench.plugins.checking.finding import CAUTION, FINE, WRONG, Finding
from gdbench.plugins.checking.subject import Subject
from gdbench.plugins.contracts import line_of
from gdbench.plugins.loading import line_in

_REMEDY = (
    "Write it with + − * / and the functions of gdbench.descent.functions (exp, log, sqrt, where, maximum, …)."
)


def traced(subject: Subject, origin: str) -> tuple[Compiled | None, Finding]:
    """The compiled function, or None and the reason."""
    began = time.perf_counter()
    try:
        compiled = compile_surface(subject.function, subject.size)
        seconds = time.perf_counter() - began
        trace = Trace()
        recorded = trace.lift(subject.function(trace.variables("w", subject.size)))
    except Exception as error:  # noqa: BLE001  whatever the user's formula raises is what is to be told
        return None, _refused(error, origin)
    operations = sum(1 for node in needed([recorded]) if node.arguments)
    counted = f"{operations} operation{'s' * (operations != 1)}"
    said = f"traced: {counted}, compiled with their gradient in {1e3 * seconds:.1f} ms."
    return compiled, Finding(FINE, "trace", said, evidence={"operations": operations, "seconds": seconds})


def _refused(error: Exception, origin: str) -> Finding:
    said = " ".join(str(error).split())
    if not isinstance(error, TraceError):
        said = f"the tracer cannot follow this ({type(error).__name__}: {said}). {_REMEDY}"
    return Finding(WRONG, "trace", said, line_in(error, origin))


def equalities(entry: Entry[object]) -> Iterator[Finding]:
    """`==` on a traced value is no error, but asks whether two recordings are one: not what was meant."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(entry.function)))
    except (OSError, TypeError, SyntaxError):
        return
    suspects = _recordings(tree, entry)
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and _is_equality(node) and _names(node) & suspects:
            said = (
                f"'{ast.unparse(node)}' is decided once, while tracing, and not for each row. "
                "Use where(below(…), …, …) if it looks at a traced value."
            )
            yield Finding(CAUTION, "equality", said, line_of(entry) + node.lineno - 1)


def _is_equality(node: ast.Compare) -> bool:
    return any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)


def _recordings(tree: ast.AST, entry: Entry[object]) -> set[str]:
    """The arguments that are traced, and what is assigned from them."""
    plain = {parameter.name for parameter in entry.parameters} | {"outputs"}
    found = set(inspect.signature(entry.function).parameters) - plain
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _names(node.value) & found:
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return found


def _names(node: ast.AST) -> set[str]:
    """All names in it, but for those whose length alone is asked."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len":
        return set()
    own = {node.id} if isinstance(node, ast.Name) else set()
    return own.union(*(_names(child) for child in ast.iter_child_nodes(node)))
