"""torch_schedules.json: sixty rates of each of PyTorch's schedulers that gdbench has a match for.

Source: torch.optim.lr_scheduler of PyTorch 2.13.0+cpu.
    pip install torch==2.13.0
    python -m tests.oracles.generate.torch_schedules [--write]
"""

import json
import math
import warnings

import torch

from tests.oracles.generate.oracle import main

STEPS = 60
BASE = 0.1
#: A cost that falls, stands still, and falls again by less than the plateau's threshold.
METRIC = [max(1 / (k + 1), 1 / 13) - 1e-9 * max(0, k - 30) for k in range(STEPS)]

#: Name → what it is given. A function is written as it would be read.
SCHEDULERS = {
    "StepLR": {"step_size": 10, "gamma": 0.5},
    "ConstantLR": {"factor": 1 / 3, "total_iters": 5},
    "ExponentialLR": {"gamma": 0.95},
    "CosineAnnealingLR": {"T_max": 50, "eta_min": 0.001},
    "CyclicLR": {
        "base_lr": 0.01,
        "max_lr": 0.1,
        "step_size_up": 8,
        "step_size_down": 12,
        "mode": "triangular2",
        "cycle_momentum": False,
    },
    "LambdaLR": {"lr_lambda": "1/sqrt(1+epoch)"},
    "ReduceLROnPlateau": {
        "factor": 0.5,
        "patience": 3,
        "threshold": 0.0001,
        "threshold_mode": "rel",
        "cooldown": 2,
        "min_lr": 0.001,
    },
}


def rates(name: str, given: dict) -> list[float]:
    """The rate of each step, read before it; the plateau hears of a cost after the step from there."""
    if name == "LambdaLR":
        given = {"lr_lambda": lambda epoch: 1 / math.sqrt(1 + epoch)}
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)
    scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **given)
    seen = []
    for metric in METRIC:
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(*([metric] if name == "ReduceLROnPlateau" else []))
    return seen


def make() -> dict:
    warnings.simplefilter("ignore")
    return {
        "source": f"torch.optim.lr_scheduler of PyTorch {torch.__version__}; "
        "lr[k] is the rate of step k + 1, read before it",
        "schedules": [
            {
                "scheduler": name,
                "base_lr": BASE,
                "args": given,
                "lr": rates(name, given),
                **({"metric": METRIC} if name == "ReduceLROnPlateau" else {}),
            }
            for name, given in SCHEDULERS.items()
        ],
    }


def layout(made: dict) -> str:
    """A line for each schedule."""
    lines = ",\n".join(map(json.dumps, made["schedules"]))
    return f'{{\n "source": {json.dumps(made["source"])},\n "schedules": [\n{lines}\n ]\n}}\n'


if __name__ == "__main__":
    main("torch_schedules", make, layout)
