"""schedules.json: the rates of schedules that other libraries have, at each of a hundred iterations.

Sources: optax 0.2.8 in float64; get_wsd_schedule of transformers 5.24.0 with PyTorch 2.13.0+cpu.
    pip install optax==0.2.8 transformers==5.24.0 torch==2.13.0
    python -m tests.oracles.generate.schedules [--write]
"""

import json

import jax
import optax
import torch
from transformers import get_wsd_schedule

from tests.oracles.generate.oracle import main

jax.config.update("jax_enable_x64", True)

STEPS, BASE = 100, 0.1


def of_optax(schedule: optax.Schedule) -> list[float]:
    return [float(schedule(k)) for k in range(STEPS)]


def wsd(**given: object) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)
    scheduler, seen = get_wsd_schedule(optimizer, **given), []
    for _ in range(STEPS):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return seen


def make() -> dict:
    warm = optax.linear_schedule(0.0, BASE, 10)
    wave = optax.cosine_decay_schedule(BASE, 50, alpha=0.1, exponent=1.0)
    stable = {"num_warmup_steps": 10, "num_stable_steps": 40}
    return {
        "source": "optax 0.2.8 in float64; wsd: transformers 5.24.0; the rate of each step from k = 0 on",
        "rates": {
            "wsd linear": wsd(**stable, num_decay_steps=30, decay_type="linear"),
            "wsd cosine": wsd(**stable, num_decay_steps=30, decay_type="cosine", min_lr_ratio=0.05),
            "wsd 1-sqrt": wsd(**stable, num_decay_steps=45, decay_type="1-sqrt"),
            "cosine exponent": of_optax(optax.cosine_decay_schedule(BASE, 60, alpha=0.1, exponent=2.5)),
            "warmup cosine": of_optax(optax.warmup_cosine_decay_schedule(0.0, BASE, 10, 70, 0.001)),
            "joined": of_optax(optax.join_schedules([warm, optax.constant_schedule(BASE), wave], [10, 40])),
            "pieces": of_optax(optax.piecewise_constant_schedule(BASE, {20: 0.5, 60: 0.1})),
        },
    }


def layout(made: dict) -> str:
    """A line for each schedule."""
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(rates)}" for name, rates in made["rates"].items())
    return f'{{\n "source": {json.dumps(made["source"])},\n "rates": {{\n{lines}\n }}\n}}\n'


if __name__ == "__main__":
    main("schedules", make, layout)
