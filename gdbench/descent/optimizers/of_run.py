"""The optimizer of a run: as its spec and its problem make it, with what stands beside it."""

from __future__ import annotations

from typing import Optional, Tuple

from gdbench.descent.clipping import CLIPPINGS
from gdbench.descent.errors import GdbenchError
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.optimizers.beside import averaged, decayed
from gdbench.descent.optimizers.protocol import Optimizer, State, optimizer_of
from gdbench.descent.problems.problem_constants import ProblemConstants
from gdbench.descent.registry import Spec, build


def optimizer_for(
    spec: Spec, constants: ProblemConstants, kinks: Optional[Tuple[float, ...]] = None
) -> Optimizer:
    """The optimizer; where it asks for its theoretical parameters, with μ and L of the problem.

    kinks: as of `kinks_of`.
    """
    ((name, given),) = spec["optimizer"].items()
    if given.get("theoretical"):
        given = {**given, "theoretical": False, "mu": constants.convexity, "smoothness": constants.smoothness}
        if constants.convexity is None or constants.smoothness is None:
            raise GdbenchError(f"optimizer '{name}' needs μ and L of the cost, which are not known here.")
    made = optimizer_of({name: given})
    return made.proximal(kinks) if made.proximal and kinks else made


def beside(optimizer: Optimizer, spec: Spec) -> Optimizer:
    """The optimizer with the weight decay and the average that a spec has beside it."""
    return averaged(decayed(optimizer, spec), spec)


def clipped(optimizer: Optimizer, spec: Spec) -> Optimizer:
    """The optimizer, shown clipped gradients; what is recorded is the gradient itself."""
    clipping = spec.get("clipping", {"none": {}})
    if "none" in clipping:
        return optimizer
    clip = build(CLIPPINGS, clipping)

    def update(w: Vector, g: Vector, *others: object) -> Tuple[Vector, State]:
        return optimizer.update(w, clip(g), *others)

    def aim(w: Vector, g: Vector, state: State) -> Tuple[Vector, State]:
        assert optimizer.aim is not None
        return optimizer.aim(w, clip(g), state)

    return optimizer._replace(update=update, traceable=False, aim=aim if optimizer.aim else None)
