"""Step 4a of gradient descent, how far to go: fixed in advance, or chosen by looking at the iterates.

A learning rate is a factory of choosers: `begin(landscape)` starts one run and gives a function from the
iterate at hand to the rate η_k of the step from there. A schedule looks at the iteration alone; a line
search tries rates along −∇f, or along the direction of an optimizer that takes one of its own. What one needs
to know of the landscape stands in its fact `needs`; those marked `search` take the step to be −η ∇f, as plain
gradient descent does, and those marked `along` as well serve any direction.
"""

from __future__ import annotations

from gdbench.descent.learning_rates.differences import adgd, barzilai_borwein
from gdbench.descent.learning_rates.joined import joined, pieces
from gdbench.descent.learning_rates.known import exact, over_L, polyak, theoretical
from gdbench.descent.learning_rates.line_searches import backtracking, wolfe
from gdbench.descent.learning_rates.long_steps import chebyshev, silver
from gdbench.descent.learning_rates.plateau import reduce_on_plateau
from gdbench.descent.learning_rates.protocol import (
    LEARNING_RATES,
    Chooser,
    LearningRate,
    Remembering,
    Schedule,
    Search,
    always,
    learning_rate,
    needs_of,
    scheduled,
)
from gdbench.descent.learning_rates.schedules import (
    constant,
    exponential,
    inverse_time,
    multi_step,
    polynomial,
    step,
    warmup,
    wsd,
)
from gdbench.descent.learning_rates.waves import cosine, cyclic, one_cycle

__all__ = [
    "LEARNING_RATES",
    "Chooser",
    "LearningRate",
    "Remembering",
    "Schedule",
    "Search",
    "adgd",
    "always",
    "backtracking",
    "barzilai_borwein",
    "chebyshev",
    "constant",
    "cosine",
    "cyclic",
    "exact",
    "exponential",
    "inverse_time",
    "joined",
    "learning_rate",
    "multi_step",
    "needs_of",
    "one_cycle",
    "over_L",
    "pieces",
    "polyak",
    "polynomial",
    "reduce_on_plateau",
    "scheduled",
    "silver",
    "step",
    "theoretical",
    "warmup",
    "wolfe",
    "wsd",
]
