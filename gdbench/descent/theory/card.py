"""The card of a problem: its constants, each with how far it may be trusted."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, List, Mapping, NamedTuple, Optional, Tuple

from gdbench.descent.numerics.packing import pack_text, unpack_text

#: How a constant was found: equal to the true one, at or above it, at or below it, or true near one point.
KINDS = ("exact", "upper", "lower", "local")


class Constant(NamedTuple):
    """A number with its trust. kind: one of `KINDS`.  how: in words."""

    value: float
    kind: str
    how: str


class Scaled(NamedTuple):
    """What the problem would be on standardized features.

    smoothness, convexity: the ends of the spectrum; of costs that are no quadratics at the minimum.
    spectrum, components: of a quadratic, with the start at zero in the eigenvectors' coordinates.
    largest_row: the largest curvature that one row alone can have; None where it has no bound.
    """

    smoothness: float
    convexity: float
    spectrum: Tuple[float, ...] = ()
    components: Tuple[float, ...] = ()
    largest_row: Optional[float] = None

    @property
    def condition(self) -> float:
        return self.smoothness / self.convexity


class Card(NamedTuple):
    """What theory knows of f before a step is taken; None, empty or "" where it knows nothing.

    quadratic: whether the Hessian is one matrix.  convex: yes, no, or not known.
    smoothness: L, holds everywhere.  convexity: μ, the least curvature along which f bends at all.
    local_smoothness, local_convexity: the extreme eigenvalues of the Hessian at the reference optimum.
    flat: directions along which f is constant.  spectrum: of a quadratic, from the largest eigenvalue down;
    directions: the eigenvectors, one after the other, packed (see `unpacked`).
    raw, standardized: κ of the features as they come and scaled to unit variance.
    separable: "separable" (the optimum's `parameters` prove it), "overlapping", "unknown", or "" where the
    question does not arise.  unbounded: whether f is known to fall for ever.
    scaled: the same on standardized features; None where they are, or where it is not known.
    largest_row: of a cost of affine scores, the largest curvature that one row alone can have.
    lipschitz: M, which no subgradient of f is longer than, where f has kinks.
    bias: what a missing bias costs (`gdbench.reference.missing_bias`); empty where none is missing.
    alike: groups of parameters along which the cost does not change, by their places; names: of these.
    """

    quadratic: bool = False
    convex: Optional[bool] = None
    smoothness: Optional[Constant] = None
    convexity: Optional[Constant] = None
    local_smoothness: Optional[Constant] = None
    local_convexity: Optional[Constant] = None
    flat: int = 0
    spectrum: Tuple[float, ...] = ()
    directions: str = ""
    raw: Optional[float] = None
    standardized: Optional[float] = None
    separable: str = ""
    unbounded: bool = False
    scaled: Optional[Scaled] = None
    largest_row: Optional[float] = None
    lipschitz: Optional[float] = None
    bias: Mapping[str, Any] = {}
    alike: Tuple[Tuple[int, ...], ...] = ()
    names: Tuple[str, ...] = ()

    @property
    def condition(self) -> Optional[float]:
        """κ = L/μ, where both are exact."""
        known = self.smoothness, self.convexity
        if not all(c and c.kind == "exact" and c.value > 0.0 for c in known):
            return None
        assert self.smoothness is not None and self.convexity is not None  # noqa: PT018
        return self.smoothness.value / self.convexity.value

    @property
    def local_condition(self) -> Optional[float]:
        """κ of the Hessian at the reference optimum."""
        top, least = self.local_smoothness, self.local_convexity
        return top.value / least.value if top and least and least.value > 0.0 else None

    def to_plain(self) -> Mapping[str, Any]:
        """JSON-plain: what comes back of it as JSON is equal to it."""
        plain = {
            name: list(value) if isinstance(value, tuple) else value for name, value in self._asdict().items()
        }
        scaled = self.scaled and {
            **self.scaled._asdict(),
            "spectrum": list(self.scaled.spectrum),
            "components": list(self.scaled.components),
        }
        return {**plain, "scaled": scaled, "alike": [list(group) for group in self.alike]}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Card:
        """The card of a record; an older or newer one may lack or have fields."""
        known = {name: value for name, value in plain.items() if name in cls._fields}
        for name in ("smoothness", "convexity", "local_smoothness", "local_convexity"):
            if known.get(name):
                known[name] = Constant(*known[name])
        known["spectrum"], known["names"] = tuple(known.get("spectrum", ())), tuple(known.get("names", ()))
        known["alike"] = tuple(tuple(group) for group in known.get("alike", ()))
        scaled = known.get("scaled")
        if scaled:
            lists = {name: tuple(scaled.get(name, ())) for name in ("spectrum", "components")}
            known["scaled"] = Scaled(**{**scaled, **lists})
        return cls(**known)

    def components(self, displacement: List[float]) -> List[float]:
        """Vᵀ d, the displacement in the eigenvectors' coordinates, in the spectrum's order."""
        return along(self.directions, displacement)


def along(directions: str, displacement: List[float]) -> List[float]:
    """The same of the packed eigenvectors alone."""
    vectors = _unpacked(directions, len(displacement))
    return [math.fsum([v_j * d_j for v_j, d_j in zip(v, displacement)]) for v in vectors]


def packed(directions: List[List[float]]) -> str:
    """Vectors as text: little-endian doubles in base64, a quarter of their JSON."""
    return pack_text("d", (value for direction in directions for value in direction))


#: Remembered: a report asks of each run, and its runs are of a few problems.
@lru_cache(maxsize=8)
def _unpacked(text: str, size: int) -> List[List[float]]:
    return unpacked(text, size)


def unpacked(text: str, size: int) -> List[List[float]]:
    """The vectors, each of so many numbers."""
    values = unpack_text("d", text)
    return [values[i : i + size] for i in range(0, len(values), size)]
