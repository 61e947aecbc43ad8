"""All checks on all that a plug-in registers; the order is that of a careful reader.

What every choice owes its reader, whatever its kind, is here: a signature that fits, a docstring that tells.
"""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, NamedTuple

from gdbench.descent.errors import BadParameter
from gdbench.descent.gradients import StepError
from gdbench.descent.kernels.compiler import Compiled
from gdbench.descent.registry import Entry
from gdbench.plugins.checking.claims import claims
from gdbench.plugins.checking.finding import CAUTION, FINE, WRONG, Finding, worst_first
from gdbench.plugins.checking.kinks import kinks
from gdbench.plugins.checking.ranges import ranges
from gdbench.plugins.checking.slopes import by_hand, compared, drawn, errors_by_step
from gdbench.plugins.checking.steps import steps
from gdbench.plugins.checking.subject import Subject, sample, subjects
from gdbench.plugins.checking.tracing import equalities, traced
from gdbench.plugins.choices import REGISTRIES
from gdbench.plugins.contracts import line_of
from gdbench.plugins.loading import Plugin, import_again, unlike

_ROUNDS, _CALLS = 5, 300


@dataclass(frozen=True)
class Checked:
    """A choice, and what was found, the worst first. parameters: those that it was checked with."""

    kind: str
    name: str
    parameters: dict[str, Any]
    findings: tuple[Finding, ...]

    @property
    def is_wrong(self) -> bool:
        return any(finding.severity == WRONG for finding in self.findings)

    def to_plain(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "parameters": self.parameters,
            "findings": [finding.to_plain() for finding in self.findings],
        }


def check_plugin(plugin: Plugin) -> list[Checked]:
    """Look at each choice that a loaded plug-in registered."""
    differing = unlike(plugin, import_again(plugin)) if plugin.source else []
    return [
        replace(checked, findings=(*_unsteady(checked, differing), *checked.findings))
        for checked in (check_entry(entry, plugin.origin) for entry in _entries(plugin))
    ]


def _unsteady(checked: Checked, differing: Sequence[tuple[str, str, str]]) -> Iterator[Finding]:
    """What of a choice was another at the second import."""
    for what, one, other in differing:
        choice, _, part = what.partition(": ")
        if choice == f"{checked.kind} {checked.name}":
            said = (
                f"{part} is {one} at one import and {other} at the next: results would depend on which it was. "
                "Write constants down: they must not come from chance or the clock."
            )
            yield Finding(WRONG, "import", said)


def check_entry(entry: Entry[object], origin: str) -> Checked:
    """All findings on one choice. origin: the file whose lines are told."""
    parameters, missing = sample(entry)
    unfit = fits(entry)
    found = list(manners(entry))
    if unfit:
        found.append(unfit)
    elif missing:
        said = f"no value to try is known for {', '.join(missing)}: with a default, the formula is checked too."
        found.append(Finding(CAUTION, "signature", said))
    else:
        found += _formula(entry, parameters, origin)
        if entry.kind == "optimizer" and not any(finding.severity == WRONG for finding in found):
            found.append(steps(entry, parameters, origin))
        if not any(finding.severity == WRONG for finding in found):
            found += claims(entry, parameters)
    return Checked(entry.kind, entry.name, parameters, tuple(worst_first(found)))


class Stepped(NamedTuple):
    """How numerical gradients of a choice err at a point, step by step. at: the point in words."""

    kind: str
    name: str
    at: str
    errors: list[StepError]


def steps_of(plugin: Plugin) -> list[Stepped]:
    """Of each formula that a loaded plug-in registered; those that cannot be traced are left out."""
    found = []
    for entry in _entries(plugin):
        parameters, missing = sample(entry)
        made = [] if missing or fits(entry) else subjects(entry, parameters)
        for subject in made[-1:]:  # one target tells what there is to tell
            w, errors = errors_by_step(subject)
            if errors:
                found.append(Stepped(entry.kind, entry.name, subject.at(w), errors))
    return found


def _entries(plugin: Plugin) -> list[Entry[object]]:
    return [e for registry in REGISTRIES for e in registry if (e.kind, e.name) in plugin.entries]


def _formula(entry: Entry[object], parameters: dict[str, Any], origin: str) -> Iterator[Finding]:
    try:
        entry.check(parameters)
        made = subjects(entry, parameters)
    except BadParameter as error:
        yield Finding(CAUTION, "signature", f"its defaults contradict one another: {error}")
        return
    if made:
        yield from equalities(entry)
    told: set[tuple[str, str]] = set()
    for subject in made:  # what holds for one target and the next is told once
        found = [f for f in _looked_at(subject, origin) if (f.check, f.severity) not in told]
        told.update((finding.check, finding.severity) for finding in found)
        yield from found


def _looked_at(subject: Subject, origin: str) -> Iterator[Finding]:
    compiled, finding = traced(subject, origin)
    yield finding
    if compiled is not None:
        for look in (compared, by_hand, kinks, ranges, timed):
            yield from look(subject, compiled)


def timed(subject: Subject, compiled: Compiled) -> list[Finding]:
    """Nothing where the formula fails at the point that is timed."""
    w = drawn(subject.size, Random(2))  # noqa: S311  the same point every time
    try:
        written = _seconds(lambda: subject.function(w))
        cost = _seconds(lambda: compiled.cost(w, ()))
        both = _seconds(lambda: compiled.cost_and_gradient(w, ()))
    except (ArithmeticError, ValueError):
        return []
    said = (
        f"speed: {1e6 * written:.2f} µs as written, {1e6 * cost:.2f} µs compiled ({written / cost:.1f}×), "
        f"{1e6 * both:.2f} µs with its gradient."
    )
    evidence = {"written": written, "compiled": cost, "with_gradient": both}
    return [Finding(FINE, "speed", said, evidence=evidence)]


def _seconds(call: Callable[[], object]) -> float:
    """Of one call: the least of a few rounds, as what disturbs only ever adds."""
    best = float("inf")
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for _ in range(_CALLS):
            call()
        best = min(best, (time.perf_counter() - began) / _CALLS)
    return best


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
