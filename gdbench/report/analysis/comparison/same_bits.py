"""Runs that two experiments share, by their keys: they must be equal to the last bit, wherever they ran."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from gdbench.judgement.numerals import count
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.report.analysis.comparison.finding import Finding

#: What may differ between two executions of one spec; older records lack the last two.
_FREE = ("seconds", "interpreter", "host", "traceback", "reason", "work_to", "path")
#: Ends that the place decides on, not the spec.
_OF_THE_PLACE = ("timed_out", "crashed")


def same_bits(
    names: tuple[str, str], studies: tuple[Study, Study], stores: tuple[Store, Store] | None = None
) -> list[Finding]:
    """Whether runs with equal keys have equal results; with stores, curves and parameters are compared too."""
    second = {run.key for run in studies[1].runs}
    keys = [run.key for run in studies[0].runs if run.key in second]
    if not keys:
        return []
    couples = list(_couples(keys, studies, stores))
    apart = [(one.key, found) for one, other in couples if (found := _difference(names, one, other))]
    told = "curves and parameters included" if stores else "curves left aside"
    if not couples:
        return []
    if not apart:
        which = "The 1 run" if len(couples) == 1 else f"All {count(len(couples))} runs"
        return [Finding("same bits", "runs", f"{which} with equal keys are equal to the last bit, {told}.")]
    labels = {run.key: run.label for run in studies[0].plan.runs}
    key, found = apart[0]
    text = (
        f"{count(len(apart))} of {count(len(couples))} runs with equal keys differ between {names[0]} and "
        f"{names[1]}, which should not be: {labels[key]}: {found}."
    )
    return [Finding("differs", "runs", text)]


def _couples(
    keys: list[str], studies: tuple[Study, Study], stores: tuple[Store, Store] | None
) -> Iterator[tuple[RunRecord, RunRecord]]:
    if stores:
        pairs = zip(stores[0].runs(keys), stores[1].runs(keys), strict=True)
    else:
        left, right = ({run.key: run for run in study.runs} for study in studies)
        pairs = zip((left[key] for key in keys), (right[key] for key in keys), strict=True)
    for one, other in pairs:
        if not {one.result.outcome, other.result.outcome} & set(_OF_THE_PLACE):
            yield one, other


def _difference(names: tuple[str, str], one: RunRecord, other: RunRecord) -> str:
    """The first field in which two results differ, with both values; "" where none does."""
    left, right = _plain(one), _plain(other)
    for name, value in left.items():
        if not _equal(value, right.get(name)):
            values = f"{_shown(value)} in {names[0]}, {_shown(right.get(name))} in {names[1]}"
            return f"{name.replace('_', ' ')}: {values}"
    return ""


def _plain(run: RunRecord) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(run.result).items() if name not in _FREE}
    targets = plain.pop("iterations_to")
    return {**plain, **{f"iterations to {target}": first for target, first in targets.items()}}


def _equal(one: Any, other: Any) -> bool:
    """repr tells NaN from NaN no more than it must, and −0.0 from 0.0."""
    return repr(one) == repr(other)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
