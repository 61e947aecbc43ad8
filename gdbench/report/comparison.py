"""Several experiments side by side: two days, two machines, two configs."""

from __future__ import annotations

from dataclasses import dataclass

from gdbench.report.table import Table


@dataclass(frozen=True)
class Finding:
    """What comparing one thing came to.

    kind: "faster", "slower", "same", "not comparable" or "differs" (bits that should be equal are not).
    text: a sentence with its reason, as in 'quadratic: 1.31× fewer iterations to 1e-06 (12 settings …)'.
    """

    kind: str
    subject: str
    text: str


@dataclass(frozen=True)
class Comparison:
    """names: of the experiments, the first being what the others are compared with."""

    names: tuple[str, ...]
    findings: tuple[Finding, ...]
    tables: tuple[Table, ...]
