"""The sentences of causes: made last, from code and evidence alone; no code reads one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gdbench.descent.diagnosis import Cause
from gdbench.judgement.sentences import growth, progress, resting, strides, terrain
from gdbench.judgement.sentences.remedies import advice

__all__ = ["advice", "sentence"]

_SENTENCES: Mapping[str, Callable[[Cause], str]] = {
    **growth.SENTENCES,
    **progress.SENTENCES,
    **resting.SENTENCES,
    **strides.SENTENCES,
    **terrain.SENTENCES,
}


def sentence(cause: Cause) -> str:
    """What a cause says, and what its remedy would gain; a cause of a newer version is only named."""
    told = _SENTENCES.get(cause.code)
    what = told(cause) if told else f"{cause.code.replace('_', ' ').capitalize()}."
    return f"{what} {advice(cause)}".rstrip()
