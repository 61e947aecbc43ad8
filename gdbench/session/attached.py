"""Which sweeps MLflow gets a report of without being asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from gdbench.config.outside import command
from gdbench.judgement.numerals import count
from gdbench.judgement.study import Study
from gdbench.record.locate import words_for
from gdbench.record.store import Store

#: Runs of a plan beyond which neither a sweep nor `gdbench sync` writes a report by itself: it would take
#: longer than to read it.
MOST_RUNS = 1000

#: Told why there is no report.
Refused = Callable[[str], None]


def attached(about: Study, store: Store, refused: Refused) -> Mapping[str, Path]:
    """Artifact name → file of what MLflow's parent run gets of the report; none of a plan that is too large."""
    if len(about.plan.runs) > MOST_RUNS:
        report = ["gdbench", "report", about.plan.experiment, *words_for(store.path.parent.parent)]
        refused(f"of more than {count(MOST_RUNS)} runs it is left to: {command(report)}")
        return {}
    from gdbench.session.attachments import attachments  # noqa: PLC0415  pyarrow is slow to import

    return attachments(about, store, refused)
