"""What was searched for by runs: the rate found, beside what theory knows."""

from __future__ import annotations

from gdbench.judgement.numerals import MISSING
from gdbench.judgement.sentences.searches import percent, shown_edge
from gdbench.judgement.stages.finding import Finding
from gdbench.judgement.study import Study
from gdbench.record.columns import Column
from gdbench.report.tables.table import Cell, Table, counted, measured, rows_of, unknown, words

_NAMES = ("searches", "What was searched for")
_COLUMNS = (
    Column(
        "what", "string", "critical: the rate above which runs are not stable.  fastest: to a target.", "rate"
    ),
    Column("rate", "float64", "The rate that was found.", "found"),
    Column("below", "float64", "The greatest rate that was stable.", "stable at"),
    Column("above", "float64", "The least rate that was not.", "unstable at"),
    Column("theory", "float64", "The edge of stability, where theory knows it.", "theory"),
    Column("how", "string", "What theory says: its formula, or that the rate is estimated.", "from"),
    Column("difference", "float64", "How far the rate is from theory's, as a share of it.", "difference"),
    Column("height", "float64", "Iterations to the tightest target, or the cost at the end.", "reached"),
    Column("valleys", "string", "Whether the probes have one valley, as the search takes them to.", "valleys"),
    Column("probes", "float64", "Rates that were probed.", "probes"),
)


def searches_table(study: Study) -> Table:
    """A row for each search that is at its end."""
    found = study.searches
    several, labelled = len(study.problems) > 1, any(finding.label for finding in found)
    columns = (
        *([Column("problem", "string", "What was minimised.")] if several else []),
        *([Column("of", "string", "The other choices that vary.")] if labelled else []),
        *(c for c in _COLUMNS if c.name not in _absent(found)),
    )
    return Table(*_NAMES, columns, rows_of(map(_row, found), columns), "Each probe is a run of this plan.")


def _absent(found: tuple[Finding, ...]) -> set[str]:
    """Columns that say nothing of any."""
    kinds = {finding.what for finding in found}
    if "critical" not in kinds:
        return {"theory", "how", "difference"}
    return {"height", "valleys"} if "fastest" not in kinds else set()


def _row(finding: Finding) -> dict[str, Cell]:
    critical, edge, apart = finding.what == "critical", finding.edge, finding.difference
    row = {
        "problem": words(finding.problem.label),
        "of": words(finding.label or MISSING),
        "what": words(finding.what),
        "rate": unknown("none") if finding.rate is None else measured(finding.rate),
        "below": measured(finding.below),
        "above": measured(finding.above),
        "probes": counted(float(len(finding.probes))),
    }
    if critical:
        row["how"] = words(shown_edge(edge))
        row["theory"] = measured(edge.rate if edge else None)
        row["difference"] = Cell(MISSING if apart is None else percent(apart), apart, "number")
    else:
        row["height"] = measured(finding.height)
        row["valleys"] = words("several" if finding.bumps else "one")
    return row
