"""The costs of all rows and their slopes, from columns of scores and targets, in several loops over the rows.

A trace follows one way through its branches, so the nine maxima of a softmax over ten classes in one loop are
up to 512 traces, each with all that comes after. The statements for a row are therefore cut into stages of
few branches, a loop each, which hand on in columns what later ones need. Rows do not look at one another,
and the costs are still added in their order: no bit changes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Callable, Dict, Iterator, List, Mapping, NamedTuple, Set, Tuple

from gdbench.descent.kernels.compiler import function, indented, load
from gdbench.descent.kernels.definition import Definition
from gdbench.descent.kernels.expression import Expression
from gdbench.descent.kernels.operations import OPERATIONS
from gdbench.descent.kernels.printer import Printer
from gdbench.descent.kernels.reference import TracedPoint, traced_pointwise

#: Of one stage. More branches warm up slowly; more statements overrun the tracer, which has to follow
#: a row's columns as well.
BRANCHES, STATEMENTS = 2, 50

Columns = Dict[str, List[float]]
#: (columns, n) → Σ c(z, y) over n rows, from columns z0, z1, … and y0, y1, …; fills s0, s1, … if wanted.
Pointwise = Callable[[Columns, int], float]


class Step(NamedTuple):
    """A line for one row: what it gives a value to, what it reads, how many questions it asks."""

    line: str
    name: str
    reads: Set[str]
    questions: int


class Steps(NamedTuple):
    """Lines before the loops, the steps for a row, and what they begin and end with in columns."""

    constants: List[str]
    steps: List[Step]
    given: List[str]
    slopes: List[str]


@lru_cache(maxsize=128)
def pointwise(definition: Definition, *, slopes: bool) -> Tuple[Pointwise, float]:
    """Σ c(z, y) over the rows, with sₖ of each row if `slopes`; and the factor with ∂c/∂zₖ = factor · sₖ."""
    traced = traced_pointwise(definition)
    steps = _steps(traced if slopes else traced._replace(slopes=[]))
    columns, stages = {*steps.given}, list(_stages(steps.steps))
    functions: List[Pointwise] = []
    for number, stage in enumerate(stages):
        later = {name for after in stages[number + 1 :] for step in after for name in step.reads}
        handed = [step.name for step in stage if step.name in later]
        functions.append(load(_source(stage, steps, columns, handed))["stage"])
        columns.update(handed)

    def total(columns: Columns, n: int) -> float:
        cost = 0.0
        for add_stage in functions:
            cost = add_stage(columns, n)
        return cost

    return total, traced.factor


def _steps(traced: TracedPoint) -> Steps:
    given, slopes = [*traced.z, *traced.y], [f"s{k}" for k in range(len(traced.slopes))]
    outputs = [*traced.slopes, traced.cost]
    printed = Printer([]).printed(outputs)
    names = {v.index: v.label for v in given}
    names.update({s.nodes[0].index: s.names[0] for s in printed.before})
    steps = []
    for (node,), (name,), (line,) in printed.inside:
        steps.append(_step(line, name, node, names))
        names[node.index] = name
    # a slope belongs to its row; the cost, which comes last, is added up
    for name, sign, (text, *_), node in zip(
        [*slopes, "total"], ["="] * len(slopes) + ["+="], printed.outputs, outputs
    ):
        steps.append(_step(f"{name} {sign} {text}", name, node, names))
    return Steps(printed.lines[0], steps, [v.label for v in given], slopes)


def _step(line: str, name: str, node: Expression, names: Mapping[int, str]) -> Step:
    """names: of what the lines before have named, by index of the node; the line spells out all else."""
    reads: Set[str] = set()
    questions, spelled_out = 0, [node]
    while spelled_out:
        node = spelled_out.pop()
        if node.index in names:
            reads.add(names[node.index])
        elif node.arguments:
            questions += OPERATIONS[node.operation].asks
            spelled_out += node.arguments
    return Step(line, name, reads, questions)


def _stages(steps: List[Step]) -> Iterator[List[Step]]:
    """The steps in their order, cut before what would be too much for one loop."""
    stage: List[Step] = []
    questions = 0
    for step in steps:
        if stage and (questions + step.questions > BRANCHES or len(stage) == STATEMENTS):
            yield stage
            stage, questions = [], 0
        stage.append(step)
        questions += step.questions
    yield stage


def _source(stage: List[Step], steps: Steps, columns: Set[str], handed: List[str]) -> str:
    """One loop over the rows; a column is called like its value, with an s at the end."""
    read = sorted({name for step in stage for name in step.reads} & columns)
    slopes = [step.name for step in stage if step.name in steps.slopes]
    body = [f'{name}s = columns["{name}"]' for name in read + slopes]
    body += [f'{name}s = columns["{name}"] = [0.0] * n' for name in handed]
    body += [*steps.constants, "total = 0.0", "for i in range(n):"]
    body += indented(f"{name} = {name}s[i]" for name in read)
    body += indented(step.line for step in stage)
    body += indented(f"{name}s[i] = {name}" for name in handed + slopes)
    return function("stage(columns, n)", body, "total")
