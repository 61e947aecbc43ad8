"""Runs that two experiments share, by their keys: they must be equal to the last bit, wherever they ran.

And what they took: seconds per iteration, never across kernels, interpreters or machines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import zip_longest
from operator import itemgetter
from typing import NamedTuple

from gdbench.descent.recording.result import Curve
from gdbench.judgement.numerals import count, figure
from gdbench.judgement.settings import Spread, spread
from gdbench.judgement.study import Study
from gdbench.record.records import RunRecord
from gdbench.record.store import Store
from gdbench.report.comparison.observation import Observation, incomparable
from gdbench.report.tables.seconds import place_of

#: What may differ between two executions of one spec.
_FREE = ("seconds", "interpreter", "host", "traceback", "reason", "extra", "paused")
#: What older records lack: compared where both have it.
_LATER = ("work_to", "kept_from", "kept_work", "path", "cause")
#: Ends that the place decides on, not the spec.
OF_THE_PLACE = {"timed_out", "crashed"}


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
        if not {one.result.outcome, other.result.outcome} & OF_THE_PLACE:
            yield one, other


def _difference(names: tuple[str, str], one: RunRecord, other: RunRecord) -> str:
    """The first difference of two results, with both values; "" where there is none."""
    apart = first_difference(one, other)
    return "" if apart is None else f"{apart.what}: {apart.one} in {names[0]}, {apart.other} in {names[1]}"


class Apart(NamedTuple):
    """Where two results differ first. what: in words, in a curve with the iteration.  one, other: values."""

    what: str
    one: str
    other: str


def first_difference(one: RunRecord, other: RunRecord) -> Apart | None:
    """The first field in which two results of one spec differ; None where they are equal to the last bit.

    repr tells NaN from NaN no more than it must, and −0.0 from 0.0. Curves come first: they say where it began.
    What the first does not have at all, a later gdbench records besides.
    """
    found = _in_curves(one.result.curve, other.result.curve)
    left, right = _fields(one), _fields(other)
    for name in _LATER:
        if not (left[name] and right[name]):
            del left[name], right[name]
    for name, value in left.items():
        theirs = _known(value, right.get(name))
        if found is None and repr(value) != repr(theirs):
            found = _in_field(name, value, theirs)
    return found


def _known(value: object, other: object) -> object:
    """Of a mapping what the first has, in its order."""
    if isinstance(value, dict) and isinstance(other, dict):
        return {key: other[key] for key in value if key in other}
    return other


def _in_curves(one: Curve, other: Curve) -> Apart | None:
    places: list[tuple[int, Apart]] = []
    for i, (k, m) in enumerate(zip_longest(one.iteration, other.iteration)):
        if k != m:
            what = "the iteration of a point" if None not in (k, m) else "the end of the curve"
            places.append((i, Apart(what, *("there is none" if n is None else f"k = {n}" for n in (k, m)))))
            break
    for name in one.series:
        for i, (a, b) in enumerate(zip_longest(one.series.get(name, ()), other.series.get(name, ()))):
            if repr(a) != repr(b):
                k = one.iteration[i] if i < len(one.iteration) else other.iteration[i]
                places.append((i, Apart(f"{name.replace('_', ' ')} at k = {k}", _short(a), _short(b))))
                break
    return min(places, key=itemgetter(0))[1] if places else None


def _in_field(name: str, value: object, other: object) -> Apart:
    words = name.replace("_", " ")
    if isinstance(value, list) and isinstance(other, list):
        for i, (a, b) in enumerate(zip_longest(value, other), 1):
            if repr(a) != repr(b):
                return Apart(f"{words}, number {i} of {len(value)}", _short(a), _short(b))
    return Apart(words, _short(value), _short(other))


def _fields(run: RunRecord) -> dict[str, object]:
    fields = {name: value for name, value in asdict(run.result).items() if name not in _FREE}
    del fields["curve"]
    targets = fields.pop("iterations_to")
    return {**fields, **{f"iterations to {target}": first for target, first in targets.items()}}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


#: Fewer runs than these, or shorter ones in all, tell more of the clock than of the machine.
FEWEST_RUNS, SHORTEST = 5, 0.05
#: Two machines are called equally fast where the quartiles of the ratio are on both sides of 1, or within this.
TOLERANCE = 0.05

Couples = list[tuple[RunRecord, RunRecord]]


def seconds_per_iteration(names: tuple[str, str], studies: tuple[Study, Study]) -> list[Observation]:
    """Seconds per iteration of the second by those of the first, over the runs with equal keys."""
    left, right = ({run.key: run for run in study.runs} for study in studies)
    shared = [(run, right[key]) for key, run in left.items() if key in right]
    if not shared:
        return []
    untimed = studies[0].untimed | studies[1].untimed
    timed = [two for two in shared if two[0].key not in untimed and all(run.result.seconds for run in two)]
    reason = _why_not(timed)
    if reason:
        return [incomparable("seconds", reason)]
    ratios = spread(_each(other) / _each(one) for one, other in timed if _each(one) > 0)
    assert ratios is not None
    return [_observed(names, ratios, timed[0])]


def _observed(names: tuple[str, str], ratios: Spread, couple: tuple[RunRecord, RunRecord]) -> Observation:
    machines = [place_of(run).machine or "unknown" for run in couple]
    same = machines[0] == machines[1]
    where = "on the same machine" if same else f"on {machines[1]}, by those on {machines[0]}"
    span = f"quartiles {figure(ratios.low, 3)} to {figure(ratios.high, 3)}, {count(ratios.runs)} runs, {where}"
    if ratios.low <= 1 <= ratios.high or abs(ratios.median - 1) < TOLERANCE:
        return Observation("same", "seconds", f"seconds: no difference per iteration ({span}).")
    factor = figure(max(ratios.median, 1 / ratios.median), 3)
    which = "fewer" if ratios.median < 1 else "more"
    text = f"seconds: {names[1]} takes {factor}× {which} per iteration than {names[0]} ({span})."
    return Observation("pace", "seconds", text)


def _each(run: RunRecord) -> float:
    return run.result.seconds / max(1, run.result.iterations)


def _why_not(timed: Couples) -> str:
    """Why seconds say nothing; "" where they do."""
    if not timed:
        return "no run in both was timed with a core to itself"
    return _places_apart(timed) or _too_short(timed)


def _places_apart(timed: Couples) -> str:
    left, right = ({place_of(run) for run in side} for side in zip(*timed, strict=True))
    for name, part in (("kernels", 0), ("interpreters", 1)):
        here, there = ({place[part] for place in side} for side in (left, right))
        if here != there or len(here) > 1:
            return f"different {name} ({', '.join(sorted(here))}; {', '.join(sorted(there))})"
    several = any(len({place.machine for place in side}) > 1 for side in (left, right))
    return "one of them ran on several machines" if several else ""


def _too_short(timed: Couples) -> str:
    total = min(sum(run.result.seconds for run in side) for side in zip(*timed, strict=True))
    if len(timed) >= FEWEST_RUNS and total >= SHORTEST:
        return ""
    return f"{count(len(timed))} runs of {figure(total, 2)} s in all are too short to time"
