"""What comparing one thing in two experiments came to."""

from __future__ import annotations

from dataclasses import dataclass

#: faster, slower: the second needs fewer or more iterations than the first. differs: bits that should be equal
#: are not.  unfinished: runs are missing.
KINDS = ("faster", "slower", "same", "not comparable", "same bits", "differs", "pace", "unfinished")


@dataclass(frozen=True)
class Finding:
    """kind: one of `KINDS`.  subject: a problem, or "runs", "seconds".  text: a sentence with its reason."""

    kind: str
    subject: str
    text: str


def incomparable(subject: str, reason: str) -> Finding:
    return Finding("not comparable", subject, f"{subject}: not comparable: {reason}.")
