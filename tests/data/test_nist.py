"""NIST's reference data: every set with its certified values, and formulas that give the certified fit."""

import hashlib
import json
import math
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest

from gdbench.data.bundled import BUNDLED, read_bundled, read_nist
from gdbench.data.nist import NIST
from gdbench.data.nist.parsing import parse
from gdbench.descent.errors import BadParameter, GdbenchError
from gdbench.descent.kernels.expression import Trace, needed
from gdbench.descent.kernels.formula import parse_formula

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "nist.json").read_text())["sets"]
DATA = Path(parse.__code__.co_filename).parent / "data"


def formula_of(known):
    return parse_formula(known.formula, list(known.predictors))


def rows_of(known):
    response = [math.log(y) for y in known.y] if known.response == "log(y)" else known.y
    return list(zip(zip(*known.predictors.values(), strict=True), response, strict=True))


def residual_sum(known, w, exactly=float):
    formula = formula_of(known)
    squares = [
        (exactly(y) - formula.evaluate([exactly(v) for v in w], [exactly(v) for v in x])) ** 2
        for x, y in rows_of(known)
    ]
    return math.fsum(squares) if exactly is float else sum(squares)


def digits(found, certified):
    """Correct decimal digits (NIST's LRE)."""
    return -math.log10(abs(found - certified) / certified) if found != certified else math.inf


def test_all_38_sets_are_there_by_name():
    assert sorted(NIST) == sorted(ORACLE)
    assert len(NIST) == 38
    assert set(NIST) < set(BUNDLED)


@pytest.mark.parametrize("name", ORACLE)
class TestEverySet:
    def test_is_the_file_whose_certified_values_were_confirmed(self, name):
        assert hashlib.sha256((DATA / f"{name}.dat").read_bytes()).hexdigest() == ORACLE[name]["sha256"]

    def test_says_what_nist_certifies(self, name):
        known, oracle = NIST[name], ORACLE[name]
        assert (known.name, known.difficulty, len(known.y)) == (name, oracle["difficulty"], oracle["n"])
        assert known.certified == tuple(map(float, oracle["certified"]))
        assert known.residual_sum_of_squares == float(oracle["rss"])
        assert known.starts == tuple(tuple(map(float, start)) for start in oracle.get("starts", ()))
        assert len(known.deviations) == len(known.parameters)
        assert {len(column) for column in known.predictors.values()} == {oracle["n"]}

    def test_has_a_formula_of_its_predictors_and_parameters(self, name):
        formula = formula_of(NIST[name])
        assert formula.parameters == NIST[name].parameters

    def test_loads_as_columns(self, name):
        known, columns = NIST[name], read_bundled(name)
        assert columns.features == known.predictors
        assert list(columns.target) == [y for _, y in rows_of(known)]


@pytest.mark.parametrize("name", [n for n in ORACLE if n not in ("Filip", "Lanczos1", "Wampler1", "Wampler2")])
def test_certified_parameters_give_the_certified_residual_sum_of_squares(name):
    known = NIST[name]
    assert digits(residual_sum(known, known.certified), known.residual_sum_of_squares) >= 9


@pytest.mark.parametrize("name", ["Filip", "Wampler1", "Wampler2"])
def test_where_terms_cancel_the_residual_sum_of_squares_is_right_in_rational_arithmetic(name):
    oracle = ORACLE[name]
    # the decimals that NIST prints, not the doubles next to them
    found = residual_sum(NIST[name], oracle["certified"], lambda v: Fraction(str(v)))
    certified = Fraction(oracle["rss"])
    assert found == certified if certified == 0 else digits(found, certified) >= 9


