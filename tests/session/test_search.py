"""Rates that are searched for: edges beside closed forms, the fastest beside brute force, and after a kill."""

import os
import random
import signal
import subprocess
import threading
import time
from functools import lru_cache

import pytest

from gdbench.config.experiment import read_experiment
from gdbench.config.yaml.mistakes import ConfigError
from gdbench.execution.profiles.profile import BUILT_IN
from gdbench.judgement.answer import answer
from gdbench.judgement.sentences.searches import sentence
from gdbench.judgement.stages import Results, follow
from gdbench.judgement.stages.search import Probe, bumps
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from gdbench.report.tables.many_problems import winners_table
from gdbench.report.tables.searches_table import searches_table
from gdbench.session.run import run
from gdbench.session.sweep import Sweep
from tests.cli.shell import command, environment
from tests.sampling import drawn, sampled

BETA = 0.9
OPTIMIZERS = f"[gradient_descent, {{heavy_ball: {{beta: {BETA}}}}}, {{nesterov: {{beta: {BETA}}}}}]"
FACTORS = {
    "gradient_descent": 2.0,
    "heavy_ball": 2.0 + 2.0 * BETA,
    "nesterov": (2.0 + 2.0 * BETA) / (1.0 + 2.0 * BETA),
}


def searched(text, folder, profile="serial", **changes):
    """The study of a config, run."""
    plan = make_plan(read_experiment(text, folder / "config.yaml"))
    place = BUILT_IN[profile].model_copy(update=changes)
    assert run(Sweep(plan, folder, place)).whole
    with Store.read(folder / plan.experiment.name) as store:
        return study(store)


def spectra(count):
    chosen = random.Random(19)
    return [
        sorted(float(f"{10 ** chosen.uniform(-2, 2):.3g}") for _ in range(chosen.randint(2, 6)))
        for _ in range(count)
    ]


def optimizer_of(finding):
    return finding.label.rpartition(" · ")[2].partition("(")[0]


# --- critical


@pytest.mark.exhaustive
def test_edges_of_quadratics_are_found_within_a_percent(tmp_path):
    given = drawn(spectra(20), 2)
    about = searched(
        f"""
        name: edges
        grid:
          surface: {{quadratic: {{spectrum: {given}, rotated: true}}}}
          optimizer: {OPTIMIZERS}
          learning_rate: {{find: critical}}
          initialization: {{normal: {{std: 1.0}}}}
          convergence: {{max_iterations: 300}}
        """,
        tmp_path,
    )
    assert len(about.searches) == 3 * len(given)
    for finding in about.searches:
        edge = FACTORS[optimizer_of(finding)] / finding.problem.smoothness
        assert finding.edge.rate == pytest.approx(edge)
        assert finding.edge.kind == "exact"
        assert abs(finding.difference) <= 0.01, finding
        assert finding.below <= finding.rate <= finding.above <= finding.below * 1.01


@sampled("seed", range(1, 9), 1)
def test_a_logistic_cost_is_stable_beyond_the_limit_that_its_curvature_everywhere_sets(seed, tmp_path):
    """Up to that of the curvature at its minimum, which is less: it falls with the score."""
    about = searched(
        f"""
        name: beyond
        data: {{synthetic: {{classification: {{rows: 40, features: 2, seed: {seed}}}}}}}
        grid:
          model: logistic
          cost: logistic
          penalty: {{l2: 0.02}}
          optimizer: [gradient_descent, {{nesterov: {{beta: {BETA}}}}}]
          learning_rate: {{find: critical}}
          convergence: {{max_iterations: 500}}
        """,
        tmp_path,
    )
    for finding in about.searches:
        assert finding.rate > 1.1 * FACTORS[optimizer_of(finding)] / finding.problem.smoothness
        assert finding.edge.kind == "near the optimum"
        assert abs(finding.difference) <= 0.01, finding


def test_what_no_theorem_speaks_of_is_estimated_and_told_so(tmp_path):
    about = searched(
        """
        name: adam
        grid:
          surface: {quadratic: {spectrum: [1, 4]}}
          optimizer: adam
          learning_rate: {find: critical}
          convergence: {max_iterations: 100}
        """,
        tmp_path,
    )
    (finding,) = about.searches
    assert finding.edge is None
    assert finding.above / finding.below <= 1.01
    assert "estimated" in answer(about).text
    (row,) = searches_table(about).rows
    assert "estimated" in [cell.text for cell in row.cells]


