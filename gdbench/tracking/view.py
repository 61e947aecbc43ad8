"""The saved views of an experiment in MLflow's page, by what the experiment has, and their addresses.

MLflow keeps a view that its page saves as a tag of the experiment. The format is internal: a test opens
the views in a browser, and pages of other versions are shown by plain addresses, without them.

Runs are shown as a flat list: sorted by a metric they stand beside their sweep, not below it, so that no state
that a browser has kept can hide them, and with them the charts.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from gdbench.record.columns import COST_UNIT, curve_metric, series_column
from gdbench.record.records import SERIES
from gdbench.tracking.child import PROBLEM_TAG
from gdbench.tracking.identity import runs_of
from gdbench.tracking.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gdbench.record.records import PlanRecord
    from gdbench.reference.problem import ProblemRecord

#: Versions of MLflow whose pages have been seen to understand these views.
_UNDERSTOOD = ("3.17.", "3.18.")

_TAG = "mlflow.sharedViewState."
_CURVES, _BEST, _SWEEPS = "gdbench-curves", "gdbench-best", "gdbench-sweeps"

_RUNS = "tags.`gdbench.role` = 'run'"
_GAP, _COST = "metrics.`final/relative_gap`", "metrics.`final/cost`"

#: Pixels, where MLflow's own 85 are too few.
_WIDTHS = {"tags.`verdict`": 130, "metrics.`final/log10_relative_gap`": 190, _COST: 110}

#: More problems than these are no groups that anybody would look through.
_GROUPS = 40


def views(plan: PlanRecord, problems: Iterable[ProblemRecord] = ()) -> dict[str, str]:
    """The views of a plan's runs, wherever they stand, as tags of the experiment.

    problems: those of the plan, as far as they are known.
    """
    known = list(problems)
    gaps = not known or any(problem.yardstick for problem in known)
    state = _state(plan, known, gaps=gaps)
    flat = {
        "searchFilter": f"{_RUNS} AND {runs_of(plan)}",
        "orderByKey": _GAP if gaps else _COST,
        "orderByAsc": True,
    }
    sweeps = {
        "searchFilter": "tags.`gdbench.role` = 'sweep'",
        "orderByKey": "attributes.start_time",
        "orderByAsc": False,
        "selectedColumns": ["tags.`gdbench.answer`", "attributes.`Source`"],
        "compareRunCharts": [],
        "groupBy": None,
    }
    return {
        f"{_TAG}{_CURVES}": _saved("Curves", plan, {**state, **flat, "groupBy": None}),
        f"{_TAG}{_BEST}": _saved("Best runs first", plan, {**state, **flat}),
        f"{_TAG}{_SWEEPS}": _saved("Sweeps and their answers", plan, {**state, **sweeps}),
    }


def curves_page(base: str, experiment_id: str, mlflow: str) -> str:
    """The address of an experiment's curves on a server. mlflow: the server's version."""
    return _page(base, experiment_id, _CURVES, mlflow, "&compareRunsMode=CHART")


def best_page(base: str, experiment_id: str, mlflow: str) -> str:
    """The address of the table of an experiment's runs, the best first."""
    return _page(base, experiment_id, _BEST, mlflow, "")


def _page(base: str, experiment_id: str, view: str, mlflow: str, mode: str) -> str:
    # a browser would otherwise stay on the page for language models
    runs = f"{base}/#/experiments/{quote(experiment_id)}/runs?workflowType=machine_learning{mode}"
    if mlflow.startswith(_UNDERSTOOD):
        return f"{runs}&viewStateShareKey={view}"
    plain = {"searchFilter": _RUNS, "orderByKey": _COST, "orderByAsc": "true"}
    return f"{runs}&{urlencode(plain, quote_via=quote)}"


def _saved(name: str, plan: PlanRecord, view: Mapping[str, object]) -> str:
    state = base64.b64encode(zlib.compress(json.dumps(view).encode(), 9)).decode()
    at = round(plan.created * 1000)
    return json.dumps({"name": name, "createdAt": at, "updatedAt": at, "state": f"deflate;{state}"})


