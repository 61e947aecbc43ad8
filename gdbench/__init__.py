"""gdbench: the gradient-descent laboratory, a benchmark harness in pure Python.

In a notebook or a script:

    study = gdbench.run("configs/lr_sweep.yaml")    # as `gdbench run`: recorded, resumable, tracked
    study.answer                                    # which setting to use, and why the others failed
    study.plot.gap()                                # a chart
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gdbench.descent.clipping import clipping
    from gdbench.descent.costs import cost
    from gdbench.descent.errors import GdbenchError
    from gdbench.descent.gradients import gradient
    from gdbench.descent.initializers.room import initializer
    from gdbench.descent.learning_rates.protocol import learning_rate
    from gdbench.descent.models import model
    from gdbench.descent.optimizers.protocol import optimizer
    from gdbench.descent.penalties import penalty
    from gdbench.descent.stopping.rule import stopping_rule
    from gdbench.descent.surfaces.registry import surface
    from gdbench.descent.synthetic.generators import generator
    from gdbench.door.looking import compare, inspect, plan
    from gdbench.door.minimizing import minimize
    from gdbench.door.running import run
    from gdbench.door.study import Study, load
    from gdbench.door.tracing import trace

__version__ = "0.2.0"

__all__ = [
    "GdbenchError",
    "Study",
    "clipping",
    "compare",
    "cost",
    "generator",
    "gradient",
    "initializer",
    "inspect",
    "learning_rate",
    "load",
    "minimize",
    "model",
    "optimizer",
    "penalty",
    "plan",
    "run",
    "stopping_rule",
    "surface",
    "trace",
]

#: What registers a choice in a notebook's cell, a script or a plug-in.
_DECORATORS = (
    "clipping",
    "cost",
    "generator",
    "gradient",
    "initializer",
    "learning_rate",
    "model",
    "optimizer",
    "penalty",
    "stopping_rule",
    "surface",
)

#: Where each lives. Workers import this package too, some under PyPy: nothing comes with it unasked.
_HOMES = {
    "GdbenchError": "gdbench.descent.errors",
    "Study": "gdbench.door.study",
    **dict.fromkeys(_DECORATORS, "gdbench.plugins.in_cells"),
    "compare": "gdbench.door.looking",
    "inspect": "gdbench.door.looking",
    "minimize": "gdbench.door.minimizing",
    "load": "gdbench.door.study",
    "trace": "gdbench.door.tracing",
    "plan": "gdbench.door.looking",
    "run": "gdbench.door.running",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'gdbench' has no attribute '{name}'")
    # not kept: what a plug-in asks for first would look like something that it put here
    found: object = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
