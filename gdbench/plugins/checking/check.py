"""All checks on all that a plug-in registers; the order is that of a careful reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gdbench.descent.errors import BadParameter
from gdbench.descent.registry import Entry
from gdbench.plugins.checking.claims import claims
from gdbench.plugins.checking.finding import CAUTION, WRONG, Finding, worst_first
from gdbench.plugins.checking.kinks import kinks
from gdbench.plugins.checking.manners import fits, manners
from gdbench.plugins.checking.ranges import ranges
from gdbench.plugins.checking.slopes import compared
from gdbench.plugins.checking.subject import Subject, sample, subjects
from gdbench.plugins.checking.timing import timed
from gdbench.plugins.checking.tracing import equalities, traced
from gdbench.plugins.choices import REGISTRIES
from gdbench.plugins.loading import Plugin


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
    entries = [e for registry in REGISTRIES for e in registry if (e.kind, e.name) in plugin.entries]
    return [check_entry(entry, plugin.origin) for entry in entries]


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
        if not any(finding.severity == WRONG for finding in found):
            found += claims(entry, parameters)
    return Checked(entry.kind, entry.name, parameters, tuple(worst_first(found)))


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
        for look in (compared, kinks, ranges, timed):
            yield from look(subject, compiled)
