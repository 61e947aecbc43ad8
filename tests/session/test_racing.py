"""A race runs only the best settings to their end, and the same ones whoever does the runs."""

import math
import subprocess
import sys
from random import Random
from types import SimpleNamespace

import pytest

from gdbench.config.experiment import load_experiment, read_experiment
from gdbench.config.race import Race
from gdbench.descent.errors import GdbenchError
from gdbench.execution.profiles.profile import BUILT_IN
from gdbench.judgement.answer import answer
from gdbench.judgement.methods.matrix import Matrix
from gdbench.judgement.model import best_models
from gdbench.judgement.ranking import best_of, standing
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from gdbench.report.analysis.profiles import performance_of
from gdbench.report.tables.speed import speed_table
from gdbench.session.listener import Listener
from gdbench.session.run import run
from gdbench.session.sweep import Sweep, Wanted
from tests.execution.sweeping import bits
from tests.sampling import most

CONFIG = """\
name: raced
data: {synthetic: {linear_data: {rows: 20, features: 3, noise: 0.3, seed: 3}}, standardize: true}
grid:
  model: linear
  cost: mse
  optimizer: [gradient_descent, adam]
  learning_rate: [0.001, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
  initialization: {normal: {std: 1.0}}
  convergence: {max_iterations: 200}
repeats: 2
targets: [1.0e-2, 1.0e-6]
race: {keep: 1/3, rungs: 3}
"""


def planned(folder, text=CONFIG):
    path = folder / "raced.yaml"
    path.write_text(text)
    return make_plan(load_experiment(path))


def without_race(text=CONFIG):
    return "\n".join(line for line in text.splitlines() if not line.startswith("race:"))


def go(plan, results, workers=0, listener=None, **wanted):
    profile = BUILT_IN["processes"].model_copy(update={"workers": workers}) if workers else BUILT_IN["serial"]
    return run(Sweep(plan, results, profile, wanted=Wanted(**wanted)), listener)


def outcomes(results):
    with Store.read(results / "raced") as store:
        return {run.key: (run.result.outcome, run.result.iterations) for run in store.runs(curves=False)}


def test_a_race_drops_most_settings_and_keeps_the_best_of_each_method(tmp_path):
    conclusion = go(planned(tmp_path), tmp_path)
    assert conclusion.whole
    found = outcomes(tmp_path)
    assert sum(outcome == "outpaced" for outcome, _ in found.values()) > len(found) // 2
    with Store.read(tmp_path / "raced") as store:
        about = study(store)
        whole = {s.axes["optimizer"] for s in about.settings if "outpaced" not in s.outcomes}
    assert whole == {"gradient_descent", "adam"}


def test_settings_are_dropped_with_all_their_repeats(tmp_path):
    go(planned(tmp_path), tmp_path)
    with Store.read(tmp_path / "raced") as store:
        for setting in study(store).settings:
            assert len({(run.result.outcome, run.result.iterations) for run in setting.runs}) == 1


def test_the_race_is_the_same_with_one_worker_as_with_several(tmp_path):
    plan = planned(tmp_path)
    go(plan, tmp_path / "one")
    go(plan, tmp_path / "three", workers=3)
    assert bits(tmp_path / "one" / "raced") == bits(tmp_path / "three" / "raced")


def test_a_race_that_is_over_runs_nothing_more(tmp_path):
    plan = planned(tmp_path)
    go(plan, tmp_path)
    before = outcomes(tmp_path)
    assert go(plan, tmp_path).whole
    assert outcomes(tmp_path) == before


def test_without_a_race_what_was_outpaced_goes_on_and_is_the_full_grid_bit_for_bit(tmp_path):
    plan, full = planned(tmp_path), planned(tmp_path, without_race())
    assert [r.key for r in plan.runs] == [r.key for r in full.runs]
    assert plan.id == full.id
    go(plan, tmp_path / "raced first")
    go(full, tmp_path / "raced first")
    go(full, tmp_path / "full")
    assert bits(tmp_path / "raced first" / "raced") == bits(tmp_path / "full" / "raced")


def test_rerun_outpaced_finishes_them_in_a_config_with_a_race(tmp_path):
    plan = planned(tmp_path)
    go(plan, tmp_path)
    go(plan, tmp_path, again=["outpaced"])
    assert {outcome for outcome, _ in outcomes(tmp_path).values()} <= {"stopped", "diverged"}


KILLED = """\
import sys
from pathlib import Path
from gdbench.session.listener import Listener
from tests.session.test_racing import go, planned

class Telling(Listener):
    def finished(self, run, record):
        print(run.key, flush=True)

go(planned(Path(sys.argv[1])), Path(sys.argv[1]), listener=Telling())
"""


def test_kill_9_in_the_middle_of_a_race_changes_nothing_of_it(tmp_path):
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE) as process:
        for _ in range(20):
            assert process.stdout.readline()
        process.kill()
    go(planned(tmp_path), tmp_path)
    go(planned(tmp_path), tmp_path / "whole")
    assert bits(tmp_path / "raced") == bits(tmp_path / "whole" / "raced")


