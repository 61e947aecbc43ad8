"""gradients.json: cost and gradient of nine problems, by PyTorch's autograd in float64.

Source: autograd of PyTorch 2.13.0+cpu on scikit-learn's bundled data, columns centred and scaled by NumPy.
    pip install torch==2.13.0 scikit-learn numpy
    python -m tests.oracles.generate.gradients [--write]
"""

import json
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from torch.nn import functional

from tests.oracles.generate.oracle import main

Tensor = torch.Tensor


def tensor(values: object) -> Tensor:
    return torch.tensor(np.asarray(values), dtype=torch.float64)


def scaled(columns: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1, dividing by the number of rows."""
    return (columns - columns.mean(axis=0)) / columns.std(axis=0)


def diabetes() -> tuple[Tensor, Tensor]:
    bunch = load_diabetes(scaled=False)
    return tensor(scaled(bunch.data)), tensor(scaled(bunch.target))


def breast_cancer() -> tuple[Tensor, Tensor]:
    bunch = load_breast_cancer()
    return tensor(scaled(bunch.data)), tensor(bunch.target.astype(float))


def iris() -> tuple[Tensor, Tensor]:
    bunch = load_iris()
    return tensor(scaled(bunch.data)), tensor(bunch.target.astype(float))


def xor() -> tuple[Tensor, Tensor]:
    return tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), tensor([0.0, 1.0, 1.0, 0.0])


def affine(theta: Tensor, x: Tensor) -> Tensor:
    """The weights, then the bias."""
    return x @ theta[:-1] + theta[-1]


def network(widths: Sequence[int], activation: Callable) -> Callable:
    """A network with one hidden layer; W1 row by row, b1, W2, b2."""
    inputs, hidden, outputs = widths
    sizes = [hidden * inputs, hidden, outputs * hidden, outputs]

    def scores(theta: Tensor, x: Tensor) -> Tensor:
        w1, b1, w2, b2 = torch.split(theta, sizes)
        return activation(x @ w1.view(hidden, inputs).T + b1) @ w2.view(outputs, hidden).T + b2

    return scores


def pinball(p: Tensor, y: Tensor) -> Tensor:
    e, tau = y - p, 0.9
    return torch.maximum(tau * e, (tau - 1.0) * e).mean()


def cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(z, y.long())


LAYERS = "order W1(5x4 row-major),b1,W2(3x5),b2"
#: name, description, data, model, cost, number of parameters
CASES = [
    ("mse diabetes ystd", "X,y z-scored; w(10),b", diabetes, affine, functional.mse_loss, 11),
    ("huber delta=1 diabetes ystd", "torch huber_loss", diabetes, affine, functional.huber_loss, 11),
    ("pinball tau=.9 diabetes ystd", "", diabetes, affine, pinball, 11),
    ("hinge bc", "", breast_cancer, affine, lambda z, y: torch.relu(1 - (2 * y - 1) * z).mean(), 31),
    (
        "poisson iris target",
        "y=iris.target 0/1/2 as count",
        iris,
        affine,
        lambda z, y: torch.mean(torch.exp(z) - y * z),
        5,
    ),
    ("mlp 4-5-3 tanh softmax iris", LAYERS, iris, network((4, 5, 3), torch.tanh), cross_entropy, 43),
    ("mlp 4-5-3 sigmoid softmax iris", LAYERS, iris, network((4, 5, 3), torch.sigmoid), cross_entropy, 43),
    ("mlp 4-5-3 relu softmax iris", LAYERS, iris, network((4, 5, 3), torch.relu), cross_entropy, 43),
    (
        "mlp 2-2-1 tanh bce xor",
        "order W1(2x2),b1,W2(1x2),b2",
        xor,
        network((2, 2, 1), torch.tanh),
        lambda z, y: functional.binary_cross_entropy_with_logits(z[:, 0], y),
        9,
    ),
]


def case(name: str, desc: str, data: Callable, model: Callable, cost: Callable, size: int) -> dict:
    x, y = data()
    theta = [0.5 * math.sin(1 + j) for j in range(size)]
    at = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    value = cost(model(at, x), y)
    value.backward()
    assert at.grad is not None
    return {
        "name": name,
        "desc": desc,
        "n_params": size,
        "theta": theta,
        "cost": value.item(),
        "grad": at.grad.tolist(),
    }


def make() -> dict:
    source = "torch float64 autograd; theta_j = 0.5*sin(1+j) in the parameter order given"
    return {"source": source, "cases": [case(*one) for one in CASES]}


if __name__ == "__main__":
    main("gradients", make, lambda made: json.dumps(made, indent=1), tolerance=1e-14)
