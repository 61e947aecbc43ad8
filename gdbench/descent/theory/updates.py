"""Updates with a fixed rate and exact gradients: those of which theorems speak, recognised in a spec."""

from __future__ import annotations

from typing import Any, List, Mapping, NamedTuple, Optional

from gdbench.descent.registry import Spec
from gdbench.descent.theory.rates import heavy_ball_momentum, nesterov_momentum, recommended_rate

#: Gradients that are exact to rounding.
EXACT = ("analytic", "complex_step")


class Update(NamedTuple):
    """w_{k+1} from w_k and w_{k−1}. kind: "plain", "heavy ball" or "nesterov".

    beta: β, 0 for plain; None for Nesterov's β_k = (t_k − 1) / t_{k+1}.
    """

    kind: str
    rate: float
    beta: Optional[float] = 0.0

    @property
    def plain(self) -> bool:
        return self.kind == "plain"

    def limit(self, smoothness: float) -> Optional[float]:
        """The rate above which the component of curvature L grows; None where none is known.

        plain: 2/L.  heavy ball: 2 (1 + β)/L.  nesterov: (2 + 2β) / ((1 + 2β) L), at which the characteristic
        polynomial z² − (1 + β)(1 − ηL) z + β(1 − ηL) has its root −1.
        """
        if self.beta is None or not 0.0 <= self.beta < 1.0:
            return None
        if self.kind == "nesterov":
            return (2.0 + 2.0 * self.beta) / ((1.0 + 2.0 * self.beta) * smoothness)
        return 2.0 * (1.0 + self.beta) / smoothness


def undisturbed(spec: Spec) -> bool:
    """Whether each step sees the exact gradient of the whole cost: no batches, clipping or differences."""
    (gradient,) = spec.get("gradient", {"analytic": {}})
    return gradient in EXACT and full_and_unclipped(spec)


def full_and_unclipped(spec: Spec) -> bool:
    return "full" in spec.get("batch_size", {"full": {}}) and "none" in spec.get("clipping", {"none": {}})


def steps_along_gradient(spec: Spec) -> bool:
    """Whether w_{k+1} = w_k − η_k g_k, whatever η_k: plain gradient descent."""
    ((name, parameters),) = spec["optimizer"].items()
    return full_and_unclipped(spec) and name == "gradient_descent" and not any(parameters.values())


def fixed_update(
    spec: Spec, smoothness: Optional[float] = None, convexity: Optional[float] = None
) -> Optional[Update]:
    """The update of a run, where its rate never changes and it is one of the three; else None.

    smoothness, convexity: L and μ as the run was told them.
    """
    rate = fixed_rate(spec, smoothness, convexity)
    if rate is None or not undisturbed(spec):
        return None
    ((name, given),) = spec["optimizer"].items()
    if name == "gradient_descent":
        return _descent(rate, **given)
    if name not in ("heavy_ball", "nesterov"):
        return None
    kind, betas = name.replace("_", " "), _beta(name, given, smoothness, convexity)
    return Update(kind, rate, betas[0]) if betas else None


def fixed_rate(
    spec: Spec, smoothness: Optional[float] = None, convexity: Optional[float] = None
) -> Optional[float]:
    """η where it is a number or follows from L (and μ) alone."""
    ((name, given),) = spec["learning_rate"].items()
    if name == "constant":
        return float(given["rate"])
    if name == "over_L" and smoothness:
        return float(given["factor"]) / smoothness
    if name == "theoretical" and smoothness and convexity:
        (optimizer,) = spec["optimizer"]
        return recommended_rate(optimizer, convexity, smoothness)
    return None


def _descent(
    rate: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    *,
    nesterov: bool = False,
    weight_decay: float = 0.0,
) -> Optional[Update]:
    """PyTorch's momentum is the heavy ball's, and its nesterov is Nesterov's with the same start."""
    if weight_decay or (momentum and dampening):
        return None
    if not momentum:
        return Update("plain", rate)
    return Update("nesterov" if nesterov else "heavy ball", rate, momentum)


def _beta(
    name: str, given: Mapping[str, Any], smoothness: Optional[float], convexity: Optional[float]
) -> List[Optional[float]]:
    """[β], or nothing where it rests on what is not known."""
    mu, top = given.get("mu"), given.get("smoothness")
    if given.get("theoretical"):
        mu, top = convexity, smoothness
        if not (mu and top):
            return []
    if mu and top:
        momentum = heavy_ball_momentum if name == "heavy_ball" else nesterov_momentum
        return [momentum(mu, top).beta]
    return [given.get("beta", None) if name == "nesterov" or given.get("beta") is not None else 0.9]
