"""averages.json: fifty steps with an average beside the optimizer, or slow weights that set it back.

Sources: AveragedModel of torch.optim.swa_utils, PyTorch 2.13.0+cpu; Lookahead of pytorch_optimizer 4.1.0.
    pip install torch==2.13.0 pytorch_optimizer==4.1.0
    python -m tests.oracles.generate.averages [--write]
"""

import pytorch_optimizer
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

from tests.oracles.generate.oracle import main
from tests.oracles.generate.torch_trajectories import STEPS, X0, A, B, layout

#: What each is given, and the optimizer that it stands beside.
RUNS = [
    ("ema", {"decay": 0.9, "start": 1}, "sgd", {"lr": 0.1}),
    ("ema", {"decay": 0.5, "start": 10}, "adam", {"lr": 0.1}),
    ("polyak", {"start": 1}, "sgd", {"lr": 0.3}),
    ("polyak", {"start": 20}, "adam", {"lr": 0.1}),
    ("lookahead", {"steps": 5, "alpha": 0.5}, "sgd", {"lr": 0.3}),
    ("lookahead", {"steps": 3, "alpha": 0.8}, "adam", {"lr": 0.1}),
]
OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}


class Point(torch.nn.Module):
    """A model that is its three parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.x = torch.nn.Parameter(torch.tensor(X0))


def averaged(point: Point, name: str, given: dict) -> AveragedModel:
    """The average that begins with the point as it is now."""
    by = get_ema_avg_fn(given["decay"]) if name == "ema" else None
    return AveragedModel(point, avg_fn=by)


def run(name: str, given: dict, optimizer: str, settings: dict) -> dict:
    point, a, b = Point(), torch.tensor(A), torch.tensor(B)
    steps = OPTIMIZERS[optimizer]([point.x], **settings)
    if name == "lookahead":
        steps = pytorch_optimizer.Lookahead(
            steps, k=given["steps"], alpha=given["alpha"], pullback_momentum="none"
        )
    points, answers, slow = [point.x.tolist()], [point.x.tolist()], None
    for k in range(1, STEPS + 1):
        steps.zero_grad()
        (0.5 * point.x @ (a @ point.x) - b @ point.x).backward()
        steps.step()
        points.append(point.x.tolist())
        if name == "lookahead":
            answers.append(points[-1] if k % given["steps"] == 0 else answers[-1])
        elif k < given["start"]:
            answers.append(points[-1])
        else:
            slow = slow or averaged(point, name, given)
            slow.update_parameters(point)
            answers.append(slow.module.x.tolist())
    return {
        "average": name,
        "setting": given,
        "optimizer": optimizer,
        "given": settings,
        "params": points,
        "answers": answers,
    }


def make() -> dict:
    return {
        "source": f"PyTorch {torch.__version__}, pytorch_optimizer 4.1.0, float64, {STEPS} steps; answers[k]: "
        "the average after k steps",
        "problem": {"f": "0.5 x^T A x - b^T x", "A": A, "b": B, "x0": X0},
        "trajectories": [run(*one) for one in RUNS],
    }


if __name__ == "__main__":
    main("averages", make, layout)
