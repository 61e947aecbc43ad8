"""How runs are dressed for MLflow's pages: names, tags, data, views, files, and what a config may say of it."""

from __future__ import annotations

import base64
import getpass
import json
import subprocess
import zlib
from collections import Counter
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from mlflow import MlflowClient

from gdbench.config.outside import markdown
from gdbench.config.processes import git_facts
from gdbench.config.vocabulary import artifact_root
from gdbench.judgement.answer import answer
from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.sentences import sentence
from gdbench.judgement.study import study
from gdbench.record.store import Store
from gdbench.reference.optimum import Optimum
from gdbench.report.analysis.lines import CROWDED
from gdbench.report.curve_pictures import pictures
from gdbench.tracking.child import PROBLEM_TAG
from gdbench.tracking.sync import sync
from gdbench.tracking.view import views
from gdbench.tracking.words import VISIBLE, Words
from tests.tracking.studies import PROBLEM, RECORDS, converged, everything, plan, record, spec, write_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tracking.studies import Place

ALL = [r.key for r in RECORDS]


def sent(place: Place, **changed: object) -> dict:
    write_store(place.folder, [plan(*ALL, **changed)])
    place.sync()
    return everything(place.uri)


def names(axes: dict, repeats: int = 1) -> list[str]:
    """What the runs of a grid are called in which these axes vary."""
    combined = [dict(zip(axes, chosen, strict=True)) for chosen in product(*axes.values())]
    specs = [{**spec(0.1), **one, "replicate": k} for one in combined for k in range(repeats)]
    words = Words(plan(*map(str, range(len(specs))), axes=axes, varying=list(axes)))
    return [words.name(one) for one in specs]


NETWORKS = [{"mlp": {"hidden": [n], "activation": how}} for n in (2, 8) for how in ("tanh", "relu")]


def test_a_name_says_what_varies_and_then_what_it_is_about() -> None:
    rates = [{"constant": {"rate": rate}} for rate in (0.1, 0.5)]
    assert names({"learning_rate": rates}) == ["η=0.1 · linear · mse", "η=0.5 · linear · mse"]
    assert names({"model": [{"linear": {}}, {"polynomial": {"degree": 3}}]})[0] == "linear · mse"
    assert Words(plan("a", varying=[])).name(spec(0.1)) == "linear · mse · η=0.1"
    assert names({"learning_rate": rates}, repeats=2)[1] == "η=0.1 #1 · linear · mse"


def test_of_choices_with_one_name_only_what_differs_is_said() -> None:
    assert names({"model": NETWORKS[:2]}) == ["tanh · mse", "relu · mse"]
    degrees = [{"polynomial": {"degree": degree, "bias": True}} for degree in (2, 3)]
    assert names({"model": degrees}) == ["degree=2 · mse", "degree=3 · mse"]


def test_fifteen_letters_tell_the_runs_of_a_large_grid_apart() -> None:
    data = ["moons(60×2)", "xor(60×2)"]
    optimizers = [{"gradient_descent": {"momentum": 0.0}}, {"adam": {"beta1": 0.9}}]
    told = names({"data": data, "model": NETWORKS, "optimizer": optimizers}, repeats=3)
    assert len({name[:VISIBLE] for name in told}) == len(told) == 48
    assert told[0] == "2 tan moo gd · mse"


def test_a_spelled_out_name_is_kept_where_it_is_short_enough() -> None:
    optimizers = [{"adam": {"beta1": 0.9}}, {"gradient_descent": {"momentum": 0.0}}]
    assert names({"optimizer": optimizers})[1] == "gradient_descent · linear · mse"


def test_the_source_is_the_config_at_its_commit_with_changes_told(place: Place) -> None:
    git = {"git_commit": "0123abc", "git_dirty": "yes", "git_branch": "wip", "git_repository": "https://h/r"}
    runs = sent(place, environment=git)["runs"]
    for role in ("plan plan-1", "run fast"):
        tags = runs[role]["tags"]
        assert tags["mlflow.user"] == getpass.getuser()
        assert (tags["mlflow.source.git.branch"], tags["mlflow.source.git.repoURL"]) == ("wip", "https://h/r")
        assert tags["mlflow.source.name"] == "configs/lr_sweep.yaml"
        assert (tags["mlflow.source.git.commit"], tags["mlflow.source.git.dirty"]) == ("0123abc", "true")


def test_the_data_is_an_input_with_its_digest_of_every_run_and_of_the_parent(place: Place) -> None:
    runs = sent(place)["runs"]
    for role in ("plan plan-1", *(f"run {key}" for key in ALL)):
        [data] = runs[role]["data"]
        assert (data["name"], data["digest"]) == ("diabetes", "0123456789abcdef0123456789abcdef")
        assert data["tags"] == {"mlflow.data.context": "training"}
        columns = [column["name"] for column in json.loads(data["schema"])["mlflow_colspec"]]
        assert columns == ["age", "bmi", "progression"]
        assert json.loads(data["profile"])["digest"] == PROBLEM.data["digest"]


