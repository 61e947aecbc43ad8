"""What the rule that ended a run calls nothing: a change of the cost, or a movement of the parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gdbench.descent.recording.result import RunResult

Parameters = Mapping[str, Any]


def allowed_cost(spec: Mapping[str, Any], result: RunResult) -> float | None:
    """The largest change of the cost, in all iterates that the rule looks at; None of a rule that has none.

    A movement allows what the slope makes of it.
    """
    found = [
        value * parameters.get("patience", 1)
        for name, parameters in _fired(spec, result)
        if (value := _cost(name, parameters, result)) is not None
    ]
    movement = allowed_movement(spec, result)
    if movement is not None:
        found.append(movement * (result.final_gradient_norm or 0.0))
    return max(found, default=None)


def allowed_movement(spec: Mapping[str, Any], result: RunResult) -> float | None:
    """The longest movement of the parameters; None of a rule that does not look at it."""
    found = [
        parameters["tolerance"] * (_length(result) if parameters.get("relative") else 1.0)
        for name, parameters in _fired(spec, result)
        if name == "parameter_change"
    ]
    return max(found, default=None)


def _cost(name: str, parameters: Parameters, result: RunResult) -> float | None:
    tolerance, cost = parameters.get("tolerance"), abs(result.final_cost or 0.0)
    if name in ("cost_change", "aitken_gap"):
        return tolerance
    if name == "relative_cost_change":
        return None if tolerance is None else tolerance * cost
    if name == "ftol":
        return None if tolerance is None else tolerance * max(cost, 1.0)
    return None


def _length(result: RunResult) -> float:
    length: float = result.evidence.get("parameter_norm", 1.0)
    return length


def _fired(spec: Mapping[str, Any], result: RunResult) -> Iterator[tuple[str, Parameters]]:
    """The rules, by name, that ended the run, each as often as the config has it."""
    names = (result.rule or "").split(" and ")
    tree = spec.get("convergence", {"any": []})
    yield from ((name, given) for name, given in _leaves(tree) if name in names)


def _leaves(rule: Mapping[str, Any]) -> Iterator[tuple[str, Parameters]]:
    ((name, content),) = rule.items()
    if name in ("any", "all"):
        for member in content:
            yield from _leaves(member)
    else:
        yield name, content
