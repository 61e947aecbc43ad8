"""initializers.json: gains, and what PyTorch's initializers draw.

Source: torch.nn.init of PyTorch 2.13.0+cpu.
    pip install torch==2.13.0
    python -m tests.oracles.generate.initializers [--write]
"""

import math
from collections.abc import Callable

import torch
from torch.nn import init

from tests.oracles.generate.oracle import main

ROWS, COLUMNS = SHAPE = (400, 300)
SEED = 0
FAN_OUT, FAN_IN = SHAPE
SQRT2 = math.sqrt(2.0)
#: The standard deviation of N(0, 1) cut off at ±2: √(1 − 2·2·φ(2) / (Φ(2) − Φ(−2))).
CUT = math.sqrt(1 - 4 * math.exp(-2.0) / math.sqrt(2 * math.pi) / math.erf(SQRT2))


def linear(w: torch.Tensor) -> None:
    w.copy_(torch.nn.Linear(FAN_IN, FAN_OUT, bias=False, dtype=w.dtype).weight)


#: scheme, formula, distribution, its half width or deviation, how PyTorch draws it
SCHEMES: list[tuple[str, str, str, float, Callable[[torch.Tensor], object]]] = [
    (
        "xavier_uniform",
        "a=gain*sqrt(6/(fan_in+fan_out))",
        "U(-a,a)",
        math.sqrt(6 / (FAN_IN + FAN_OUT)),
        init.xavier_uniform_,
    ),
    (
        "xavier_normal",
        "std=gain*sqrt(2/(fan_in+fan_out))",
        "N(0,std)",
        math.sqrt(2 / (FAN_IN + FAN_OUT)),
        init.xavier_normal_,
    ),
    (
        "kaiming_uniform fan_in relu",
        "a=gain*sqrt(3/fan_in), gain=sqrt2",
        "U(-a,a)",
        SQRT2 * math.sqrt(3 / FAN_IN),
        lambda w: init.kaiming_uniform_(w, nonlinearity="relu"),
    ),
    (
        "kaiming_normal fan_in relu",
        "std=gain/sqrt(fan_in)",
        "N(0,std)",
        math.sqrt(2 / FAN_IN),
        lambda w: init.kaiming_normal_(w, nonlinearity="relu"),
    ),
    (
        "kaiming_normal fan_out relu",
        "std=gain/sqrt(fan_out)",
        "N(0,std)",
        SQRT2 / math.sqrt(FAN_OUT),
        lambda w: init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
    ),
    ("nn.Linear default", "a=1/sqrt(fan_in)", "U(-a,a)", 1 / math.sqrt(FAN_IN), linear),
    (
        "lecun_normal (= xavier mode fan_in, gain 1)",
        "std=sqrt(1/fan_in)",
        "N(0,std)",
        math.sqrt(1 / FAN_IN),
        lambda w: init.normal_(w, std=math.sqrt(1 / FAN_IN)),
    ),
    (
        "trunc_normal std1 a-2 b2",
        f"N(0,1) resampled to [-2,2]; its std is {CUT!r}",
        "trunc",
        CUT,
        lambda w: init.trunc_normal_(w, std=1.0, a=-2.0, b=2.0),
    ),
]


def scheme(name: str, formula: str, dist: str, theory: float, draw: Callable) -> dict:
    w = torch.empty(SHAPE, dtype=torch.float64)
    with torch.no_grad():
        draw(w)
    return {
        "scheme": name,
        "shape_fan_out_x_fan_in": list(SHAPE),
        "formula": formula,
        "dist": dist,
        "theory": theory,
        "sample_std": w.std().item(),
        "sample_min": w.min().item(),
        "sample_max": w.max().item(),
        "sample_mean": w.mean().item(),
    }


def make() -> dict:
    torch.manual_seed(SEED)
    gain = init.calculate_gain
    names = ("linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu")
    return {
        "source": f"torch.nn.init of PyTorch {torch.__version__}: gains by calculate_gain; theory by "
        "the published formula; sample statistics over 400 x 300 (fan_out x fan_in) draws",
        "gains": {
            **{name: gain(name) for name in names},
            "leaky_relu(0.2)": gain("leaky_relu", 0.2),
            "selu": gain("selu"),
        },
        "schemes": [scheme(*one) for one in SCHEMES],
        "orthogonal_check": {"W W^T / gain^2 - I max abs": orthogonality()},
        "sparse": {
            "zeros_per_column": zeros_per_column(),
            "rule": "ceil(sparsity*rows) zeros in each column, rest N(0,std)",
        },
    }


def orthogonality() -> float:
    """How far the rows of a wide orthogonal matrix are from orthonormal."""
    w = torch.empty((5, 8), dtype=torch.float64)
    init.orthogonal_(w, gain=SQRT2)
    return (w @ w.T / 2.0 - torch.eye(5, dtype=torch.float64)).abs().max().item()


def zeros_per_column() -> list[int]:
    w = torch.empty((100, 5), dtype=torch.float64)
    init.sparse_(w, sparsity=0.3)
    return (w == 0).sum(dim=0).tolist()


if __name__ == "__main__":
    # sums of 120,000 draws depend on the number of threads
    main("initializers", make, tolerance=1e-12)
