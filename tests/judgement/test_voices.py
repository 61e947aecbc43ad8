"""Terminal, MLflow, page, Markdown, JSON and notebook name the same setting in the same words."""

import html
import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

from mlflow import MlflowClient
from rich.console import Console

import gdbench
from gdbench.cli.verbs.report import show_report
from gdbench.judgement.answer import answer
from gdbench.judgement.next_experiment import next_experiment
from gdbench.judgement.study import study
from gdbench.report.page.markdown import markdown
from gdbench.report.page.page import page
from gdbench.report.page.sections import report
from gdbench.report.page.terminal import summary
from gdbench.tracking.parent import closing
from gdbench.tracking.server.address import resolve_uri
from gdbench.tracking.sync import sync
from tests.sampling import sampled
from tests.swept import swept

CONFIGS = Path(__file__).parents[2] / "configs"
#: Every shipped config: one problem, several, many; with and without an optimum and losses.
SHIPPED = sorted(path.stem for path in CONFIGS.glob("*.yaml"))
#: The terminal says it after its summary; the tag is a column of a table.
SILENT_ON_NEXT = ("terminal", "MLflow's tag")
#: Rosenbrock's valley from random starts: the fastest rates diverge from some of them.
TWO_VOICES = Path(__file__).with_name("two_voices.yaml").read_text(encoding="utf-8").replace("40000", "8000")


def printed(store):
    file = io.StringIO()
    Console(file=file, width=10_000).print(summary(store))
    return file.getvalue()


def float_of_no_json(constant):
    raise AssertionError(f"{constant} is no JSON")


def plain(markdown_text):
    """Markdown without the signs that only set it apart."""
    return html.unescape(re.sub(r"\\([\\`*_\[\]>|#~])", r"\1", markdown_text))


def voices(store):
    """Voice → all that it says, as a reader sees it."""
    about = study(store)
    whole = report(about, store)
    offered = next_experiment(about, store)
    content = closing(about, offered)
    folder = store.path.parent
    loaded = gdbench.load(folder.name, folder.parent)
    with redirect_stdout(io.StringIO()) as shown:
        show_report([folder], formats=None, open_page=False)
    as_json = json.loads(shown.getvalue(), parse_constant=float_of_no_json)
    return {
        "terminal": printed(store),
        "MLflow's description": plain(content.tags["mlflow.note.content"]),
        "MLflow's tag": content.tags["gdbench.answer"],
        "page": html.unescape(page([whole]).replace('<span class="hidden">', "").replace("</span>", "")),
        "Markdown": plain(markdown([whole])),
        "JSON": f"{as_json['text']} {as_json['next']['why']} {as_json['next'].get('line', '')}",
        "notebook": repr(loaded),
        "notebook's cell": html.unescape(loaded._repr_html_()),
    }


@sampled("name", SHIPPED, 2, kept=["quickstart", "softmax"])
def test_all_voices_say_the_same_of_a_shipped_config(tmp_path, name):
    text = (CONFIGS / f"{name}.yaml").read_text(encoding="utf-8")
    with swept(tmp_path, text.replace("./plugins/", f"{CONFIGS}/plugins/")) as store:
        about, said = study(store), voices(store)
        lines, offer = answer(about).lines, next_experiment(about, store).line
    for voice, words in said.items():
        for line in [*lines, *([offer] if voice not in SILENT_ON_NEXT else [])]:
            assert line in words, f"{voice} does not say: {line}"


def test_all_voices_use_the_setting_that_lost_no_run_where_the_faster_ones_did(tmp_path):
    with swept(tmp_path, TWO_VOICES) as store:
        about, said = study(store), voices(store)
        uri = resolve_uri(None, tmp_path)
        sync(store, uri, tmp_path)
    text = (
        "Use η = 0.001: it keeps a relative gap of 0.0001 from iteration 5336 on (median of 5 runs); "
        "some runs of η ≥ 0.002 diverged: steps too long for the curvature on the way, estimated."
    )
    assert all(text in words for words in said.values()), said
    assert about.best[0].lost == 0
    [starred] = [line for line in said["terminal"].splitlines() if line.startswith("★")]
    assert starred.split()[1] == "0.001"
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("two_voices")
    (parent,) = client.search_runs([experiment.experiment_id], "tags.`gdbench.role` = 'sweep'")
    assert parent.data.tags["mlflow.note.content"].startswith(f"**{text}**")
    assert parent.data.tags["gdbench.answer"] == text
