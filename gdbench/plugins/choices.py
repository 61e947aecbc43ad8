"""Everything that a config chooses by name: the registries, in the order in which a config meets them."""

from __future__ import annotations

from gdbench.descent.batches import BATCH_SIZES
from gdbench.descent.clipping import CLIPPINGS
from gdbench.descent.costs import COSTS
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.initializers import INITIALIZERS
from gdbench.descent.kernels.kernel import KERNELS
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.models import MODELS
from gdbench.descent.optimizers import OPTIMIZERS
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.stopping import STOPPING_RULES
from gdbench.descent.surfaces import SURFACES
from gdbench.descent.synthetic import GENERATORS

REGISTRIES = (
    GENERATORS, SURFACES, MODELS, COSTS, PENALTIES, GRADIENTS, OPTIMIZERS, LEARNING_RATES, INITIALIZERS,
    BATCH_SIZES, CLIPPINGS, STOPPING_RULES, KERNELS,
)  # fmt: skip
