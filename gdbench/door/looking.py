"""gdbench.plan, .inspect and .compare: what will run, what is minimised, and studies side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from gdbench.config.outside import html
from gdbench.data.files.layout import is_table
from gdbench.descent.errors import GdbenchError
from gdbench.door.configs import Config, read
from gdbench.door.study import Study, results_folder
from gdbench.execution.outlook import Outlook, outlook
from gdbench.judgement.stages import grown_by
from gdbench.planning.plan import Plan, cards, make_plan
from gdbench.record.locate import locate
from gdbench.reference.problem import ProblemRecord
from gdbench.report.comparison.observation import Comparison
from gdbench.report.page.table_card import TableCard, table_card
from gdbench.report.page.theory_card import problem_lines
from gdbench.report.page.write import write_comparison
from gdbench.report.tables.table import Table as Rows


@dataclass(frozen=True)
class Planned:
    """What a config asks for, before anything runs."""

    plan: Plan
    ahead: Outlook

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run: key, label, outcome where it is done already, and what it may take at most."""
        rows = [prospect.to_plain() for prospect in self.ahead.prospects]
        return pd.DataFrame(rows).astype({"outcome": "string", "iterations_at_most": "Int64"})

    @property
    def doubts(self) -> tuple[str, ...]:
        """What would be run although it is unwise, a sentence each."""
        return self.plan.doubts

    @property
    def skipped(self) -> tuple[str, ...]:
        """What the grid names and the config leaves out, with the reasons."""
        return tuple(map(str, self.plan.skipped))

    def __len__(self) -> int:
        return len(self.plan.runs)

    def __repr__(self) -> str:
        left = len(self.ahead.left)
        least = "at least " if self.plan.grows else ""
        return f"<{self.plan.experiment.name}: {least}{len(self)} runs, {len(self) - left} done, {left} to do>"

    def _repr_html_(self) -> str:
        doubts = "".join(f"<p>unwise: {html(doubt)}</p>" for doubt in self.doubts)
        return f"<p><strong>{html(repr(self)[1:-1])}</strong></p>{doubts}{self.runs.to_html(max_rows=20)}"


def plan(
    config: Config, *, results: str | os.PathLike[str] | None = None, overrides: Sequence[str] = ()
) -> Planned:
    """The runs that a config asks for, which of them are done, and what the others will take.

    >>> gdbench.plan("configs/lr_sweep.yaml").runs  # doctest: +SKIP
    """
    with read(config, overrides) as experiment:
        made = make_plan(experiment)
    folder = results_folder(results) / made.experiment.name
    made = grown_by(made, folder)
    return Planned(made, outlook(made, folder))


@dataclass(frozen=True)
class Card:
    """What is known of one problem before a step is made: size, curvature, rates that work, optimum."""

    problem: ProblemRecord

    @property
    def lines(self) -> dict[str, str]:
        """Name → what `gdbench inspect` prints."""
        return dict(problem_lines(self.problem))

    def __repr__(self) -> str:
        width = max(map(len, self.lines))
        told = (f"  {name.ljust(width)}  {text}" for name, text in self.lines.items())
        return "\n".join([self.problem.label, *told])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html(name)}</th>"
            f"<td style='text-align:left'>{html(text)}</td></tr>"
            for name, text in self.lines.items()
        )
        return f"<h4>{html(self.problem.label)}</h4><table>{rows}</table>"


class Cards(tuple[Card, ...]):
    """The cards of a config's problems, in its order."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self))

    def _repr_html_(self) -> str:
        return "".join(card._repr_html_() for card in self)


@dataclass(frozen=True)
class Table:
    """What a table holds, column by column, before a config is written for it."""

    card: TableCard

    @property
    def lines(self) -> list[str]:
        """What `gdbench inspect` prints."""
        return [self.card.title, *self.card.lines]

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        return f"<pre>{html(repr(self))}</pre>"


def inspect(config: Config, *, overrides: Sequence[str] = ()) -> Cards | Table:
    """The card of each problem of a config, or the columns of a table: what `gdbench inspect` prints.

    >>> gdbench.inspect("configs/lr_sweep.yaml")[0].lines["Optimum"]  # doctest: +SKIP
    >>> gdbench.inspect("houses.csv")  # doctest: +SKIP
    """
    if isinstance(config, (str, os.PathLike)) and is_table(Path(config)):
        return Table(table_card(Path(config)))
    with read(config, overrides) as experiment:
        return Cards(map(Card, cards(make_plan(experiment))))


@dataclass(frozen=True)
class Compared:
    """Several studies, each with the first. lines: what is to be said, a sentence each.

    tables: for each of the others, setting by setting.
    """

    found: Comparison

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(observation.text for observation in self.found.observations)

    @property
    def tables(self) -> tuple[Rows, ...]:
        return self.found.tables

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{html(line)}</li>" for line in self.lines)
        return f"<ul>{items}</ul>{''.join(table.to_html(20) for table in self.tables)}"


def compare(
    *studies: Study | str | os.PathLike[str], results: str | os.PathLike[str] | None = None
) -> Compared:
    """Two or more experiments side by side, each with the first: studies, names, or paths of their folders.

    >>> gdbench.compare("lr_sweep", "lr_sweep_pypy")  # doctest: +SKIP
    """
    if len(studies) < 2:
        raise GdbenchError("comparing takes two experiments or more, as in gdbench.compare('first', 'second').")
    folder = results_folder(results)
    folders = [one.folder if isinstance(one, Study) else locate(folder, [os.fspath(one)])[0] for one in studies]
    return Compared(write_comparison(folders, [])[0])