def test_runs_on_a_surface_have_no_data(place: Place) -> None:
    write_store(place.folder, [plan("fast")], RECORDS[1:2])
    with Store.open(place.folder) as store:
        store.add_problem(replace(PROBLEM, data={"name": "beale", "source": "Beale 1958"}))
    place.sync()
    assert everything(place.uri)["runs"]["run fast"]["data"] == []


def test_a_config_chooses_the_experiment_the_tags_the_points_and_the_place_of_artifacts(
    place: Place, tmp_path: Path
) -> None:
    root = tmp_path / "elsewhere"
    said = {"experiment_name": "optics", "tags": {"team": "λ"}, "artifact_root": str(root), "curve_points": 40}
    write_store(place.folder, [plan(*ALL, tracking=said)])
    place.sync()
    assert MlflowClient(place.uri).get_experiment_by_name("lr_sweep") is None
    runs = everything(place.uri, "optics")["runs"]
    assert {run["tags"]["team"] for run in runs.values()} == {"λ"}
    steps = {step for step, _, _ in runs["run slow"]["points"]["curve/cost"]}
    assert 35 <= len(steps) <= 40
    assert {1, 2001, *(k + 1 for k in RECORDS[0].result.iterations_to.values() if k is not None)} <= steps
    assert {path.name for path in (root / "optics").rglob("*.yaml")} == {"config.yaml"}


@pytest.mark.parametrize("root", ["mlruns", "/data/mlruns", "s3://bucket/gd@home", "dbfs:/artifacts"])
def test_artifacts_may_go_to_a_folder_or_an_address(root: str) -> None:
    assert artifact_root(root) == root


@pytest.mark.parametrize("root", ["s3://key:s3cret@bucket", "https://ann@host/x", "", 3])
def test_artifacts_never_go_to_an_address_with_credentials(root: object) -> None:
    with pytest.raises(ValueError, match="without credentials"):
        artifact_root(root)


