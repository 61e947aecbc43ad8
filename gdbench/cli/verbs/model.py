"""gdbench show model and gdbench predict: what a run has learned, and what that says of other rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from gdbench.cli.consoles import Output
from gdbench.cli.streams import put, put_json, say
from gdbench.config.outside import sheet
from gdbench.data.columns import Rows
from gdbench.data.files.remedies import told
from gdbench.data.portable import headings
from gdbench.data.tabular import read_rows
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.model import LearnedModel, best_models, model_of, the_model, why_none
from gdbench.judgement.model.predicting import (
    PlanData,
    Prediction,
    chances_of,
    load_plugins,
    predict_rows,
    preparation_of,
    reading_of,
)
from gdbench.judgement.numerals import figure
from gdbench.judgement.sentences.learned import equations, flat_words, point, units
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.report.page.fitted import Fitted, FittedColumn


def show_models(folder: Path, key: str | None, *, as_json: bool) -> None:
    """What one run has learned, or the best run of each problem."""
    with Store.read(folder) as store:
        about = study(store)
        load_plugins(about)
        models = best_models(about, store) if key is None else [model_of(about, store, key)]
    if not models:
        raise GdbenchError(f"{about.plan.experiment}: there is no model to show: {why_none(about)}.")
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
    two = model.changed and not model.cannot
    headings = ["original units", "as fitted"] if two else ["value"]
    columns = [FittedColumn("parameter")]
    columns += [FittedColumn(heading, number=True, spare=place) for place, heading in enumerate(headings)]
    rows = [
        [
            parameter.name.text,
            *([figure(parameter.original, 7)] if two else []),
            figure(parameter.value, 7),
        ]
        for parameter in model.parameters
    ]
    out.table(Fitted(columns, rows, "--json", gap=2))
    for line in [point(model), units(model), *map(flat_words, model.flat)]:
        if line:
            out.print(Text(line))


def write_predictions(folder: Path, rows: Path, key: str | None, output: Path | None) -> None:
    """The rows of a file with what the model predicts for each, as CSV to stdout or into a file."""
    with Store.read(folder) as store:
        about = study(store)
        load_plugins(about)
        model = the_model(about, store, key)
    data = PlanData(about.plan)
    preparation = preparation_of(model, data)
    texts = [one.name for one in preparation.inputs if one.categories]
    numbers = [one.name for one in preparation.inputs if not one.categories]
    found = read_rows(rows, numbers, texts, reading_of(model, data))
    said = predict_rows(model, preparation, found.columns)
    for note in said.unseen:
        say(f"note: {told(note)}.")
    table = _written(model, found, said.predictions)
    if output is None:
        put(table, end="")
        return
    try:
        output.write_text(table, encoding="utf-8", newline="\n")
    except OSError as error:
        raise GdbenchError(f"{output}: cannot be written: {error.strerror or error}.") from error
    put(str(output))


def _written(model: LearnedModel, found: Rows, predictions: Sequence[Prediction]) -> str:
    """The cells as they were, then what is predicted, and how sure that is."""
    target = str(model.problem.data.get("target") or "y")
    heads = [*found.cells, *headings(target, chances_of(model))]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([sheet(head) for head in heads])
    for i, one in enumerate(predictions):
        cells = ["" if column[i] is None else str(column[i]) for column in found.cells.values()]
        value = sheet(one.label) if one.label else repr(one.value)
        writer.writerow([*cells, value, *map(repr, one.probabilities)])
    return text.getvalue()
