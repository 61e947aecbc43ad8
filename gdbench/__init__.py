"""gdbench: the gradient-descent laboratory, a benchmark harness in pure Python.

In a notebook or a script:

    study = gdbench.run("configs/lr_sweep.yaml")    # as `gdbench run`: recorded, resumable, tracked
    study.answer                                    # which setting to use, and why the others failed
    study.plot.gap()                                # an Altair chart
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gdbench.descent.errors import GdbenchError
    from gdbench.door.looking import compare, inspect, plan
    from gdbench.door.running import run
    from gdbench.door.study import Study, load

__version__ = "0.1.0"

__all__ = ["GdbenchError", "Study", "compare", "inspect", "load", "plan", "run"]

#: Where each lives. Workers import this package too, some under PyPy: nothing comes with it unasked.
_HOMES = {
    "GdbenchError": "gdbench.descent.errors",
    "Study": "gdbench.door.study",
    "compare": "gdbench.door.looking",
    "inspect": "gdbench.door.looking",
    "load": "gdbench.door.study",
    "plan": "gdbench.door.looking",
    "run": "gdbench.door.running",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'gdbench' has no attribute '{name}'")
    found: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
