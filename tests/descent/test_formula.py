"""Formulas from a config: what they compute, what they are made of, and what is refused."""

import cmath
import contextlib
import math
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.errors import BadParameter
from gdbench.descent.kernels.compiler import load
from gdbench.descent.kernels.differentiate import gradient_of
from gdbench.descent.kernels.expression import Trace
from gdbench.descent.kernels.formula import FUNCTIONS, parse_formula
from gdbench.descent.kernels.printer import Printer

W, X = [0.75, 1.25, 2.5], [1.5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b1 * (1 - exp(-b2 * x)) + b3", lambda b1, b2, b3, x: b1 * (1 - math.exp(-b2 * x)) + b3),
        ("b1 + b2*x - b3/x", lambda b1, b2, b3, x: b1 + b2 * x - b3 / x),
        ("b1 - (b2 - (b3 - x))", lambda b1, b2, b3, x: b1 - (b2 - (b3 - x))),
        ("-b1**2 * b2 + b3*+x", lambda b1, b2, b3, x: -(b1 * b1) * b2 + b3 * x),
        ("b1 * b2**b3 * x**0", lambda b1, b2, b3, x: b1 * b2**b3),
        ("b1 * 2**x + b2**-3 + b3**2.0", lambda b1, b2, b3, x: b1 * 2**x + b2**-3 + b3 * b3),
        ("b1**b2**b3*x", lambda b1, b2, b3, x: b1 ** (b2**b3) * x),
        ("b1 * sqrt(x) + log(b2) + abs(-b3)", lambda b1, b2, b3, x: b1 * x**0.5 + math.log(b2) + b3),
        ("sin(b1*x) * cos(b2*x) * b3", lambda b1, b2, b3, x: math.sin(b1 * x) * math.cos(b2 * x) * b3),
        ("atan(b1) * arctan(b2*x) * b3", lambda b1, b2, b3, x: math.atan(b1) * math.atan(b2 * x) * b3),
        ("tanh(b1*x) + b2*tan(b3)", lambda b1, b2, b3, x: math.tanh(b1 * x) + b2 * math.tan(b3)),
        (
            "b1*cos(2*pi*x/12)*b2*1e-3*b3*.5",
            lambda b1, b2, b3, x: b1 * math.cos(math.pi * x / 6) * b2 * b3 / 2e3,
        ),
    ],
)
def test_a_formula_means_what_mathematics_means_by_it(text, expected):
    formula = parse_formula(text, ["x"])
    assert formula.parameters == ("b1", "b2", "b3")
    assert formula.evaluate(W, X) == pytest.approx(expected(*W, *X), rel=1e-14)


@given(st.floats(min_value=-3, max_value=3), st.integers(0, 32))
def test_a_whole_power_is_a_repeated_multiplication(base, exponent):
    power = 1.0
    for k in range(exponent):
        power = base if k == 0 else power * base
    assert parse_formula(f"b**{exponent} + 0*b", ["x"]).evaluate([base], [0.0]) == power
    if power:
        assert parse_formula(f"b**-{exponent} + 0*b", ["x"]).evaluate([base], [0.0]) == 1.0 / power


def test_parameters_come_in_natural_order_whatever_the_order_of_the_text():
    assert parse_formula("b10*x + b2 + alpha + b1 + B + b1a", ["x"]).parameters == (
        "B", "alpha", "b1", "b1a", "b2", "b10",
    )  # fmt: skip


def test_variables_are_taken_by_name_in_the_order_of_the_data():
    formula = parse_formula("b1*x2 - b2*x1", ["x1", "x2"])
    assert formula.variables == ("x1", "x2")
    assert formula.evaluate([1.0, 10.0], [2.0, 3.0]) == 1 * 3 - 10 * 2


def test_a_variable_hides_a_constant_of_its_name_and_columns_need_not_be_names():
    formula = parse_formula("b * pi", ["sepal length (cm)", "pi"])
    assert formula.evaluate([2.0], [9.0, 5.0]) == 10.0


def test_letters_of_any_alphabet_are_names():
    assert parse_formula("β·x".replace("·", "*"), ["x"]).parameters == ("β",)
    # the micro sign and the Greek letter look alike, and Python takes them for one
    assert parse_formula("b * \u00b5", ["\u00b5"]).evaluate([2.0], [3.0]) == 6.0


