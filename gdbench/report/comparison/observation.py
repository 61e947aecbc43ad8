"""What comparing two experiments came to: sentences, each with its kind, and the tables behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gdbench.report.tables.table import Table

#: faster, slower: the second needs fewer or more iterations than the first. differs: bits that should be equal
#: are not.  pace: of the seconds.  unfinished: runs are missing.
Kind = Literal["faster", "slower", "same", "not comparable", "same bits", "differs", "pace", "unfinished"]


@dataclass(frozen=True)
class Observation:
    """subject: a problem, or "runs", "seconds".  text: a sentence with its reason."""

    kind: Kind
    subject: str
    text: str


def incomparable(subject: str, reason: str) -> Observation:
    return Observation("not comparable", subject, f"{subject}: not comparable: {reason}.")


@dataclass(frozen=True)
class Comparison:
    """names: of the experiments, the first being what the others are compared with.

    observations: in reading order.  tables: for each of the others, setting by setting.
    """

    names: tuple[str, ...]
    observations: tuple[Observation, ...]
    tables: tuple[Table, ...]
