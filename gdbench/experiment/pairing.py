"""Which choices make sense together: a bad pair is refused before anything runs, with its reason."""

from __future__ import annotations

from gdbench.descent.costs import COSTS
from gdbench.descent.errors import BadPairing
from gdbench.experiment.data import Dataset

_SHOWN = 5


def check_pairing(cost: str, dataset: Dataset) -> None:
    """Raise BadPairing where a cost cannot be had on a data set's target."""
    if COSTS[cost].facts.get("targets") != "binary":
        return
    values = sorted({row[-1] for row in dataset.table.rows})
    if values == [0.0, 1.0]:
        return
    if len(values) == 1:
        found = f"holds only {values[0]:g}"
    elif len(values) == 2:
        found = f"holds {values[0]:g} and {values[1]:g}"
    else:
        shown = ", ".join(f"{value:g}" for value in values[:_SHOWN])
        found = f"has {len(values)} different values ({shown}{', …' if len(values) > _SHOWN else ''})"
    raise BadPairing(
        f"cost '{cost}' needs a target of two classes, 0 and 1, but '{dataset.target_name}' of "
        f"{dataset.label} {found}. {_remedy(dataset)}"
    )


def _remedy(dataset: Dataset) -> str:
    if len(dataset.classes) > 2:
        first, second = dataset.classes[:2]
        return f"Keep two of its classes, for example with classes: [{first}, {second}]."
    return "Choose another cost, or another target."
