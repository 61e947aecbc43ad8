"""Which settings of two experiments are each other's: equal in every choice that the two could share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study


@dataclass(frozen=True)
class Match:
    """The pairs of settings, the first experiment's first, in its order.

    differing: axis → the labels here and there, of the axes on which the two have nothing in common.
    alone: how many settings of the first and of the second have no partner.
    """

    pairs: tuple[tuple[Setting, Setting], ...]
    differing: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    alone: tuple[int, int]


def matched(first: Study, second: Study, problem: str) -> Match:
    """Pairs of settings of one problem, known by its id.

    An axis on which the two have no value in common is what tells the experiments apart (two optimizers, say):
    it is left out of the matching, and where several settings then are alike the best one stands for them.
    """
    here, there = (_of(study, problem) for study in (first, second))
    axes = dict.fromkeys(axis for setting in (*here, *there) for axis in setting.axes)
    labels = {axis: (_labels(here, axis), _labels(there, axis)) for axis in axes}
    differing = {axis: two for axis, two in labels.items() if not set(two[0]) & set(two[1])}
    shared = [axis for axis in axes if axis not in differing]
    left, right = (_by_key(settings, shared) for settings in (here, there))
    pairs = [(setting, right[key]) for key, setting in left.items() if key in right]
    return Match(tuple(pairs), differing, (len(left) - len(pairs), len(right) - len(pairs)))


def same_starts(one: Setting, other: Setting) -> bool:
    """Whether both began at the same points: one seed, one initialization, one set of replicates."""
    names = ("seed", "initialization", "replicate", "digest")
    starts = [[[run.spec.get(name) for name in names] for run in s.runs] for s in (one, other)]
    return starts[0] == starts[1]


def _of(study: Study, problem: str) -> list[Setting]:
    """The settings of a problem, best first."""
    return [setting for setting in study.ranked if setting.problem.id == problem]


def _labels(settings: Sequence[Setting], axis: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(setting.axes.get(axis, "none") for setting in settings))


def _by_key(settings: Sequence[Setting], axes: Sequence[str]) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for setting in settings:
        found.setdefault(json.dumps([setting.axes.get(axis) for axis in axes]), setting)
    return found
