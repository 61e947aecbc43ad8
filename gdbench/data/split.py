"""Which rows are held out: drawn from their number, a seed and the classes, and from nothing else.

They are those that scikit-learn's KFold, StratifiedKFold and train_test_split choose for the same seed. They
are worked out here, in whole numbers, so that they stay the same whatever version is installed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Hashable, Iterator, MutableSequence, Sequence
from itertools import pairwise
from random import Random
from typing import NamedTuple

from gdbench.data.held_out import HeldOut
from gdbench.descent.errors import BadParameter

_FEWEST_ROWS = 2


class Split(NamedTuple):
    """The positions of the rows, each in increasing order."""

    training: tuple[int, ...]
    test: tuple[int, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of where the rows stood that are held out."""
        return hashlib.sha256(json.dumps(self.test).encode()).hexdigest()


def split(wanted: HeldOut, target: Sequence[float]) -> Split:
    """Of rows that have these targets; raises BadParameter where too few are left on a side."""
    assert wanted.file is None
    n, folds = len(target), wanted.folds
    _check(wanted, target)
    if folds is not None:
        assert wanted.fold is not None
        held = _folds(wanted, target, folds)[wanted.fold - 1]
    else:
        held = _drawn(wanted, target, math.ceil((wanted.fraction or 0.0) * n))
    test = set(held)
    return Split(tuple(i for i in range(n) if i not in test), tuple(sorted(test)))


def _check(wanted: HeldOut, target: Sequence[float]) -> None:
    n = len(target)
    if wanted.folds is not None and wanted.folds > n:
        raise BadParameter("test.folds", f"{wanted.folds} folds of {n} rows leave some of them empty.")
    most = math.ceil(n / wanted.folds if wanted.folds else (wanted.fraction or 0.0) * n)
    if n - most < _FEWEST_ROWS:
        key = "folds" if wanted.folds else "fraction"
        raise BadParameter(f"test.{key}", f"of {n} rows {n - most} would be left to train on; hold fewer out.")
    if wanted.stratify:
        _check_classes(wanted, target)


def _check_classes(wanted: HeldOut, target: Sequence[float]) -> None:
    counts = Counter(target)
    least, needed = min(counts.values()), wanted.folds or _FEWEST_ROWS
    if least < needed:
        rare = min(counts, key=lambda value: (counts[value], value))
        raise BadParameter(
            "test.stratify",
            f"'stratify' holds out the same share of each class, and needs {needed} rows of each or more; "
            f"the target has {len(counts)} different values, and {rare:g} occurs {_times(least)}. Leave it "
            "out.",
        )
    if wanted.fraction is not None:
        held = math.ceil(wanted.fraction * len(target))
        for rows, where in (
            (held, "held out; hold out more"),
            (len(target) - held, "to train on; hold out less"),
        ):
            if rows < len(counts):
                wrong = f"'stratify' needs a row of each of the {len(counts)} classes {where}."
                raise BadParameter("test.fraction", wrong)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _folds(wanted: HeldOut, target: Sequence[float], folds: int) -> list[list[int]]:
    """As KFold(folds, shuffle, random_state=seed), or StratifiedKFold."""
    n, draw = len(target), Draw(wanted.seed)
    if not wanted.stratify:
        order = draw.permutation(n) if wanted.shuffle else list(range(n))
        ends = [0]
        for k in range(folds):
            ends.append(ends[-1] + n // folds + (k < n % folds))
        return [order[begin:end] for begin, end in pairwise(ends)]
    members = _classes(target)
    # the first rows of the sorted classes go to the first fold, the next to the second, and so on in turns
    ordered = [code for code, rows in enumerate(members) for _ in rows]
    found: list[list[int]] = [[] for _ in range(folds)]
    for code, rows in enumerate(members):
        turns = [k for k in range(folds) for _ in range(ordered[k::folds].count(code))]
        draw.shuffle(turns)
        for row, k in zip(rows, turns, strict=True):
            found[k].append(row)
    return found


def _drawn(wanted: HeldOut, target: Sequence[float], held: int) -> list[int]:
    """As train_test_split(test_size=fraction, shuffle, random_state=seed, stratify)."""
    n, draw = len(target), Draw(wanted.seed)
    if not wanted.shuffle:
        return list(range(n - held, n))
    if not wanted.stratify:
        return draw.permutation(n)[:held]
    members = sorted(_classes(target), key=lambda rows: target[rows[0]])
    sizes = [len(rows) for rows in members]
    training = _shares(sizes, n - held, draw)
    test = _shares([size - kept for size, kept in zip(sizes, training, strict=True)], held, draw)
    found: list[int] = []
    for rows, kept, taken in zip(members, training, test, strict=True):
        order = draw.permutation(len(rows))
        found += [rows[place] for place in order[kept : kept + taken]]
    return found


def _classes(target: Sequence[Hashable]) -> list[list[int]]:
    """The rows of each class, in the order in which the classes appear."""
    found: dict[Hashable, list[int]] = {}
    for row, value in enumerate(target):
        found.setdefault(value, []).append(row)
    return list(found.values())


def _shares(sizes: Sequence[int], total: int, draw: Draw) -> list[int]:
    """`total` in proportion to the sizes: whole parts, and what is left to the largest remainders by lot."""
    exact = [size / sum(sizes) * total for size in sizes]
    shares = [math.floor(share) for share in exact]
    left = total - sum(shares)
    remainders = [share - whole for share, whole in zip(exact, shares, strict=True)]
    for remainder in sorted(set(remainders), reverse=True):
        if left <= 0:
            break
        alike = [place for place, other in enumerate(remainders) if other == remainder]
        now = min(len(alike), left)
        for place in draw.permutation(len(alike))[:now]:
            shares[alike[place]] += 1
        left -= now
    return shares


class Draw:
    """Permutations as numpy.random.RandomState(seed) draws them, whose stream is frozen for good (NEP 19)."""

    def __init__(self, seed: int) -> None:
        self._bits = Random(0)  # noqa: S311  its state is set here; both are Mersenne twisters (MT19937)
        self._bits.setstate((3, (*_twister(seed), 624), None))

    def permutation(self, n: int) -> list[int]:
        order = list(range(n))
        self.shuffle(order)
        return order

    def shuffle(self, items: MutableSequence[int]) -> None:
        """Fisher and Yates, from the end."""
        for i in range(len(items) - 1, 0, -1):
            j = self._up_to(i)
            items[i], items[j] = items[j], items[i]

    def _up_to(self, most: int) -> int:
        """Uniform from 0 to `most`: as many low bits of a word as it has, again where that is too large."""
        mask = (1 << most.bit_length()) - 1
        while True:
            value = self._bits.getrandbits(32) & mask
            if value <= most:
                return value


def _twister(seed: int) -> Iterator[int]:
    """The first state of the Mersenne twister for a seed of 32 bits (Matsumoto & Nishimura 2002)."""
    word = seed & 0xFFFFFFFF
    for i in range(1, 625):
        yield word
        word = (1812433253 * (word ^ (word >> 30)) + i) & 0xFFFFFFFF
