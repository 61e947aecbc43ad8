"""Which axis matters most: the one whose values tell good settings from bad ones best."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def by_effect(study: Study) -> list[str]:
    """The axes that vary within a problem, from the one that explains most of the ranking to the least.

    ω² of each axis alone on the settings' places within their problem (Hays 1963), averaged over the problems
    by their number of settings. Places, not costs: a divergence is last, however far away it ended.
    """
    axes = [axis for axis in study.plan.axes if any(len(labels) > 1 for labels in _labels(study, axis))]
    return sorted(axes, key=lambda axis: -explained(study, axis))


def explained(study: Study, axis: str) -> float:
    """The share of the ranking that an axis explains, from about 0 to 1."""
    total = weight = 0.0
    for members in _by_problem(study).values():
        groups: dict[str, list[float]] = {}
        for place, setting in enumerate(members):
            groups.setdefault(setting.axes.get(axis, ""), []).append(place)
        if len(groups) > 1:
            total += len(members) * omega_squared(list(groups.values()))
            weight += len(members)
    return total / weight if weight else 0.0


def omega_squared(groups: Sequence[Sequence[float]]) -> float:
    """ω² = (SS_between − (k − 1) MS_within) / (SS_total + MS_within); 0 where n = k, which tells nothing.

    groups: k groups of n values in all. Unlike η², it does not grow with the number of groups alone.
    """
    values = [value for group in groups for value in group]
    centre = math.fsum(values) / len(values)
    whole = math.fsum((value - centre) * (value - centre) for value in values)
    means = [math.fsum(group) / len(group) for group in groups]
    between = math.fsum(len(g) * (m - centre) * (m - centre) for g, m in zip(groups, means, strict=True))
    free = len(values) - len(groups)
    if whole == 0.0 or free == 0:
        return 0.0
    within = (whole - between) / free
    return (between - (len(groups) - 1) * within) / (whole + within)


def ordered(axis: str, settings: Sequence[Setting]) -> tuple[list[str], bool]:
    """The values of an axis, and whether they have an order: rates, or one number that differs.

    Those with an order come in increasing order, others as in the plan.
    """
    labels = list(dict.fromkeys(setting.axes[axis] for setting in settings if axis in setting.axes))
    numbers = _numbers(labels)
    if not numbers:
        return labels, False
    return sorted(labels, key=numbers.__getitem__), True


def _numbers(labels: Sequence[str]) -> Mapping[str, float]:
    """Label → the one number in it, where the labels differ in that alone."""
    found = {label: _NUMBER.findall(label) for label in labels}
    frames = {_NUMBER.sub("#", label) for label in labels}
    if len(frames) != 1 or any(len(numbers) != 1 for numbers in found.values()):
        return {}
    return {label: float(numbers[0]) for label, numbers in found.items()}


def _by_problem(study: Study) -> dict[str, list[Setting]]:
    """Problem → its settings, best first."""
    members: dict[str, list[Setting]] = {}
    for setting in study.ranked:
        members.setdefault(setting.problem.id, []).append(setting)
    return members


def _labels(study: Study, axis: str) -> list[set[str]]:
    """The values of an axis in each problem."""
    return [{s.axes.get(axis, "") for s in members} for members in _by_problem(study).values()]
