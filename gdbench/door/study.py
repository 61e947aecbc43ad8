"""An experiment at hand: its answer, frames, tables and charts, each drawing itself in a notebook."""

from __future__ import annotations

import os
import warnings
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gdbench.config.outside import html
from gdbench.data.files.remedies import told
from gdbench.data.portable import headings
from gdbench.door.plots import Plot
from gdbench.judgement.answer import Answer, answer
from gdbench.judgement.expectations import Check, checks
from gdbench.judgement.model import LearnedModel, best_models, the_model
from gdbench.judgement.model.predicting import (
    PlanData,
    chances_of,
    columns_of,
    load_plugins,
    predict_rows,
    preparation_of,
)
from gdbench.judgement.next_experiment import Nothing, Offer, next_experiment
from gdbench.judgement.study import Study as Judged
from gdbench.judgement.study import study
from gdbench.record.frames import curves_of, problems_frame, runs_of
from gdbench.record.locate import locate
from gdbench.record.store import Store
from gdbench.report import USUAL
from gdbench.report.page.export import parameters_frame, settings_frame
from gdbench.report.page.write import write_report
from gdbench.report.tables.contents import tables
from gdbench.report.tables.expectations_table import expectations_table
from gdbench.report.tables.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Rows of settings that the notebook shows; `.tables` has them all.
ROWS = 20


class Study:
    """What an experiment has recorded so far, and what it means: `gdbench.run` and `gdbench.load` give it.

    Read once, when it is made; curves when they are asked for.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with Store.read(folder) as store:
            self._judged: Judged = study(store)

    @property
    def name(self) -> str:
        """Of the experiment."""
        return self._judged.plan.experiment

    @cached_property
    def answer(self) -> Answer:
        """Which setting to use, how sure that is, and what was lost: values, and `.text` in words."""
        return answer(self._judged)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run; the reference says what each column means."""
        return runs_of(self._judged)

    @cached_property
    def curves(self) -> pd.DataFrame:
        """One row a recorded iteration."""
        with Store.read(self.folder) as store:
            return curves_of(self._judged, store)

    @cached_property
    def problems(self) -> pd.DataFrame:
        """One row a problem: its size, its optimum and the evidence for it."""
        return problems_frame(self._judged)

    @cached_property
    def settings(self) -> pd.DataFrame:
        """One row a setting, which is a combination of what varies, from best to worst."""
        return settings_frame(self._judged)

    @property
    def best(self) -> pd.DataFrame:
        """The best setting of each problem: those rows of `settings`."""
        return self.settings[self.settings["best"]].reset_index(drop=True)

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """What each run has learned: a row a parameter, with its name, as fitted and in the data's own units.

        `study.parameters.pivot(index="key", columns="parameter", values="original")` has a row a run.
        """
        load_plugins(self._judged)
        with Store.read(self.folder) as store:
            return parameters_frame(self._judged, store)

    @cached_property
    def models(self) -> list[LearnedModel]:
        """What the best run of each problem has learned."""
        load_plugins(self._judged)
        with Store.read(self.folder) as store:
            return best_models(self._judged, store)

    @cached_property
    def expectations(self) -> list[Check]:
        """The numbers that the config expects, each with what was measured and its `.verdict`."""
        with Store.read(self.folder) as store:
            return checks(self._judged, store)

    @property
    def plugins(self) -> Mapping[str, str]:
        """The text of each plug-in that the config names, and of what cells defined for it, by its file."""
        return self._judged.plan.plugins

    def predict(self, rows: pd.DataFrame, run: str | None = None) -> pd.DataFrame:
        """What a run has learned to say of other rows: predicted, and probabilities where there are any.

        rows: with the columns of the training data, in any order.  run: the beginning of a key, by default the
        best. The index stays.
        """
        load_plugins(self._judged)
        with Store.read(self.folder) as store:
            model = the_model(self._judged, store, run)
        preparation = preparation_of(model, PlanData(self._judged.plan))
        cells = {str(name): rows[name].astype(object).tolist() for name in rows.columns}
        said = predict_rows(model, preparation, columns_of(preparation, cells, "the frame"))
        for note in said.unseen:
            warnings.warn(f"{told(note)}.", stacklevel=2)
        values = [one.label or one.value for one in said.predictions]
        target = str(model.problem.data.get("target") or "y")
        chances = [[one.probabilities[k] for one in said.predictions] for k in range(len(chances_of(model)))]
        names = headings(target, chances_of(model))
        return pd.DataFrame(dict(zip(names, [values, *chances], strict=True)), index=rows.index)

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The report's tables by id; each draws itself, and `.frame()` gives its values."""
        published = [expectations_table(self.expectations)] if self.expectations else []
        return {table.id: table for table in (*published, *tables(self._judged))}

    @cached_property
    def plot(self) -> Plot:
        """The report's charts, which a notebook draws: `study.plot.gap()`."""
        return Plot(self.folder, self._judged)

    def next(self) -> Offer | Nothing:
        """The next experiment worth running: `.why` in words, `.config` as YAML that `gdbench.run` takes."""
        return self._next

    @cached_property
    def _next(self) -> Offer | Nothing:
        with Store.read(self.folder) as store:
            return next_experiment(self._judged, store)

    def report(self, formats: Sequence[str] = USUAL) -> Path:
        """Write the report, and return the file to open first. formats: of html, md, csv and latex."""
        return write_report(self.folder, formats)[0]

    @property
    def _offer(self) -> str:
        return f" Next: {self._next.line}" if self._next.line else ""

    def __repr__(self) -> str:
        return f"<{self.name}: {self.answer.progress}; {self.answer.text}{self._offer}>"

    def _repr_html_(self) -> str:
        plan, given = self._judged.plan, self.answer
        head = f"{given.progress}{f' · {given.tally}' if given.tally else ''}"
        return (
            f"<h3>{html(plan.experiment)}</h3><p>{html(plan.description)}</p>"
            f"<p><strong>{html(given.text)}</strong></p><p>{html(head)}</p>"
            f"<p>{html(self._offer.strip())}</p>"
            f"{self.tables['settings'].to_html(ROWS)}"
        )


def load(name: str | os.PathLike[str], results: str | os.PathLike[str] | None = None) -> Study:
    """A recorded experiment by its name, or by the path of its folder.

    results: the folder of all experiments, by default GDBENCH_RESULTS or "results".

    >>> study = gdbench.load("lr_sweep")  # doctest: +SKIP
    >>> study.runs.groupby("outcome").size()  # doctest: +SKIP
    """
    [found] = locate(results_folder(results), [os.fspath(name)])
    return Study(found)


def results_folder(results: str | os.PathLike[str] | None) -> Path:
    """Where all experiments are: what is given, else GDBENCH_RESULTS, else "results"."""
    return Path(results if results is not None else os.environ.get("GDBENCH_RESULTS", "results"))
