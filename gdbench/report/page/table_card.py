"""What a table of one's own holds, column by column, and how ill-conditioned it is: before it has a config."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gdbench.config.first_config import Chosen, choose
from gdbench.data.columns import Columns
from gdbench.data.files import config_text
from gdbench.data.files.cells import shown
from gdbench.data.files.judging import Judged
from gdbench.data.files.remedies import holds, reason, told
from gdbench.data.preparation import Treatment, fit
from gdbench.data.tabular import read_file
from gdbench.judgement.numerals import figure
from gdbench.reference.standardized import conditions_of_columns


@dataclass(frozen=True)
class TableCard:
    """chosen: the target and what is said of the other columns.  columns: as they are then read.

    features: how many there are.  raw, standardized: κ of them and a bias; None where that is not worked out.
    """

    path: Path
    chosen: Chosen
    columns: Columns
    features: int
    raw: float | None
    standardized: float | None

    @property
    def title(self) -> str:
        return f"{self.path}: {self.chosen.target.rows} rows"

    @property
    def judged(self) -> list[Judged]:
        """Every column, the target first."""
        return [Judged(self.chosen.target), *self.chosen.others]

    @property
    def lines(self) -> list[str]:
        """Type, gaps and range of each column, and why one had better be left out; how it is read; κ."""
        names = [shown(one.facts.name)[1:-1] for one in self.judged]
        width = max(map(len, names))
        found = [f"  {name:<{width}}  {self._holds(one)}" for name, one in zip(names, self.judged, strict=True)]
        settings = self.chosen.reading.to_plain()
        found += [f"Read with {config_text(settings)}"] if settings else []
        found += [f"Note: {told(note)}." for note in self.columns.notes]
        if self.raw is not None and self.standardized is not None:
            kappas = f"{figure(self.raw)} raw, {figure(self.standardized)} standardized"
            found.append(f"κ of the {self.features} features and a bias: {kappas}")
        return found

    def _holds(self, one: Judged) -> str:
        target = " (the target, as it seems)" if one.facts.name == self.chosen.target.name else ""
        return f"{holds(one.facts)}{target}{f' — {reason(one)}' if one.reason else ''}"

    def to_plain(self) -> dict[str, object]:
        """JSON-plain."""
        return {
            "file": str(self.path),
            "rows": len(self.columns.target),
            "read_with": self.chosen.reading.to_plain(),
            "target": self.chosen.target.name,
            "columns": [_plain_column(one) for one in self.judged],
            "notes": [note._asdict() for note in self.columns.notes],
            "condition": {"raw": self.raw, "standardized": self.standardized},
        }


def table_card(path: Path) -> TableCard:
    """Read the table as `gdbench new` would; raises GdbenchError."""
    chosen = choose(str(path))
    columns = read_file(path, chosen.target.name, None, chosen.reading)
    features = fit(columns, Treatment(chosen.reading.missing)).apply(columns)
    return TableCard(path, chosen, columns, len(features), *conditions_of_columns(list(features.values())))


def _plain_column(one: Judged) -> dict[str, object]:
    facts = one.facts
    numbers = {"low": facts.low, "high": facts.high} if facts.kind == "number" else {}
    return {
        "name": facts.name,
        "kind": facts.kind,
        "gaps": facts.gaps,
        "distinct": facts.distinct,
        **numbers,
        **({"unit": facts.unit} if facts.unit else {}),
        **({"labels": dict(facts.labels)} if facts.kind == "text" else {}),
        **({"suspicious": one.reason} if one.reason else {}),
        **({"copy_of": one.other} if one.other else {}),
    }