def test_files_given_to_the_parent_are_its_artifacts(place: Place, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>use 0.2</p>")
    write_store(place.folder, [plan(*ALL)])
    asked = []

    def files(of: object, _: Store) -> dict[str, Path]:
        asked.append(of)
        return {"report.html": tmp_path / "index.html"}

    for _ in range(2):
        with Store.read(place.folder) as store:
            sync(store, place.uri, place.results, files=files)
    assert everything(place.uri)["runs"]["plan plan-1"]["files"]["report.html"] == "<p>use 0.2</p>"
    assert len(asked) == 1, "a plan that is tracked already needs no report"


def opened(tags: dict[str, str], view: str) -> dict:
    saved = json.loads(tags[f"mlflow.sharedViewState.{view}"])
    return json.loads(zlib.decompress(base64.b64decode(saved["state"].removeprefix("deflate;"))))


def test_the_saved_views_show_all_curves_on_log_axes_and_the_columns_that_matter(place: Place) -> None:
    tags = sent(place)["tags"]
    for view in ("gdbench-curves", "gdbench-best"):
        state = opened(tags, view)
        first, second = state["compareRunCharts"][:2]
        assert [one["metricKey"] for one in (first, second)] == ["curve/relative_gap", "curve/cost"]
        assert (first["displayName"], first["xAxisScaleType"], first["scaleType"]) == (
            "Relative gap",
            "log",
            "log",
        )
        assert state["runsHiddenMode"] == "SHOW_ALL"
        columns = state["selectedColumns"]
        assert columns[:2] == ["params.`learning_rate`", "metrics.`final/log10_relative_gap`"]
        assert "metrics.`kept_from/0.0001`" in columns
        assert "tags.`verdict`" in columns
        assert len(tags[f"mlflow.sharedViewState.{view}"]) < 5000, "the most that older servers take"
        # sorted by a metric, children stand in a flat list, which nothing collapses
        assert state["orderByKey"] == "metrics.`final/relative_gap`"
        ours = "tags.`gdbench.plans` LIKE '%plan-1%'"
        assert state["searchFilter"] == f"tags.`gdbench.role` = 'run' AND {ours}", "and none of another plan"
        assert state["groupBy"] is None
    assert opened(tags, "gdbench-sweeps")["selectedColumns"][0] == "tags.`gdbench.answer`"


def test_where_no_optimum_is_known_runs_are_sorted_by_their_cost_which_is_shown() -> None:
    unknown = replace(PROBLEM, optimum=Optimum("unknown", "Nothing is known."))
    state = opened(views(plan("a"), [unknown]), "gdbench-best")
    assert state["orderByKey"] == "metrics.`final/cost`"
    assert "metrics.`final/cost`" in state["selectedColumns"]
    assert not [column for column in state["selectedColumns"] if "gap" in column or "kept_from" in column]
    assert state["compareRunCharts"][0]["metricKey"] == "curve/cost"


def test_the_runs_of_several_problems_are_grouped_by_problem_and_every_group_is_open() -> None:
    two = plan("a", axes={"model": NETWORKS[:2]}, varying=["model"])
    state = opened(views(two, [PROBLEM, replace(PROBLEM, id="problem-2", label="another")]), "gdbench-best")
    assert state["groupBy"]["groupByKeys"] == [{"mode": "tag", "groupByData": PROBLEM_TAG}]
    told = [Words(two).problem({"model": network}) for network in NETWORKS[:2]]
    assert told == ["tanh", "relu"]
    assert state["groupsExpanded"] == {f"tag.{PROBLEM_TAG}.{one}": True for one in told}
    assert state["useGroupedValuesInCharts"] is False, "every run has its line"


def test_every_run_has_a_description_a_verdict_and_its_curve(place: Place, tmp_path: Path) -> None:
    for name in ("picture.svg", "curves.svg"):
        (tmp_path / name).write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    write_store(place.folder, [plan(*ALL)])
    with Store.read(place.folder) as store:
        sync(
            store,
            place.uri,
            place.results,
            files=lambda *_: {n: tmp_path / n for n in ("picture.svg", "curves.svg")},
        )
        about = study(store)
        found = diagnoses(about, store)
    runs = everything(place.uri)["runs"]
    for key in ALL:
        tags, note = runs[f"run {key}"]["tags"], runs[f"run {key}"]["tags"]["mlflow.note.content"]
        assert (tags["verdict"], tags["grade"]) == (found[key].verdict, found[key].grade)
        assert markdown(sentence(found[key].first)) in note
        assert f"#run-{key})" in note
        assert markdown(answer(about).text) in note
    assert "picture.svg" in runs["plan plan-1"]["tags"]["mlflow.note.content"]


def test_the_picture_of_all_runs_has_a_panel_for_each_that_an_address_can_name(place: Place) -> None:
    write_store(place.folder, [plan(*ALL)])
    with Store.read(place.folder) as store:
        drawn = pictures(study(store), store)
    panels = ET.fromstring(drawn["curves.svg"]).findall("{http://www.w3.org/2000/svg}view")
    assert [panel.get("id") for panel in panels] == [f"run-{key}" for key in ALL]
    assert len({panel.get("viewBox") for panel in panels}) == len(ALL)
    assert "No curve was recorded." in drawn["curves.svg"], "of the run that crashed"
    assert "★ η=0.2" in drawn["picture.svg"]
    ET.fromstring(drawn["picture.svg"])


def test_pictures_of_very_many_runs_draw_some_of_each_method_and_say_how_many(place: Place) -> None:
    starts, rates = ("zeros", "normal"), range(1, 201)
    keys = [f"{start}-{k}" for k in rates for start in starts]
    result = converged(factor=0.8, updates=150)
    runs = [
        record(f"{start}-{k}", result, rate=0.001 * k, initialization=start) for k in rates for start in starts
    ]
    axes = {
        "learning_rate": [{"constant": {"rate": 0.001 * k}} for k in rates],
        "initialization": [{"zeros": {}}, {"normal": {"mean": 0.0, "std": 2.5}}],
    }
    write_store(place.folder, [plan(*keys, axes=axes, varying=list(axes))], tuple(runs))
    with Store.read(place.folder) as store:
        about = study(store)
        drawn = pictures(about, store)
    whole = ET.fromstring(drawn["curves.svg"])
    named = [panel.get("id") for panel in whole.findall("{http://www.w3.org/2000/svg}view")]
    assert f"run-{about.best[0].runs[0].key}" in named
    of_start = Counter(name.split("-")[1] for name in named)
    assert of_start.total() == CROWDED == 360
    assert abs(of_start["zeros"] - of_start["normal"]) <= 1
    assert "360 of 400 runs are drawn" in drawn["curves.svg"]
    assert whole.get("viewBox") == f"0 {360 // 4 * 300} 560 300", "what an unknown address shows"
    assert "· 360 of 400 runs</text>" in drawn["picture.svg"]
    assert drawn["picture.svg"].count('fill="none"') == 360
    assert max(map(len, drawn.values())) < 1_000_000


def test_a_tree_is_changed_where_a_file_that_git_knows_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert git_facts() == {}
    as_somebody = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=trunk"]
    (tmp_path / "known").write_text("1")
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "."],
        ["remote", "add", "origin", "https://h/r"],
    ):
        subprocess.run([*as_somebody, *words], check=True)
    (tmp_path / "of somebody else").touch()
    told = git_facts()
    assert (told["git_dirty"], told["git_branch"], told["git_repository"]) == ("no", "trunk", "https://h/r")
    (tmp_path / "known").write_text("2")
    assert git_facts()["git_dirty"] == "yes"
