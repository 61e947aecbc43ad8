"""What is fitted: each model turns parameters and one row of features into a score.

w: the parameters.  x: the features of one row.  outputs: how many scores the cost wants: one (then the
score is a scalar) or one for each class (then it is a list).  Facts of a model: `layers` gives its
layers for d features; `response` maps a score to the scale of the target (the identity, a
probability, …), and costs say which of the two they look at; `affine` marks scores of the form
w · basis(x) + b, for which theory and faster kernels exist.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, List, Mapping, Sequence, Tuple

from gdbench.descent.activations import ACTIVATIONS
from gdbench.descent.domains import natural, naturals, one_of, text
from gdbench.descent.functions import dot, exp, identity, sigmoid
from gdbench.descent.kernels.formula import Formula, parse_formula
from gdbench.descent.problems.shape import Layer, dense, rows_with_bias
from gdbench.descent.registry import Registry

MODELS: Registry[Any] = Registry("model", "models", given=3)
model = MODELS.register

Basis = Callable[..., List[Any]]


def raw(x: Sequence[Any]) -> List[Any]:
    """The features as they are."""
    return list(x)


def powers(x: Sequence[Any], degree: int) -> List[Any]:
    """x₁, x₁², … x₁ᵈ, x₂, …: each feature's powers, without products of different features."""
    found: List[Any] = []
    for x_j in x:
        power = x_j
        for _ in range(degree):
            found.append(power)
            power = power * x_j
    return found


def affine(w: Sequence[Any], x: Sequence[Any], outputs: int) -> Any:
    """w · x + b, or one such score for each output, its weights and bias side by side."""
    if outputs == 1:
        return dot(w, x) + w[len(x)]
    width = len(x) + 1
    return [dot(w[k * width :], x) + w[k * width + len(x)] for k in range(outputs)]


def _affine_facts(response: Callable[[Any], Any], basis: Basis = raw, **more: Any) -> Mapping[str, Any]:
    def layers(features: int, outputs: int, **parameters: Any) -> Tuple[Layer, ...]:
        return (rows_with_bias(len(basis([0.0] * features, **parameters)), outputs),)

    return {"layers": layers, "response": response, "affine": True, "basis": basis, "many": True, **more}


@model("linear", facts=_affine_facts(identity))
def linear(w: Sequence[Any], x: Sequence[Any], outputs: int) -> Any:
    """w · x + b: linear regression, or one score for each class."""
    return affine(w, x, outputs)


@model("polynomial", facts=_affine_facts(identity, powers), degree=natural)
def polynomial(w: Sequence[Any], x: Sequence[Any], outputs: int, degree: int = 2) -> Any:
    """Σⱼ Σₖ wⱼₖ xⱼᵏ + b: each feature's powers up to the degree.

    degree: ≥ 1. There are no products of different features.
    """
    return affine(w, powers(x, degree), outputs)


@model("logistic", facts={**_affine_facts(sigmoid), "many": False})
def logistic(w: Sequence[Any], x: Sequence[Any], outputs: int) -> Any:
    """σ(w · x + b): logistic regression; the score w · x + b is the log-odds of class 1."""
    return affine(w, x, outputs)


@model("softmax", facts=_affine_facts(identity, only="classes"))
def softmax(w: Sequence[Any], x: Sequence[Any], outputs: int) -> Any:
    """Softmax of W x + b: multinomial logistic regression; one score wₖ · x + bₖ for each class k."""
    return affine(w, x, outputs)


@model("poisson", facts={**_affine_facts(exp), "many": False})
def poisson(w: Sequence[Any], x: Sequence[Any], outputs: int) -> Any:
    """exp(w · x + b): Poisson regression; the score w · x + b is the logarithm of the expected count."""
    return affine(w, x, outputs)


def _mlp_layers(features: int, outputs: int, hidden: Sequence[int], **_: Any) -> Tuple[Layer, ...]:
    layers: List[Layer] = []
    width, start = features, 0
    for next_width in (*hidden, outputs):
        layers.append(dense(width, next_width, start))
        width, start = next_width, start + (width + 1) * next_width
    return tuple(layers)


@model(
    "mlp",
    facts={"layers": _mlp_layers, "response": identity, "many": True},
    hidden=naturals,
    activation=one_of(*ACTIVATIONS),
)
def mlp(
    w: Sequence[Any],
    x: Sequence[Any],
    outputs: int,
    hidden: Sequence[int] = (16,),
    activation: str = "tanh",
) -> Any:
    """W_L a(… a(W₁ x + b₁) …) + b_L: a multilayer perceptron (Rumelhart, Hinton & Williams 1986).

    hidden: widths of the hidden layers.  activation: a, after each layer but the last.
    Parameters lie layer by layer: the weights row by row, then the biases.
    """
    layers = _mlp_layers(len(x), outputs, hidden)
    values = list(x)
    for layer in layers:
        values = [
            dot(w[layer.weights[k * layer.fan_in] :], values) + w[layer.biases[k]] for k in range(layer.fan_out)
        ]
        if layer is not layers[-1]:
            values = [ACTIVATIONS[activation](z) for z in values]
    return values[0] if outputs == 1 else values


def variables(features: int) -> List[str]:
    """What a formula calls its features: x alone, or x1, x2, …"""
    return ["x"] if features == 1 else [f"x{j}" for j in range(1, features + 1)]


@lru_cache(maxsize=64)
def _parsed(expression: str, features: int) -> Formula:
    return parse_formula(expression, variables(features))


def _formula_size(features: int, expression: str) -> int:
    return len(_parsed(expression, features).parameters)


@model("formula", facts={"size": _formula_size, "response": identity}, expression=text)
def formula(w: Sequence[Any], x: Sequence[Any], outputs: int, expression: str) -> Any:
    """A nonlinear form as written, for example b1 * (1 - exp(-b2 * x)).

    expression: arithmetic and elementary functions of the features (x, or x1, x2, …) and of parameters,
    which are all other names, in natural order (b1, b2, …, b10).
    """
    return _parsed(expression, len(x)).evaluate(w, x)