def test_a_search_that_begins_above_the_edge_goes_down_to_it(tmp_path):
    about = searched(
        """
        name: above
        grid:
          surface: {quadratic: {spectrum: [1, 4]}}
          learning_rate: {find: {what: critical, from: 100, tolerance: 0.002}}
          initialization: {normal: {std: 1.0}}
          convergence: {max_iterations: 2000}
        """,
        tmp_path,
    )
    (finding,) = about.searches
    assert finding.rate == pytest.approx(0.5, rel=2e-3)


def test_folds_that_are_searched_each_by_itself_are_tuned_and_reported_on_the_same_runs(tmp_path):
    about = searched(
        """
        name: folds
        data: {synthetic: {linear_data: {rows: 12}}, test: {folds: 2}}
        grid:
          model: linear
          cost: mse
          optimizer: [gradient_descent, {heavy_ball: {beta: 0.5}}]
          learning_rate: [0.1, {find: critical}]
          convergence: {max_iterations: 20}
        targets: [0.01]
        """,
        tmp_path,
    )
    [parting] = about.methods.partings.values()
    assert not parting.by
    assert len(winners_table(about).rows) == 1


def test_a_search_ends_with_the_probes_that_it_may_make_and_says_so(tmp_path):
    about = searched(
        """
        name: few
        grid:
          surface: {quadratic: {spectrum: [1, 4]}}
          learning_rate: {find: {what: critical, most: 3}}
          convergence: {max_iterations: 50}
        """,
        tmp_path,
    )
    (finding,) = about.searches
    assert (finding.why, len(finding.probes), len(about.runs)) == ("most", 3, 3)
    assert "as many probes as it may make" in answer(about).text


# --- fastest


FAST = """
name: fast
grid:
  surface: {quadratic: {spectrum: [0.3, 1, 4], rotated: true}}
  learning_rate: {find: fastest}
  initialization: {normal: {std: 1.0}}
  convergence: {any: [{target: {gap: 1e-6}}, {max_iterations: 2000}]}
targets: [1e-3, 1e-6]
repeats: 3
"""


def test_the_fastest_rate_is_as_fast_as_the_best_of_a_fine_grid(tmp_path):
    (finding,) = searched(FAST, tmp_path).searches
    fine = FAST.replace("{find: fastest}", "{linspace: [0.36, 0.499, 40]}").replace("name: fast", "name: fine")
    about = searched(fine, tmp_path)
    best = min(setting.reach("1e-06").median for setting in about.settings if setting.reach("1e-06"))
    assert finding.target == "1e-06"
    assert best <= finding.height <= 1.02 * best
    assert not finding.bumps


def test_without_a_target_the_fastest_ends_lowest(tmp_path):
    text = FAST.replace("targets: [1e-3, 1e-6]", "").replace("{any: [{target: {gap: 1e-6}}, ", "")
    about = searched(text.replace("2000}]}", "20}"), tmp_path)
    (finding,) = about.searches
    assert finding.target is None
    assert finding.height == min(probe.height for probe in finding.probes)
    assert "a cost of" in answer(about).text


def test_an_interval_bounds_the_search(tmp_path):
    text = FAST.replace("{find: fastest}", "{find: {what: fastest, from: 0.05, to: 0.2}}")
    (finding,) = searched(text, tmp_path).searches
    assert finding.rate == 0.2
    assert finding.at_end
    assert all(0.05 <= probe.rate <= 0.2 for probe in finding.probes)


def test_two_valleys_are_told_with_the_probes_that_show_them():
    def probes(*heights):
        return [Probe(float(rate), True, height) for rate, height in enumerate(heights, 1)]

    assert bumps(probes(50.0, 30.0, 20.0, 40.0, 90.0), 1.0) == []
    assert bumps(probes(50.0, 30.0, 60.0, 20.0, 90.0), 1.0) == [[2.0, 30.0], [3.0, 60.0], [4.0, 20.0]]
    assert bumps(probes(50.0, 30.0, 31.0, 30.0, 90.0), 1.0) == []  # counts are whole


