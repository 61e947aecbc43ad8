"""A study frozen, and others against it: who ties with whom, what cannot be compared, and what is drawn."""

import lzma
import math

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.descent.errors import GdbenchError
from gdbench.descent.execute import execute
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.reference.problem_records import problem_record
from gdbench.report.comparison.against import against
from gdbench.report.comparison.archive import Archive, archive_of, frozen, shipped
from tests.cli.shell import told
from tests.sampling import sampled
from tests.swept import swept

SUITE = """\
name: suite-1
description: Three optimizers on two quadratics.
compare: optimizer
tune: learning_rate
grid:
  surface: [{quadratic: {condition: 10}}, {quadratic: {condition: 100}}]
  optimizer: [gradient_descent, {gradient_descent: {momentum: 0.9}}, adam]
  learning_rate: [0.1, 1.0]
  convergence: {max_iterations: 200}
targets: [1e-1, 1e-4]
"""


def store_of(folder, text):
    """Of a config in a folder of its own."""
    folder.mkdir(exist_ok=True)
    return swept(folder, text)


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    with store_of(tmp_path_factory.mktemp("suite"), SUITE) as store:
        return frozen(study(store), store)


def standing(folder, text, archive):
    with store_of(folder, text) as store:
        return against(study(store), store, archive)


def test_an_optimizer_of_the_archive_ties_with_itself_everywhere(tmp_path, suite):
    alone = SUITE.replace("[gradient_descent, {gradient_descent: {momentum: 0.9}}, adam]", "adam")
    found = standing(tmp_path, alone.replace("suite-1", "mine"), suite)
    assert len(found.places) == 2
    for place in found.places:
        own = suite.effort(place.target, place.problem)
        assert place.effort == own["adam"]
        assert place.tied >= 1
        assert place.among == 3


def test_the_whole_archive_against_itself_has_the_middle_percentile_in_the_mean(tmp_path, suite):
    found = standing(tmp_path, SUITE, suite)
    for problem in suite.problems:
        percentiles = [place.percentile for place in found.places if place.problem == problem.id]
        assert math.fsum(percentiles) / len(percentiles) == pytest.approx(50.0)
    assert all(
        line.startswith(("adam", "gradient_descent")) for line in (one.text for one in found.observations)
    )


def test_efforts_are_what_the_best_rate_needs(suite):
    for target, of in suite.efforts.items():
        place = suite.targets.index(target)
        for method, row in of.items():
            for problem, effort in row.items():
                own = [run for run in suite.runs if (run.method, run.problem) == (method, problem)]
                kept = [run.kept[place] for run in own if run.kept[place] is not None]
                assert effort == min(kept, default=None)


def test_what_needs_more_than_the_archive_was_given_has_not_got_there(tmp_path, suite):
    slow = SUITE.replace("[gradient_descent, {gradient_descent: {momentum: 0.9}}, adam]", "gradient_descent")
    slow = slow.replace("[0.1, 1.0]", "0.03").replace("200", "5000").replace("suite-1", "slow")
    found = standing(tmp_path, slow, suite)
    hard = next(place for place in found.places if "condition=100" in place.label)
    assert hard.effort == math.inf
    assert hard.worse == 0


def test_other_problems_are_refused_or_named(tmp_path, suite):
    other = SUITE.replace("{condition: 10}", "{condition: 20}").replace("suite-1", "other")
    texts = [one.text for one in standing(tmp_path / "one", other, suite).observations]
    assert "quadratic(condition=20): not comparable: it is not in the archive." in texts
    assert "Of suite-1, 1 problem is not in this experiment." in texts
    strange = other.replace("{condition: 100}", "{condition: 30}")
    with pytest.raises(
        GdbenchError, match=r"none of its problems is one of the archive suite-1.*extends: base.yaml"
    ):
        standing(tmp_path / "none", strange, suite)


def test_an_archive_comes_back_from_its_bytes_which_are_the_same_again(tmp_path, suite):
    with store_of(tmp_path, SUITE) as store:
        again = frozen(study(store), store)
    assert again.to_bytes() == suite.to_bytes()
    found = Archive.from_bytes(suite.to_bytes())
    assert found.efforts == suite.efforts
    assert [tuple(run) for run in found.runs] == [tuple(run) for run in suite.runs]
    assert found.config == SUITE


@pytest.mark.parametrize("content", [b"", b"no", lzma.compress(b"{}"), lzma.compress(b'{"format": "x"}')])
def test_what_is_no_archive_is_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / "x.json.xz"
    path.write_bytes(content)
    with pytest.raises(GdbenchError, match="this is no archive"):
        archive_of(str(path))
    with pytest.raises(GdbenchError, match="no archive is called 'glm_9'"):
        archive_of("glm_9")


def test_what_nobody_could_stand_against_is_not_frozen(tmp_path):
    one = SUITE.replace("[gradient_descent, {gradient_descent: {momentum: 0.9}}, adam]", "adam")
    with store_of(tmp_path / "one", one) as store, pytest.raises(GdbenchError, match="takes two methods"):
        frozen(study(store), store)


def test_the_verbs_freeze_show_and_compare(monkeypatch, capsys, tmp_path):
    results = tmp_path / "results"
    store_of(results, SUITE.replace("suite-1", "swept")).close()
    told(monkeypatch, capsys, tmp_path, "archive", "swept", "-o", "swept.json.xz")
    status, out, _ = told(monkeypatch, capsys, tmp_path, "show", "archive", "swept.json.xz")
    assert (status, "max_iterations: 200" in out) == (0, True)
    words = ["report", "swept", "--against", "swept.json.xz", "--format", "html,csv"]
    status, out, err = told(monkeypatch, capsys, tmp_path, *words)
    assert status == 0
    assert "adam: percentile" in err
    page = (results / "swept/report/against-swept/index.html").read_text(encoding="utf-8")
    assert 'id="against"' in page
    assert "In colour the methods of this experiment, in grey 3 of swept" in page
    assert (results / "swept/report/against-swept/against.csv").is_file()
    status, _, err = told(monkeypatch, capsys, tmp_path, "report", "swept", "--against", "nothing")
    assert (status, "no archive is called 'nothing'" in err) == (2, True)


@sampled("name", shipped(), 1)
def test_a_shipped_archive_comes_from_its_config_to_the_bit(name, tmp_path):
    """Some of its runs, by the config that it holds."""
    archive = archive_of(name)
    config = tmp_path / "config.yaml"
    config.write_text(archive.config, encoding="utf-8")
    plan = make_plan(load_experiment(config, archive.overrides))
    known = {run.key: run for run in plan.runs}
    assert known.keys() == {run.key for run in archive.runs}
    step = len(archive.runs) // 5
    for frozen_run in archive.runs[1::step]:
        run = known[frozen_run.key]
        problem = plan.problems[run.problem]
        record = problem_record(problem)
        assert (record.optimum.cost, record.baseline) in {
            (one.optimum, one.baseline) for one in archive.problems if one.id == record.id
        }
        table = problem.dataset.table if problem.dataset else None
        result = execute(run.spec, table, record.constants)
        assert [result.kept_from.get(target) for target in archive.targets] == list(frozen_run.kept)
        assert (result.outcome, result.iterations) == (frozen_run.outcome, frozen_run.iterations)
        gap = record.relative_gap_of(result)
        assert repr(gap) == repr(frozen_run.gap)