def test_the_residuals_of_lanczos1_are_right_in_decimal_arithmetic():
    # they are 1e-13 of the data: doubles see two digits of them, and the 11 certified digits give 1e-21
    known, oracle = NIST["Lanczos1"], ORACLE["Lanczos1"]
    trace = Trace()
    w, x = trace.variables("w", 6), trace.variables("x", 1)
    recorded = trace.lift(formula_of(known).evaluate(w, x))
    with localcontext() as context:
        context.prec = 50
        inputs = {f"w{i}": Decimal(value) for i, value in enumerate(oracle["refined"])}
        squares = [
            (Decimal(str(y)) - in_decimals(recorded, {**inputs, "x0": Decimal(str(x[0]))})) ** 2
            for x, y in rows_of(known)
        ]
        assert digits(float(sum(squares)), float(oracle["rss"])) >= 9
    assert residual_sum(known, known.certified) < 1e-20


def in_decimals(recorded, inputs):
    """The value of a recorded formula in the decimal arithmetic of the context."""
    compute = {
        "add": lambda a, b: a + b,
        "multiply": lambda a, b: a * b,
        "negate": lambda a: -a,
        "exp": lambda a: a.exp(),
    }
    values = {}
    for node in needed([recorded]):
        if node.operation == "variable":
            values[node.index] = inputs[node.label]
        else:
            values[node.index] = compute[node.operation](*(values[a.index] for a in node.arguments))
    return values[recorded.index]


@pytest.mark.parametrize("name", [n for n in ORACLE if ORACLE[n]["kind"] == "nonlinear"])
def test_starting_points_give_the_residuals_that_others_find_there(name):
    for start, expected in zip(NIST[name].starts, ORACLE[name]["rss_at_starts"], strict=True):
        assert residual_sum(NIST[name], start) == pytest.approx(expected, rel=1e-9)


def test_roszman1_has_its_true_b1_and_not_the_corrupted_one():
    assert NIST["Roszman1"].certified[0] == 0.20196866396


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("Norris", {"linear": {}}),
        ("Longley", {"linear": {}}),
        ("Pontius", {"polynomial": {"degree": 2}}),
        ("Filip", {"polynomial": {"degree": 10}}),
        ("Wampler3", {"polynomial": {"degree": 5}}),
        ("NoInt1", {"formula": {"expression": "b1*x"}}),
        ("Misra1a", {"formula": {"expression": "b1*(1-exp(-b2*x))"}}),
    ],
)
def test_a_set_knows_its_model_in_config_form(name, model):
    assert NIST[name].model == model


def test_the_optimum_of_a_linear_model_has_its_intercept_last():
    known = NIST["Norris"]
    assert known.optimum == (1.00211681802045, -0.262323073774029)
    assert NIST["Misra1a"].optimum == NIST["Misra1a"].certified
    w, b = known.optimum
    residuals = [y - (w * x + b) for x, y in zip(known.predictors["x"], known.y, strict=True)]
    assert math.fsum(r * r for r in residuals) == pytest.approx(known.residual_sum_of_squares, rel=1e-12)


def test_nelson_predicts_the_logarithm_unless_told_otherwise():
    logs, raw = read_nist("Nelson"), read_nist("Nelson", target="y")
    assert (logs.target_name, raw.target_name) == ("log(y)", "y")
    assert raw.target[0] == 15.0
    assert logs.target[0] == math.log(15.0)
    assert read_nist("Norris").target_name == "y"


def test_a_target_or_feature_that_a_set_does_not_have_is_answered_with_those_it_has():
    with pytest.raises(BadParameter, match=r"Norris: no target is called 'x'. Known: y."):
        read_nist("Norris", target="x")
    with pytest.raises(BadParameter, match=r"Longley: no column is called 'x7'. Known: x1, x2, x3, x4, x5, x6"):
        read_nist("Longley", features=["x7"])
    assert list(read_nist("Longley", features=["x6", "x1"]).features) == ["x6", "x1"]


def test_a_damaged_file_is_told_from_a_mistake_of_ours():
    text = (DATA / "Norris.dat").read_text()
    for damaged in (text[:1000], text.replace("Data:", "Dat"), text.replace("884.6", "many"), ""):
        with pytest.raises(GdbenchError, match=r"Norris.dat: this is not laid out"):
            parse("Norris", damaged)
