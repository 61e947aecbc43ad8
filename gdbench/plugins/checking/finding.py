"""One thing that a check found, in words and in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WRONG, CAUTION, NOTE, FINE = "wrong", "caution", "note", "fine"
SEVERITIES = (WRONG, CAUTION, NOTE, FINE)


@dataclass(frozen=True)
class Finding:
    """severity: one of SEVERITIES.  check: what was looked at.  line: of the plug-in's file."""

    severity: str
    check: str
    said: str
    line: int | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Any]:
        return {
            "severity": self.severity,
            "check": self.check,
            "said": self.said,
            "line": self.line,
            "evidence": dict(self.evidence),
        }


def worst_first(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
