"""What is remembered of a descent: curve, best iterate, when targets were met, where watched rules held.

Every iteration up to a thousand is kept, then three significant digits of k (1000, 1010, … 9990,
10000, 10100, …): at most 900 points for each further decade, evenly spread on a log axis.
"""

from __future__ import annotations

import math
from typing import Callable, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from gdbench.descent.iterate import Iterate, Landscape, Values
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.recording.answer import AnswerPoint
from gdbench.descent.recording.held_out import SideCost
from gdbench.descent.recording.plain import Plain
from gdbench.descent.recording.result import Curve
from gdbench.descent.stopping import Rule, Verdict

_ALL_BELOW = 1000
#: The number of parameters whose path is kept densely, with its ends; up to how many it is kept at all.
_PLANE, _MOST = 2, 64
#: A path of another number of them takes at most this share of what a run's record takes without it: of so
#: many bytes for the record itself, and for each number of its curve; a number of the path takes the last.
_SHARE, _RECORD_BYTES, _CURVE_BYTES, _PATH_BYTES = 0.05, 3000, 8, 11

#: A recorded iterate: k, its cost, its gradient's norm, and a value of each further series.
Point = Tuple[float, ...]

#: Is shown the names of the series and a point of theirs, the moment it is kept: it may outlive this process.
Witness = Callable[[Sequence[str], Point], None]

_Measure = Callable[[Iterate], float]


def gap_of(now: Iterate) -> float:
    """f(w_k) − f*, of problems whose optimum is known: the third series of their curves."""
    assert now.gap is not None
    return now.gap


