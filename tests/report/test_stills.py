"""Stills of a descent: an iterate that was not kept is computed again with the bits that it had."""

import io
from dataclasses import replace

import pytest
from click.testing import CliRunner
from PIL import Image

from gdbench.cli.commands.report import report_command
from gdbench.descent.errors import GdbenchError
from gdbench.judgement.model.predicting import PlanData
from gdbench.judgement.study import study
from gdbench.report.analysis.ways import passing_through, ways
from gdbench.report.stills import stills
from tests.report.records import PROBLEM, Case, descend, write_store
from tests.swept import swept

LINE = (
    "data: {dataset: diabetes, features: bmi, standardize: true}\n"
    "grid: {model: linear, cost: mse, learning_rate: [0.02, 0.1], convergence: {max_iterations: 60}}\n"
)


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stills")
    swept(folder, LINE).close()
    return folder / "swept"


def test_an_iterate_that_was_not_kept_comes_again_with_equal_bits(tmp_path):
    with swept(tmp_path, LINE) as store:
        about = study(store)
        (problem,), data = about.problems.values(), PlanData(about.plan)
        gone = ways(about, store, problem, data)
        path = gone.paths[0]
        asked = path.iteration[-8]
        assert 32 < asked < 60
        without = path.at([k for k in path.iteration if k != asked])
        assert asked not in without.iteration
        assert passing_through(without, problem, data, [asked]) == path
        assert passing_through(path, problem, data, [0, asked, 60, 61, 10**6]) == path
        other = next(k for k in range(33, 60) if k not in path.iteration)
        beside = passing_through(path, problem, data, [other])
        assert set(beside.iteration) - set(path.iteration) == {other}


def test_pictures_are_named_by_their_iteration_and_tell_it(line):
    found = dict(stills(line, [37, 5000], ["svg", "gif"]))
    assert list(found) == ["paths-37.svg", "paths-60.svg", "paths.gif"]
    assert b">iteration 37<" in found["paths-37.svg"]
    assert b"w\xe2\x82\x81 \xc2\xb7 bmi" in found["paths-37.svg"]
    assert Image.open(io.BytesIO(found["paths.gif"])).n_frames == 2


def test_the_command_names_the_files_and_what_it_does_not_understand(line):
    ask = CliRunner().invoke
    home = ["--results", str(line.parent), "swept", "--still"]
    done = ask(report_command, [*home, "5"])
    assert done.output.split() == [str(line / "report" / "stills" / "paths-5.svg")]
    assert "no list of iterations, such as 0,5,50" in ask(report_command, [*home, "5;7"]).output
    assert "Known: svg, png, gif" in ask(report_command, [*home, "5", "--format", "pdf"]).output


def test_where_no_path_was_recorded_a_sentence_says_so(tmp_path):
    case = Case(0.1, replace(descend(0.1, (0.0, 0.0, 0.0), limit=9), parameters=[]))
    with pytest.raises(GdbenchError, match="no descent to show"):
        list(stills(write_store(tmp_path / "store", [case], problems=[PROBLEM]), [0], ["svg"]))
