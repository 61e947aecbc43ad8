"""softplus and sigmoid in two branches: the bits of their one-line forms, at every sign and every extreme."""

import math

import pytest

from gdbench.descent.functions import sigmoid, softplus
from gdbench.descent.kernels import printer
from gdbench.descent.kernels.compiler import compile_definition, compile_surface, load
from gdbench.descent.kernels.definition import define
from gdbench.descent.kernels.differentiate import gradient_of
from gdbench.descent.kernels.expression import Trace
from gdbench.descent.kernels.printer import Printer

EXTREMES = [0.0, 5e-324, 1e-300, 0.3, 1.0, 36.7, 40.0, 709.0, 745.2, 1e308, math.inf]
Z = [*EXTREMES, *(-z for z in EXTREMES)]

FORMULAS = {
    "softplus": softplus,
    "sigmoid": sigmoid,
    "both": lambda z: softplus(z) + 3.0 * sigmoid(z),
    "softplus of minus": lambda z: softplus(-z),
    "one in another": lambda z: sigmoid(0.3 * softplus(z) - 1.0),
    "of a constant": lambda z: softplus(-1.5 + 0.0 * z) * sigmoid(2.0),
    "product": lambda z: -0.7 * z * sigmoid(z),
}


def function(formula, *, branches):
    """z → (value, slope), printed with or without branches."""
    trace = Trace()
    z = trace.variable("z")
    out = trace.lift(formula(z))
    before, inside = Printer([], branches=branches).adding(["value", "slope"], [out, *gradient_of(out, [z])])
    body = "".join(f"    {line}\n" for line in before + inside)
    return load(f"def f(z):\n    value = slope = 0.0\n{body}    return value, slope\n")["f"]


@pytest.mark.parametrize("sides", [printer._APART, printer._TOGETHER], ids=["apart", "together"])
@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_branches_have_the_bits_of_the_text_in_one_line(monkeypatch, formula, sides):
    monkeypatch.setattr(printer, "_SIDES", sides)
    in_branches, in_line = function(formula, branches=True), function(formula, branches=False)
    for z in Z:
        assert repr(in_branches(z)) == repr(in_line(z)), z


def test_one_question_serves_cost_and_slope_and_the_product_that_the_slope_begins_with():
    source = compile_definition(define({"logistic": {}}, {"logistic": {}}, 1)).source
    both = source[source.index("def cost_and_gradient") :]
    assert both.count("if t1 > 0.0:") == both.count(" if ") == 1
    assert "t4 = 1.0 / (1.0 + t2) * t0" in both
    assert "abs(" not in source


def test_a_product_with_what_comes_later_stays_outside():
    trace = Trace()
    z, later = trace.variables("z", 2)
    out = sigmoid(z) * softplus(later)
    _, inside = Printer([], branches=True).adding(["total"], [out])
    assert inside[-1] == "total += t1 * t3"


def test_branches_on_parameters_alone_are_taken_before_the_loop_and_their_products_with_rows_inside():
    trace = Trace()
    w, x = trace.variable("w"), trace.variable("x")
    before, inside = Printer([w], branches=True).adding(["total"], [x * sigmoid(w)])
    assert before[0] == "if w > 0.0:"
    assert inside == ["total += x * t1"]


def test_the_cost_alone_is_compiled_when_it_is_asked_for():
    compiled = compile_surface(lambda w: softplus(w[0]), 1)
    assert "cost" not in vars(compiled)
    assert compiled.cost([0.3], ()) == softplus(0.3)
    assert compiled.cost is compiled.cost
