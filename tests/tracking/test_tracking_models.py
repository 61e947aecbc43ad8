"""Logged models: each kind is loaded by MLflow, asked without gdbench, and says what that says, bit for bit."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from typing import TYPE_CHECKING

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

import gdbench
from gdbench.config.experiment import read_experiment
from gdbench.execution.profiles.profile import BUILT_IN
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from gdbench.tracking.models.logged import BEST_TAG
from gdbench.tracking.sync import sync
from tests import sampling
from tests.execution.sweeping import run_all
from tests.sweeps import SWEEP
from tests.tracking.studies import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflow.entities import LoggedModel

#: As people have them: text, gaps, whole numbers, yes and no, a count and classes to predict.
ROWS = """\
city,area,rooms,age,new,visits,price,kind
Berlin,50,2,30,false,3,310,flat
Berlin,70,3,12,true,5,402,flat
Paris,65,2,,true,4,455,loft
Paris,90,4,8,true,9,560,house
Rome,80,3,40,false,6,398,flat
Rome,120,5,25,false,11,551,house
Berlin,110,4,3,true,10,577,house
Paris,40,1,60,false,2,318,loft
Rome,60,2,15,false,4,342,loft
"""

#: Other rows: whole numbers where fractions were, a gap, and a city that nobody has seen.
ASKED = pd.DataFrame(
    {"rooms": [3, 2, 4], "new": [True, False, True], "city": ["Paris", "Rome", "Oslo"], "area": [75, 55, 100]},
    index=["a", "b", "c"],
).assign(age=[20.5, None, 10.0])

DATA = (
    "data: {{file: rows.csv, target: {target}, drop: [{drop}], categories: one_hot, missing: median{more}}}\n"
)
NUMBERS = DATA.format(target="price", drop="visits, kind", more=", standardize: true, test: 0.34")
RUN = "learning_rate: {rate}\n  convergence: {{max_iterations: 40}}\n"
CURVE = "{formula: {expression: 'b1 + b2 * x3 + atan(b3 * x4 ** 3) * sqrt(1 + x5 * x5)'}}"

STUDIES = {
    "numbers": NUMBERS
    + "grid:\n  model: [linear, {polynomial: {degree: 2}}, {mlp: {hidden: [3], activation: softplus}}, "
    + CURVE
    + "]\n  cost: mse\n  initialization: {normal: {std: 0.3}}\n  "
    + RUN.format(rate="[0.01, 0.02]"),
    "turned": NUMBERS.replace("test: 0.34", "perturb: {rotation: true, scale: 2.0, shift: 0.5}")
    + "grid:\n  model: linear\n  cost: huber\n  "
    + RUN.format(rate=0.01),
    "counts": DATA.format(target="visits", drop="price, kind", more=", standardize: true")
    + "grid:\n  model: poisson\n  cost: poisson\n  "
    + RUN.format(rate=0.05),
    "two": DATA.format(target="kind", drop="price, visits", more=", classes: [loft, flat]")
    + "grid:\n  model: [logistic, linear]\n  cost: [logistic, hinge]\n  "
    + RUN.format(rate="1.0e-5")
    + "tracking: {models: all}\n",
    "three": DATA.format(target="kind", drop="price, visits", more=", standardize: true")
    + "grid:\n  model: [softmax, {mlp: {hidden: [2], activation: leaky_relu}}]\n  cost: softmax\n  "
    + RUN.format(rate=0.1)
    + "tracking: {register_as: which home}\n",
}


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Place:
    """All studies, tracked in one database; their data is gone since."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "mlflow.db").write_bytes(template.read_bytes())
    (folder / "rows.csv").write_text(ROWS, encoding="utf-8")
    place = Place(folder)
    for name, text in STUDIES.items():
        asked = read_experiment(f"name: {name}\n{text}", folder / f"{name}.yaml")
        run_all(make_plan(asked), folder / name, BUILT_IN["serial"])
        send(place, name)
    (folder / "rows.csv").unlink()
    return place


def send(place: Place, name: str) -> None:
    with Store.read(place.results / name) as store:
        sync(store, place.uri, place.results)


def logged(place: Place, name: str) -> dict[str, LoggedModel]:
    """By the keys of their runs."""
    client = MlflowClient(place.uri)
    found = client.get_experiment_by_name(name)
    assert found is not None
    return {one.tags["gdbench.key"]: one for one in client.search_logged_models([found.experiment_id])}


def all_of(place: Place) -> Iterator[tuple[str, str, LoggedModel]]:
    for name in STUDIES:
        for key, one in logged(place, name).items():
            yield name, key, one


