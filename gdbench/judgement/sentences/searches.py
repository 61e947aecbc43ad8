"""What searches for a rate have found, in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gdbench.config.grid.searches import CRITICAL
from gdbench.judgement.numerals import count, figure, listing
from gdbench.judgement.stages.finding import Edge, Finding

#: Searches of which the answer has a sentence each; of more the table tells.
MOST = 6


def found_lines(found: Sequence[Finding], *, several: bool) -> list[str]:
    """A sentence for each search.  several: whether there is more than one problem to be named."""
    told = [sentence(finding, several=several) for finding in found[:MOST]]
    if len(found) > MOST:
        told.append(f"{count(len(found) - MOST)} more searches: see the table “What was searched for”.")
    return told


def sentence(finding: Finding, *, several: bool) -> str:
    """'The critical rate of heavy_ball is 0.38, between 0.379 and 0.381; theory says (2 + 2β)/L = 0.38, …'."""
    of = f" of {finding.label}" if finding.label else ""
    on = f" on {finding.problem.label}" if several else ""
    subject = f"The {finding.what} rate{of}{on}"
    return f"{subject} {_critical(finding) if finding.what == CRITICAL else _fastest(finding)}"


def _critical(finding: Finding) -> str:
    if finding.rate is None:
        return f"was not found: {_not_found(finding)}."
    between = f"between {figure(finding.below)} and {figure(finding.above)}"
    end = " after as many probes as it may make" if finding.why == "most" else ""
    return f"is {figure(finding.rate)}, {between}{end}{beside(finding)}."


def _not_found(finding: Finding) -> str:
    if finding.why == "undone":
        return "a run did not do its work"
    if finding.above is None:
        return f"every run was stable, up to {figure(finding.below)}"
    return f"no run was stable, down to {figure(finding.above)}"


def beside(finding: Finding) -> str:
    """'; theory says 2/L = 0.2, which is 0.27 % more'."""
    edge, difference = finding.edge, finding.difference
    if edge is None or difference is None:
        return ", estimated: no theorem speaks of these steps"
    told = f"{edge.formula} = {figure(edge.rate)}"
    if edge.kind == "exact":
        return f"; theory says {told}, {percent(difference)} away"
    return f", estimated; {told} with the curvature λ at the optimum, {percent(difference)} away"


def percent(share: float) -> str:
    """'+0.27 %'."""
    return f"{'+' if share > 0 else '−' if share < 0 else ''}{figure(100.0 * abs(share), 2)} %"


def shown_edge(edge: Edge | None) -> str:
    """What a table says of what theory knows."""
    return (
        "estimated" if edge is None else f"{edge.formula}{'' if edge.kind == 'exact' else ', at the optimum'}"
    )


def _fastest(finding: Finding) -> str:
    equals = finding.equals
    between = f"from {figure(equals[0])} to {figure(equals[-1])}" if len(equals) > 1 else ""
    if finding.nothing_differs and finding.height is not None:
        lowest = height(finding, finding.height)
        return f"was not found: all {count(len(equals))} that were tried, {between}, come to {lowest}."
    if finding.rate is None or finding.height is None:
        if finding.why == "undone":
            return "was not found: a run did not do its work."
        low, high = min(finding.probes).rate, max(finding.probes).rate
        return f"was not found: no run kept the target, from {figure(low)} to {figure(high)}."
    by = f"with {height(finding, finding.height)}"
    if between:
        by += f", as are {count(len(equals) - 1)} more that were tried, {between}"
    end = ", at the end of what was searched" if finding.at_end else ""
    cut = ", after as many probes as it may make" if finding.why == "most" else ""
    return f"is {figure(finding.rate)}, {by}{end}{cut}{_bumps(finding)}."


def height(finding: Finding, value: float) -> str:
    """'34 iterations to 1e-06' or 'a cost of 0.12 at the end'."""
    if finding.target is None:
        return f"a cost of {figure(value)} at the end"
    return f"{count(value)} iterations to {finding.target}"


def _bumps(finding: Finding) -> str:
    if not finding.bumps:
        return ""
    told = [f"{_short(finding, value)} at {figure(rate)}" for rate, value in finding.bumps]
    return f"; there may be a better one, as there is more than one valley: {listing(told)}"


def _short(finding: Finding, value: float) -> str:
    if not math.isfinite(value):
        return "not there"
    return figure(value) if finding.target is None else count(value)
