"""What a check finds is what is there: known kinks, known limits, known mistakes."""

import math

import pytest

from gdbench.descent.costs import COSTS
from gdbench.descent.models import MODELS
from gdbench.descent.penalties import PENALTIES
from gdbench.descent.surfaces import SURFACES
from gdbench.plugins import loading
from gdbench.plugins.checking import check_plugin
from gdbench.plugins.checking.check import check_entry
from gdbench.plugins.loading import load_source
from tests.sampling import drawn, sampled

HEAD = """\
import math
from gdbench.descent.costs import cost
from gdbench.descent.domains import positive, text
from gdbench.descent.functions import absolute, below, exp, hold, log, sqrt, where
"""


@pytest.fixture(autouse=True)
def _no_plugin_stays():
    yield
    for plugin in list(loading._loaded.values()):
        loading._unload(plugin)


def findings(body, head='@cost("mine")\ndef mine(p, y):\n    """f(p - y) = …"""\n'):
    plugin = load_source(HEAD + head + "".join(f"    {line}\n" for line in body.splitlines()), "mine.py")
    (checked,) = check_plugin(plugin)
    return checked


def of(checked, check, severity=None):
    return [f for f in checked.findings if f.check == check and severity in (None, f.severity)]


def test_a_sound_cost_has_nothing_wrong():
    checked = findings("r = p - y\nreturn r * r")
    assert {f.severity for f in checked.findings} <= {"fine", "note"}
    (gradient,) = of(checked, "gradient")
    assert gradient.evidence["points"] == 100
    assert gradient.evidence["complex_step"] < 1e-12


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("r = p - y\nif r > 0.0:\n    return r\nreturn -r", 9, "where(condition"),
        ("return max(p - y, 0.0)", 8, "maximum"),
        ("return math.exp(p - y)", 8, "gdbench.descent.functions"),
        ("import numpy as np\nreturn np.cosh(p - y)", 9, "gdbench.descent.functions"),
        ("return (p - y) ** 0.5", 8, "whole exponent"),
        ("return None", None, "NoneType"),
    ],
)
def test_what_cannot_be_traced_is_refused_with_its_line_and_a_remedy(body, line, said):
    checked = findings(body)
    (refused,) = of(checked, "trace")
    assert checked.findings[0] == refused
    assert (refused.severity, refused.line) == ("wrong", line)
    assert said in refused.said


@pytest.mark.parametrize(
    ("cost", "at", "left", "right"),
    [("mae", 0.0, -1.0, 1.0), ("pinball", 0.0, -0.5, 0.5), ("hinge", -1.0, 0.0, 1.0)],
)
def test_the_kinks_of_known_costs_are_where_they_are(cost, at, left, right):
    (kink,) = of(check_entry(COSTS[cost], "x"), "kinks", "note")
    assert kink.evidence["point"] == [pytest.approx(at, abs=1e-6)]
    assert (kink.evidence["left"], kink.evidence["right"]) == (pytest.approx(left), pytest.approx(right))


@pytest.mark.parametrize(
    "cost", ["mse", "huber", "log_cosh", "logistic", "softmax", "squared_hinge", "poisson"]
)
def test_costs_with_a_continuous_slope_have_no_kink(cost):
    assert [f.severity for f in of(check_entry(COSTS[cost], "x"), "kinks")] == ["fine"]


def test_a_value_that_jumps_is_wrong_and_its_place_is_told():
    jumps = of(findings("return where(below(1.0, absolute(p - y)), 1.0, 0.0)"), "kinks", "wrong")
    assert [f.evidence["point"] for f in jumps] == [[-1.0], [1.0]]


def test_an_unstable_form_is_wrong_where_exp_overflows():
    (found,) = of(findings("return log(1.0 + exp(p - y))"), "range", "wrong")
    assert found.evidence["low"] == pytest.approx(math.log(1.7976931348623157e308), rel=2e-3)
    assert "softplus" in found.said


def test_a_cost_that_is_itself_too_large_is_only_a_caution():
    (found,) = of(check_entry(COSTS["poisson"], "x"), "range", "caution")
    assert found.evidence["low"] == pytest.approx(709.78, rel=2e-3)


def test_a_slope_that_divides_by_zero_at_a_right_prediction_is_wrong():
    checked = findings("r = p - y\nreturn sqrt(r * r)")
    assert any("cannot be computed at p = 0 with y = 0" in f.said for f in of(checked, "range", "wrong"))


def test_a_logarithm_is_a_matter_of_care():
    checked = findings("return p - y * log(p)")
    assert not of(checked, "range", "wrong")
    assert of(checked, "range", "caution")


def test_the_builtin_abs_is_caught_by_the_complex_step():
    (found,) = of(findings("return abs(p - y)"), "gradient", "wrong")
    assert "abs()" in found.said


def test_a_held_slope_is_caught_by_central_differences():
    (found,) = of(findings("return hold(p - y) * (p - y)"), "gradient", "wrong")
    assert found.evidence["central"] == pytest.approx(0.5)


def test_a_formula_that_looks_elsewhere_gives_other_bits():
    checked = findings(
        "calls.append(1)\nreturn (p - y) * len(calls)", 'calls = []\n@cost("mine")\ndef mine(p, y):\n'
    )
    assert of(checked, "bits", "wrong")


@pytest.mark.exhaustive
def test_an_equality_of_traced_values_is_pointed_out_but_a_length_is_not():
    (found,) = of(findings("r = p - y\nreturn 0.0 if r == 0.0 else r * r"), "equality")
    assert (found.severity, found.line) == ("caution", 9)
    for entry in drawn(MODELS, 3, name=lambda model: model.name):
        assert not of(check_entry(entry, "x"), "equality"), entry.name


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('@cost("mine")\ndef mine(p):\n    """p + 1"""\n', "called with p and y"),
        ('@cost("mine", s=positive)\ndef mine(p, y, s=-1.0):\n    """p + s"""\n', "the default of 's' must be"),
        ('@cost("mine", s=text)\ndef mine(p, y, s):\n    """p + s"""\n', None),
        ('@cost("mine")\ndef mine(p, y):\n', "no docstring"),
        ('@cost("mine")\ndef mine(p, y):\n    """Very good."""\n', "no formula"),
        ('@cost("mine", s=positive)\ndef mine(p, y, s=1.0):\n    """p + 1"""\n', "what 's' is"),
    ],
)
def test_signature_defaults_and_docstring_are_looked_at(head, said):
    checked = findings("return p * p", head)
    if said:
        assert any(said in f.said for f in checked.findings)


def test_optimizers_and_others_are_read_though_not_traced():
    source = """\
from gdbench.descent.domains import positive
from gdbench.descent.optimizers import Optimizer, optimizer

@optimizer("signs", scale=positive)
def signs(scale=1.0):
    '''w - scale * rate * sign(g)'''
    return Optimizer(lambda w: None, lambda state, w, g, rate: (state, w))
"""
    (checked,) = check_plugin(load_source(source, "mine.py"))
    assert [f.severity for f in checked.findings] == ["fine"]


@sampled("entry", [*COSTS, *PENALTIES], 5, name=lambda entry: f"{entry.kind} {entry.name}")
def test_our_own_costs_and_penalties_pass(entry):
    assert not check_entry(entry, "x").is_wrong


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "quadratic", "himmelblau", "ackley"])
def test_our_own_surfaces_pass(name):
    assert not check_entry(SURFACES[name], "x").is_wrong
