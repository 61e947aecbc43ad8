"""The next experiment worth running, as a config that can be run: what the diagnoses point to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import PurePath
from typing import Any, NamedTuple

from gdbench.config.overrides import apply
from gdbench.config.yaml.document import plain_document, read_mapping
from gdbench.config.yaml.places import ConfigText
from gdbench.descent.diagnosis import Diagnosis
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.numerals import figure
from gdbench.judgement.study import Study, study
from gdbench.record.records import PlanRecord
from gdbench.record.store import Store
from gdbench.reference.problem import ProblemRecord

Config = dict[str, Any]


class Advice(NamedTuple):
    """why: a sentence.  config: the YAML of the next experiment.  path: for its file, beside the old one."""

    why: str
    config: str
    path: str

    def __str__(self) -> str:
        """The config with the reason and the command as comments above it: what is saved is what was said."""
        return f"# {self.why}\n# gdbench run {self.path}\n{self.config}"


class Look(NamedTuple):
    """What advice rests on: the study, its diagnoses by verdict, and the problem that they are about."""

    study: Study
    found: Mapping[str, Diagnosis]
    problem: ProblemRecord

    def of(self, verdict: str) -> list[Diagnosis]:
        """The diagnoses of the problem's runs with a verdict."""
        mine = (run.key for run in self.study.runs if run.problem == self.problem.id)
        return [self.found[key] for key in mine if self.found[key].verdict == verdict]

    @property
    def fine(self) -> bool:
        """Whether some run did all that it was meant to."""
        return bool(self.of("nothing_wrong") + self.of("rounding_floor"))


def advice(store: Store, plan: PlanRecord | None = None) -> str:
    """The next experiment as commented YAML; "" where there is nothing to advise."""
    about = study(store, plan)
    found = next_experiment(about, diagnoses(about, store))
    return str(found) if found else ""


def next_experiment(about: Study, found: Mapping[str, Diagnosis]) -> Advice | None:
    """The first piece of advice that fits, of the first problem that it fits."""
    if not about.runs or not about.complete or not _readable(about.plan):
        return None
    for advise in _ADVICE:
        for problem in about.problems.values():
            config = _config(about.plan)
            why = advise(Look(about, found, problem), config)
            if why:
                return _told(about.plan, config, why)
    return None


def _readable(plan: PlanRecord) -> bool:
    """Whether the recorded text is a config of this version: one by hand, or an older one, may not be."""
    try:
        return isinstance(_config(plan).get("grid"), dict)
    except GdbenchError:
        return False


def _config(plan: PlanRecord) -> Config:
    """The config as it was run, with what won over its text."""
    text = ConfigText(plan.config_path, plan.config_text)
    return deepcopy(dict(plain_document(apply(read_mapping(text), plan.overrides)).value))


def _told(plan: PlanRecord, config: Config, why: str) -> Advice:
    import yaml  # noqa: PLC0415  only here

    name = f"{plan.experiment.removesuffix('_next')}_next"
    new = {**config, "name": name, "description": why}
    path = PurePath(plan.config_path).with_name(f"{name}.yaml")
    text = yaml.safe_dump(new, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None)
    return Advice(why, text, str(path))


# --- each changes the config and says why, or leaves it and says nothing


def _right_gradient(look: Look, config: Config) -> str:
    if not look.of("wrong_gradient"):
        return ""
    config["grid"]["gradient"] = "analytic"
    return "Its gradients are wrong: take the analytic one, and compare."


def _random_start(look: Look, config: Config) -> str:
    if not look.of("dead_symmetry"):
        return ""
    config["grid"]["initialization"] = ["xavier_uniform", "he_normal"]
    config["repeats"] = max(3, int(config.get("repeats", 1)))
    return "Hidden units are copies of one another: start from random weights."


def _penalty(look: Look, config: Config) -> str:
    if not look.of("no_minimiser") or look.problem.optimum.kind != "none exists":
        return ""
    config["grid"]["penalty"] = [{"l2": {"strength": strength}} for strength in (0.001, 0.01, 0.1)]
    return "No minimiser exists: with a penalty there is one, so that speed can be measured."


def _standardise(look: Look, config: Config) -> str:
    card, data = look.problem.theory, config.get("data")
    gains = card.raw is not None and card.standardized is not None and card.standardized < 0.1 * card.raw
    if not look.of("ill_conditioned") or not gains or not isinstance(data, dict) or data.get("standardize"):
        return ""
    data["standardize"] = True
    config["grid"]["learning_rate"] = _safe_rates(look)
    less = f"from {figure(card.raw, 2)} to {figure(card.standardized, 3)}"
    return f"It is ill-conditioned: standardising cuts κ {less}."


