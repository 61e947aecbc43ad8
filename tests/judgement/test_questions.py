"""Questions as newcomers bring them: the answer in words, on tables of our own."""

import math

from gdbench.descent.recording.result import LOST
from gdbench.judgement.answer import answer
from gdbench.judgement.diagnoses import diagnoses
from gdbench.judgement.failures import KEEPING
from gdbench.judgement.next_experiment import Nothing, next_experiment
from gdbench.judgement.outcome import FATES
from gdbench.judgement.sentences.answers import DID
from gdbench.judgement.sentences.few_words import KEPT
from gdbench.judgement.study import study
from tests.judgement.told import case, table
from tests.swept import swept


def asked(folder, text):
    """(the answer's text, the diagnoses in the plan's order)."""
    with swept(folder, text) as store:
        about = study(store)
        found = diagnoses(about, store)
        return answer(about).text, [found[run.key] for run in about.runs]


DAMPED = """\
grid:
  surface: {quadratic: {spectrum: [1, 10]}}
  optimizer: {gradient_descent: {momentum: 0.9, dampening: [0, 0.9]}}
  learning_rate: [0.3, 0.5, 5]
  initialization: zeros
  convergence: {max_iterations: 300}
targets: [1e-6]
"""


def test_runs_that_diverged_by_different_limits_are_told_of_each(tmp_path):
    """2(1+β)/L is 0.38 without dampening, and 3.8 with τ = 0.9."""
    text, _ = asked(tmp_path, DAMPED)
    assert "3 of 6 settings diverged: above the stability limit of each, 0.38 to 3.8, proved" in text


SEPARABLE = """\
grid:
  model: logistic
  cost: logistic
  learning_rate: [0.1, 10]
  initialization: zeros
  convergence: {any: [{gradient_norm: 1e-6}, {max_iterations: 1000}]}
"""


def test_the_first_step_of_a_run_that_converged_was_not_too_long(tmp_path):
    rows = [[-2.0 + 0.1 * j, 0] for j in range(8)] + [[1.5 + 0.1 * j, 1] for j in range(8)]
    text, (slow, quick) = asked(tmp_path, table(tmp_path, rows) + SEPARABLE)
    assert quick.verdict == slow.causes[-1].code == "no_minimiser"
    assert quick.cause("first_step_too_long") is None
    assert "too long" not in text
    assert text.lower().count("no minimiser") == 1


def test_a_rule_that_fired_where_no_minimum_exists_fails_no_setting(tmp_path):
    rows = [[-2.0 + 0.1 * j, 0] for j in range(8)] + [[1.5 + 0.1 * j, 1] for j in range(8)]
    text, _ = asked(
        tmp_path, table(tmp_path, rows) + SEPARABLE.replace("gradient_norm: 1e-6", "cost_change: 1e-4")
    )
    assert text.lower().count("no minimiser") == 1


LEAST_ABSOLUTE = """\
grid:
  model: linear
  cost: mae
  learning_rate: [0.5, 0.05]
  initialization: zeros
  convergence: {max_iterations: 1000}
targets: [1e-2, 1e-4]
"""


def test_at_a_kink_the_rate_is_to_fall_and_no_smaller_one_is_to_be_taken(tmp_path):
    """A smaller rate hops as well: only rates that fall come to stay."""
    rows = [[0.1 * j, 1.0 + 0.2 * j + (0.3 if j % 3 else -0.4)] for j in range(15)]
    _, found = asked(tmp_path, table(tmp_path, rows) + LEAST_ABSOLUTE)
    for one in found:
        assert one.verdict == "kink"
        passed = one.cause("passed_through")
        assert passed is None or passed.remedy is None


SADDLE = """\
grid:
  surface: {styblinski_tang: {dimension: 2}}
  learning_rate: [0.01, 0.1]
  initialization: {values: {given: [0.15673125, 0.15673125]}}
  convergence: {any: [{gradient_norm: 1e-6}, {max_iterations: 100}]}
"""


def test_where_no_step_was_made_no_larger_rate_is_said_to_be_sooner(tmp_path):
    _, found = asked(tmp_path, SADDLE)
    assert [one.cause("rate_too_small") for one in found] == [None, None]


RIDGE = """\
grid:
  model: logistic
  cost: logistic
  penalty: {l2: {strength: 1}}
  learning_rate: [1, 3]
  initialization: zeros
  convergence: {max_iterations: 300}
targets: [1e-6]
"""


def test_a_bound_of_the_limit_is_not_called_the_limit(tmp_path):
    """L ≤ ¼ λ + 1 = 2.16 everywhere, so 0.92 is surely stable; and η = 1 is above it, and arrives."""
    rows = [[-2.0 + 0.1 * j, 0] for j in range(8)] + [[1.5 + 0.1 * j, 1] for j in range(8)]
    text, _ = asked(tmp_path, table(tmp_path, rows) + RIDGE)
    assert text.startswith("Use η = 1:")
    assert "η = 3 diverged: above " in text
    assert "stability limit" not in text
    assert "up to which steps are surely short enough" in text


