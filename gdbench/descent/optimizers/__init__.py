"""Step 4b of gradient descent, the update: pure (init, update) pairs, state in and state out.

An optimizer never sees data or cost: only the parameters, the gradient there, and the learning rate.
Defaults and every detail of the rules are those of PyTorch 2 where it has them, else of their authors' code or
of the paper that is named; the tests compare them with either.
"""

from __future__ import annotations

from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.adaptive.adabelief import adabelief
from gdbench.descent.optimizers.adaptive.adadelta import adadelta
from gdbench.descent.optimizers.adaptive.adagrad import adagrad
from gdbench.descent.optimizers.adaptive.adam import adam, adamw, amsgrad
from gdbench.descent.optimizers.adaptive.adamax import adamax
from gdbench.descent.optimizers.adaptive.adan import adan
from gdbench.descent.optimizers.adaptive.adopt import adopt
from gdbench.descent.optimizers.adaptive.nadam import nadam
from gdbench.descent.optimizers.adaptive.radam import radam
from gdbench.descent.optimizers.adaptive.rmsprop import rmsprop
from gdbench.descent.optimizers.adaptive.yogi import yogi
from gdbench.descent.optimizers.averaging.asgd import asgd
from gdbench.descent.optimizers.averaging.schedule_free import schedule_free_adamw, schedule_free_sgd
from gdbench.descent.optimizers.directions.conjugate_gradients import conjugate_gradients
from gdbench.descent.optimizers.directions.lbfgs import lbfgs
from gdbench.descent.optimizers.gradient_descent import gradient_descent
from gdbench.descent.optimizers.momentum.heavy_ball import heavy_ball
from gdbench.descent.optimizers.momentum.nesterov import nesterov
from gdbench.descent.optimizers.momentum.optimized_gradient import optimized_gradient
from gdbench.descent.optimizers.momentum.triple_momentum import triple_momentum
from gdbench.descent.optimizers.parameter_free.d_adaptation import d_adapt_adam, d_adaptation
from gdbench.descent.optimizers.parameter_free.prodigy import prodigy
from gdbench.descent.optimizers.protocol import (
    OPTIMIZERS,
    Optimizer,
    OptimizerFacts,
    optimizer,
    optimizer_facts,
    optimizer_of,
)
from gdbench.descent.optimizers.proximal.fista import fista
from gdbench.descent.optimizers.proximal.ista import ista
from gdbench.descent.optimizers.signs.lion import lion
from gdbench.descent.optimizers.signs.rprop import rprop
from gdbench.descent.optimizers.signs.signum import signum

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
