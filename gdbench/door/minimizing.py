"""gdbench.minimize: a Python function of a list of numbers, gone down in one call; nothing is recorded."""

from __future__ import annotations

import math
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import pandas as pd

from gdbench.config.experiment import read_experiment
from gdbench.config.outside import html
from gdbench.config.yaml.writing import yaml_of
from gdbench.descent import functions
from gdbench.descent.errors import GdbenchError, one_line
from gdbench.descent.execute import execute
from gdbench.descent.kernels.compiler import compile_surface
from gdbench.descent.kernels.expression import Expression
from gdbench.descent.numerics.vectors import Vector
from gdbench.descent.recording.result import RunResult
from gdbench.descent.surfaces import SURFACES
from gdbench.door.chart import Chart, in_notebook
from gdbench.door.configs import NAMELESS, plain_value
from gdbench.judgement.diagnoses import Diagnosis, diagnosis_of
from gdbench.judgement.numerals import figure
from gdbench.judgement.outcome import as_judged
from gdbench.planning.plan import make_plan
from gdbench.record.records import RunRecord
from gdbench.reference.problem_records import problem_record
from gdbench.report.charts.vega_lite import Layer, inline, quantitative

#: f(w), of a list of numbers.
Cost = Callable[[list[float]], float]

#: Ends where nothing is left to gain, or after so many iterations.
STOP: Mapping[str, object] = {"any": [{"gradient_norm": 1e-8}, {"max_iterations": 10_000}]}


@dataclass(frozen=True)
class Minimized:
    """A descent from a start. outcome: converged, stopped, stalled or diverged.

    cause: why it ended so, in a sentence, and what would help.  parameters: where it ended.
    cost, iterations: there.  curve: a row a recorded iteration.
    """

    result: RunResult
    diagnosis: Diagnosis

    @property
    def outcome(self) -> str:
        return self.result.outcome

    @property
    def reason(self) -> str:
        """Which stopping rule ended it, in words."""
        return self.result.reason

    @property
    def cause(self) -> str:
        return self.diagnosis.sentence

    @property
    def parameters(self) -> list[float]:
        return list(self.result.parameters)

    @property
    def cost(self) -> float | None:
        return self.result.final_cost

    @property
    def iterations(self) -> int:
        return self.result.iterations

    @cached_property
    def curve(self) -> pd.DataFrame:
        return pd.DataFrame({"iteration": self.result.curve.iteration, **self.result.curve.series})

    @cached_property
    def path(self) -> pd.DataFrame:
        """The way that was gone, thinned; of two parameters more closely, and with its ends."""
        names = [f"w{j}" for j in range(1, len(self.result.parameters) + 1)]
        path = self.result.path if len(self.result.parameters) <= 64 else []
        return pd.DataFrame(path, columns=["iteration", *names]).astype({"iteration": "int64"})

    def plot(self) -> Chart:
        """The cost by iteration."""
        curve = self.result.curve
        rows = [
            {"iteration": k, "cost": cost}
            for k, cost in zip(curve.iteration, curve.series["cost"], strict=True)
            if math.isfinite(cost)
        ]
        scale = {"type": "symlog", "constant": 1e-12}
        place = {"x": quantitative("iteration"), "y": quantitative("cost", scale=scale)}
        line = Layer(inline(*rows)).marked("line").encoded(**place)
        return in_notebook({**line.piece, "height": 300})

    def __repr__(self) -> str:
        where = ", ".join(figure(value, 6) for value in self.parameters[:8])
        more = ", …" if len(self.parameters) > 8 else ""
        return (
            f"<{self.outcome} after {self.iterations:,} iterations: cost {figure(self.cost, 6)} "
            f"at [{where}{more}]. {self.cause}>"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html(repr(self)[1:-1])}</p>"


