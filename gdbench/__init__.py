"""gdbench: the gradient-descent laboratory, a benchmark harness in pure Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from gdbench.report.page.notebook import Loaded

__version__ = "0.1.0"


def load(name: str, results: str | Path | None = None) -> Loaded:
    """A recorded experiment, for a notebook: `.runs`, `.curves`, `.problems` as pandas frames, and `.tables`.

    name: of the experiment, or the path of its folder.  results: the folder of all results, by default
    GDBENCH_RESULTS or "results".

    >>> study = gdbench.load("lr_sweep")  # doctest: +SKIP
    >>> study.runs.groupby("outcome").size()  # doctest: +SKIP
    """
    # Workers import this package too, some of them under PyPy: nothing heavy may come with it.
    from gdbench.report.page.notebook import load as loaded  # noqa: PLC0415

    return loaded(name, results)
