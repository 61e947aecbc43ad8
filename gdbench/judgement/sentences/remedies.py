"""What to do about a cause, in words: by the code of its remedy, with what that gains."""

from __future__ import annotations

from collections.abc import Mapping

from gdbench.descent.diagnosis import Cause

#: Remedies that the sentence of their cause does not say itself.
_WORDS: Mapping[str, str] = {
    "random_start": "Start from random weights.",
}


def advice(cause: Cause) -> str:
    """A sentence, or "" where the cause has said it already."""
    return _WORDS.get(cause.remedy.code, "") if cause.remedy else ""
