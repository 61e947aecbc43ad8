"""Sentences of causes that lie in too long steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gdbench.descent.diagnosis import Cause
from gdbench.judgement.numerals import count, figure

#: By the kind of update, what its stability limit is called.
_LIMITS = {
    "plain": "2/L",
    "heavy ball": "2(1+β)/L",
    "dampened": "2(1+β)/((1−τ)L)",
    "nesterov": "(2+2β)/((1+2β)L)",
    "triple momentum": "(2+2β)/((1+2γ)L)",
}


def rate_above_limit(cause: Cause) -> str:
    seen = cause.evidence
    if "overshoots" in seen:
        return (
            "It diverged because its steps are too long: the rate times the curvature along the last steps is "
            f"{figure(seen['overshoots'][-1])}, and above 2 each step ends higher than it began."
        )
    name, limit = _LIMITS[seen["update"]], figure(seen["limit"])
    if seen.get("why") == "nominal":
        like = f"about what {name} is for such updates"
        like = "up to which steps are surely short enough" if seen.get("everywhere") else like
        return (
            f"It diverged because its steps are too long: the first rate {figure(seen['rate'])} is above "
            f"{limit}, {like}."
        )
    if seen.get("why") == "optimum":
        return (
            f"The rate {figure(seen['rate'])} is above {name} = {limit} at the optimum, where L = "
            f"{figure(seen['largest_eigenvalue'])}: no step comes to rest there."
        )
    what = "It diverged" if seen["outcome"] == "diverged" else "The cost grows"
    return (
        f"{what} because the rate {figure(seen['rate'])} is above {name} = {limit}: the component of "
        f"the largest curvature, L = "
        f"{figure(seen['largest_eigenvalue'])}, grows by {figure(seen['growth'])} in each iteration."
    )


def not_finite(cause: Cause) -> str:
    seen = cause.evidence
    lost = seen.get("not_finite") or {"quantity": "cost", "iteration": seen["iteration"]}
    if seen["iteration"] == 0:
        return f"{_named(lost)} is not finite at the starting point itself."
    return (
        f"At iteration {count(lost['iteration'])} a number was not finite: first {_named(lost).lower()}. "
        "Why is not known."
    )


def _named(lost: Mapping[str, object]) -> str:
    place = f", component {lost['component']}" if "component" in lost else ""
    return f"The {lost['quantity']}{place}"


def edge_of_stability(cause: Cause) -> str:
    seen = cause.evidence
    return (
        f"It runs at the edge of stability: the largest curvature has settled at "
        f"{figure(seen['sharpness'][-1][1])}, near 2/η = {figure(seen['limit'])}, and the cost falls over long "
        "times, though not at every step."
    )


def bounded_oscillation(cause: Cause) -> str:
    seen = cause.evidence
    if seen.get("why") == "scaled":
        return (
            f"It hovers: its steps keep a length of about the rate {figure(seen['rate'])} however small the "
            "slope, "
            f"and the lowest cost was met at iteration {count(seen['best_iteration'])}."
        )
    return (
        "It hops from side to side and stays bounded: the rate times the curvature along the last steps is "
        f"{figure(seen['overshoot'])} on average, and the lowest cost was met at iteration "
        f"{count(seen['best_iteration'])}; the steps are too long to settle."
    )


SENTENCES: Mapping[str, Callable[[Cause], str]] = {
    "rate_above_limit": rate_above_limit,
    "not_finite": not_finite,
    "edge_of_stability": edge_of_stability,
    "bounded_oscillation": bounded_oscillation,
}
