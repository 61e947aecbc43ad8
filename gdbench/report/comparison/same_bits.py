"""Runs that two experiments share, by their keys: they must be equal to the last bit, wherever they ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from gdbench.judgement.numerals import count
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.report.comparison.observation import Observation

#: What may differ between two executions of one spec; older records lack those of the second line.
_FREE = (
    *("seconds", "interpreter", "host", "traceback", "reason"),
    *("work_to", "path", "cause", "extra"),
)
#: Ends that the place decides on, not the spec.
_OF_THE_PLACE = {"timed_out", "crashed"}


def same_bits(
    names: tuple[str, str], studies: tuple[Study, Study], stores: tuple[Store, Store] | None = None
) -> list[Observation]:
    """Whether runs with equal keys have equal results; with stores, curves and parameters are compared too."""
    couples = list(_couples(studies, stores))
    if not couples:
        return []
    apart = [(one.key, where) for one, other in couples if (where := _difference(names, one, other))]
    if not apart:
        which = "The 1 run" if len(couples) == 1 else f"All {count(len(couples))} runs"
        aside = "curves and parameters included" if stores else "curves left aside"
        text = f"{which} with equal keys are equal to the last bit, {aside}."
        return [Observation("same bits", "runs", text)]
    key, where = apart[0]
    label = next(run.label for run in studies[0].plan.runs if run.key == key)
    text = (
        f"{count(len(apart))} of {count(len(couples))} runs with equal keys differ between {names[0]} and "
        f"{names[1]}, which should not be: {label}: {where}."
    )
    return [Observation("differs", "runs", text)]


def _couples(
    studies: tuple[Study, Study], stores: tuple[Store, Store] | None
) -> Iterator[tuple[RunRecord, RunRecord]]:
    """Runs of equal keys; from the stores, where there are any, with their curves."""
    left, right = ({run.key: run for run in study.runs} for study in studies)
    keys = [key for key in left if key in right]
    sides = (
        (store.runs(keys) for store in stores)
        if stores
        else ([side[k] for k in keys] for side in (left, right))
    )
    for one, other in zip(*sides, strict=True):
        if not {one.result.outcome, other.result.outcome} & _OF_THE_PLACE:
            yield one, other


def _difference(names: tuple[str, str], one: RunRecord, other: RunRecord) -> str:
    """The first field in which two results differ, with both values; "" where none does.

    repr tells NaN from NaN no more than it must, and −0.0 from 0.0.
    """
    left, right = _fields(one), _fields(other)
    for name, value in left.items():
        if repr(value) != repr(right.get(name)):
            values = f"{_short(value)} in {names[0]}, {_short(right.get(name))} in {names[1]}"
            return f"{name.replace('_', ' ')}: {values}"
    return ""


def _fields(run: RunRecord) -> Mapping[str, object]:
    fields = {name: value for name, value in asdict(run.result).items() if name not in _FREE}
    targets = fields.pop("iterations_to")
    return {**fields, **{f"iterations to {target}": first for target, first in targets.items()}}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
