"""A drawn run with all that was said of it, and other runs of the same problem that put that to the test."""

import copy
import csv
import math
from functools import cached_property

import numpy as np
import yaml
from scipy.optimize import minimize

from gdbench.config.experiment import load_experiment
from gdbench.descent.errors import GdbenchError
from gdbench.descent.execute import execute
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.problems.problem import build_problem
from gdbench.descent.registry import build
from gdbench.judgement.diagnoses import diagnosis_of
from gdbench.judgement.outcome import judged, sound
from gdbench.planning.plan import make_plan
from gdbench.record.records import RunRecord
from gdbench.reference.problem_records import check_needs, problem_record

#: Longer runs than this are not made; a claim about more iterations is tested as far.
MOST = 30_000
#: A number of iterations that is an estimate may be off by so much; one that is exact by a share, and one.
FACTOR, SHARE = 2.0, 0.01
#: Costs with kinks, where a method for smooth ones may come to rest anywhere.
KINKED = ("mae", "pinball", "hinge", "l1")


def planned(folder, drawn, config):
    """(the run, its problem, what is known of that, its table) of a config, unless it is refused."""
    if drawn.table:
        with (folder / "table.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(drawn.table)
    path = folder / "drawn.yaml"
    path.write_text(yaml.safe_dump({"name": "drawn", **config}, allow_unicode=True), encoding="utf-8")
    plan = make_plan(load_experiment(path))
    run = plan.runs[0]
    problem = plan.problems[run.problem]
    record = problem_record(problem)
    check_needs(run.spec, record)
    return run, problem, record, problem.dataset.table if problem.dataset else None


class Seen:
    """drawn: the draw.  run: its record.  record: of the problem, sound.  outcome, diagnosis: what is said."""

    def __init__(self, folder, drawn):
        self.folder, self.drawn = folder, drawn
        self.planned, self.problem, record, self.table = planned(folder, drawn, drawn.config)
        self.result = execute(self.planned.spec, self.table, record.constants)
        self.run = RunRecord(self.planned.key, self.planned.spec, self.planned.problem, self.result, 0.0, 0.0)
        self.claimed = record
        self.record = sound(record, [self.run])
        self.outcome = judged(self.run, self.record)
        self.diagnosis = diagnosis_of(self.run, self.record)
        self._done = {}

    @property
    def k(self):
        return self.result.iterations

    @property
    def spec(self):
        return self.planned.spec

    @property
    def end(self):
        return np.array(self.result.parameters)

    @property
    def gained(self):
        """How far the cost came down from where it began."""
        return (self.result.initial_cost or 0.0) - (self.result.best_cost or 0.0)

    # --- other runs

    def ran(self, changes=None, iterations=None, rule=None):
        """Another run: with entries of the config changed, for so many iterations; None where it is refused."""
        config = copy.deepcopy(self.drawn.config)
        for key, choice in (changes or {}).items():
            if key.startswith("data."):
                config["data"][key.removeprefix("data.")] = choice
            else:
                config["grid"][key] = choice
        limit = {"max_iterations": min(MOST, int(iterations))} if iterations is not None else None
        if limit:
            config["grid"]["convergence"] = {"any": [rule, limit]} if rule else limit
        config["targets"] = config.get("targets") or [1e-06]
        key = repr(config)
        if key not in self._done:
            try:
                run, _, record, table = planned(self.folder, self.drawn, config)
                self._done[key] = execute(run.spec, table, record.constants)
            except GdbenchError as error:
                print(self.drawn.name, "refused:", error)
                self._done[key] = None
        return self._done[key]

    def longer(self, times=10.0, least=1000):
        """The same run gone on with, through every rule."""
        return self.ran(iterations=max(times * self.k, self.k + least))

    def from_the(self, place, iterations, **changes):
        """A run from another start."""
        values = {"values": [float(x) for x in place]}
        return self.ran({"initialization": values, **changes}, iterations)

    @property
    def start(self):
        return np.array(self.result.evidence["start"])

    def error_of(self, gradient, place):
        """How far a gradient, in config form, is from the exact one, relative to that."""
        slope, exact = (
            np.array(build(GRADIENTS, gradient)(self.objective)(list(place))[1]),
            self.gradient(place),
        )
        return np.linalg.norm(slope - exact) / max(np.linalg.norm(exact), 1e-300)

    def after(self, iterations):
        """The same run, as it was or will be at some iteration."""
        return self.ran(iterations=iterations)

    # --- the problem itself

    @cached_property
    def objective(self):
        spec = {**self.spec, "kernel": {"compiled": {}}} if self.table else self.spec
        return build_problem(spec, self.table, self.claimed.constants).objective

    def cost(self, w):
        try:
            return self.objective.cost([float(x) for x in w])
        except (ArithmeticError, ValueError):
            return math.inf

    def gradient(self, w):
        return np.array(self.objective.cost_and_gradient([float(x) for x in w])[1])

    def hessian(self, w):
        """By central differences of the gradient."""
        w, columns = np.array(w, float), []
        for j in range(len(w)):
            h = 1e-5 * max(1.0, abs(w[j]))
            step = np.zeros(len(w))
            step[j] = h
            columns.append((self.gradient(w + step) - self.gradient(w - step)) / (2 * h))
        found = np.array(columns)
        return 0.5 * (found + found.T)

    def lowered(self, start):
        """The cost that SciPy comes to from a start."""
        best, start = self.cost(start), np.array(start, float)
        with np.errstate(all="ignore"):
            found = [minimize(self.cost, start, jac=self._slope, method="BFGS", options={"maxiter": 500})]
            if any(cost in str(self.spec.get("cost")) for cost in KINKED) or "l1" in str(
                self.spec.get("penalty")
            ):
                found.append(minimize(self.cost, start, method="Nelder-Mead", options={"maxiter": 2000}))
        return min([best, *(float(one.fun) for one in found if math.isfinite(one.fun))])

    def _slope(self, w):
        try:
            return self.gradient(w)
        except (ArithmeticError, ValueError):
            return np.full(len(w), np.nan)

    @cached_property
    def wanted(self):
        """The gap at which the tightest target is met."""
        return min(
            self.record.constants.thresholds(self.spec.get("targets") or ["1e-06"]).values(), default=None
        )

    @cached_property
    def lowest(self):
        """The lowest cost that is found around the end, whoever finds it."""
        on = self.longer()
        found = [self.result.best_cost, on.best_cost, self.lowered(self.end)]
        return min(cost for cost in found if cost is not None)


def off(took, told, *, exact):
    if exact:
        return abs(took - told) > SHARE * told + 1
    return took > FACTOR * told + 2 or told > FACTOR * took + 2
