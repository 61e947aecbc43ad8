"""What a plan is made of: its runs, and the stages from which more of them follow."""

from __future__ import annotations

from gdbench.descent.recording.plain import slotted
from gdbench.descent.registry import Spec

#: Runs that follow from the results of others, JSON-plain: {"kind": …, "id": …, and what that kind needs}.
#: How each kind goes on is said in `gdbench.judgement.stages`.
Stage = Spec


@slotted(frozen=True)
class Run:
    """One run of a plan: its key (the hash of all that can change its result), spec, problem and name.

    stage: the id of the stage that it belongs to, "" if to none.
    """

    key: str
    spec: Spec
    problem: str
    label: str
    stage: str = ""