class Recorder:
    """Sees each finite iterate once, in order. thresholds: target → the gap at or below which it is met.

    best: the lowest, by the gap where it is known.  due: the next iteration that is kept whatever it is like.

    spent: the work done so far.  further: name → what else is measured of each iterate that is kept; it becomes
    a series of the curve like the cost.  held_out: so is the cost of other rows, at some of them.
    answer: so is the cost of the point that the method answers with; it is that point that is tested then.
    """

    # what is measured of the points that are kept can be measured again
    REMEMBERED = (
        *("iterations_to", "work_to", "kept_work", "_since", "_met", "_kept", "_test_due", "_tested"),
        *("_spacing", "_next_decade", "due", "first", "best", "last"),
    )

    def __init__(
        self,
        thresholds: Mapping[str, float],
        witness: Optional[Witness] = None,
        spent: Callable[[], Dict[str, int]] = dict,
        further: Optional[Mapping[str, _Measure]] = None,
        held_out: Optional[SideCost] = None,
        answer: Optional[AnswerPoint] = None,
    ) -> None:
        self._further = dict(further or {})
        self._measured: Dict[int, Point] = {}
        self._witness, self._spent = witness, spent
        self.iterations_to: Dict[str, Optional[int]] = dict.fromkeys(thresholds)
        self.work_to: Dict[str, Optional[Dict[str, int]]] = dict.fromkeys(thresholds)
        self.kept_work: Dict[str, Optional[Dict[str, int]]] = dict.fromkeys(thresholds)
        self._targets = sorted(thresholds.items(), key=lambda item: -item[1])
        self._since: Dict[str, Optional[Iterate]] = dict.fromkeys(thresholds)
        self._met = 0  # so many of the targets, the loosest first, are met by the last iterate
        self._kept: List[Values] = []
        self._slim = all(measure is gap_of for measure in self._further.values())
        self._held_out, self._answer = held_out, answer
        self._test_due = 0.0
        self._tested: Set[int] = set()
        if answer:
            self._further["answer_cost"] = self._answer_cost
        if held_out:
            self._further["test_cost"] = self._test_cost
        self.series = ("cost", "gradient_norm", *self._further)
        self._spacing, self._next_decade = 1, _ALL_BELOW
        self.due = 0
        self.first: Optional[Iterate] = None
        self.best: Optional[Iterate] = None
        self.last: Optional[Iterate] = None

    def see(self, now: Iterate) -> None:
        if self.best is None or now.lower(self.best):
            self.best = now
        if self.first is None:
            self.first = now
        self.last = now
        while now.k >= self._next_decade:
            self._widen()
        keep = now.k % self._spacing == 0
        if now.gap is not None and self._compare(now, now.gap):
            keep = True
        if keep:
            self.keep(now)

    def keep(self, now: Values) -> None:
        """Make it a point of the curve."""
        k = now[0]
        # a point of the curve needs neither w nor gradient, whose memory would cost more than the iteration
        slim = self._slim and len(now[1]) != _PLANE
        if k >= self._test_due:
            slim = self._look_closer(k, now[1])
        self._kept.append((k, [], now[2], [], now[4], now[5]) if slim else now)
        if k >= self._next_decade:
            self._widen()
        self.due = k - k % self._spacing + self._spacing
        if self._witness:
            self._witness(self.series, self._point(Iterate._make(now)))

    def _look_closer(self, k: int, w: Vector) -> bool:
        """At some of the iterates, all up to 16, then 8 an octave; tells whether w can be forgotten."""
        tested = self._held_out or self._answer
        if tested:
            self._tested.add(k)
        if self._answer:
            self._answer.keep(k, w)
        if not tested and len(w) > _MOST:
            self._test_due = math.inf
            return self._slim
        self._test_due = _next_look(k)
        return False

    @property
    def threshold(self) -> float:
        """The gap at or below which the next target is met."""
        return self._targets[self._met][1] if self._met < len(self._targets) else -math.inf

    @property
    def ceiling(self) -> float:
        """The gap above which the last target that is met is left again."""
        return self._targets[self._met - 1][1] if self._met else math.inf

    def _widen(self) -> None:
        self._next_decade *= 10
        self._spacing *= 10

    def _compare(self, now: Iterate, gap: float) -> bool:
        """Follow which targets are met and left again; tells whether one is met for the first time."""
        first = False
        while self._met and gap > self._targets[self._met - 1][1]:
            self._met -= 1
            name = self._targets[self._met][0]
            self._since[name] = self.kept_work[name] = None
        while self._met < len(self._targets) and gap <= self._targets[self._met][1]:
            name = self._targets[self._met][0]
            self._met += 1
            self._since[name], self.kept_work[name] = now, self._spent()
            if self.iterations_to[name] is None:
                self.iterations_to[name], self.work_to[name] = now.k, self.kept_work[name]
                first = True
        return first

    @property
    def kept_from(self) -> Dict[str, Optional[int]]:
        """Target → the first iteration from which it is met to the end."""
        return {target: None if since is None else since.k for target, since in self._since.items()}

    def curve(self) -> Curve:
        """The kept iterates in order, with the best, the last, and those from which a target is kept."""
        if self._held_out or self._answer:
            for k in {end.k for end in self._ends()} - self._tested:
                self._measured.pop(k, None)
                self._tested.add(k)
        points = [self._point(now) for now in self._ordered()]
        return curve_of(self.series, points)

    def path(self) -> List[List[float]]:
        """[k, w₁ …] of kept iterates: of two parameters all of 32, then 16 an octave, and the last.

        Of others, up to 64, some between start and end, which are known without it: as many as `_SHARE` allows.
        """
        ordered = self._ordered()
        if not ordered or len(ordered[0].w) > _MOST:
            return []
        if len(ordered[0].w) != _PLANE:
            return [[float(now.k), *now.w] for now in self._between(ordered)]
        last = len(ordered) - 1
        places = [i for i in range(last) if i % (1 << max(0, i.bit_length() - 5)) == 0]
        return [[float(ordered[i].k), *ordered[i].w] for i in [*places, last]]

    def _between(self, ordered: Sequence[Iterate]) -> List[Iterate]:
        """Of the iterates that were looked at closer those nearest to even steps of log k."""
        found, due = [], 0
        for now in ordered[:-1]:
            if now.w and now.k >= due:
                due = _next_look(now.k)
                found.append(now)
        found = found[1:]
        # rows held out change nothing of a run, nor do theirs
        series = sum(name != "test_cost" for name in self.series)
        record = _RECORD_BYTES + _CURVE_BYTES * len(ordered) * (1 + series)
        most = int(_SHARE * record / (_PATH_BYTES * (1 + len(ordered[0].w))))
        if len(found) <= most:
            return found
        octaves = [math.log(now.k) for now in found]
        step, chosen = math.log(ordered[-1].k) / (most + 1), []
        for number in range(1, most + 1):
            distances = [abs(octave - number * step) for octave in octaves]
            chosen.append(distances.index(min(distances)))
        return [found[place] for place in sorted(set(chosen))]

    def _point(self, now: Iterate) -> Point:
        if not self._further:
            return now.k, now.cost, now.gradient_norm
        if now.k not in self._measured:
            more = [measure(now) for measure in self._further.values()]
            self._measured[now.k] = (now.k, now.cost, now.gradient_norm, *more)
        return self._measured[now.k]

    def _test_cost(self, now: Iterate) -> float:
        """The cost of the rows held out, at some of the iterates; NaN at the others.

        All up to 16, then 8 an octave: to evaluate it at each would take a good part of the time of a descent,
        and show nothing more.
        """
        point = self._answer.kept(now) if self._answer else now
        return self._held_out(point) if self._held_out and point and now.k in self._tested else math.nan

    def _answer_cost(self, now: Iterate) -> float:
        """The cost of the answer at the same iterates, and at the last; others are gone by then."""
        point = self._answer.kept(now) if self._answer else None
        return self._answer.cost(point) if self._answer and point else math.nan

    def ended(self, end: Iterate) -> None:
        """Keep the answer of the last iterate, while the optimizer stands there. end: finite or not."""
        if self._answer and self.last and self.last.k == end.k:
            self._answer.keep(end.k, self.last.w)

    def _ends(self) -> List[Iterate]:
        return [now for now in (*self._since.values(), self.best, self.last) if now is not None]

    def _ordered(self) -> List[Iterate]:
        points = {p[0]: p for p in [*self._kept, *self._ends()]}
        return [Iterate._make(points[k]) for k in sorted(points)]


