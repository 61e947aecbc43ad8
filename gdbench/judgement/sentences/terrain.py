"""Sentences of causes that lie in where a run has come to, and in what it was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gdbench.descent.diagnosis import PROVED, Cause
from gdbench.judgement.numerals import figure, listing


def wrong_gradient(cause: Cause) -> str:
    seen = cause.evidence
    worst, mine, other = seen.get("name"), seen.get("slope"), seen.get("other")
    where = f"'{worst}'" if worst else f"parameter {seen['worst_parameter']}"
    if mine is not None and other is not None:
        where += f" ({figure(mine)} where {seen['against']} has {figure(other)})"
    return (
        f"The gradient is wrong: at the start it differs from {seen['against']} by "
        f"{figure(seen['relative_error'])} of its length, most in {where}, and "
        f"the cost follows it only to order {figure(seen['taylor_order'])}, not 2."
    )


def no_minimiser(cause: Cause) -> str:
    return f"No minimiser exists: along a certified direction the cost falls for ever.{_grown(cause)}"


def unbounded_below(cause: Cause) -> str:
    seen, least = cause.evidence, cause.evidence["least_curvature"]
    bends = f": a curvature is {figure(least)}" if least is not None else ""
    if cause.grade == PROVED:
        return f"The cost is unbounded below{bends}, so no minimiser exists.{_grown(cause)}"
    return f"The cost seems unbounded below: it has fallen to {figure(seen['cost'])}.{_grown(cause)}"


def _grown(cause: Cause) -> str:
    length, first = cause.evidence["parameter_norm"], cause.evidence.get("start_norm")
    if length is not None and first is not None and length <= first:
        return ""
    return f" The parameters have grown to a length of {figure(length)}." if length is not None else ""


def dead_symmetry(cause: Cause) -> str:
    seen = cause.evidence
    since = "from the start to the end" if seen["different_at_start"] == 1 else "at the end"
    return (
        f"All {seen['width']} units of hidden layer {seen['layer']} are copies of one another {since}: equal "
        "gradients keep them so, and the layer can do no more than a single unit."
    )


def saddle(cause: Cause) -> str:
    seen = cause.evidence
    return (
        f"It has come to rest at a saddle, not at a minimum: the gradient norm is "
        f"{figure(seen['gradient_norm'])}, but along some direction the curvature is "
        f"{figure(seen['least_curvature'])}. A small random step would lead on down."
    )


def local_minimum(cause: Cause) -> str:
    seen = cause.evidence
    other = seen.get("why") == "another run"
    higher = f"{'another run ended lower by' if other else 'f − f* ='} {figure(seen['gap'])}"
    return (
        f"It has settled in a minimum that is not the lowest: {higher}, but the gradient "
        f"norm is {figure(seen['gradient_norm'])} and the least curvature {figure(seen['least_curvature'])}. "
        "Another start may lead to the lowest."
    )


def missing_bias(cause: Cause) -> str:
    seen = cause.evidence
    infimum, reached, rows = figure(seen["infimum"]), figure(seen["with_bias"]), seen["rows"]
    many = "1 row is" if rows == 1 else f"{rows} rows are"
    why = f" ({many} predicted alike whatever the parameters)" if rows else ""
    if "mean" in seen:
        mean = "" if seen["mean"] in (None, 0.0) else f", and the mean of the targets is {figure(seen['mean'])}"
        what = f"The model has no bias{mean}: without one no cost is below {infimum}"
        return f"{what}; with one {reached} is reached."
    if cause.grade == PROVED:
        what = f"The model cannot do it: without a bias no cost is below {infimum}{why}"
        return f"{what}; with one {reached} is reached."
    what = f"The model lacks a bias: without one no descent got below {infimum}{why}"
    return f"{what}; with one {reached} is reached."


def not_unique(cause: Cause) -> str:
    seen = cause.evidence
    if seen["names"]:
        return (
            f"{listing(seen['names'])} are not determined apart: along a direction of them no prediction "
            "changes, "
            "and where they end is what the start made of them."
        )
    ways = seen["flat"]
    return (
        f"The parameters are not unique: along {ways} direction{'' if ways == 1 else 's'} the cost does not "
        "change, "
        "and there they stay what the start made them."
    )


SENTENCES: Mapping[str, Callable[[Cause], str]] = {
    "wrong_gradient": wrong_gradient,
    "no_minimiser": no_minimiser,
    "unbounded_below": unbounded_below,
    "missing_bias": missing_bias,
    "not_unique": not_unique,
    "dead_symmetry": dead_symmetry,
    "saddle": saddle,
    "local_minimum": local_minimum,
}
