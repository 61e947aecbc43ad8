"""A study in a notebook: answer, frames, charts and the next experiment, from the record alone."""

import base64

import altair as alt
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes

import gdbench
from tests.report.descriptions import mistakes

CONFIG = """
name: studied
data: {dataset: diabetes, features: bmi, standardize: true}
grid:
  model: linear
  cost: [mse, half_mse]
  learning_rate: [0.01, 0.1, 3.0]
  convergence: {max_iterations: 60}
targets: [1e-2]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    return gdbench.run(CONFIG, runner="serial", results=folder, tracking=False, progress=False)


def test_loading_gives_what_running_gave(study):
    loaded = gdbench.load("studied", study.folder.parent)
    pd.testing.assert_frame_equal(loaded.runs, study.runs)
    assert (loaded.answer.to_plain(), repr(loaded)) == (study.answer.to_plain(), repr(study))


def test_an_answer_is_printed_in_words(study):
    assert str(study.answer) == "\n".join(study.answer.lines)
    assert repr(study.answer) == f"<studied: {study.answer.text}>"


def test_the_parameters_of_every_run_are_those_of_plain_descent(study):
    x, y = (study_column(name) for name in ("bmi", "target"))
    runs = study.runs[study.runs["cost"] == "mse"].set_index("learning_rate")
    key = runs.loc[0.1, "key"]
    slope = bias = 0.0
    for _ in range(60):
        errors = bias + slope * x - y
        slope, bias = slope - 0.1 * 2 * (errors * x).mean(), bias - 0.1 * 2 * errors.mean()
    learned = study.parameters[study.parameters["key"] == key]
    assert list(learned["parameter"]) == ["bmi", "bias"]
    assert list(learned["value"]) == pytest.approx([slope, bias], rel=1e-9)
    bmi = load_diabetes(as_frame=True, scaled=False).frame["bmi"]
    deviation = bmi.std(ddof=0)
    original = [slope / deviation, bias - slope * bmi.mean() / deviation]
    assert list(learned["original"]) == pytest.approx(original, rel=1e-9)


def study_column(name):
    table = load_diabetes(as_frame=True, scaled=False).frame
    column = table[name]
    return column if name == "target" else (column - column.mean()) / column.std(ddof=0)


def test_the_best_are_the_first_of_each_problem(study):
    assert list(study.best["problem"]) == list(study.problems["label"])
    assert set(study.best["rank"]) == {1}


def test_every_chart_draws_itself_without_a_network(study):
    assert set(study.plot.all) >= {"gap", "rates", "gap-2", "rates-2"}
    for kind in ("gap", "rates"):
        for problem in study.problems["label"]:
            drawn = getattr(study.plot, kind)(problem)
            assert drawn.spec["datasets"]
            shown = drawn.properties(title="mine")._repr_mimebundle_()
            assert base64.b64decode(shown["image/png"]).startswith(b"\x89PNG")
            assert shown["application/vnd.vegalite.v6+json"]["title"] == "mine"


def test_any_chart_of_the_page_is_had_by_its_id(study):
    for name in study.plot.all:
        assert mistakes(study.plot.chart(name).spec) == []
    with pytest.raises(gdbench.GdbenchError, match=r"no chart is called 'gab'\. Did you mean gap"):
        study.plot.chart("gab")


def test_altair_goes_on_with_a_chart(study):
    drawn = alt.Chart.from_dict(study.plot.gap().spec).properties(title="mine")
    assert isinstance(drawn, alt.LayerChart)
    assert drawn.to_dict(validate=False)["title"] == "mine"


@pytest.mark.parametrize(
    ("ending", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("json", b"{")]
)
def test_a_chart_is_saved_as_the_name_of_the_file_says(study, tmp_path, ending, begins):
    chart = study.plot.gap().properties(title="one \x1b of a tampered store")
    assert chart.save(tmp_path / f"gap.{ending}").read_bytes().startswith(begins)
    with pytest.raises(gdbench.GdbenchError, match=r"one of \.svg, \.png, \.pdf, \.json"):
        chart.save(tmp_path / f"{ending}.html")


def test_a_chart_that_is_not_there_is_answered_with_those_that_are(study):
    with pytest.raises(gdbench.GdbenchError, match="it has: first, gap"):
        study.plot.profile()
    with pytest.raises(gdbench.GdbenchError, match="no problem"):
        study.plot.gap("linear · mse on bostn")
    with pytest.raises(gdbench.GdbenchError, match="color"):
        study.plot.gap(color="cost")


def test_the_next_experiment_can_be_run_as_it_is(study):
    offered = study.next()
    ran = gdbench.run(
        offered.config, runner="serial", results=study.folder.parent, tracking=False, progress=False
    )
    assert ran.runs["outcome"].notna().all()


def test_the_report_is_written_beside_the_store(study):
    page = study.report()
    assert page == study.folder / "report" / "index.html"
    assert study.name in page.read_text(encoding="utf-8")


def test_names_of_the_door_are_listed_and_others_refused():
    assert {"run", "plan", "inspect", "load", "compare", "Study", "GdbenchError"} <= set(dir(gdbench))
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        gdbench.runn  # noqa: B018