def _state(plan: PlanRecord, problems: list[ProblemRecord], *, gaps: bool) -> dict[str, object]:
    groups = Words(plan).problems()
    grouped = len(problems) > 1 and 1 < len(groups) <= _GROUPS
    return {
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "modelVersionFilter": "All Runs",
        "datasetsFilter": [],
        "selectedColumns": _columns(plan, problems, gaps=gaps),
        "columnOrder": _columns(plan, problems, gaps=gaps),
        "columnWidths": _WIDTHS,
        "runsExpanded": {},
        "runsPinned": [],
        "runsHidden": [],
        "runsVisibilityMap": {},
        "runsHiddenMode": "SHOW_ALL",  # its own choice is the first ten
        **_charts(gaps=gaps),
        "isAccordionReordered": True,  # keeps the sections in our order
        "viewMaximized": False,
        "runListHidden": False,
        "groupBy": _BY_PROBLEM if grouped else None,
        "groupsExpanded": {f"tag.{PROBLEM_TAG}.{one}": True for one in groups} if grouped else {},
        "useGroupedValuesInCharts": False,
        "hideEmptyCharts": True,
        "globalLineChartConfig": {"xAxisKey": "step", "lineSmoothness": 0, "selectedXAxisMetricKey": ""},
    }


_BY_PROBLEM = {"aggregateFunction": "min", "groupByKeys": [{"mode": "tag", "groupByData": PROBLEM_TAG}]}


def run_charts(tags: Iterable[Mapping[str, str]]) -> dict[str, object] | None:
    """What MLflow's page keeps of the charts of a single run, as in the saved view; None of other experiments.

    tags: the experiment's, each {"key": …, "value": …}.
    """
    for tag in tags:
        if tag["key"] == f"{_TAG}{_CURVES}":
            packed = json.loads(tag["value"])["state"].removeprefix("deflate;")
            state = json.loads(zlib.decompress(base64.b64decode(packed)))
            kept = ("compareRunCharts", "compareRunSections", "isAccordionReordered", "globalLineChartConfig")
            return {
                **{name: state[name] for name in kept},
                "autoRefreshEnabled": False,
                "hideEmptyCharts": True,
            }
    return None


def _charts(*, gaps: bool) -> dict[str, object]:
    """The curves, the one that shows convergence first; MLflow adds a section for each other kind of metric."""
    series = [*(["relative_gap"] if gaps else []), *(name for name in SERIES if name != "gap")]
    return {
        "compareRunCharts": [_chart(name) for name in series],
        "compareRunSections": [_LARGE],
    }


def _columns(plan: PlanRecord, problems: list[ProblemRecord], *, gaps: bool) -> list[str]:
    """What varies, how it ended and why, how close it came, and how soon it kept the tightest target."""
    targets = sorted(plan.targets, key=float)[:1] if gaps else []
    costs = not gaps or any(problem.optimum.cost is None for problem in problems)
    metrics = [
        *(["final/log10_relative_gap"] if gaps else []),
        *(["final/cost"] if costs else []),
        *(["final/test_cost"] if any(problem.data.get("test") for problem in problems) else []),
        *(f"kept_from/{target}" for target in targets),
        "iterations",
    ]
    return [
        *(f"params.`{axis}`" for axis in plan.varying),
        *(f"metrics.`{metric}`" for metric in metrics),
        "tags.`outcome`",
        "tags.`verdict`",
    ]


def _chart(series: str) -> dict[str, object]:
    column, metric = series_column(series), curve_metric(series)
    return {
        "uuid": metric,
        "type": "LINE",
        "metricKey": metric,
        "selectedMetricKeys": [metric],
        "displayName": f"{column.heading} ({column.unit})" if column.unit == COST_UNIT else column.heading,
        # the page for many runs shows a title only of charts that say what machine they are about
        "nodeLevelSystemMetricConfiguration": {"metric": metric, "type": "node"},
        "metricSectionId": "curve",
        "xAxisKey": "step",
        "xAxisScaleType": "log",
        "scaleType": "log",
        "range": {},
        "lineSmoothness": 0,
        "selectedXAxisMetricKey": "",
        "yAxisKey": "metric",
        "yAxisExpressions": [],
        "ignoreOutliers": False,
        "displayPoints": False,
        "useGlobalXaxisKey": True,
        "useGlobalLineSmoothing": True,
        "runsCountToCompare": 100,
        "deleted": False,
        "isGenerated": False,
    }


_OF_A_RUN = {"autoRefreshEnabled": False, "hideEmptyCharts": True}

#: One chart a row, as the curves are looked at first.
_LARGE = {
    "uuid": "curve",
    "name": "curve",
    "display": True,
    "isReordered": False,
    "deleted": False,
    "isGenerated": False,
    "columns": 1,
    "cardHeight": 460,
}
