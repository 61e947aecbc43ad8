"""Linear convergence is drawn as the straight line that it is, to where the kernel can see no further."""

import math

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.execution.profiles.profile import BUILT_IN
from gdbench.judgement.study import study
from gdbench.planning.plan import make_plan
from gdbench.record.store import Store
from gdbench.report.analysis.lines import FINEST, FLOOR, lines
from tests.execution.sweeping import run_all

CONFIG = """\
name: floor
data: {synthetic: {linear_data: {rows: 40, features: 3, noise: 1.0, seed: 1}}, standardize: true}
grid:
  model: linear
  cost: mse
  kernel: [auto, compiled]
  learning_rate: 0.3
  convergence: {max_iterations: 150}
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Kernel → (iteration, relative gap) of its line, and the contraction that theory gives the end."""
    folder = tmp_path_factory.mktemp("floor")
    config = folder / "floor.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    run_all(make_plan(load_experiment(config)), folder / "floor", BUILT_IN["serial"])
    with Store.read(folder / "floor") as store:
        about = study(store)
        (problem,) = about.problems.values()
        found = lines(list(enumerate(about.settings)), store, problem)
    slowest = max(abs(1.0 - 0.3 * value) for value in problem.theory.spectrum)
    by_kernel = {
        next(iter(band.setting.runs[0].spec["kernel"])): list(zip(band.iteration, band.median, strict=True))
        for band in found
    }
    return by_kernel, slowest


def test_a_carried_gap_is_drawn_as_a_straight_line_far_below_rounding(drawn):
    by_kernel, slowest = drawn
    late = [(k, gap) for k, gap in by_kernel["centred"] if 1e-28 < gap < 1e-10]
    assert late[-1][1] < 1e-25
    (k, high), (later, low) = late[0], late[-1]
    assert math.log(low / high) / (later - k) == pytest.approx(2.0 * math.log(slowest), rel=0.02)
    assert min(gap for _, gap in by_kernel["centred"]) >= FINEST


def test_a_gap_by_subtraction_is_drawn_down_to_rounding(drawn):
    by_kernel, _ = drawn
    assert min(gap for _, gap in by_kernel["compiled"]) == FLOOR