def minimize(
    f: Cost,
    start: Sequence[float],
    optimizer: object = "gradient_descent",
    learning_rate: object = 0.1,
    *,
    stop: object = STOP,
    gradient: object = "analytic",
) -> Minimized:
    """Go down f from a start: w_{k+1} = update(w_k, ∇f(w_k), η), until the rule says stop.

    f: a Python function of a list of numbers, made of arithmetic and functions of `math` or
        `gdbench.descent.functions`. It is traced once, differentiated exactly and compiled, as our own are.
    start: as many numbers as f has parameters.
    optimizer, learning_rate, stop, gradient: as in a config, such as "adam", {"heavy_ball": {"beta": 0.9}},
        {"step_decay": …}, {"max_iterations": 100}, "central".

    Nothing is written. Raises GdbenchError with everything that is wrong.

    >>> gdbench.minimize(lambda w: (w[0] - 3) ** 2 + 4 * w[1] ** 2, [0.0, 1.0]).parameters  # doctest: +SKIP
    """
    point = [float(value) for value in start]
    if not point:
        raise GdbenchError("a function is minimised over one parameter or more; the start holds none.")
    with _as_surface(f, point) as name:
        grid = {
            "surface": name,
            "initialization": {"values": point},
            "optimizer": optimizer,
            "learning_rate": learning_rate,
            "gradient": gradient,
            "convergence": stop,
        }
        text = yaml_of({"name": "minimize", "grid": plain_value(grid, ("grid",))})
        plan = make_plan(read_experiment(text, Path(NAMELESS), (), "minimize"))
        if len(plan.runs) != 1:
            raise GdbenchError(
                f"these choices make {len(plan.runs)} runs, and minimize does one. Give one value for each, "
                "or compare them with gdbench.run."
            )
        [run], [problem] = plan.runs, plan.problems.values()
        known, began = problem_record(problem), time.time()
        result = execute(run.spec, None, known.constants)
        record = RunRecord(run.key, run.spec, run.problem, result, began, time.time(), runner="minimize")
        judged = as_judged(record, known)
        return Minimized(judged.result, diagnosis_of(judged, known))


@contextmanager
def _as_surface(f: Cost, start: Vector) -> Iterator[str]:
    """The function as a surface, for the time of the block; its name."""
    name, traceable = "your function", _with_our_functions(f)
    try:
        compile_surface(cast("Callable[[Sequence[Expression]], object]", traceable), len(start))
    except GdbenchError:
        raise
    except IndexError:
        raise GdbenchError(
            f"the function reads more parameters than the start has, which is {len(start)}. Give as many."
        ) from None
    except Exception as error:
        raise GdbenchError(
            f"the function cannot be differentiated: {one_line(error)}. Write it with + − * /, whole powers "
            "and functions of math or gdbench.descent.functions; in place of an if, where(below(x, y), …, …)."
        ) from error
    facts = {"dimension": lambda: len(start), "start": lambda: start, "minimum": lambda: None}
    SURFACES.register(name, facts)(traceable)
    try:
        yield name
    finally:
        SURFACES.remove(name)


def _with_our_functions(f: Cost) -> Cost:
    """The same function; where it calls functions of `math`, those of ours that take traced numbers too."""
    if not isinstance(f, types.FunctionType):
        return f
    ours = {name: getattr(functions, name) for name in vars(math) if hasattr(functions, name)}
    changed = {
        name: types.SimpleNamespace(**{**vars(math), **ours}) if value is math else ours[value.__name__]
        for name, value in f.__globals__.items()
        if value is math or (isinstance(value, types.BuiltinFunctionType) and _is_of_math(value, ours))
    }
    if not changed:
        return f
    made = types.FunctionType(
        f.__code__, {**f.__globals__, **changed}, f.__name__, f.__defaults__, f.__closure__
    )
    made.__kwdefaults__ = f.__kwdefaults__
    return made


def _is_of_math(value: types.BuiltinFunctionType, ours: Mapping[str, object]) -> bool:
    return value.__name__ in ours and value is getattr(math, value.__name__)
