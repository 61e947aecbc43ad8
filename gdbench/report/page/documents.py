"""The page and its Markdown twin, of one experiment or of several: all that needs charts, which load slowly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gdbench.judgement.study import Study
from gdbench.record.store import Store
from gdbench.report.comparison.observation import Comparison
from gdbench.report.page.markdown import markdown, pictures
from gdbench.report.page.page import page
from gdbench.report.page.sections import report


def documents(
    studies: Sequence[Study], stores: Sequence[Store], compared: Comparison | None, formats: Sequence[str]
) -> Mapping[str, str]:
    """File name → text, of the formats among "html" and "md"; with Markdown come its pictures."""
    reports = [report(about, store) for about, store in zip(studies, stores, strict=True)]
    files: dict[str, str] = {}
    if "html" in formats:
        files["index.html"] = page(reports, compared)
    if "md" in formats:
        files["report.md"] = markdown(reports, compared)
        if compared is None:
            files |= {f"{figure.id}.svg": figure.svg() for figure in pictures(reports[0])}
    return files
