"""What is answered to questions that people asked: what to use, how sure, what failed and why."""

import re

import pytest

from gdbench.judgement.answer import answer
from gdbench.judgement.study import study
from tests.judgement.told import case
from tests.swept import swept


def text_of(folder, name):
    with swept(folder, case(folder, name)) as store:
        return answer(study(store)).text


def test_who_stays_is_used_and_who_passes_through_is_named(tmp_path):
    """amsgrad keeps 1e-6 from 401 with 0.01, from 641 with 0.1; adam with 0.1 meets it at 249, and leaves."""
    text = text_of(tmp_path, "passing")
    assert text.startswith("Use amsgrad, η = 0.01: it keeps a relative gap of 1e-06 from iteration 401 on; ")
    assert re.search("adam at η = 0.1, .* pass through it and do not stay", text)


def test_copies_are_named_with_the_start_that_makes_them(tmp_path):
    text = text_of(tmp_path, "xor")
    assert text.startswith("η = 10, normal(std=1) ended at the lowest cost")
    assert (
        "zeros and constant(0.5) kept all units of a hidden layer alike: equal units get equal gradients"
        in text
    )
    assert "converged" not in text


def test_a_wrong_gradient_is_never_used(tmp_path):
    text = text_of(tmp_path, "nudges")
    assert text.startswith("Use analytic:")
    assert "forward(1.2) and forward(0.01) went by a wrong gradient: too long a step" in text
    assert "forward(1e-12), forward(1e-15) and forward(1e-17) went by a wrong gradient: a step below" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("houses", "η = 0.01 diverged: above the stability limit 2/L = 4.328e-7, proved"),
        ("hundred", "η = 0.5 diverged: above the stability limit 2/L = 3.045e-4, proved"),
        ("one_row", "above the limit of the largest row alone, 2.525e-5, proved"),
        ("counts", "diverged: "),
        ("no_bias", "without a bias no cost is below 0.02083"),
    ],
)
def test_what_failed_is_told_with_its_cause_and_grade(tmp_path, name, words):
    assert words in text_of(tmp_path, name)


OVER_L = """\
grid:
  surface: {quadratic: {spectrum: [8.05, 1]}}
  learning_rate: [{over_L: {factor: 1}}, 0.01, {over_L: {factor: 3}}]
  initialization: zeros
  convergence: {max_iterations: 300}
targets: [1e-6]
"""


def test_a_rate_that_follows_from_L_is_told_as_the_number_that_it_is(tmp_path):
    with swept(tmp_path, OVER_L) as store:
        text = answer(study(store)).text
    assert text.startswith("Use η = 0.124 (1/L): it keeps a relative gap of 1e-06 from iteration ")
    assert "η = 0.373 (3/L) diverged: above the stability limit 2/L = 0.2484, proved" in text


def test_where_all_diverge_the_rate_to_try_is_below_the_limit_that_is_known(tmp_path):
    text = OVER_L.replace("[{over_L: {factor: 1}}, 0.01, {over_L: {factor: 3}}]", "[0.3, 0.5]")
    with swept(tmp_path, text) as store:
        told = answer(study(store)).text
    assert told.startswith(
        "Every setting diverged: try a learning rate below 0.2484; above the stability limit"
    )
