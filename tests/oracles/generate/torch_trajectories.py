"""torch_trajectories.json: fifty steps of each optimizer on a quadratic of three parameters.

Source: torch.optim of PyTorch 2.13.0+cpu, and Lion of pytorch_optimizer 4.1.0, in float64.
    pip install torch==2.13.0 pytorch_optimizer==4.1.0
    python -m tests.oracles.generate.torch_trajectories [--write]
To add an optimizer: its class below, and its settings. Give each parameter twice, once as it comes.
"""

import json
from collections.abc import Callable

import pytorch_optimizer
import torch

from tests.oracles.generate.oracle import main

#: Otherwise some optimizers (ASGD, NAdam) keep their own scalars in float32.
torch.set_default_dtype(torch.float64)

A = [[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 0.25]]
B = [1.0, -2.0, 0.5]
X0 = [1.0, -2.0, 3.0]
STEPS = 50

#: Name in the file → the class, and what each of its runs is given.
OPTIMIZERS: dict[str, tuple[Callable, list[dict]]] = {
    "sgd": (torch.optim.SGD, [{"lr": 0.1}, {"lr": 0.5}]),
    "sgd_weight_decay": (
        torch.optim.SGD,
        [{"lr": 0.1, "weight_decay": 0.1}, {"lr": 0.3, "weight_decay": 0.01}],
    ),
    "sgd_momentum": (torch.optim.SGD, [{"lr": 0.1, "momentum": 0.9}, {"lr": 0.2, "momentum": 0.5}]),
    "sgd_nesterov": (
        torch.optim.SGD,
        [{"lr": 0.1, "momentum": 0.9, "nesterov": True}, {"lr": 0.2, "momentum": 0.5, "nesterov": True}],
    ),
    "sgd_dampening": (
        torch.optim.SGD,
        [{"lr": 0.1, "momentum": 0.9, "dampening": 0.5}, {"lr": 0.2, "momentum": 0.9, "dampening": 0.9}],
    ),
    "adagrad": (
        torch.optim.Adagrad,
        [{"lr": 0.5}, {"lr": 0.5, "lr_decay": 0.01, "initial_accumulator_value": 0.1}],
    ),
    "rmsprop": (torch.optim.RMSprop, [{"lr": 0.01}, {"lr": 0.01, "alpha": 0.9, "eps": 1e-06, "momentum": 0.9}]),
    "rmsprop_centered": (
        torch.optim.RMSprop,
        [{"lr": 0.01, "centered": True}, {"lr": 0.01, "alpha": 0.9, "centered": True, "momentum": 0.5}],
    ),
    "adadelta": (torch.optim.Adadelta, [{"lr": 1.0}, {"lr": 1.0, "rho": 0.95, "eps": 0.001}]),
    "adam": (
        torch.optim.Adam,
        [{"lr": 0.1}, {"lr": 0.05, "betas": (0.8, 0.99), "eps": 1e-06, "weight_decay": 0.1}],
    ),
    "amsgrad": (
        torch.optim.Adam,
        [{"lr": 0.1, "amsgrad": True}, {"lr": 0.3, "betas": (0.5, 0.9), "amsgrad": True}],
    ),
    "adamw": (torch.optim.AdamW, [{"lr": 0.1}, {"lr": 0.1, "weight_decay": 0.1}]),
    "adamax": (torch.optim.Adamax, [{"lr": 0.1}, {"lr": 0.05, "betas": (0.8, 0.99), "weight_decay": 0.1}]),
    "nadam": (
        torch.optim.NAdam,
        [{"lr": 0.1}, {"lr": 0.05, "betas": (0.8, 0.99), "momentum_decay": 0.01, "weight_decay": 0.1}],
    ),
    "radam": (torch.optim.RAdam, [{"lr": 0.1}, {"lr": 0.1, "betas": (0.8, 0.9), "weight_decay": 0.1}]),
    "rprop": (torch.optim.Rprop, [{"lr": 0.01}, {"lr": 0.1, "etas": (0.6, 1.3), "step_sizes": (0.0001, 1.0)}]),
    "asgd": (torch.optim.ASGD, [{"lr": 0.1, "t0": 10.0}, {"lr": 0.1, "lambd": 0.01, "alpha": 0.5, "t0": 0.0}]),
    "lion": (
        pytorch_optimizer.Lion,
        [{"lr": 0.05}, {"lr": 0.02, "betas": (0.95, 0.98), "weight_decay": 0.1}],
    ),
}


def path(optimizer: Callable, given: dict) -> list[list[float]]:
    """The points of a descent, the start among them; the gradient A x − b is what autograd gives."""
    a, b = torch.tensor(A), torch.tensor(B)
    x = torch.tensor(X0, requires_grad=True)
    steps = optimizer([x], **given)
    points = [x.tolist()]
    for _ in range(STEPS):
        steps.zero_grad()
        (0.5 * x @ (a @ x) - b @ x).backward()
        steps.step()
        points.append(x.tolist())
    return points


def make() -> dict:
    a, b = torch.tensor(A), torch.tensor(B)
    x_star = torch.linalg.solve(a, b)
    return {
        "source": f"PyTorch {torch.__version__} (lion: pytorch_optimizer 4.1.0), float64, 50 steps; "
        "params[k] is the point after k steps",
        "problem": {
            "f": "0.5 x^T A x - b^T x",
            "A": A,
            "b": B,
            "x0": X0,
            "x_star": x_star.tolist(),
            "f_star": float(0.5 * x_star @ a @ x_star - b @ x_star),
        },
        "trajectories": [
            {"optimizer": name, "setting": number, "given": given, "params": path(optimizer, given)}
            for name, (optimizer, settings) in OPTIMIZERS.items()
            for number, given in enumerate(settings)
        ],
    }


def layout(made: dict) -> str:
    """A line for each trajectory."""
    head = json.dumps({key: made[key] for key in ("source", "problem")}, indent=1)[:-2]
    return (
        f'{head},\n "trajectories": [\n'
        + ",\n".join(f"  {json.dumps(one)}" for one in made["trajectories"])
        + "\n ]\n}\n"
    )


if __name__ == "__main__":
    main("torch_trajectories", make, layout)