def test_a_formula_may_stand_on_several_lines_and_be_indented():
    assert parse_formula("  b1 *\n    x\n  + b2\n", ["x"]).evaluate([2.0, 1.0], [3.0]) == 7.0


def test_the_complex_step_goes_through():
    formula = parse_formula("b1 * exp(-b2 * x) * tan(x) + abs(b1)**b2", ["x"])
    step = 1e-30
    found = formula.evaluate([0.7, complex(1.1, step)], [0.5]).imag / step
    central = (formula.evaluate([0.7, 1.1 + 1e-6], [0.5]) - formula.evaluate([0.7, 1.1 - 1e-6], [0.5])) / 2e-6
    assert found == pytest.approx(central, rel=1e-8)
    assert formula.evaluate([0.7 + 0j, 1.1], [0.5]) == pytest.approx(
        0.7 * cmath.exp(-0.55) * math.tan(0.5) + 0.7**1.1, rel=1e-14
    )


SMOOTH = [
    "b1 * (1 - exp(-b2 * x))",
    "b1 * b2**x",
    "b1*(x**2 + x*b2) / (x**2 + x*b1 + b2)",
    "b1 - b2*x - arctan(b1/(x - b2))/pi",
    "b1 * sqrt(b2 + x) * log(1 + x) * tanh(b1*x)",
    "sin(b1*x) * cos(b2 + x)**3 + tan(b1/4)",
]


@pytest.mark.parametrize("text", SMOOTH)
def test_the_traced_formula_gives_the_same_bits_and_its_gradient_is_that_of_finite_differences(text):
    formula = parse_formula(text, ["x"])
    trace = Trace()
    w, x = trace.variables("w", 2), trace.variable("x")
    outputs = [trace.lift(formula.evaluate(w, [x]))]
    outputs += gradient_of(outputs[0], w)
    before, inside = Printer([]).adding(["f", "g0", "g1"], outputs)
    lines = "\n    ".join(before + inside)
    computed = load(f"def at(w0, w1, x):\n    f = g0 = g1 = 0.0\n    {lines}\n    return f, [g0, g1]\n")["at"]
    value, gradient = computed(0.8, 1.3, 2.5)
    assert value == formula.evaluate([0.8, 1.3], [2.5])
    for j in range(2):
        up, down = [0.8, 1.3], [0.8, 1.3]
        up[j] += 1e-6
        down[j] -= 1e-6
        difference = (formula.evaluate(up, [2.5]) - formula.evaluate(down, [2.5])) / 2e-6
        assert gradient[j] == pytest.approx(difference, rel=1e-7)


