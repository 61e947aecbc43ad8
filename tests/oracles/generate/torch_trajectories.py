"""torch_trajectories.json: fifty steps of each optimizer on a quadratic of three parameters.

Sources: torch.optim of PyTorch 2.13.0+cpu; schedulefree 1.4.1, prodigyopt 1.1.2 and dadaptation 3.2, which are
the authors' own; the others of pytorch_optimizer 4.1.0. All in float64.
    pip install torch==2.13.0 pytorch_optimizer==4.1.0 schedulefree==1.4.1 prodigyopt==1.1.2 dadaptation==3.2
    python -m tests.oracles.generate.torch_trajectories [--write]
To add an optimizer: its class below, and its settings. Give each parameter twice, once as it comes.
"""

import json
from collections.abc import Callable

import dadaptation
import prodigyopt
import pytorch_optimizer
import schedulefree
import torch

from tests.oracles.generate.oracle import main

#: Otherwise some optimizers (ASGD, NAdam) keep their own scalars in float32.
torch.set_default_dtype(torch.float64)

A = [[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 0.25]]
B = [1.0, -2.0, 0.5]
X0 = [1.0, -2.0, 3.0]
STEPS = 50


def adopt(params: list[torch.Tensor], clip_exp: float, **given: object) -> torch.optim.Optimizer:
    """The paper's t is 1 at the first step that moves anything, where the library counts 2."""
    return pytorch_optimizer.ADOPT(params, clip_lambda=lambda step: (step - 1) ** clip_exp, **given)


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
    "adabelief": (
        pytorch_optimizer.AdaBelief,
        [{"lr": 0.1}, {"lr": 0.05, "betas": (0.8, 0.99), "eps": 1e-08, "weight_decay": 0.1}],
    ),
    "yogi": (
        pytorch_optimizer.Yogi,
        [{"lr": 0.1}, {"lr": 0.05, "betas": (0.8, 0.9), "initial_accumulator": 0.1, "weight_decay": 0.1}],
    ),
    "adan": (
        pytorch_optimizer.Adan,
        [{"lr": 0.1}, {"lr": 0.02, "betas": (0.95, 0.9, 0.98), "weight_decay": 0.1}],
    ),
    "adopt": (
        adopt,
        [
            {"lr": 0.1, "clip_exp": 0.25},
            {"lr": 0.05, "betas": (0.8, 0.9), "clip_exp": 0.0, "weight_decay": 0.1},
        ],
    ),
    "signum": (
        pytorch_optimizer.SignSGD,
        [{"lr": 0.05}, {"lr": 0.02, "momentum": 0.5, "weight_decay": 0.1}],
    ),
    "prodigy": (
        prodigyopt.Prodigy,
        [
            {"lr": 1.0},
            {
                "lr": 0.5,
                "betas": (0.8, 0.99),
                "beta3": 0.9,
                "weight_decay": 0.1,
                "d0": 0.001,
                "d_coef": 2.0,
                "growth_rate": 1.5,
                "use_bias_correction": True,
                "safeguard_warmup": True,
            },
        ],
    ),
    "d_adaptation": (
        dadaptation.DAdaptSGD,
        [
            {"lr": 1.0},
            {"lr": 0.5, "momentum": 0.9, "weight_decay": 0.1, "d0": 0.001, "growth_rate": 1.5},
        ],
    ),
    "d_adapt_adam": (
        dadaptation.DAdaptAdam,
        [
            {"lr": 1.0},
            {"lr": 0.5, "betas": (0.8, 0.99), "weight_decay": 0.1, "d0": 0.001, "use_bias_correction": True},
        ],
    ),
    "schedule_free_sgd": (
        schedulefree.SGDScheduleFree,
        [
            {"lr": 0.5},
            {
                "lr": 0.3,
                "momentum": 0.7,
                "weight_decay": 0.1,
                "warmup_steps": 10,
                "r": 1.0,
                "weight_lr_power": 1.0,
            },
        ],
    ),
    "schedule_free_adamw": (
        schedulefree.AdamWScheduleFree,
        [{"lr": 0.1}, {"lr": 0.3, "betas": (0.7, 0.99), "weight_decay": 0.1, "warmup_steps": 10, "r": 0.5}],
    ),
}


def trajectory(optimizer: Callable, given: dict) -> dict[str, list[list[float]]]:
    """The points of a descent, the start among them; the gradient A x − b is what autograd gives.

    answers: what a schedule-free method calls its answer there, where it takes gradients elsewhere.
    """
    a, b = torch.tensor(A), torch.tensor(B)
    x = torch.tensor(X0, requires_grad=True)
    steps = optimizer([x], **given)
    points, answers = [x.tolist()], [x.tolist()]
    averages = hasattr(steps, "train")
    for _ in range(STEPS):
        if averages:
            steps.train()
        steps.zero_grad()
        (0.5 * x @ (a @ x) - b @ x).backward()
        steps.step()
        points.append(x.tolist())
        if averages:
            answers.append(answer(steps, x))
    return {"params": points, **({"answers": answers} if averages else {})}


def answer(steps: torch.optim.Optimizer, x: torch.Tensor) -> list[float]:
    """What eval() would put in place of the parameters, which stay as they are, to the last bit."""
    kept = x.detach().clone()
    steps.eval()
    found = x.tolist()
    steps.train()
    x.data.copy_(kept)
    return found


def make() -> dict:
    a, b = torch.tensor(A), torch.tensor(B)
    x_star = torch.linalg.solve(a, b)
    return {
        "source": f"PyTorch {torch.__version__} (lion, adabelief, yogi, adan, adopt, signum: "
        "pytorch_optimizer 4.1.0; prodigy: prodigyopt 1.1.2; d_adapt…: dadaptation 3.2; "
        "schedule_free…: schedulefree 1.4.1), float64, 50 steps; params[k] is the point after k steps, "
        "answers[k] what the method answers with there, where that is another",
        "problem": {
            "f": "0.5 x^T A x - b^T x",
            "A": A,
            "b": B,
            "x0": X0,
            "x_star": x_star.tolist(),
            "f_star": float(0.5 * x_star @ a @ x_star - b @ x_star),
        },
        "trajectories": [
            {"optimizer": name, "setting": number, "given": given, **trajectory(optimizer, given)}
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
