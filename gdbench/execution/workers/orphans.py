"""A worker whose parent is gone ends by itself, whatever it is doing.

Standard library and Python 3.9 only: workers under PyPy import this module.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1  # Linux, <sys/prctl.h>
_SECONDS_BETWEEN_LOOKS = 1.0


def end_with_parent() -> None:
    """End this process when its parent ends: by the kernel on Linux, elsewhere by looking each second."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), name="orphan watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)
