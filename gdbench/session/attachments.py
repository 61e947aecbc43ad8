"""What MLflow's parent run gets of the report: the page, pictures of the curves, and the data as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from gdbench.descent.errors import GdbenchError
from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.curve_pictures import pictures
from gdbench.report.page.write import write_study
from gdbench.session.parquet import write_curves, write_runs


def attachments(about: Study, store: Store, refused: Callable[[str], None]) -> Mapping[str, Path]:
    """Write them into the report's folder; artifact name → file. A plan that is not the latest has none.

    refused: told why, where it may not be written; tracking goes on.
    """
    last = store.last_plan()
    if last is None or last.id != about.plan.id or not about.runs:
        return {}
    try:
        return _write(about, store)
    except (GdbenchError, OSError, MemoryError) as error:
        refused(str(error) or "there is not enough memory.")
        return {}


def _write(about: Study, store: Store) -> Mapping[str, Path]:
    page = write_study(about, store, ["html"], lambda _: None)[0]
    drawn = pictures(about, store)
    data = [
        write_runs(about, page.with_name("runs.parquet")),
        write_curves(about, store, page.with_name("curves.parquet")),
    ]
    for name, picture in drawn.items():
        page.with_name(name).write_text(picture, encoding="utf-8")
    return {
        "report.html": page,
        **{name: page.with_name(name) for name in drawn},
        **{path.name: path for path in data},
    }
