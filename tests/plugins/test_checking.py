"""What a check finds is what is there: known kinks, known limits, known mistakes."""

import math

import pytest

from gdbench.descent.costs import COSTS
from gdbench.descent.models import MODELS
from gdbench.descent.optimizers import OPTIMIZERS
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
    return Optimizer(lambda w: None, lambda w, g, state, rate: (moved(w, g, scale * rate), state))

def moved(w, g, by):
    return [w_j - by * ((g_j > 0.0) - (g_j < 0.0)) for w_j, g_j in zip(w, g)]
"""
    (checked,) = check_plugin(load_source(source, "mine.py"))
    assert [(f.check, f.severity) for f in checked.findings] == [("docstring", "fine"), ("steps", "fine")]


@pytest.mark.parametrize(
    ("update", "said"),
    [
        ("return [w_j - rte * g_j for w_j, g_j in zip(w, g)], state", "NameError"),
        ("return state, w", "not a list of 2 numbers"),
        ("return [w_j - rate * g_j for w_j, g_j in zip(w, g)]", "(new w, new state)"),
        ("return [w_j + rate * g_j for w_j, g_j in zip(w, g)], state", "leads nowhere down"),
        ("return list(w), state", "leads nowhere down"),
        ("return [w[0] - rate * g[0]], state", "not a list of 2 numbers"),
        ("w[0] -= rate * g[0]\nreturn list(w), state", "changes the list w"),
        ("g[0] *= rate\nreturn [w[0] - g[0], w[1]], state", "changes the list gradient"),
        ("state.append(1)\nreturn [w_j - rate * g_j / len(state) for w_j, g_j in zip(w, g)], state", "second"),
        (
            "m = [0.5 * s + h for s, h in zip(state or g, g)]\nreturn [w[j] - rate * m[j] for j in (0, 1)], m",
            None,
        ),
    ],
)
def test_the_steps_of_an_optimizer_are_made_and_looked_at(update, said):
    source = "from gdbench.descent.optimizers import Optimizer, optimizer\nshared = []\n\n"
    source += "def update(w, g, state, rate):\n" + "".join(f"    {line}\n" for line in update.splitlines())
    source += "\n@optimizer('mine')\ndef mine():\n    '''w - rate * g'''\n"
    source += "    return Optimizer(lambda w: shared, update)\n"
    (checked,) = check_plugin(load_source(source, "mine.py"))
    (found,) = of(checked, "steps")
    assert found.severity == ("wrong" if said else "fine")
    assert (said or "goes from") in found.said
    if said == "NameError":
        assert found.line == 5


@sampled("entry", list(OPTIMIZERS), 4, name=lambda entry: entry.name)
def test_our_own_optimizers_pass(entry):
    assert not check_entry(entry, "x").is_wrong


@pytest.mark.parametrize("body", ["(p - y) ** 3", "(p - y) ** 5 / 7", "3.0 * (p - y) ** 4 * 2.0"])
def test_a_power_that_is_rounded_elsewhere_than_compiled_is_no_other_formula(body):
    checked = findings(f"return {body}")
    assert not of(checked, "bits")
    assert not checked.is_wrong


def test_a_value_that_is_off_by_more_than_roundings_is_another_formula():
    body = "calls.append(1)\nreturn (p - y) * (1.0 + 1e-12 * len(calls))"
    checked = findings(body, 'calls = []\n@cost("mine")\ndef mine(p, y):\n')
    assert of(checked, "bits", "wrong")


@sampled("entry", [*COSTS, *PENALTIES], 5, name=lambda entry: f"{entry.kind} {entry.name}")
def test_our_own_costs_and_penalties_pass(entry):
    assert not check_entry(entry, "x").is_wrong


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "quadratic", "himmelblau", "ackley"])
def test_our_own_surfaces_pass(name):
    assert not check_entry(SURFACES[name], "x").is_wrong