def _next_look(k: int) -> int:
    """The iteration from which the next is looked at closer."""
    spacing = 1 << max(0, k.bit_length() - 4)
    return k - k % spacing + spacing


def curve_of(series: Sequence[str], points: Sequence[Point]) -> Curve:
    """The curve of some points, in their order. A curve without a point has no series."""
    if not points:
        return Curve()
    iteration, *values = map(list, zip(*points))
    return Curve([int(k) for k in iteration], dict(zip(series, values)))


class Shadows:
    """Shows each iterate to every watched rule, without a say in when the run stops.

    fired: label → {"iteration": k, "outcome", "cost": f(w_k), "reason"} of the first time that the rule
    held, as plain data; None where it has not. A rule that has fired is asked no more.
    """

    def __init__(self, rules: Mapping[str, Rule], landscape: Landscape) -> None:
        self._watchers = {label: rule.watch(landscape) for label, rule in rules.items()}
        self.fired: Dict[str, Optional[Plain]] = dict.fromkeys(rules)
        self.memory = (self.fired, *self._watchers.values())

    def see(self, now: Iterate) -> None:
        for label, watcher in self._watchers.items():
            if self.fired[label] is None:
                verdict = watcher(now)
                self.fired[label] = _account(now, verdict) if verdict else None


def _account(now: Iterate, verdict: Verdict) -> Plain:
    return {"iteration": now.k, "outcome": verdict.outcome, "cost": now.cost, "reason": verdict.reason}
