"""The table of settings: one row a combination of axes, from best to worst."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from gdbench.judgement.frames import frame
from gdbench.judgement.remarks import remarks
from gdbench.judgement.settings import Setting
from gdbench.judgement.study import Study
from gdbench.record.columns import settings_columns


def settings_table(about: Study) -> pd.DataFrame:
    """Every setting with its place, outcomes, speed and ending; `settings_columns` says what is what."""
    places: Counter[str] = Counter()
    rows = []
    for setting in about.ranked:
        places[setting.problem.id] += 1
        rows.append(
            {
                "rank": places[setting.problem.id],
                "best": setting in about.best,
                **_row(setting),
                **_reaches(setting, about),
                "remarks": str(remarks(setting, about.plan.targets)),
            }
        )
    return frame(rows, settings_columns(list(about.plan.axes), about.plan.targets))


def _row(setting: Setting) -> dict[str, Any]:
    middle, least, most = setting.iterations
    return {
        "problem": setting.problem.label,
        **setting.axes,
        "runs": len(setting.runs),
        "outcome": setting.outcome_text,
        "iterations": middle,
        "iterations_min": least,
        "iterations_max": most,
        "final_cost": setting.final_cost,
        "relative_gap": setting.relative_gap,
    }


def _reaches(setting: Setting, about: Study) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for target in about.plan.targets:
        reach, name = setting.reach(target), f"iterations_to_{target}"
        cells[name] = setting.reach_text(target)
        cells[f"{name}_median"] = reach.median if reach else None
        cells[f"{name}_reached"] = reach.reached if reach else None
    return cells