def quadratic(random):
    """A study on a random quadratic, whose runs exact forecasts speak of."""
    size = random.randint(2, 5)
    spectrum = [1.0, *(10.0 ** random.uniform(-2.5, 0.0) for _ in range(size - 1))]
    rates = sorted({round(10.0 ** random.uniform(-1.5, 0.35), 4) for _ in range(6)})
    optimizers = random.sample(["gradient_descent", "{heavy_ball: {beta: 0.7}}", "{nesterov: {beta: 0.8}}"], 2)
    return f"""\
name: raced
grid:
  surface: {{quadratic: {{spectrum: {spectrum}, seed: {random.randrange(9)}}}}}
  optimizer: [{", ".join(optimizers)}]
  learning_rate: {rates}
  initialization: {{normal: {{std: 1.0}}}}
  convergence: {{max_iterations: {random.choice([30, 300, 1000])}}}
repeats: {random.randint(1, 3)}
seed: {random.randrange(99)}
targets: [1.0e-2, {random.choice(["1.0e-3", "1.0e-5", "1.0e-8"])}]
compare: [initialization]
tune: [optimizer, learning_rate]
race: {{keep: 1/2, rungs: 1}}
"""


@pytest.mark.exhaustive
def test_what_is_proved_slower_is_never_the_winner_of_the_full_grid(tmp_path):
    proved = 0
    for seed in range(most(4, 120)):
        text = quadratic(Random(seed))
        results = tmp_path / str(seed)
        results.mkdir()
        go(planned(results, text), results)
        dropped = {key for key, (outcome, _) in outcomes(results).items() if outcome == "outpaced"}
        assert all(iterations == 0 for key, (_, iterations) in outcomes(results).items() if key in dropped)
        proved += len(dropped)
        go(planned(results, without_race(text)), results)
        with Store.read(results / "raced") as store:
            about = study(store)
        for best in best_of(standing(about.settings, about.plan.targets)).values():
            assert not dropped & {run.key for run in best[0].runs}, text
    assert proved > 10


def test_what_was_outpaced_ranks_below_what_ended_and_is_told_with_its_iterations(tmp_path):
    go(planned(tmp_path), tmp_path)
    with Store.read(tmp_path / "raced") as store:
        about = study(store)
    paused = [setting.outpaced for setting in about.ranked if setting.usable]
    assert paused == sorted(paused)
    told = answer(about)
    assert told.race.count == about.outcomes["outpaced"]
    assert set(told.race.at) == {
        run.result.iterations for run in about.runs if run.result.outcome == "outpaced"
    }
    assert "proved slower by exact prediction" in told.text
    table = speed_table(about)
    assert len(table.rows) == sum(not setting.outpaced for setting in about.settings)
    assert "equal budgets" in table.note


def test_what_was_outpaced_before_its_first_step_has_learned_nothing(tmp_path):
    go(planned(tmp_path), tmp_path, limit=2)
    assert {outcome for outcome, _ in outcomes(tmp_path).values()} == {"outpaced"}
    with Store.read(tmp_path / "raced") as store:
        assert best_models(study(store), store) == []


def test_no_profile_stands_on_unequal_budgets():
    problems = [SimpleNamespace(id=name) for name in "abc"]
    effort = {method: dict.fromkeys("abc", 3.0) for method in ("adam", "sgd")}
    assert not performance_of(Matrix("0.01", "iterations", effort, problems)).absent
    raced = Matrix("0.01", "iterations", effort, problems, outpaced=("adam",))
    assert performance_of(raced).absent.startswith("Running times compare equal budgets only")


PLUGIN = """
from gdbench.descent.domains import positive
from gdbench.descent.learning_rates import learning_rate

@learning_rate("shrinking", rate=positive)
def shrinking(rate):
    def begin(landscape):
        seen = []

        def choose(now):
            seen.append(now.k)
            return rate / len(seen)

        return choose

    return begin
"""


class Remarks(Listener):
    def __init__(self):
        self.said = []

    def remarked(self, said):
        self.said.append(said)


def test_a_plugin_that_does_not_say_what_it_remembers_begins_again_and_that_is_said(tmp_path):
    (tmp_path / "shrinking.py").write_text(PLUGIN)
    rates = "[{shrinking: {rate: 0.1}}, {shrinking: {rate: 0.5}}, {shrinking: {rate: 0.9}}, 0.3]"
    text = CONFIG.replace("[0.001, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]", rates)
    text = text.replace("grid:", "plugins: shrinking.py\ngrid:")
    heard = Remarks()
    assert go(planned(tmp_path, text), tmp_path, listener=heard).whole
    assert any("begins again, with the same bits" in said for said in heard.said)
    go(planned(tmp_path, without_race(text)), tmp_path)
    go(planned(tmp_path, without_race(text)), tmp_path / "full")
    assert bits(tmp_path / "raced") == bits(tmp_path / "full" / "raced")


def test_rungs_are_iterations_that_every_curve_keeps():
    assert Race().iterations(2000) == [75, 223, 667]
    assert Race().iterations(50_000) == [1850, 5550, 16_600]
    assert Race().iterations(1) == []
    assert Race(Race().keep, 1).iterations(1000) == []


@pytest.mark.parametrize(("given", "said"), [("2", "fraction"), ("0", "fraction"), ("none", "fraction")])
def test_a_share_that_is_none_is_refused_with_its_place(tmp_path, given, said):
    with pytest.raises(GdbenchError, match=said):
        read_experiment(CONFIG.replace("1/3", given), tmp_path / "raced.yaml")


def test_a_third_of_the_settings_goes_on_and_always_one():
    race = Race()
    assert [race.kept(n) for n in (1, 2, 3, 4, 27)] == [1, 1, 1, 2, 9]
    assert math.isclose(float(race.keep), 1 / 3)
