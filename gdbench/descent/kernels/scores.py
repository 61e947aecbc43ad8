"""The scores that a model gives to rows, by a printed function: the compiled kernel without its cost."""

from __future__ import annotations

from functools import lru_cache
from typing import Callable, List, Sequence

from gdbench.descent.kernels.compiler import function, indented, load, together
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.expression import Trace
from gdbench.descent.kernels.printer import Printer
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.problems.table import Row

#: (w, rows of features) → a row of scores for each, one score or one a class.
Scores = Callable[[Vector, Sequence[Row]], List[Row]]


@lru_cache(maxsize=64)
def scores(definition: Definition) -> Scores:
    """The model alone, traced and printed; what has no value raises ArithmeticError or ValueError."""
    trace = Trace()
    w = trace.variables("w", definition.size)
    x = trace.variables("x", definition.features)
    score = definition.score(w, x)
    outputs = [trace.lift(one) for one in (score if isinstance(score, (list, tuple)) else [score])]
    printed = Printer(w).printed(outputs)
    before, inside = printed.lines
    found = f"found.append(({together(text for text, *_ in printed.outputs)}))"
    body = [
        f"{together(w_j.label for w_j in w)} = w",
        "found = []",
        *before,
        f"for {together(x_j.label for x_j in x)} in rows:",
        *indented([*inside, found]),
    ]
    return load(function("scores(w, rows)", body, "found"))["scores"]
