"""Step 4b of gradient descent, the update: pure (init, update) pairs, state in and state out.

An optimizer never sees data or cost: only the parameters, the gradient there, and the learning rate.
Defaults and every detail of the rules are those of PyTorch 2 where it has them, else of their authors' code or
of the paper that is named; the tests compare them with either.
"""

from __future__ import annotations

from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.adam import adam, adamax, adamw, amsgrad, nadam, radam
from gdbench.descent.optimizers.adam_since import adabelief, adan, adopt, yogi
from gdbench.descent.optimizers.adaptive import adadelta, adagrad, rmsprop
from gdbench.descent.optimizers.averaging import asgd, schedule_free_adamw, schedule_free_sgd
from gdbench.descent.optimizers.directions import conjugate_gradients, lbfgs
from gdbench.descent.optimizers.gradient_descent import gradient_descent
from gdbench.descent.optimizers.momentum import heavy_ball, nesterov, optimized_gradient
from gdbench.descent.optimizers.parameter_free import d_adapt_adam, d_adaptation, prodigy
from gdbench.descent.optimizers.protocol import (
    OPTIMIZERS,
    Optimizer,
    OptimizerFacts,
    optimizer,
    optimizer_facts,
    optimizer_of,
)
from gdbench.descent.optimizers.proximal import fista, ista
from gdbench.descent.optimizers.signs import lion, rprop, signum
from gdbench.descent.optimizers.triple_momentum import triple_momentum

__all__ = [
    "OPTIMIZERS",
    "Optimizer",
    "OptimizerFacts",
    "Vector",
    "adabelief",
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "adamw",
    "adan",
    "adopt",
    "amsgrad",
    "asgd",
    "conjugate_gradients",
    "d_adapt_adam",
    "d_adaptation",
    "fista",
    "gradient_descent",
    "heavy_ball",
    "ista",
    "lbfgs",
    "lion",
    "nadam",
    "nesterov",
    "optimized_gradient",
    "optimizer",
    "optimizer_facts",
    "optimizer_of",
    "prodigy",
    "radam",
    "rmsprop",
    "rprop",
    "schedule_free_adamw",
    "schedule_free_sgd",
    "signum",
    "triple_momentum",
    "yogi",
]
