"""gdbench.run: the same session as the command line's, from whatever stands for a config in Python."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gdbench
from gdbench.config.experiment import load_experiment
from gdbench.door.configs import kept
from gdbench.record.store import Store
from gdbench.session import run as session
from gdbench.session.listener import Listener
from tests.cli.shell import gdbench as gdbench_command

TABLE = pd.DataFrame(
    {"area": [1.0, 2.0, 3.0, 4.0, 5.5], "rooms": [1, 2, 2, 3, 3], "price": [10.0, 20, 29, 41, 50]}
)
GRID = {"model": "linear", "cost": "mse", "convergence": {"max_iterations": 50}, "learning_rate": [0.01, 0.1]}
TEXT = """\
name: texted   # kept as it is
data: {dataset: diabetes, features: bmi, standardize: true}
grid: {model: linear, cost: mse, learning_rate: [0.1, 0.2], convergence: {max_iterations: 20}}
"""
MAPPING = {
    "name": "texted",
    "data": {"dataset": "diabetes", "features": ["bmi"], "standardize": True},
    "grid": {**GRID, "learning_rate": (0.1, np.float64(0.2)), "convergence": {"max_iterations": np.int64(20)}},
}


@pytest.fixture
def run(tmp_path):
    def of(config, **options):
        return gdbench.run(
            config, runner="serial", results=tmp_path / "results", tracking=False, progress=False, **options
        )

    return of


def bits(study):
    return study.curves[["key", "iteration", "cost", "gradient_norm"]]


def test_a_path_a_text_a_mapping_and_an_experiment_are_one_config(tmp_path, run):
    path = tmp_path / "texted.yaml"
    path.write_text(TEXT)
    first = run(path)
    for config in (TEXT, MAPPING, load_experiment(path), str(path)):
        with Store.read(run(config).folder) as store:
            assert store.sessions()[-1].missing == 0
        pd.testing.assert_frame_equal(bits(run(config)), bits(first))


def test_what_has_no_file_gets_one_that_the_command_line_runs(run):
    folder = run(MAPPING).folder
    again = gdbench_command("run", folder / "config.yaml", "--results", folder.parent, "--no-tracking")
    assert "2 runs, 2 of them done before" in again.stderr
    run(TEXT)
    assert (folder / "config.yaml").read_text() == TEXT


def test_a_table_in_memory_is_known_by_what_it_holds(run):
    def config(table):
        return {"name": "memory", "data": {"frame": table, "target": "price"}, "grid": GRID}

    first = run(config(TABLE))
    assert list(run(config(TABLE.copy())).runs["key"]) == list(first.runs["key"])
    assert not set(run(config(TABLE.assign(area=TABLE["area"] + 1))).runs["key"]) & set(first.runs["key"])
    assert len(list((first.folder / "data").iterdir())) == 2
    assert "file: data/frame-" in (first.folder / "config.yaml").read_text()


def test_arrays_are_a_table_with_columns_x1_x2(run, tmp_path):
    by_arrays = {"frame": TABLE[["area", "rooms"]].to_numpy(), "target": TABLE["price"].to_numpy()}
    TABLE.to_csv(tmp_path / "table.csv", index=False)
    by_file = {"file": str(tmp_path / "table.csv"), "target": "price"}
    studies = [
        run({"name": name, "data": data, "grid": GRID}) for name, data in (("a", by_arrays), ("b", by_file))
    ]
    assert list(studies[0].runs["key"]) == list(studies[1].runs["key"])
    assert studies[0].problems["features"][0] == 2


def test_relative_paths_begin_at_the_current_folder(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    TABLE.to_csv("table.csv", index=False)
    text = f"name: relative\ndata: {{file: table.csv, target: price}}\ngrid: {GRID}\n".replace("'", '"')
    study = run(text)
    assert "file: ../../table.csv" in (study.folder / "config.yaml").read_text()
    assert len(study.runs) == 2


def test_what_is_wrong_is_raised_in_one_sentence_with_its_place(run):
    with pytest.raises(gdbench.GdbenchError, match=r"^<config>:2:17: no data set is called 'diabets'"):
        run(TEXT.replace("diabetes", "diabets"))
    with pytest.raises(gdbench.GdbenchError, match=r"grid\.learning_rate is set, which no config can hold"):
        run({**MAPPING, "grid": {**GRID, "learning_rate": {0.1, 0.2}}})
    with pytest.raises(gdbench.GdbenchError, match="not float"):
        run(3.5)
    with pytest.raises(gdbench.GdbenchError, match="4 values for 5 rows"):
        run({"name": "n", "data": {"frame": TABLE, "target": [1, 2, 3, 4]}, "grid": GRID})


def test_nothing_is_written_for_a_config_that_is_wrong(run, tmp_path):
    with pytest.raises(gdbench.GdbenchError):
        run({"name": "wrong", "data": {"frame": TABLE, "target": "prise"}, "grid": GRID})
    assert not (tmp_path / "results").exists()


def test_texts_that_look_like_numbers_stay_texts(tmp_path):
    config = {**MAPPING, "name": "1e-3", "tracking": {"tags": {"team": "012"}}}
    assert kept(config, tmp_path).experiment.name == "1e-3"


def test_ctrl_c_keeps_what_finished_and_the_same_call_goes_on(run, monkeypatch):
    real = session.launch

    def interrupted(plan, runs, store, profile, observe, **options):
        real(plan, runs[:1], store, profile, observe, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "launch", interrupted)
    with pytest.raises(KeyboardInterrupt, match="the same call goes on"):
        run(TEXT)
    monkeypatch.undo()
    assert len(run(TEXT).runs) == 2


def test_what_is_unwise_is_a_warning(run):
    with pytest.warns(UserWarning, match="^unwise: "):
        run({**MAPPING, "targets": [1e-30], "grid": {**GRID, "kernel": "compiled"}})


def test_the_bar_counts_outcomes_and_the_default_runner_says_why_it_was_chosen(tmp_path, capsys):
    gdbench.run(TEXT, results=tmp_path, tracking=False)
    said = capsys.readouterr().err
    assert said.startswith("runner serial: under 0.1 s of work at most, less than workers take to start\n")
    assert "stopped=2" in said


def test_runs_without_a_result_are_a_warning_that_says_why(tmp_path, run):
    (tmp_path / "bad.py").write_text(
        "from gdbench.descent.learning_rates import learning_rate\n\n"
        '@learning_rate(\'bad\')\ndef bad():\n    """None."""\n    raise RuntimeError(\'on purpose\')\n'
    )
    grid = {**MAPPING["grid"], "learning_rate": ["bad"]}
    with pytest.warns(UserWarning, match=r"1 run did not do its work: .*RuntimeError: on purpose; again="):
        run({**MAPPING, "grid": grid, "plugins": [str(tmp_path / "bad.py")]})


def test_planning_and_inspecting_write_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = {"frame": TABLE, "target": "price", "standardize": True}
    config = {"name": "looked", "data": data, "grid": GRID}
    planned = gdbench.plan(config)
    assert (len(planned), list(planned.runs["outcome"])) == (2, [pd.NA, pd.NA])
    [card] = gdbench.inspect(config)
    features = TABLE[["area", "rooms"]]
    design = np.column_stack([(features - features.mean()) / features.std(ddof=0), np.ones(5)])
    largest = 2 / 5 * np.linalg.eigvalsh(design.T @ design)[-1]
    assert card.problem.card["smoothness"][0] == pytest.approx(largest, rel=1e-9)
    assert "2/L, the stability limit" in repr(gdbench.inspect(config))
    assert list(Path().iterdir()) == []


def test_a_table_is_looked_at_as_the_command_does(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    TABLE.to_csv("table.csv", index=False)
    card = gdbench.inspect("table.csv")
    assert card.lines[1].split()[:2] == ["price", "numbers"]
    assert repr(card) + "\n" == gdbench_command("inspect", "table.csv", cwd=tmp_path).stdout


def test_a_plan_tells_which_runs_are_done(run, tmp_path):
    run({**MAPPING, "grid": {**MAPPING["grid"], "learning_rate": [0.1]}})
    planned = gdbench.plan(MAPPING, results=tmp_path / "results")
    assert list(planned.runs["outcome"]) == ["stopped", pd.NA]


def test_studies_are_compared_with_the_first(run):
    first = run(MAPPING)
    second = run({**MAPPING, "name": "other"})
    compared = gdbench.compare(first, second)
    assert "the last bit" in repr(compared)
    with pytest.raises(gdbench.GdbenchError, match="two experiments or more"):
        gdbench.compare(first)


def test_a_listener_that_says_nothing_warns_of_nothing(run):
    assert Listener().concluded.__doc__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(MAPPING)