def _safe_rates(look: Look) -> Any:
    """Rates relative to 1/L where L is known, else steps down from the smallest that was tried."""
    if look.problem.smoothness is not None:
        return {"over_L": [0.5, 1.0, 1.9]}
    return _scaled(look, (0.3, 0.1, 0.01))


def _scaled(look: Look, factors: tuple[float, ...]) -> list[float]:
    """The smallest rate that was tried, scaled."""
    rates = [s.rate for s in look.study.of_problem(look.problem) if s.rate is not None]
    return [float(f"{factor * min(rates):.3g}") for factor in factors] if rates else []


def _smaller_rate(look: Look, config: Config) -> str:
    """Where nothing but too long steps was seen."""
    long = look.of("rate_above_limit") + look.of("bounded_oscillation")
    rates = _safe_rates(look)
    if not long or not rates or look.fine or look.of("stopped_by_limit"):
        return ""
    config["grid"]["learning_rate"] = rates
    return "Its steps are too long: take rates below the stability limit."


def _larger_rate(look: Look, config: Config) -> str:
    small = look.of("rate_too_small")
    if not small or look.fine:
        return ""
    rates: Any = {"over_L": [1.0, 1.9]}
    if look.problem.smoothness is None:
        # 1/L as it was met on the way: not a bound, so begin below it
        tops = [
            found.evidence["rate"] * found.evidence["factor"] for found in small if "factor" in found.evidence
        ]
        rates = [float(f"{share * min(tops):.2g}") for share in (0.1, 0.3, 1.0)] if tops else []
    if not rates:
        return ""
    config["grid"]["learning_rate"] = rates
    factors = [found.evidence["factor"] for found in small if "factor" in found.evidence]
    by = f" by a factor of {figure(min(factors), 2)}" if factors else ""
    return f"Its rate is too small{by}: take larger ones."


def _longer(look: Look, config: Config) -> str:
    """Until the target, or ten times as long."""
    short = look.of("stopped_by_limit") + look.of("stopped_early") + look.of("ill_conditioned")
    if not short or look.fine:
        return ""
    done = max(run.result.iterations for run in look.study.runs)
    left = [found.evidence["remaining"] for found in short if found.evidence.get("remaining")]
    most = _round(done + 1.2 * min(left)) if left else 10 * max(done, 10)
    limit = {"max_iterations": {"limit": most}}
    known, tightest = look.problem.optimum.cost is not None, look.study.tightest
    if known and tightest and look.problem.relative_gap(look.problem.optimum.cost) is not None:
        config["grid"]["convergence"] = {"any": [{"target": {"gap": float(tightest)}}, limit]}
        return f"It was stopped on the way: go on until the relative gap is {tightest}."
    config["grid"]["convergence"] = {"any": [{"gradient_norm": {"tolerance": 1e-6}}, limit]}
    return "It was stopped on the way: go on until the gradient has vanished, ten times as long at most."


def _round(value: float) -> int:
    """Two figures, upwards."""
    unit = int(f"1{'0' * (len(str(int(value))) - 2)}") if value >= 100 else 1
    return (int(value) // unit + 1) * unit


def _elsewhere(look: Look, config: Config) -> str:
    if not look.of("saddle") and not look.of("local_minimum"):
        return ""
    config["grid"]["initialization"] = {"normal": {"std": 1.0}}
    config["repeats"] = 10
    return "It came to rest where the cost is not lowest: begin elsewhere, ten times."


def _momentum(look: Look, config: Config) -> str:
    """Where plain descent works: does momentum need only √κ?"""
    tried = {name for run in look.study.runs for name in run.spec.get("optimizer", {})}
    known = look.problem.smoothness is not None and look.problem.convexity is not None
    if not look.fine or tried != {"gradient_descent"} or not known:
        return ""
    momenta = [{name: {"theoretical": True}} for name in ("nesterov", "heavy_ball")]
    config["grid"]["optimizer"] = ["gradient_descent", *momenta]
    config["grid"]["learning_rate"] = "theoretical"
    return (
        "Plain descent works: see how many iterations momentum saves, each with the rate that theory advises."
    )


#: From mistakes, over what keeps a run from its end, to what would be good to know next.
_ADVICE: tuple[Callable[[Look, Config], str], ...] = (
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
