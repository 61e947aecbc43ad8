"""The five steps of one run, numbers in the place of its letters: what one can follow with a pencil."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from gdbench.config.wording import label
from gdbench.descent.iterate import Iterate
from gdbench.descent.recording.by_hand import Check, Followed, Move, Step
from gdbench.descent.registry import Spec
from gdbench.judgement.numerals import count
from gdbench.planning.plan import Plan, Run
from gdbench.plugins.choices import BY_AXIS
from gdbench.report.page.by_hand_terms import PARAMETERS, OnRows, OnSurface, Telling, said, short


def by_hand(plan: Plan, run: Run, followed: Followed) -> Iterator[str]:
    """What was followed of a run, line by line."""
    spec, dataset = run.spec, plan.problems[run.problem].dataset
    telling: Telling
    if dataset is None:
        telling = OnSurface(spec)
    else:
        telling = OnRows(spec, dataset.table, dataset.feature_names, dataset.classes)
    yield f"{plan.experiment.name}: {run.label}   (run {run.key[:8]}, of {count(len(plan.runs))})"
    yield from _ingredients(spec, telling)
    for step in followed.steps:
        yield ""
        yield f"── k = {step.now.k} ".ljust(36, "─")
        yield from _step(spec, step, followed.steps, telling)


# --- the ingredients


def _ingredients(spec: Spec, telling: Telling) -> Iterator[str]:
    yield "1 cost"
    yield from (f"    {line}" for line in telling.cost())
    yield f"2 start         {said('initialization', spec)}"
    yield f"3 gradient      {said('gradient', spec)}"
    yield from (f"    {line}" for line in telling.gradient())
    if "none" not in spec.get("clipping", {"none": {}}):
        yield f"    clipped     {said('clipping', spec)}"
    yield f"4 update        {said('optimizer', spec)}"
    for axis, word in (("weight_decay", "decay"), ("average", "average")):
        if "none" not in spec.get(axis, {"none": {}}):
            yield f"    {word:<10}  {said(axis, spec)}"
    yield f"    rate        {said('learning_rate', spec)}"
    yield f"5 convergence   {label(spec['convergence'])}"


# --- one iterate


def _step(spec: Spec, step: Step, steps: Sequence[Step], telling: Telling) -> Iterator[str]:
    now = step.now
    names = telling.names
    for j, (name, value) in enumerate(zip(names, now.w, strict=True)):
        if j < PARAMETERS:
            yield f"    {name} = {value!r}"
    if len(names) > PARAMETERS:
        yield f"    … and {count(len(names) - PARAMETERS)} more parameters"
    yield "  1 cost"
    yield from (f"    {line}" for line in telling.cost_at(now))
    yield f"    f(w) = {now.cost!r}"
    yield "  3 gradient"
    if now.finite:
        yield from (f"    {line}" for line in telling.gradient_at(now))
    else:
        yield "    it is not finite"
    before = next((one.now.cost for one, other in pairwise(steps) if other is step), None)
    yield "  5 stop?"
    yield from (f"    {_checked(check, now, before)}" for check in step.checks)
    if step.verdict:
        yield f"    the run ends: {step.verdict.outcome}, {step.verdict.reason}"
    for number, move in enumerate(step.moves, start=1):
        yield "  4 update" if len(step.moves) == 1 else f"  4 update {number}, on a batch"
        yield from (f"    {line}" for line in _moved(spec, now, move, names))


def _moved(spec: Spec, now: Iterate, move: Move, names: Sequence[str]) -> Iterator[str]:
    """Each parameter's step; of plain descent with the numbers that it is made of."""
    descent = {"gradient_descent": BY_AXIS["optimizer"]["gradient_descent"].resolve({})}
    plain = spec["optimizer"] == descent and not {"weight_decay", "average"} & spec.keys()
    if move.gradient != now.gradient:
        yield f"g = {_vector(move.gradient)}"
    if not plain:
        yield f"η = {move.rate!r}"
    for j, name in enumerate(names[:PARAMETERS]):
        if plain:
            sum_ = f"{short(move.w[j])} − {short(move.rate)} · {short(move.gradient[j], inside=True)}"
            yield f"{name} ← {sum_} = {move.moved[j]!r}"
        else:
            yield f"{name} ← {move.moved[j]!r}   from {short(move.w[j])}"
    if not plain and (remembered := _state(move.after)):
        yield f"it remembers {remembered}"


def _state(state: object) -> str:
    """What an optimizer remembers, by its names where it has given some."""
    if hasattr(state, "_asdict"):
        return ", ".join(f"{name} = {_value(value)}" for name, value in state._asdict().items())
    parts = state if isinstance(state, (tuple, list)) else [state]
    return ", ".join(_value(part) for part in parts if part is not None)


def _value(value: object) -> str:
    if isinstance(value, (int, float)):
        return short(value)
    return _vector(value) if isinstance(value, (list, tuple)) else str(value)


def _vector(values: Sequence[float]) -> str:
    more = ", …" if len(values) > _IN_VECTOR else ""
    return f"({', '.join(map(_value, values[:_IN_VECTOR]))}{more})"


#: Numbers of a vector that are written out.
_IN_VECTOR = 4

_LETTER = re.compile(r"\b(k|cost|norm|gap|before)\b")
_SIZE = re.compile(r"abs\(([^()]*)\)")
_SIGNS = {"<=": "≤", ">=": "≥", " * ": " · "}


def _checked(check: Check, now: Iterate, before: float | None) -> str:
    """A rule's comparison, in letters and in numbers, and what came of it."""
    said = "it holds" if check.verdict else "no"
    if check.condition is None or ("before" in check.condition.text and before is None):
        summary = BY_AXIS["convergence"][check.rule].summary
        return f"{check.rule}: {summary} → {said}"
    text = check.condition.text.format(*(short(number) for number in check.condition.numbers))
    for sign, better in _SIGNS.items():
        text = text.replace(sign, better)
    text = _SIZE.sub(r"|\1|", text)
    known = {"k": now.k, "cost": now.cost, "norm": now.gradient_norm, "gap": now.gap, "before": before}
    numbers = _LETTER.sub(lambda found: _value(known[found[1]]), text)
    return f"{check.rule}: {text}: {numbers} → {said}"
