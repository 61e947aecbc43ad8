"""What the store keeps of one `gdbench run`: where it ran, without anything that should stay secret."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Sequence

from gdbench.execution.profiles.profile import Profile, available_cores
from gdbench.record.records import SessionRecord

#: user:password@ in an address; the last @ ends it, so that a password may hold one.
_USERINFO = re.compile(r"(?<=://)\S*@")


def describe_session(profile: Profile, plan: str, missing: int, asked: Sequence[str] = ()) -> SessionRecord:
    """The session that begins now, in this process.

    plan: its id.  missing: runs there are to do.  asked: the words that chose the profile.
    """
    return SessionRecord(
        plan=plan,
        started=time.time(),
        runner=profile.name,
        kind=profile.kind,
        workers=profile.worker_count,
        cores=available_cores(),
        host=platform.node(),
        pid=os.getpid(),
        missing=missing,
        timeout=profile.timeout,
        memory_limit=profile.memory_limit,
        retries=profile.retries,
        options=tuple(sorted(profile.options)),
        address=_USERINFO.sub("", str(profile.options.get("address") or "")),
        comparable=profile.comparable,
        asked=tuple(asked),
    )