# --- the same probes, whatever happens

SLOW = f"""\
name: slow
grid:
  surface: {{quadratic: {{spectrum: [0.3, 1, 4]}}}}
  optimizer: {OPTIMIZERS}
  learning_rate: {{find: [critical, fastest]}}
  initialization: {{normal: {{std: 1.0}}}}
  convergence: {{max_iterations: 400}}
targets: [1e-6]
"""


@lru_cache(maxsize=1)
def expected(folder):
    return recorded(folder, searched(SLOW, folder))


def recorded(folder, about):
    """The plan's runs in order, and what was found."""
    with Store.read(folder / "slow") as store:
        results = Results(store)
        found = [repr(follow(stage, results).found) for stage in about.plan.stages]
        assert store.keys() == {planned.key for planned in about.plan.runs}
    return about.plan.id, [(planned.key, planned.label) for planned in about.plan.runs], found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return expected(tmp_path_factory.mktemp("undisturbed"))


def test_several_workers_make_the_same_probes(undisturbed, tmp_path):
    assert recorded(tmp_path, searched(SLOW, tmp_path, "processes", workers=4)) == undisturbed


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 exists on POSIX only")
@sampled("count", range(4, 43, 3), 1)
def test_who_is_killed_goes_on_with_the_same_probes(undisturbed, tmp_path, count):
    config, store = tmp_path / "slow.yaml", tmp_path / "slow" / "store.sqlite"
    config.write_text(SLOW, encoding="utf-8")
    words = command("run", config, "--no-tracking", "--results", tmp_path)
    process = subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline, moment = time.monotonic() + 120.0, threading.Event()
    while process.poll() is None and time.monotonic() < deadline:
        if store.exists() and known(tmp_path) >= count:
            os.kill(process.pid, signal.SIGKILL)
        moment.wait(0.002)
    assert process.wait() == -signal.SIGKILL
    assert known(tmp_path) >= count
    assert recorded(tmp_path, searched(SLOW, tmp_path)) == undisturbed


def known(folder):
    try:
        with Store.read(folder / "slow") as store:
            return len(store.keys())
    except Exception:  # noqa: BLE001  it is being made in this very moment
        return 0


# --- what a config may say


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("{find: fastets}", "one of critical, fastest"),
        ("find", "needs 'what'"),
        ("{cosine: {rate: {find: critical}, period: 9}}", "stands for a whole learning rate"),
        ("{find: {what: critical, from: 1, to: 0.5}}", "must be below 'to'"),
        ("{find: {what: critical, tolerance: 2}}", "between 0 and 1"),
        ("{find: {what: critical, cosine: 2}}", "no parameter 'cosine'"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(asked, said, tmp_path):
    text = FAST.replace("{find: fastest}", asked)
    with pytest.raises(ConfigError, match=said):
        make_plan(read_experiment(text, tmp_path / "config.yaml"))


def test_of_rates_that_are_not_known_yet_nothing_can_be_expected(tmp_path):
    with pytest.raises(ConfigError, match="of what 'find' tries nothing can be expected"):
        make_plan(read_experiment(f"{FAST}expect: [{{outcome: converged}}]\n", tmp_path / "config.yaml"))


def test_the_id_of_a_plan_is_that_of_what_was_asked_for(tmp_path):
    def id_of(text):
        return make_plan(read_experiment(text, tmp_path / "config.yaml")).id

    assert id_of(FAST) == id_of(FAST)
    assert (
        len({id_of(FAST), id_of(FAST.replace("fastest", "critical")), id_of(FAST.replace("3\n", "2\n"))}) == 3
    )


def test_of_rates_that_nothing_tells_apart_none_is_the_fastest(tmp_path):
    about = searched(
        "name: flat\ngrid: {surface: saddle, learning_rate: {find: {what: fastest, from: 0.1, to: 1.0}}, "
        "convergence: {max_iterations: 5}}\n",
        tmp_path,
    )
    (finding,) = about.searches
    assert finding.rate is None
    assert len(finding.equals) == len(finding.probes) > 1
    told = (
        "The fastest rate was not found: all 5 that were tried, from 0.5 to 1, come to a cost of 0 at the end."
    )
    assert sentence(finding, several=False) == told
