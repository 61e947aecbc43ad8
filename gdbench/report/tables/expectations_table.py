"""Published numbers beside measured ones: a row for each that the config expects."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gdbench.judgement.expectations import Check, tally
from gdbench.judgement.numerals import MISSING, count, figure
from gdbench.record.columns import Column
from gdbench.report.tables.table import Cell, Table, rows_of, words

ID = "expectations"

_COLUMNS = (
    Column("agree", "string", "Whether the run agrees, to the digits that are printed."),
    Column("quantity", "string", "What was published, and of which iteration.", "what"),
    Column("published", "string", "The number as it is written in the config."),
    Column("measured", "float64", "The same of the run, in full precision.", "measured"),
    Column("setting", "string", "The run that it is expected of."),
    Column("source", "string", "Who printed it."),
    Column("place", "string", "Where it stands in the config."),
)

#: Verdict → how it is told: a sign, so that colour is never the only one, and a word.
AGREE = {"agrees": "✓ yes", "disagrees": "✗ NO", "not run": "· not run yet", "unknown": "? unknown"}


def expectations_table(checks: Sequence[Check]) -> Table:
    """No row where nothing is expected."""
    title = "Published and measured"
    if not checks:
        return Table(ID, title, absent="The config expects nothing (as in expect: [{at: 100, cost: 3.41}]).")
    rows = rows_of(map(_row, checks), _COLUMNS)
    return Table(ID, title, _COLUMNS, rows, f"{tally(checks)}.")


def _row(check: Check) -> dict[str, Cell]:
    return {
        "agree": words(AGREE[check.verdict]),
        "quantity": words(quantity(check)),
        "published": words(check.published),
        "measured": _measured(check),
        "setting": words(check.setting),
        "source": words(check.source or MISSING),
        "place": words(check.place),
    }


def quantity(check: Check) -> str:
    """'cost at 1,001'."""
    return check.quantity if check.at is None else f"{check.quantity} at {count(check.at)}"


def measured_text(check: Check) -> str:
    """With two digits more than were published, so that one sees how closely it agrees."""
    value = check.measured
    if isinstance(value, float | int):
        mantissa = re.split("[eE]", check.published.split(" to ")[-1])[0]
        digits = len(re.sub("[^0-9]", "", mantissa).lstrip("0"))
        return count(value) if check.quantity == "iterations" else figure(value, max(4, digits + 2))
    return value or check.reason or MISSING


def _measured(check: Check) -> Cell:
    value, text = check.measured, measured_text(check)
    return Cell(text, value, "number") if isinstance(value, float | int) else words(text)
