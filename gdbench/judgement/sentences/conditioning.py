"""Sentences of causes that lie in how differently the cost bends."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gdbench.descent.diagnosis import PROVED, Cause
from gdbench.judgement.numerals import count, figure


def column_scales(cause: Cause) -> str:
    seen = cause.evidence
    return (
        f"The columns differ so much in scale that no rate is fast: κ = {figure(seen['condition'])}, and "
        f"{figure(seen['standardized'])} on standardized features."
    )


def feature_basis(cause: Cause) -> str:
    seen, scaled = cause.evidence, cause.evidence["standardized"]
    standardized = f"of standardized features {figure(scaled)}, " if scaled is not None else ""
    return (
        f"The powers of the features are so nearly dependent that no rate is fast: κ = "
        f"{figure(seen['condition'])}; {standardized}of orthogonal polynomials 1, one step."
    )


def ill_conditioned(cause: Cause) -> str:
    seen, condition = cause.evidence, figure(cause.evidence["condition"])
    if cause.grade == PROVED:
        return (
            f"The problem is ill-conditioned (κ = {condition}): even the best fixed rate below 2/L takes "
            f"{count(seen['needed_at_best'])} iterations to {seen['target']} from this start."
        )
    near = f"near its optimum (κ = {condition})"
    return f"The problem is ill-conditioned {near}, so that no fixed rate is fast there."


SENTENCES: Mapping[str, Callable[[Cause], str]] = {
    "column_scales": column_scales,
    "feature_basis": feature_basis,
    "ill_conditioned": ill_conditioned,
}