@pytest.fixture
def addressed(homes: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    mlflow.set_tracking_uri(homes.uri)
    yield
    mlflow.set_tracking_uri(None)  # and out of the environment


@pytest.mark.usefixtures("addressed")
@pytest.mark.filterwarnings("ignore:.*in no training row")
def test_mlflow_loads_each_kind_and_it_predicts_as_gdbench_does_bit_for_bit(homes: Place) -> None:
    kinds = set[str]()
    for name, key, one in all_of(homes):
        told = gdbench.load(homes.results / name).predict(ASKED, run=key)
        address = f"models:/{one.model_id}" if one.model_type in kinds else f"runs:/{one.source_run_id}/model"
        model = mlflow.pyfunc.load_model(address)
        pd.testing.assert_frame_equal(model.predict(ASKED), told, check_exact=True)
        assert model.metadata.signature.inputs.input_names() == ["city", "area", "rooms", "age", "new"]
        assert model.metadata.signature.outputs.input_names() == list(told.columns)
        assert not model.predict(model.input_example).isna().any(axis=None)
        kinds.add(one.model_type)
    assert kinds == {"linear", "polynomial", "mlp", "formula", "poisson", "logistic", "softmax"}


#: Asks models as MLflow does, by the entrance that their own code has.
ASKING = """
import importlib, json, sys
from pathlib import Path
import pandas as pd
ABSENT
asked = pd.read_json(sys.stdin, orient="split", dtype=False)
for folder in map(Path, sys.argv[1:]):
    sys.path.insert(0, str(folder / "code"))
    module = importlib.import_module(next((folder / "code").glob("*.py")).stem)
    print(module._load_pyfunc(str(folder / "data")).predict(asked).to_json(orient="split", double_precision=15))
"""


@pytest.mark.filterwarnings("ignore:.*in no training row")
def test_a_model_needs_neither_gdbench_nor_mlflow_to_be_asked(homes: Place) -> None:
    whole = list(all_of(homes))
    folders = [one.artifact_location.removeprefix("file://") for *_, one in whole]
    code = ASKING.replace("ABSENT", "sys.modules.update(gdbench=None, mlflow=None)")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-c", code, *folders],
        input=ASKED.to_json(orient="split"),
        capture_output=True,
        text=True,
        check=True,
    )
    for (name, key, _), line in zip(whole, done.stdout.splitlines(), strict=True):
        told = gdbench.load(homes.results / name).predict(ASKED, run=key)
        assert json.loads(line) == json.loads(told.to_json(orient="split", double_precision=15))


def test_the_model_of_a_problem_is_that_of_its_best_run_and_all_are_logged_where_asked(homes: Place) -> None:
    for name in STUDIES:
        with Store.read(homes.results / name) as store:
            about = study(store)
            best = {model.run.key for model in gdbench.load(homes.results / name).models}
        found = logged(homes, name)
        assert {key for key, one in found.items() if one.tags[BEST_TAG] == "yes"} == best
        assert found.keys() == ({run.key for run in about.plan.runs} if name == "two" else best)


def test_a_model_has_the_metrics_of_its_run_those_on_rows_held_out_among_them(homes: Place) -> None:
    client = MlflowClient(homes.uri)
    for key, one in logged(homes, "numbers").items():
        of_run = client.get_run(one.source_run_id)
        assert of_run.data.tags["gdbench.key"] == key
        assert [out.model_id for out in of_run.outputs.model_outputs] == [one.model_id]
        known = {metric.key: metric.value for metric in one.metrics}
        assert {"final/cost", "final/test_cost", "train/r2", "test/r2", "test/rmse"} <= known.keys()
        assert known == {name: of_run.data.metrics[name] for name in known}
        on = {metric.key: metric.dataset_name for metric in one.metrics}
        assert {name for name, data in on.items() if data == "rows.csv · held out"} == {
            name for name in on if name.startswith("test/") or "test_cost" in name
        }
        assert set(on.values()) == {"rows.csv", "rows.csv · held out"}


@pytest.mark.usefixtures("addressed")
def test_the_best_of_a_problem_is_registered_where_asked_for_and_once(homes: Place) -> None:
    (homes.results / "rows.csv").write_text(ROWS, encoding="utf-8")
    client = MlflowClient(homes.uri)
    names = [one.name for one in client.search_registered_models()]
    assert len(names) == 2, names
    assert all(name.startswith("which home · ") for name in names), "each problem has its own"
    before = {one.model_id for one in logged(homes, "three").values()}
    for run in client.search_runs([client.get_experiment_by_name("three").experiment_id]):
        if "gdbench.plan" in run.data.tags:
            client.update_run(run.info.run_id, status="KILLED")
    send(homes, "three")
    assert {one.model_id for one in logged(homes, "three").values()} == before
    for name in names:
        [version] = client.search_model_versions(f"name = '{name}'")
        model = mlflow.pyfunc.load_model(f"models:/{name}@best")
        assert model.metadata.run_id == version.run_id


def test_what_tracking_says_changes_no_key(tmp_path: Path) -> None:
    asked = "tracking: {models: all, register_as: flats, tags: {team: a}}\n"
    plans = [make_plan(read_experiment(text, tmp_path / "a.yaml")) for text in (SWEEP, SWEEP + asked)]
    assert [run.key for run in plans[0].runs] == [run.key for run in plans[1].runs]


if sampling.whole:  # it installs MLflow into an environment of its own

    @pytest.mark.exhaustive
    @pytest.mark.filterwarnings("ignore:.*in no training row")
    def test_each_kind_answers_in_an_environment_with_nothing_but_mlflow(homes: Place, tmp_path: Path) -> None:
        venv.create(tmp_path / "env", with_pip=True)
        python = tmp_path / "env" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", "mlflow>=3.17,<4"], check=True)
        whole = list(all_of(homes))
        code = ASKING.partition("for folder")[0].replace("ABSENT", "import mlflow") + (
            "assert importlib.util.find_spec('gdbench') is None\n"
            f"mlflow.set_tracking_uri({homes.uri!r})\n"
            "for address in sys.argv[1:]:\n"
            "    found = mlflow.pyfunc.load_model(address).predict(asked)\n"
            "    print(found.to_json(orient='split', double_precision=15))\n"
        )
        done = subprocess.run(
            [
                python,
                "-I",
                "-W",
                "ignore",
                "-c",
                code,
                *(f"runs:/{one.source_run_id}/model" for *_, one in whole),
            ],
            input=ASKED.to_json(orient="split"),
            capture_output=True,
            text=True,
            check=True,
        )
        for (name, key, _), line in zip(whole, done.stdout.splitlines(), strict=True):
            told = gdbench.load(homes.results / name).predict(ASKED, run=key)
            assert json.loads(line) == json.loads(told.to_json(orient="split", double_precision=15))
