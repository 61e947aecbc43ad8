"""An optimizer's update, traced as a cost is: its lists become straight lines of the printed loop.

Nobody writes a second form of it: the update is called once with recorded numbers in place of floats.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Iterator, List, NamedTuple, Optional, Tuple

from gdbench.descent.kernels.compiler import together
from gdbench.descent.kernels.expression import Expression, Trace, TraceError
from gdbench.descent.kernels.printer import Printer
from gdbench.descent.optimizers import Optimizer

#: How a state is made of numbers: None, a number, a list of so many, or a named tuple of such.
Structure = Any
_NUMBER = "number"


class Step(NamedTuple):
    """lines: from w0, …, g0, …, s0, …, rate and cost to w and state, and to w0, … and s0, … of the next
    iterate.

    numbers: how many s there are.  structure: of the states that it goes from and to.
    """

    lines: Tuple[str, ...]
    numbers: int
    structure: Structure


@lru_cache(maxsize=256)
def traced_step(optimizer: Optimizer, size: int) -> Optional[Step]:
    """The optimizer's update of so many parameters; None where it does more than arithmetic.

    A state that is of another structure before the first step, such as no momentum yet, is left behind.
    """
    try:
        structure = structure_of(optimizer.init([0.0] * size))
    except _NoStructure:
        return None
    for _ in range(2):
        trace = Trace()
        w, g, rate = trace.variables("w", size), trace.variables("g", size), trace.variable("rate")
        s = trace.variables("s", _count(structure))
        try:
            # update takes recorded numbers for floats
            cost = [trace.variable("cost")] if optimizer.costed else []
            moved, state = optimizer.update(w, g, built(structure, iter(s)), rate, *cost)
            before, structure = structure, structure_of(state)
        except (TraceError, _NoStructure):
            return None
        if structure == before:
            outputs = [trace.lift(value) for value in (*numbers_of(state), *moved)]
            return Step(_printed(outputs, len(s), size), len(s), structure)
    return None


def _printed(outputs: List[Expression], count: int, size: int) -> Tuple[str, ...]:
    printed = Printer([]).printed(outputs)
    before, inside = printed.lines
    texts = [text for text, *_ in printed.outputs]
    moved = f"{together(f'w{j}' for j in range(size))} = w = [{', '.join(texts[count:])}]"
    if not count:
        return (*before, *inside, moved)
    # the new state first, for it too comes from the old parameters
    state = f"state = ({together(texts[:count])})"
    return (*before, *inside, state, moved, f"{together(f's{i}' for i in range(count))} = state")


class _NoStructure(Exception):
    """A state holds something besides numbers."""


def structure_of(state: Any) -> Structure:
    if state is None:
        return None
    if isinstance(state, (float, Expression)):
        return _NUMBER
    if isinstance(state, list):
        return len(state)
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        return (type(state), tuple(structure_of(part) for part in state))
    raise _NoStructure


def numbers_of(state: Any) -> Tuple[Any, ...]:
    """The numbers in a state, one after the other."""
    if state is None:
        return ()
    if isinstance(state, (list, tuple)):
        return tuple(number for part in state for number in numbers_of(part))
    return (state,)


def _count(structure: Structure) -> int:
    if structure is None:
        return 0
    if isinstance(structure, tuple):
        return sum(_count(part) for part in structure[1])
    return structure if isinstance(structure, int) else 1


def built(structure: Structure, numbers: Iterator[object]) -> Any:
    """A state of this structure, of numbers or of expressions."""
    if structure is None:
        return None
    if isinstance(structure, tuple):
        kind, parts = structure
        return kind(*[built(part, numbers) for part in parts])
    return [next(numbers) for _ in range(structure)] if isinstance(structure, int) else next(numbers)
