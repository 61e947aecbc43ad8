"""MLflow's app as `gdbench ui` serves it: it opens where the study is, with nothing in front of it.

MLflow's page keeps in the browser whether it is about language models or about training, whether its assistant
has opened itself, and how each run's charts are drawn; no address and no tag can say so. Here its document
begins with a few lines that say it, each only where the browser has no say yet. MLflow finds this module by the
entry point `mlflow.app`; all else is its own app, untouched.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from gdbench.tracking.child import ROLE_TAG

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The environment variable with the file in which `gdbench ui` writes where to begin, once it knows:
#: {"page": what follows the server's address, "charts": {experiment id: how a run's charts are drawn}}.
START = "GDBENCH_UI_START"

#: What the page keeps of itself, by MLflow's names for it.
_KEPT = {
    "mlflow.workflowType_v1": "machine_learning",
    "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": True,  # so that it does not open itself
}
#: What the page writes into its address of a view that it has applied.
_SAID = [
    "searchFilter",
    "orderByKey",
    "orderByAsc",
    "startTime",
    "lifecycleFilter",
    "modelVersionFilter",
    "datasetsFilter",
]
#: Where the page keeps how the charts of a run are drawn, around the run's id.
_OF_RUN = ("MLflowLocalStorage-1.1-RunPage-", "-model-chartUIState")

_SCRIPT = """<script>(() => {{ try {{
  const kept = {kept}, [before, after] = {of_run}, start = {start}, read = Storage.prototype.getItem;
  for (const [key, value] of Object.entries(kept))
    if (localStorage.getItem(key) === null) localStorage.setItem(key, JSON.stringify(value));
  const isRun = id => {{
    try {{
      const ask = new XMLHttpRequest(); // what is read from storage is given at once, so this is asked at once
      ask.open("GET", `ajax-api/2.0/mlflow/runs/get?run_id=${{id}}`, false);
      ask.send();
      return JSON.parse(ask.responseText).run.data.tags.some(tag => tag.key === {role} && tag.value === "run");
    }} catch (error) {{ return false; }}
  }};
  Storage.prototype.getItem = function (key) {{
    const value = read.call(this, key), at = /^#\\/experiments\\/(\\d+)\\/runs\\//.exec(location.hash);
    const ours = value === null && at && key.startsWith(before) && key.endsWith(after) && start.charts[at[1]];
    return ours && isRun(key.slice(before.length, -after.length)) ? JSON.stringify(ours) : value;
  }};
  const [place, asked] = location.hash.split("?"), said = new URLSearchParams(asked);
  if ((said.get("viewStateShareKey") || "").startsWith("gdbench-")) {{
    // a view that is named beside what it says itself, as it is in a page reloaded, would not be applied
    for (const name of {said}) said.delete(name);
    history.replaceState(null, "", `${{location.pathname}}${{place}}?${{said}}`);
  }}
  if (!location.hash && start.page) location.replace(location.pathname + start.page);
}} catch (error) {{ console.warn(error); }} }})()</script>"""

#: Headers that would no longer be true, or would have the browser keep a document of another day.
_UNTRUE = (b"content-length", b"etag", b"last-modified", b"cache-control")


class FrontPage:
    """MLflow's app, but for the document that a browser asks for first."""

    def __init__(self, mlflow: ASGIApp) -> None:
        self._mlflow = mlflow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (scope["type"], scope.get("path"), scope.get("method")) != ("http", "/", "GET"):
            await self._mlflow(scope, receive, send)
            return
        said: list[Message] = []

        async def heard(message: Message) -> None:
            said.append(message)

        # a browser that has a document of another day would be told that it has not changed
        asked = [(key, value) for key, value in scope["headers"] if not key.lower().startswith(b"if-")]
        await self._mlflow({**scope, "headers": asked}, receive, heard)
        page = b"".join(message.get("body", b"") for message in said[1:])
        page = page.replace(b"<head>", b"<head>" + _script().encode(), 1)
        headers = [(key, value) for key, value in said[0]["headers"] if key.lower() not in _UNTRUE]
        headers += [(b"content-length", str(len(page)).encode()), (b"cache-control", b"no-store")]
        await send({**said[0], "headers": headers})
        await send({"type": "http.response.body", "body": page})


def app() -> ASGIApp:
    """What MLflow's server is told to serve; made in its worker, as only there its own app is."""
    return FrontPage(import_module("mlflow.server.fastapi_app").app)


def _script() -> str:
    values = {"kept": _KEPT, "of_run": _OF_RUN, "said": _SAID, "start": _start(), "role": ROLE_TAG}
    # as JSON in which nothing ends the script early
    return _SCRIPT.format(**{name: json.dumps(value).replace("<", "\\u003c") for name, value in values.items()})


def _start() -> dict[str, object]:
    try:
        found: dict[str, object] = json.loads(Path(os.environ[START]).read_text(encoding="utf-8"))
    except (KeyError, OSError, ValueError):
        return {"page": "", "charts": {}}
    return found
