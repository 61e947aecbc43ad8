"""The next experiment worth running, as a config that can be run: what the diagnoses point to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple, cast

import yaml

from gdbench.config.extending import apply_overrides
from gdbench.config.yaml.document import plain_document, read_mapping
from gdbench.config.yaml.places import ConfigText
from gdbench.descent.diagnosis import Cause
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.diagnoses import Diagnosis, diagnoses
from gdbench.judgement.numerals import figure
from gdbench.judgement.settings import measurable
from gdbench.judgement.study import Study, study
from gdbench.record.records import PlanRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

#: Keys of a config, or of its grid, and plain values.
Entries = Mapping[str, object]


class Advice(NamedTuple):
    """why: a sentence.  config: the YAML of the next experiment.  path: for its file, beside the old one."""

    why: str
    config: str
    path: str

    def __str__(self) -> str:
        """The config with the reason and the command as comments above it: what is saved is what was said."""
        return f"# {self.why}\n# gdbench run {self.path}\n{self.config}"


class Change(NamedTuple):
    """What to change in a config: entries of its grid, and others.  why: a sentence."""

    why: str
    grid: Entries
    others: Entries | None = None


class Seen(NamedTuple):
    """What advice rests on: the study and its config, its diagnoses, and the problem that they are about."""

    study: Study
    config: Entries
    diagnoses: Mapping[str, Diagnosis]
    problem: ProblemRecord

    def of(self, *codes: str) -> list[Cause]:
        """The causes of the problem's runs with these codes, code by code."""
        mine = [self.diagnoses[run.key] for run in self.study.runs if run.problem == self.problem.id]
        return [cause for code in codes for found in mine for cause in found.causes if cause.code == code]

    @property
    def fine(self) -> bool:
        """Whether some run did all that it was meant to."""
        return bool(self.of("nothing_wrong", "rounding_floor"))

    @property
    def least_rate(self) -> float | None:
        """The smallest learning rate that was tried on the problem."""
        rates = (setting.rate for setting in self.study.of_problem(self.problem))
        return min((rate for rate in rates if rate is not None), default=None)


def advice(store: Store, plan: PlanRecord | None = None) -> str:
    """The next experiment as commented YAML; "" where there is nothing to advise."""
    about = study(store, plan)
    advised = next_experiment(about, diagnoses(about, store))
    return str(advised) if advised else ""


def next_experiment(about: Study, found: Mapping[str, Diagnosis]) -> Advice | None:
    """The first piece of advice that fits, of the first problem that it fits."""
    config = _config(about.plan) if about.runs and about.complete else {}
    if not isinstance(config.get("grid"), dict):
        return None
    for advise in _ADVICE:
        for problem in about.problems.values():
            change = advise(Seen(about, config, found, problem))
            if change:
                return _advice(about.plan, config, change)
    return None


def _config(plan: PlanRecord) -> Entries:
    """The config as it was run, with what won over its text; empty if by hand or of an older version."""
    text = ConfigText(plan.config_path, plan.config_text)
    try:
        return plain_document(apply_overrides(read_mapping(text), plan.overrides)).value
    except GdbenchError:
        return {}


def _advice(plan: PlanRecord, config: Entries, change: Change) -> Advice:
    name = f"{plan.experiment.removesuffix('_next')}_next"
    grid = {**cast("Entries", config["grid"]), **change.grid}
    new = {**config, **(change.others or {}), "grid": grid, "name": name, "description": change.why}
    path = PurePath(plan.config_path).with_name(f"{name}.yaml")
    text = yaml.safe_dump(new, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None)
    return Advice(change.why, text, str(path))


# --- each gives the change that it advises, or None


def _right_gradient(seen: Seen) -> Change | None:
    if not seen.of("wrong_gradient"):
        return None
    return Change("Its gradients are wrong: take the analytic one, and compare.", {"gradient": "analytic"})


def _random_start(seen: Seen) -> Change | None:
    if not seen.of("dead_symmetry"):
        return None
    repeats = seen.config.get("repeats", 1)
    return Change(
        "Hidden units are copies of one another: start from random weights.",
        {"initialization": ["xavier_uniform", "he_normal"]},
        {"repeats": max(3, repeats if isinstance(repeats, int) else 1)},
    )


def _penalty(seen: Seen) -> Change | None:
    if not seen.of("no_minimiser") or seen.problem.optimum.kind != "none exists":
        return None
    return Change(
        "No minimiser exists: with a penalty there is one, so that speed can be measured.",
        {"penalty": [{"l2": {"strength": strength}} for strength in (0.001, 0.01, 0.1)]},
    )


