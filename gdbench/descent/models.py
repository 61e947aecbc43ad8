"""What is fitted: each model turns parameters and one row of features into a score.

w: the parameters.  x: the features of one row.  outputs: how many scores the cost wants: one (then the
score is a scalar) or one for each class (then it is a list).  `ModelFacts` lists what a model may claim of
itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from gdbench.descent.activations import ACTIVATIONS
from gdbench.descent.domains import boolean, natural, naturals, one_of, text
from gdbench.descent.functions import Function, Scalar, dot, exp, identity, sigmoid
from gdbench.descent.kernels.formula import Formula, parse_formula
from gdbench.descent.numerics.powers import Polynomial
from gdbench.descent.problems.shape import Layer, ParameterName, dense, names_of_layers, rows_of
from gdbench.descent.problems.terms import Basis, Terms, powers, raw
from gdbench.descent.registry import Choice, Registry, find, settled

#: One score, or a list of them.
Score = Union[Scalar, Sequence[Scalar]]
MODELS: Registry[Score] = Registry("model", "models", given=3, also=("network", "architecture", "estimator"))
model = MODELS.register


class ModelFacts(NamedTuple):
    """What a model claims of itself; of `size` and `layers` it gives one.

    response: the function of one number that takes a score to the scale of the target; costs say which of
    the two they look at.  link: how a mean of the targets becomes a score ("identity", "log", "logit").
    size: features → how many parameters.  layers: (features, outputs) → its layers.
    basis: x → the numbers that the score is affine in: it is w · basis(x) + b, if `affine`.
    bias: whether there is this b; without it, it is w · basis(x).
    names: (names of the features, of the outputs) → those of its parameters, where they follow from neither
    its layers nor its basis.
    many: it can give one score for each class.  only: "classes" where it makes no sense otherwise.
    convex: False where the cost is convex in the parameters for no cost at all; None: that is for the rest
    to say.
    """

    response: Function = identity
    link: str = "identity"
    size: Optional[Callable[[int], int]] = None
    layers: Optional[Callable[[int, int], Tuple[Layer, ...]]] = None
    affine: bool = False
    basis: Optional[Basis] = None
    bias: bool = True
    names: Optional[Callable[[Sequence[str], Sequence[str]], Sequence[ParameterName]]] = None
    many: bool = False
    only: str = ""
    convex: Optional[bool] = None

    @property
    def terms(self) -> Optional[Terms]:
        """What a score is a weighted sum of, if it says its basis."""
        return None if self.basis is None else Terms(self.basis, self.bias)

    @property
    def responds_as_is(self) -> bool:
        """Whether the response is the score itself."""
        respond: Callable[[float], Scalar] = self.response
        return self.response is identity or all(respond(z) == z for z in (-1000.0, -0.7, 0.0, 0.3, 2.0))


def model_facts(choice: Choice) -> ModelFacts:
    """The facts of a model in config form."""
    entry, parameters = find(MODELS, choice)
    facts = settled(entry.facts, parameters, functions=("response", "size", "layers", "basis", "names"))
    if "response" in facts:
        facts["response"] = entry.facts["response"]  # it is a function of the score alone
    return ModelFacts(**facts)


def parameter_names(choice: Choice, features: Sequence[str], outputs: Sequence[str]) -> Sequence[ParameterName]:
    """What the parameters of a model in config form are called. outputs: of its scores, one or one a class."""
    facts = model_facts(choice)
    if facts.names is not None:
        return facts.names(features, outputs)
    if facts.layers is not None:
        layers = facts.layers(len(features), len(outputs))
        return names_of_layers(layers, _terms(facts, features, layers[0].fan_in), outputs)
    assert facts.size is not None
    return [ParameterName(f"w{j}") for j in range(1, facts.size(len(features)) + 1)]


def _terms(facts: ModelFacts, features: Sequence[str], count: int) -> Sequence[str]:
    """What the weights of the first layer multiply; of a basis that is no polynomial, by number."""
    if facts.basis is None:
        return features
    try:
        found = facts.basis([Polynomial.variable(j) for j in range(len(features))])
        return [term.text(features) for term in found]
    except (TypeError, AttributeError):
        return [f"basis {j}" for j in range(1, count + 1)]


def affine(w: Sequence[Scalar], x: Sequence[Scalar], outputs: int, *, bias: bool = True) -> Score:
    """w · x + b, or one such score for each output, its weights and bias side by side."""
    width = len(x) + 1 if bias else len(x)

    def score(k: int) -> Scalar:
        z = dot(w[k * width :], x)
        return z + w[k * width + len(x)] if bias else z

    return score(0) if outputs == 1 else [score(k) for k in range(outputs)]


def _affine_facts(
    response: Function,
    basis: Callable[..., List[Any]] = raw,
    *,
    unsaid: Tuple[str, ...] = (),
    **more: object,
) -> Mapping[str, object]:
    def layers(features: int, outputs: int, *, bias: bool = True, **parameters: int) -> Tuple[Layer, ...]:
        return (rows_of(len(basis([0.0] * features, **parameters)), outputs, bias=bias),)

    return {
        "layers": layers,
        "response": response,
        "affine": True,
        "basis": basis,
        "bias": lambda bias=True, **_: bias,
        "many": True,
        "unsaid": (*unsaid, "bias"),
        **more,
    }


@model(
    "linear",
    facts={"also": ("linear_regression", "linreg", "ols", "affine"), **_affine_facts(identity)},
    bias=boolean,
)
def linear(w: Sequence[Scalar], x: Sequence[Scalar], outputs: int, *, bias: bool = True) -> Score:
    """w · x + b: linear regression, or one score for each class.

    bias: false leaves out b, so that the score is 0 where all features are.
    """
    return affine(w, x, outputs, bias=bias)


@model(
    "polynomial",
    facts={"also": ("poly",), **_affine_facts(identity, powers, unsaid=("interactions",))},
    degree=natural,
    interactions=boolean,
    bias=boolean,
)
def polynomial(
    w: Sequence[Scalar],
    x: Sequence[Scalar],
    outputs: int,
    degree: int = 2,
    *,
    interactions: bool = False,
    bias: bool = True,
) -> Score:
    """Σⱼ Σₖ wⱼₖ xⱼᵏ + b: each feature's powers up to the degree.

    degree: ≥ 1.  interactions: true adds the products of different features, such as x₁x₂, up to the degree.
    bias: false leaves out b.
    """
    return affine(w, powers(x, degree, interactions=interactions), outputs, bias=bias)


@model(
    "logistic",
    facts={
        "also": ("logreg", "logistic_regression", "logit"),
        **_affine_facts(sigmoid, link="logit"),
        "many": False,
    },
    bias=boolean,
)
def logistic(w: Sequence[Scalar], x: Sequence[Scalar], outputs: int, *, bias: bool = True) -> Score:
    """σ(w · x + b): logistic regression; the score w · x + b is the log-odds of class 1.

    bias: false leaves out b.
    """
    return affine(w, x, outputs, bias=bias)


@model(
    "softmax",
    facts={"also": ("multinomial", "softmax_regression"), **_affine_facts(identity, only="classes")},
    bias=boolean,
)
def softmax(w: Sequence[Scalar], x: Sequence[Scalar], outputs: int, *, bias: bool = True) -> Score:
    """Softmax of W x + b: multinomial logistic regression; one score wₖ · x + bₖ for each class k.

    bias: false leaves out b.
    """
    return affine(w, x, outputs, bias=bias)


@model("poisson", facts={**_affine_facts(exp, link="log"), "many": False}, bias=boolean)
def poisson(w: Sequence[Scalar], x: Sequence[Scalar], outputs: int, *, bias: bool = True) -> Score:
    """exp(w · x + b): Poisson regression; the score w · x + b is the logarithm of the expected count.

    bias: false leaves out b.
    """
    return affine(w, x, outputs, bias=bias)


def _mlp_layers(features: int, outputs: int, hidden: Sequence[int], **_: object) -> Tuple[Layer, ...]:
    layers: List[Layer] = []
    width, start = features, 0
    for next_width in (*hidden, outputs):
        layers.append(dense(width, next_width, start))
        width, start = next_width, start + (width + 1) * next_width
    return tuple(layers)


@model(
    "mlp",
    facts={
        "also": ("neural_net", "neural_network", "nn", "dense", "perceptron"),
        "layers": _mlp_layers,
        "many": True,
        "convex": False,
    },
    hidden=naturals,
    activation=one_of(*ACTIVATIONS),
)
def mlp(
    w: Sequence[Scalar],
    x: Sequence[Scalar],
    outputs: int,
    hidden: Sequence[int] = (16,),
    activation: str = "tanh",
) -> Score:
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


def formula_parameters(choice: Choice, features: int) -> List[str]:
    """The names of the parameters of a formula in config form, in their order."""
    return list(_parsed(choice["formula"]["expression"], features).parameters)


def _formula_size(features: int, expression: str) -> int:
    return len(_parsed(expression, features).parameters)


def _formula_names(features: Sequence[str], outputs: Sequence[str], expression: str) -> List[ParameterName]:
    return [ParameterName(name) for name in _parsed(expression, len(features)).parameters]


@model("formula", facts={"size": _formula_size, "names": _formula_names}, expression=text)
def formula(w: Sequence[Scalar], x: Sequence[Scalar], outputs: int, expression: str) -> Score:
    """A nonlinear form as written, for example b1 * (1 - exp(-b2 * x)).

    expression: arithmetic and elementary functions of the features (x, or x1, x2, …) and of parameters,
    which are all other names, in natural order (b1, b2, …, b10).
    """
    score: Scalar = _parsed(expression, len(x)).evaluate(w, x)
    return score
