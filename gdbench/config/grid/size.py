"""How much a grid asks for: what no plan could hold is refused before there is any."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gdbench.config.grid.spans import has_spans
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.limits import QUESTIONS, RUN_BYTES, RUNS, as_bytes, too_much

if TYPE_CHECKING:
    from gdbench.config.grid.grid import Grid, Sampled
    from gdbench.config.yaml.places import Mistakes


def check_size(
    grid: Grid, repeats: int, sources: int, mistakes: Mistakes, sample: Sampled | None = None
) -> None:
    """Refuse more runs than a plan can hold, and more questions than can be asked, before there is any.

    sample: combinations that are taken instead of all; only where there are some may ranges be continuous.
    """
    drawn = repeats > 1 and _is_any_drawn(grid)
    for choice in () if sample else (c for choices in grid.axes.values() for c in choices if has_spans([c])):
        wrong = "a continuous range stands for no list of values: it needs 'sample:' beside 'grid:', as in"
        mistakes.add(choice.path, f"{wrong} sample: {{runs: 50}}.")
    parts = {
        "combination": sample.runs if sample else grid.size,
        "data set": max(1, sources),
        "repeat": repeats if drawn else 1,
    }
    runs = math.prod(parts.values())
    asked = len(grid.exclude) * parts["combination"] * max(1, sources)
    if runs > RUNS:
        factors = " × ".join(f"{count:,} {part}s" for part, count in parts.items() if count > 1)
        what, need = f"a plan of {runs:,} runs ({factors})", as_bytes(RUN_BYTES * runs)
        remedy = "Split the experiment, or take fewer values on an axis."
        mistakes.add(("grid",), too_much(what, need, f"{RUNS:,} runs", remedy), at_key=True)
    elif asked > QUESTIONS:
        need, remedy = f"{asked:,} comparisons", "Exclude several values with one condition."
        mistakes.add(("grid", "exclude"), too_much("this", need, f"{QUESTIONS:,}", remedy), at_key=True)


def _is_any_drawn(grid: Grid) -> bool:
    """Whether some start, or the order of some batches, is random: only then are runs repeated."""
    starts, batches = (grid.axes.get(axis, ()) for axis in ("initialization", "batch_size"))
    drawn = (INITIALIZERS[choice.name].facts.get("random") for choice in starts)
    return any(drawn) or any(choice.name != "full" for choice in batches)