def test_what_keeps_others_from_better_is_named_though_none_was_lost(tmp_path):
    """A fixed rate hops about the kink of an absolute value; one that falls does not."""
    falls = LEAST_ABSOLUTE.replace("[0.5, 0.05]", "[0.5, 0.05, {inverse_time: {rate: 1, decay: 0.3}}]")
    rows = [[0.1 * j, 1.0 + 0.2 * j + (0.3 if j % 3 else -0.4)] for j in range(15)]
    with swept(tmp_path, table(tmp_path, rows) + falls.replace("[1e-2, 1e-4]", "[1e-3]")) as store:
        about = answer(study(store))
    assert about.text.startswith("Use inverse_time(rate=1, decay=0.3): ")
    assert "hopped about a kink, estimated" in about.text
    (problem,) = about.problems
    assert [some["cause"]["code"] for some in problem.to_plain()["worse"]] == ["kink"]


DIED = """\
grid:
  surface: {quadratic: {spectrum: [1, 2]}}
  learning_rate: [{exponential: {rate: 0.5, factor: 0.5}}, 0.5]
  initialization: zeros
  convergence: {max_iterations: 200}
"""


def test_where_no_target_was_declared_it_is_said_that_the_optimum_is_reached(tmp_path):
    text, _ = asked(tmp_path, DIED)
    assert text.startswith("η = 0.5 reached the optimum (a relative gap of 0")
    assert "came closest" not in text
    assert "exponential(rate=0.5, factor=0.5) ran out of rate on the way, proved" in text


def test_a_start_at_a_saddle_is_told_once(tmp_path):
    two = SADDLE.replace("[0.15673125, 0.15673125]", "[[0.15673125, 0.15673125], [-1, -1]]")
    text, _ = asked(tmp_path, two)
    assert "stopped where the cost still bends down: a saddle, " in text
    assert text.count("saddle") == 1


def test_each_way_to_fail_has_words_of_its_own():
    assert set(DID) == set(FATES) - set(LOST)
    assert set(KEPT) | {"rate_above_limit"} == set(KEEPING)


def test_slopes_that_underflowed_are_no_convergence(tmp_path):
    """From ones exp(−x) is 0 on every row: only the mean is fitted, and 1168 is not the least cost (6.7)."""
    with swept(tmp_path, case(tmp_path, "decay")) as store:
        about = study(store)
        text = answer(about).text
    ended = {run.result.cause for run in about.runs}
    assert "converged" not in about.outcomes
    assert "plateau" in ended
    assert "it lies on a plateau" in text


def test_a_parameter_that_no_row_moves_does_not_make_a_fit_a_plateau(tmp_path):
    rows = [[0.1 * j, 0.0, 2.0 * 0.1 * j] for j in range(1, 12)]
    text = table(tmp_path, rows) + (
        'grid:\n  model: {formula: {expression: "a*x1 + b*x2"}}\n  cost: mse\n  learning_rate: 0.5\n'
        "  initialization: {constant: 1}\n"
        "  convergence: {any: [{gradient_norm: 1e-8}, {max_iterations: 500}]}\n"
    )
    with swept(tmp_path, text) as store:
        assert study(store).outcomes == {"converged": 1}


WAVE = """\
grid:
  model: {formula: {expression: "sin(w*x)"}}
  cost: half_mse
  learning_rate: 0.1
  initialization: [{values: [5]}, {values: [1.8]}]
  convergence: {any: [{gradient_norm: 1e-8}, {max_iterations: 5000}]}
"""


def test_a_minimum_above_another_runs_is_a_local_one_though_the_optimum_is_unknown(tmp_path):
    """½ mean (sin wx − sin 2x)² has a minimum of about 0.48 near w = 5.2, and its least value 0 at w = 2."""
    rows = [[0.25 * j, math.sin(0.5 * j)] for j in range(25)]
    text, (far, near) = asked(tmp_path, table(tmp_path, rows, names=["x"]) + WAVE)
    assert (far.verdict, near.verdict) == ("local_minimum", "nothing_wrong")
    assert "another run ended lower by 0.4" in far.sentence
    assert "values([5]) ended in a higher minimum, estimated" in text


def test_no_smaller_rate_is_offered_to_a_run_that_is_at_rest(tmp_path):
    """The larger rate is too large to rest; the smaller one has arrived, and one still smaller is slower."""
    text = (
        "grid:\n  surface: {styblinski_tang: {dimension: 2}}\n  learning_rate: [0.002, 0.1]\n"
        "  initialization: {values: {given: [-1, -1]}}\n"
        "  convergence: {any: [{gradient_norm: 1e-6}, {max_iterations: 500}]}\n"
    )
    with swept(tmp_path, text) as store:
        about = study(store)
        offer = next_experiment(about, store)
    assert about.outcomes["converged"] == 1
    assert isinstance(offer, Nothing)