def _standardise(seen: Seen) -> Change | None:
    card, data = seen.problem.theory, seen.config.get("data")
    if (
        not isinstance(data, dict)
        or data.get("standardize")
        or not seen.of("column_scales", "feature_basis", "ill_conditioned")
    ):
        return None
    if card.raw is None or card.standardized is None or card.standardized >= 0.1 * card.raw:
        return None
    return Change(
        "It is ill-conditioned: standardising cuts κ "
        f"from {figure(card.raw, 2)} to {figure(card.standardized, 3)}.",
        {"learning_rate": _safe_rates(seen)},
        {"data": {**data, "standardize": True}},
    )


def _safe_rates(seen: Seen) -> object:
    """Rates relative to 1/L where L is known, else steps down from the smallest that was tried."""
    if seen.problem.smoothness is not None:
        return {"over_L": [0.5, 1.0, 1.9]}
    return _shares(seen.least_rate, (0.3, 0.1, 0.01), digits=3)


def _shares(rate: float | None, shares: Sequence[float], digits: int) -> list[float]:
    """A rate times each of some shares, rounded; none of none."""
    return [] if rate is None else [float(f"{share * rate:.{digits}g}") for share in shares]


def _smaller_rate(seen: Seen) -> Change | None:
    """Where nothing but too long steps was seen."""
    if not seen.of("rate_above_limit", "bounded_oscillation") or seen.fine or seen.of("stopped_by_limit"):
        return None
    rates = _safe_rates(seen)
    why = "Its steps are too long: take rates below the stability limit."
    return Change(why, {"learning_rate": rates}) if rates else None


def _larger_rate(seen: Seen) -> Change | None:
    if seen.fine:
        return None
    small = [found.evidence for found in seen.of("rate_too_small")]
    known = [evidence for evidence in small if "factor" in evidence]
    rates: object = {"over_L": [1.0, 1.9]}
    if seen.problem.smoothness is None:
        # 1/L as it was met on the way: not a bound, so begin below it
        met = min((evidence["rate"] * evidence["factor"] for evidence in known), default=None)
        rates = _shares(met, (0.1, 0.3, 1.0), digits=2)
    if not small or not rates:
        return None
    by = f" by a factor of {figure(min(evidence['factor'] for evidence in known), 2)}" if known else ""
    return Change(f"Its rate is too small{by}: take larger ones.", {"learning_rate": rates})


def _longer(seen: Seen) -> Change | None:
    """Until the target, or ten times as long."""
    short = seen.of("stopped_by_limit", "stopped_early", "ill_conditioned")
    if not short or seen.fine:
        return None
    done = max(run.result.iterations for run in seen.study.runs)
    left = [found.evidence["remaining"] for found in short if found.evidence.get("remaining")]
    most = _round(done + 1.2 * min(left)) if left else 10 * max(done, 10)
    why = "It was stopped on the way: go on until the gradient has vanished, ten times as long at most."
    rule: dict[str, object] = {"gradient_norm": {"tolerance": 1e-6}}
    tightest = seen.study.tightest
    if tightest and measurable(seen.problem):
        why = f"It was stopped on the way: go on until the relative gap is {tightest}."
        rule = {"target": {"gap": float(tightest)}}
    return Change(why, {"convergence": {"any": [rule, {"max_iterations": {"limit": most}}]}})


def _round(value: float) -> int:
    """Two figures, upwards."""
    unit = 10 ** (len(str(int(value))) - 2) if value >= 100 else 1
    return (int(value) // unit + 1) * unit


def _elsewhere(seen: Seen) -> Change | None:
    if not seen.of("saddle", "local_minimum"):
        return None
    why = "It came to rest where the cost is not lowest: begin elsewhere, ten times."
    return Change(why, {"initialization": {"normal": {"std": 1.0}}}, {"repeats": 10})


def _momentum(seen: Seen) -> Change | None:
    """Where plain descent works: does momentum need only √κ?"""
    tried = {name for run in seen.study.runs for name in run.spec.get("optimizer", {})}
    known = seen.problem.smoothness is not None and seen.problem.convexity is not None
    if not seen.fine or tried != {"gradient_descent"} or not known:
        return None
    momenta = [{name: {"theoretical": True}} for name in ("nesterov", "heavy_ball")]
    return Change(
        "Plain descent works: see how many iterations momentum saves, each with the rate that theory advises.",
        {"optimizer": ["gradient_descent", *momenta], "learning_rate": "theoretical"},
    )


#: From mistakes, over what keeps a run from its end, to what would be good to know next.
_ADVICE: tuple[Callable[[Seen], Change | None], ...] = (
    _right_gradient,
    _random_start,
    _penalty,
    _standardise,
    _smaller_rate,
    _larger_rate,
    _longer,
    _elsewhere,
    _momentum,
)
