"""The saved views of an experiment in MLflow's page: every run's curves on log axes, and the best first.

MLflow keeps a view that its page saves as a tag of the experiment. The format is internal: a test opens
the views in a browser, and pages of other versions are shown by plain addresses, without them.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from gdbench.record.columns import SERIES, curve_metric, series_column

if TYPE_CHECKING:
    from gdbench.record.records import PlanRecord

#: Versions of MLflow whose pages have been seen to understand these views.
_UNDERSTOOD = ("3.17.", "3.18.")

_TAG = "mlflow.sharedViewState."
_CURVES, _BEST = "gdbench-curves", "gdbench-best"

_CHARTS = {curve_metric(name): series_column(name).heading for name in SERIES}

#: The rest of a section's charts MLflow makes by itself, of the metrics that begin with its name.
_SECTIONS = ("curve", "final", "iterations_to", "hp", "outcomes")

#: MLflow's page hides the children of a parent unless the table is sorted by something else than time.
_BEST_FIRST = {
    "searchFilter": "tags.`gdbench.role` = 'run'",
    "orderByKey": "metrics.`final/objective_gap`",
    "orderByAsc": True,
}
_BY_TIME = {"searchFilter": "", "orderByKey": "attributes.start_time", "orderByAsc": False}


def views(plan: PlanRecord) -> dict[str, str]:
    """The views as tags of the experiment: runs under their sweep, and all runs, the best first."""
    return {
        f"{_TAG}{_CURVES}": _saved("Cost curves", plan, _BY_TIME),
        f"{_TAG}{_BEST}": _saved("Best runs first", plan, _BEST_FIRST),
    }


def curves_page(base: str, experiment_id: str, mlflow: str) -> str:
    """The address of an experiment's curves on a server. mlflow: the server's version."""
    return _page(base, experiment_id, _CURVES, mlflow)


def best_page(base: str, experiment_id: str, mlflow: str) -> str:
    """The address of an experiment's runs, those with the smallest gap to the optimum first."""
    return _page(base, experiment_id, _BEST, mlflow)


def _page(base: str, experiment_id: str, view: str, mlflow: str) -> str:
    # a fresh browser would otherwise land on the page for language models
    runs = f"{base}/#/experiments/{quote(experiment_id)}/runs?workflowType=machine_learning"
    charts = f"{runs}&compareRunsMode=CHART"
    if mlflow.startswith(_UNDERSTOOD):
        return f"{charts}&viewStateShareKey={view}"
    plain = {key: str(value).lower() if value is True else value for key, value in _BEST_FIRST.items()}
    return f"{charts}&{urlencode(plain, quote_via=quote)}"


def _saved(name: str, plan: PlanRecord, order: dict[str, object]) -> str:
    state = base64.b64encode(zlib.compress(json.dumps({**order, **_state(plan)}).encode())).decode()
    at = round(plan.created * 1000)
    return json.dumps({"name": name, "createdAt": at, "updatedAt": at, "state": f"deflate;{state}"})


def _state(plan: PlanRecord) -> dict[str, object]:
    return {
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "modelVersionFilter": "All Runs",
        "datasetsFilter": [],
        "selectedColumns": _columns(plan),
        "columnOrder": [],
        "columnWidths": {},
        "runsHiddenMode": "SHOW_ALL",  # its own choice is the first ten
        "compareRunCharts": [_chart(metric, title) for metric, title in _CHARTS.items()],
        "compareRunSections": [_section(name) for name in _SECTIONS],
        "isAccordionReordered": True,  # keeps the sections in our order
        "viewMaximized": False,
        "runListHidden": False,
        "groupBy": None,
        "groupsExpanded": {},
        "useGroupedValuesInCharts": True,
        "hideEmptyCharts": True,
        "globalLineChartConfig": {"xAxisKey": "step", "lineSmoothness": 0, "selectedXAxisMetricKey": ""},
    }


def _columns(plan: PlanRecord) -> list[str]:
    """What varies, how it ended, how close it came, and how soon it kept the tightest target."""
    targets = sorted(plan.targets, key=float)[:1]
    metrics = ["final/relative_gap", *(f"kept_from/{target}" for target in targets), "iterations"]
    return [
        *(f"params.`{axis}`" for axis in plan.varying),
        "tags.`outcome`",
        *(f"metrics.`{metric}`" for metric in metrics),
        *(["attributes.`Dataset`"] if "data" in plan.varying else []),
    ]


def _chart(metric: str, title: str) -> dict[str, object]:
    return {
        "uuid": metric,
        "type": "LINE",
        "metricKey": metric,
        "selectedMetricKeys": [metric],
        "displayName": title,
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


def _section(name: str) -> dict[str, object]:
    """One chart a row among the curves, which are looked at first; three elsewhere."""
    large = {"columns": 1, "cardHeight": 460} if name == "curve" else {"columns": 3, "cardHeight": 300}
    return {
        "uuid": name,
        "name": name,
        "display": True,
        "isReordered": False,
        "deleted": False,
        "isGenerated": False,
        **large,
    }
