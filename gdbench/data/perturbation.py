"""Features moved, turned and scaled on purpose: the same problem, made harder for gradient descent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from random import Random

from gdbench.data.portable import moved, turned
from gdbench.descent.domains import Domain, boolean, number, whole
from gdbench.descent.errors import BadParameter
from gdbench.descent.numerics.householder import rotation
from gdbench.descent.registry import Parameter, Registry

_OPTIONS: Registry[Perturbation] = Registry("data option", "data options")


def _nonzero(value: object) -> float:
    read = number(value)
    if read == 0.0:
        raise ValueError
    return read


nonzero = Domain("a number other than 0", {"type": "number", "not": {"const": 0}}, _nonzero)


@_OPTIONS.register("perturb", shift=number, scale=nonzero, rotation=boolean, seed=whole)
@dataclass(frozen=True)
class Perturbation:
    """x ← scale · R x + shift, where R is a rotation drawn from the seed, or the identity.

    It comes after standardizing. The fit is as good as before, its parameters are others: a shift ties the
    weights to the bias, a scale multiplies curvature by scale², a rotation hides the axes.
    shift: added to every feature.  scale: multiplies every feature, not 0.  rotation: true or false.
    seed: ≥ 0, a whole number, of the rotation.
    """

    shift: float = 0.0
    scale: float = 1.0
    rotation: bool = False
    seed: int = 0

    def to_plain(self) -> dict[str, object]:
        """In config form, complete."""
        return asdict(self)

    def matrix(self, size: int) -> list[list[float]]:
        """R, of so many features; empty where they are not rotated."""
        return rotation(size, Random(self.seed)) if self.rotation else []  # noqa: S311  seeded on purpose

    def __str__(self) -> str:
        said = [f"rotated by seed {self.seed}"] if self.rotation else []
        said += [f"× {self.scale:g}"] if self.scale != 1.0 else []
        said += [f"shifted by {self.shift:g}"] if self.shift != 0.0 else []
        return ", ".join(said)


def read_perturbation(given: Mapping[str, object]) -> Perturbation:
    """From what stands under `perturb:`; raises BadParameter, which names the key."""
    return Perturbation(**_OPTIONS["perturb"].resolve(given))


def perturbation_parameters() -> tuple[Parameter, ...]:
    """What may stand under `perturb:`."""
    return _OPTIONS["perturb"].parameters


def perturb(features: Mapping[str, Sequence[float]], perturbation: Perturbation) -> dict[str, Sequence[float]]:
    """The feature columns, perturbed; rotated ones are no longer what they were called: z1, z2, …."""
    columns = list(features.values())
    names = list(features)
    if perturbation.rotation:
        columns = [*turned(columns, perturbation.matrix(len(columns)))]
        names = [f"z{j}" for j in range(1, len(columns) + 1)]
    scale, shift = perturbation.scale, perturbation.shift
    found: dict[str, Sequence[float]] = dict(zip(names, moved(columns, scale, shift), strict=True))
    if not all(math.isfinite(value) for values in found.values() for value in values):
        raise BadParameter("perturb", "'perturb' makes some features overflow; choose values nearer to 1.")
    return found
