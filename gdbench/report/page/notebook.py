"""An experiment in a notebook: its frames and tables at hand, drawing itself."""

from __future__ import annotations

import os
from functools import cached_property
from html import escape
from pathlib import Path

import pandas as pd

from gdbench.judgement.answer import Answer, answer
from gdbench.judgement.next_experiment import Nothing, Offer, next_experiment
from gdbench.judgement.study import Study, study
from gdbench.record.frames import curves_of, problems_frame, runs_of
from gdbench.record.locate import locate
from gdbench.record.store import Store
from gdbench.report.tables.contents import tables
from gdbench.report.tables.table import Table

#: Rows of settings that the notebook shows; `.tables` has them all.
ROWS = 20


class Loaded:
    """What an experiment has recorded so far: `.runs`, `.curves`, `.problems` (pandas) and `.tables`.

    Read once, at loading; curves when they are asked for.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with Store.read(folder) as store:
            self.study: Study = study(store)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run; `gdbench export` writes what each column means."""
        return runs_of(self.study)

    @cached_property
    def curves(self) -> pd.DataFrame:
        """One row a recorded iteration."""
        with Store.read(self.folder) as store:
            return curves_of(self.study, store)

    @cached_property
    def problems(self) -> pd.DataFrame:
        """One row a problem: its size, its optimum and the evidence for it."""
        return problems_frame(self.study)

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The report's tables by id; each draws itself, and `.frame()` gives its values."""
        return {table.id: table for table in tables(self.study)}

    @cached_property
    def answer(self) -> Answer:
        """Which setting to use, how sure that is, and what was lost: values, and `.text` in words."""
        return answer(self.study)

    @cached_property
    def next(self) -> Offer | Nothing:
        """The next experiment worth running: `.why` in words, `.config` as YAML."""
        with Store.read(self.folder) as store:
            return next_experiment(self.study, store)

    @property
    def _next(self) -> str:
        return f" Next: {self.next.line}" if self.next.line else ""

    def __repr__(self) -> str:
        return f"<{self.answer.experiment}: {self.answer.progress}; {self.answer.text}{self._next}>"

    def _repr_html_(self) -> str:
        plan, given = self.study.plan, self.answer
        head = f"{given.progress}{f' · {given.tally}' if given.tally else ''}"
        return (
            f"<h3>{escape(plan.experiment)}</h3><p>{escape(plan.description)}</p>"
            f"<p><strong>{escape(given.text)}</strong></p><p>{escape(head)}</p>"
            f"<p>{escape(self._next.strip())}</p>"
            f"{self.tables['settings'].to_html(ROWS)}"
        )


def load(name: str, results: str | Path | None = None) -> Loaded:
    """An experiment by its name, or by the path of its folder. results: as for the command line."""
    folder = Path(results if results is not None else os.environ.get("GDBENCH_RESULTS", "results"))
    [found] = locate(folder, [name])
    return Loaded(found)