# --- what is refused


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "it is empty"),
        ("x * 2", 1, "a model needs a parameter to fit, such as b1"),
        ("b1 + foo(x)", 6, "no function is called 'foo'"),
        ("b1 * expp(x)", 6, "Did you mean exp?"),
        ("b1(x)", 1, "For a product write b1 * (…)."),
        ("b1 * exp", 6, "exp is a function; write exp(…)"),
        ("b1 * exp()", 6, "exp takes one number in parentheses."),
        ("b1 * exp(x)(x)", 6, "only a function's name may stand before parentheses"),
        ("b1 ^ 2", 4, "Write ** for a power."),
        ("exp[-b1*x]", 4, "Write ( and )."),
        ("b1*x.real", 4, "a dot after a name is not allowed"),
        ("b1 if x else b2", 1, "'if' is not allowed"),
        ("b1 < x", 4, "'<' is not allowed"),
        ("b1 and x", 1, "'and' or 'or' is not allowed"),
        ("b1 is x", 1, "a comparison is not allowed"),
        ("b1 + ()", 6, "an empty pair of parentheses is not allowed"),
        ("b1 * 1j", 6, "this constant is not allowed"),
        ("b1 * True", 6, "this constant is not allowed"),
        ("b1 // x", 1, "this operator is not allowed"),
        ("not b1", 1, "this operator is not allowed"),
        ("b1 for x in y", 1, "'for' is not allowed"),
        ("b1 * 'x'", 6, "''' is not allowed"),
        ("lambda x: b1", 9, "':' is not allowed"),
        ("b1 # x", 4, "'#' is not allowed"),
        ("b1 +\n  αβ.x", 8, "a dot after a name is not allowed"),
        ("b1 * x**33", 9, "a whole power may be from -32 to 32."),
        ("b1 * 10**400", 10, "a whole power may be from -32 to 32."),
        ("b1 * 1e999", 6, "this has no finite value."),
        ("b1 * log(0)", 6, "this has no finite value."),
        ("b1 * 0**x", 6, "this has no finite value."),
        ("b1 / (1 - 1)", 7, "this divides by zero."),
        ("(b1 * (x)", 1, "this ( is never closed"),
        ("b1) + (x", 3, "this ) closes nothing"),
        ("(" * 51 + "b1" + ")" * 51, 51, "parentheses may be nested 50 deep at most."),
        ("-" * 500 + "b1", 1, "it has 501 parts; 200 are allowed at most."),
        ("+".join(["b1"] * 101), 1, "it has 201 parts; 200 are allowed at most."),
        ("b" * 2001, 2001, "it has 2001 characters; 2000 are allowed at most."),
        ("b1\x00", 3, "' ' is not allowed"),
        ("b1\ud800", 3, "' ' is not allowed"),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_column(text, column, said):
    with pytest.raises(BadParameter) as caught:
        parse_formula(text, ["x"])
    assert caught.value.parameter == "expression"
    message = str(caught.value)
    assert f", column {column}: " in message
    assert said in message
    assert message.isprintable()


@pytest.mark.parametrize("text", ["b1 x", "2x * b1", "b1 *", "b1 + if", "* b1", "b²", "b1 x2"])
def test_what_python_cannot_read_is_refused_with_what_is_allowed(text):
    with pytest.raises(
        BadParameter, match=r"column \d+: this cannot be read; is an operator missing, such as \*\?"
    ):
        parse_formula(text, ["x"])


@pytest.mark.parametrize(
    "text",
    ["__import__(x) * b1", "b1.__class__", "exec(b1)", "open(x)", "abs(*b1)", "exp(**b1)", "().__class__"],
)
def test_no_text_reaches_the_interpreter(text):
    with pytest.raises(BadParameter):
        parse_formula(text, ["x"])


def answer(text):
    """The formula, or the sentence that refuses it."""
    try:
        return parse_formula(text, ["x"])
    except BadParameter as error:
        return str(error)


@given(st.text(max_size=80))
def test_any_text_is_a_formula_or_a_sentence(text):
    said = answer(text)
    assert not isinstance(said, str) or said.isprintable()


@given(st.text(alphabet="b1x+-*/(). e2sinlogpi", max_size=40))
def test_any_formula_like_text_is_a_formula_or_a_sentence(text):
    said = answer(text)
    if isinstance(said, str):
        assert f"formula '{' '.join(text.split())}', column " in said
    else:
        # where it has no value, a run reports divergence
        with contextlib.suppress(ArithmeticError, ValueError):
            assert said.evaluate([0.5] * len(said.parameters), [0.7]) is not None


# --- formulas drawn at random, against Python's own arithmetic

leaves = st.sampled_from([("b1", 0.75), ("b2", 1.25), ("x", 1.5), ("2.5", 2.5), ("pi", math.pi)])


def joined(children):
    signs = {"+": operator.add, "-": operator.sub, "*": operator.mul}
    binary = st.tuples(st.sampled_from(sorted(signs)), children, children).map(
        lambda c: (f"({c[1][0]} {c[0]} {c[2][0]})", signs[c[0]](c[1][1], c[2][1]))
    )
    return binary | children.map(lambda c: (f"(-{c[0]})", -c[1]))


@given(st.recursive(leaves, joined, max_leaves=20))
def test_random_arithmetic_gives_pythons_own_bits(drawn):
    text, expected = drawn
    formula = parse_formula(f"{text} + 0*b1*b2", ["x"])
    assert formula.evaluate([0.75, 1.25], [1.5]) == expected


def test_every_allowed_function_is_one_that_a_trace_can_record():
    trace = Trace()
    for function in FUNCTIONS.values():
        assert function(trace.variable("x")).trace is trace
