"""Everything that a config chooses by name: the registries, in the order in which a config meets them."""

from __future__ import annotations

from collections.abc import Mapping

from gdbench.descent.batches import BATCH_SIZES
from gdbench.descent.clipping import CLIPPINGS
from gdbench.descent.costs import COSTS
from gdbench.descent.errors import meant_by
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.models import MODELS
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.descent.optimizers.beside import AVERAGES, DECAYS
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.registry import Registry
from gdbench.descent.stopping import STOPPING_RULES
from gdbench.descent.surfaces import SURFACES
from gdbench.descent.synthetic import GENERATORS

#: An axis of the grid, and the key of a spec → where its names are registered.
BY_AXIS: Mapping[str, Registry[object]] = {
    "surface": SURFACES,
    "model": MODELS,
    "cost": COSTS,
    "penalty": PENALTIES,
    "gradient": GRADIENTS,
    "optimizer": OPTIMIZERS,
    "learning_rate": LEARNING_RATES,
    "initialization": INITIALIZERS,
    "batch_size": BATCH_SIZES,
    "clipping": CLIPPINGS,
    "weight_decay": DECAYS,
    "average": AVERAGES,
    "convergence": STOPPING_RULES,
    "kernel": KERNELS,
}

REGISTRIES = (GENERATORS, *BY_AXIS.values())


def meanings(name: str) -> list[str]:
    """What a name could mean in a grid, at most three: axes ('learning_rate'), then choices ('penalty: l2')."""
    axes = meant_by(name, {axis: (axis, *registry.also) for axis, registry in BY_AXIS.items()})
    found = [
        f"{axis}: {choice}"
        for axis, registry in BY_AXIS.items()
        for choice in meant_by(name, {ours: (ours, *theirs) for ours, theirs in registry.synonyms.items()})
    ]
    return [*axes, *found][:3]
