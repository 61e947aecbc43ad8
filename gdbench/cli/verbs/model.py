"""gdbench show model: the parameters that a run has learned, by name, and its equation."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table
from rich.text import Text

from gdbench.cli.consoles import Output
from gdbench.cli.streams import put, put_json
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.model import LearnedModel, best_models, model_of
from gdbench.judgement.numerals import figure
from gdbench.judgement.sentences.learned import equations, flat_words, units
from gdbench.judgement.study import study
from gdbench.record.store import Store


def show_models(folder: Path, key: str | None, *, as_json: bool) -> None:
    """What one run has learned, or the best run of each problem."""
    with Store.read(folder) as store:
        about = study(store)
        models = best_models(about, store) if key is None else [model_of(about, store, key)]
    if not models:
        raise GdbenchError(
            f"{about.plan.experiment}: there is no model to show: no run on data has ended at a point that can "
            "be used."
        )
    if as_json:
        put_json([_plain(model) for model in models])
        return
    labels = {run.key: run.label for run in about.plan.runs}
    for number, model in enumerate(models):
        if number:
            put()
        _print(model, labels.get(model.run.key, ""))


def _plain(model: LearnedModel) -> dict[str, object]:
    return {
        **model.to_plain(),
        "equations": equations(model),
        "told": [flat_words(flat) for flat in model.flat],
    }


def _print(model: LearnedModel, label: str) -> None:
    out = Output()
    out.print(Text(model.problem.label, "bold"))
    out.print(Text(f"run {model.run.key}: {label}", "dim"))
    for line in equations(model):
        out.print(Text(line))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    two = model.changed and not model.cannot
    table.add_column("parameter", overflow="fold")
    for header in ["original units", "as fitted"] if two else ["value"]:
        table.add_column(header, justify="right", no_wrap=True)
    for parameter in model.parameters:
        cells = [figure(parameter.original, 7)] if two else []
        table.add_row(Text(parameter.name.text), *cells, figure(parameter.value, 7))
    out.table(table)
    for line in [units(model), *map(flat_words, model.flat)]:
        if line:
            out.print(Text(line))
