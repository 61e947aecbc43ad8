"""What a race loses and what it saves: ten studies, each raced and then run to the end of its grid.

    python benchmarks/racing.py               the table
    python benchmarks/racing.py --keep 1/2 --rungs 3

regret: what the race's winner is expected to take to the tightest target that the full grid's winner keeps, ÷
what that one takes, in evaluations; inf where it does not keep it; without any target, gaps at the end.
saving: the share of all iterations that the race did not do. proved: settings that a forecast proves slower.
"""

import argparse
import math
import tempfile
from pathlib import Path

from gdbench.config.experiment import load_experiment
from gdbench.descent.recording.result import OUTCOMES
from gdbench.execution.profiles.profile import BUILT_IN
from gdbench.judgement.methods.roles import roles
from gdbench.judgement.ranking import ranked
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from gdbench.session.run import run
from gdbench.session.sweep import Sweep

RATES = "[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0]"
LINEAR = "{linear_data: {rows: 60, features: 5, noise: 0.3, seed: 3}}"
STUDIES = {
    "linear, three methods": (
        f"data: {{synthetic: {LINEAR}, standardize: true}}",
        "model: linear, cost: mse",
        2000,
    ),
    "linear, ill conditioned": (
        "data: {synthetic: {ill_conditioned: {rows: 60, kappa: 1000}}, standardize: false}",
        "model: linear, cost: mse",
        3000,
    ),
    "diabetes": ("data: {dataset: diabetes, standardize: true}", "model: linear, cost: half_mse", 1500),
    "huber": (f"data: {{synthetic: {LINEAR}, standardize: true}}", "model: linear, cost: huber", 1500),
    "logistic": (
        "data: {dataset: breast_cancer, standardize: true}",
        "model: logistic, cost: logistic, penalty: {l2: 0.01}",
        300,
    ),
    "quadratic, condition 300": ("", "surface: {quadratic: {spectrum: [1.0, 0.1, 0.003], seed: 1}}", 3000),
    "rosenbrock": ("", "surface: rosenbrock", 5000),
    "beale": ("", "surface: beale", 3000),
    "himmelblau": ("", "surface: himmelblau", 2000),
    "linear, in batches": (
        f"data: {{synthetic: {LINEAR}, standardize: true}}",
        "model: linear, cost: mse, batch_size: 10",
        1500,
    ),
}
CONFIG = """\
name: raced
{data}
grid:
  {grid}
  optimizer: [gradient_descent, {{heavy_ball: {{beta: 0.9}}}}, adam]
  learning_rate: {rates}
  initialization: {{normal: {{std: 0.5}}}}
  convergence: {{max_iterations: {limit}}}
repeats: 2
targets: [1.0e-2, 1.0e-4, 1.0e-6]
"""
_NONE = 1e-300


def planned(folder, text):
    (folder / "raced.yaml").write_text(text, encoding="utf-8")
    return make_plan(load_experiment(folder / "raced.yaml"))


def done(plan, folder):
    """The study of what is recorded once a session has ended."""
    run(Sweep(plan, folder, BUILT_IN["serial"]))
    with Store.read(folder / "raced") as store:
        return study(store)


def winners(about):
    """Method → its best setting, by what ranking means, none that was outpaced among them."""
    said, found = roles(about.plan), {}
    whole = [s for s in about.settings if not any(OUTCOMES[name].unfinished for name in s.outcomes)]
    for setting in ranked(whole, about.plan.targets):
        found.setdefault(said.method(setting.runs[0]), setting)
    return found


def key_of(setting):
    return setting.runs[0].key


def compared(ours, best, targets):
    """ours ÷ best, of settings of the full study."""
    for target in sorted(targets, key=float):
        theirs, mine = best.reach(target), ours.reach(target)
        if theirs and theirs.reached:
            return mine.expected / theirs.expected if mine else math.inf
    return _height(ours) / _height(best)


def _height(setting):
    gap = setting.relative_gap
    return max(gap if gap is not None else setting.final_cost, _NONE)


def measured(study_of, race):
    """(settings, dropped, of these proved, saving, method → regret)."""
    data, grid, limit = study_of
    text = CONFIG.format(data=data, grid=_lines(grid), rates=RATES, limit=limit)
    with tempfile.TemporaryDirectory(prefix="racing-") as scratch:
        folder = Path(scratch)
        raced = done(planned(folder, f"{text}race: {race}\n"), folder)
        chosen = {method: key_of(setting) for method, setting in winners(raced).items()}
        spent = sum(one.result.iterations for one in raced.runs)
        ends = [one.result for one in raced.runs if OUTCOMES[one.result.outcome].unfinished]
        full = done(planned(folder, text), folder)
    whole = sum(one.result.iterations for one in full.runs)
    by_key = {key_of(setting): setting for setting in full.settings}
    best, targets = winners(full), full.plan.targets
    regret = {method: compared(by_key[chosen[method]], setting, targets) for method, setting in best.items()}
    repeats = len(full.settings[0].runs)
    proved = sum(result.iterations == 0 for result in ends)
    return len(full.settings), len(ends) // repeats, proved // repeats, 1.0 - spent / whole, regret


def _lines(grid):
    """One axis a line, where commas stand within braces as well."""
    out, depth = [], 0
    for sign in grid:
        depth += (sign in "{[") - (sign in "}]")
        out.append("\n " if sign == "," and not depth else sign)
    return "".join(out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", default="1/3")
    parser.add_argument("--rungs", type=int, default=4)
    asked = parser.parse_args()
    race = f"{{keep: {asked.keep}, rungs: {asked.rungs}}}"
    print(f"{'study':26} {'settings':>8} {'dropped':>7} {'proved':>6} {'saving':>6}   regret of each method")
    savings, regrets = [], []
    for name, study_of in STUDIES.items():
        settings, dropped, proved, saving, regret = measured(study_of, race)
        told = ", ".join(
            f"{method} {'∞' if math.isinf(r) else f'{r:.2f}'}" for method, r in sorted(regret.items())
        )
        print(f"{name:26} {settings:8} {dropped:7} {proved:6} {saving:6.0%}   {told}", flush=True)
        savings.append(saving)
        regrets += regret.values()
    least, most, mean = min(savings), max(savings), sum(savings) / len(savings)
    kept = [r for r in regrets if math.isfinite(r)]
    print(
        f"saving {least:.0%} to {most:.0%}, mean {mean:.0%}; regret at most 1.01 in "
        f"{sum(r <= 1.01 for r in regrets)} of {len(regrets)}, else up to {max(kept):.2f}, "
        f"∞ in {len(regrets) - len(kept)}"
    )


if __name__ == "__main__":
    main()
