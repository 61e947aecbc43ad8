"""The grid unrolled: every combination of one choice from each axis."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gdbench.experiment.choice import Choice
    from gdbench.experiment.experiment import Experiment


def expand(experiment: Experiment) -> Iterator[Mapping[str, Choice]]:
    """Axis → choice for each combination, in the order of the config, the last axis fastest."""
    for choices in product(*experiment.grid.values()):
        yield dict(zip(experiment.grid, choices, strict=True))
