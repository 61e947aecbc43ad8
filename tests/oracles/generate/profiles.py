"""profiles.json: performance and data profiles of six solvers on forty problems, some of which they miss.

Source: `_get_performance_data_profile_axes` of OptiProfiler 2.0.0 (Huang, Ragonneau & Zhang).
    pip install optiprofiler==2.0.0
    python -m tests.oracles.generate.profiles [--write]
"""

from random import Random

import numpy as np
from optiprofiler.plotting import _get_performance_data_profile_axes as axes_of

from tests.oracles.generate.oracle import main

SOLVERS, PROBLEMS = 6, 40
#: Where the heights are read: multiples of the best, and evaluations by n + 1.
MULTIPLES = [1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0]
BUDGETS = [0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]


def make() -> dict:
    rng = Random(19)
    work = [
        [None if rng.random() < 0.1 * s else rng.randint(1, 40 * (s + 2)) for s in range(SOLVERS)]
        for _ in range(PROBLEMS)
    ]
    sizes = [rng.randint(1, 12) for _ in range(PROBLEMS)]
    array = np.array([[np.nan if one is None else one for one in row] for row in work], dtype=float)[:, :, None]

    def best(problem: int, run: int) -> float:
        return np.nanmin(array[problem, :, run], initial=np.inf)

    return {
        "source": "OptiProfiler 2.0.0",
        "work": work,
        "sizes": sizes,
        "multiples": MULTIPLES,
        "budgets": BUDGETS,
        "performance": heights(array, best, MULTIPLES),
        "data": heights(array, lambda problem, _: sizes[problem] + 1, BUDGETS),
    }


def heights(work: np.ndarray, denominator: object, places: list[float]) -> list[list[float]]:
    """For each solver the height of its curve at each place."""
    x, y, _ = axes_of(work, denominator)
    return [
        [float(max((y[i, s, 0] for i in range(len(x)) if x[i, s] <= at), default=0.0)) for at in places]
        for s in range(work.shape[1])
    ]


if __name__ == "__main__":
    main("profiles", make)
