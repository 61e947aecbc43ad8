"""Learning rates: schedules against PyTorch's figures and against closed forms."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbench.descent.errors import BadParameter, GdbenchError
from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.learning_rates import (
    LEARNING_RATES,
    LearningRate,
    constant,
    cosine,
    cyclic,
    exponential,
    inverse_time,
    multi_step,
    needs_of,
    one_cycle,
    over_L,
    polynomial,
    reduce_on_plateau,
    step,
    warmup,
)
from gdbench.descent.numerics.powers import power, whole_power
from gdbench.descent.registry import find

TORCH = {
    schedule["scheduler"]: schedule
    for schedule in json.loads((Path(__file__).parents[1] / "oracles" / "torch_schedules.json").read_text())[
        "schedules"
    ]
}
OTHERS = json.loads((Path(__file__).parents[1] / "oracles" / "schedules.json").read_text())["rates"]
NOWHERE = Landscape(lambda w: (0.0, w))


def at(k: int, cost: float = 1.0) -> Iterate:
    return Iterate(k, [0.0], cost, [1.0], 1.0)


def rates(learning_rate: LearningRate, count: int = 60) -> list[float]:
    choose = learning_rate(NOWHERE)
    return [choose(at(k)) for k in range(count)]


class TestPyTorchsFigures:
    @pytest.mark.parametrize(
        ("name", "ours"),
        [
            ("StepLR", step(0.1, every=10, factor=0.5)),
            ("ConstantLR", multi_step(0.1 / 3, milestones=(5,), factor=3.0)),
            ("ExponentialLR", exponential(0.1, factor=0.95)),
            ("CosineAnnealingLR", cosine(0.1, period=50, lowest=0.001, then="rise")),
            ("CyclicLR", cyclic(0.01, 0.1, up=8, down=12, shrink=0.5)),
            ("LambdaLR", inverse_time(0.1, power=0.5)),
        ],
    )
    def test_a_schedule_gives_the_rates_that_pytorch_gives(self, name: str, ours: LearningRate) -> None:
        assert rates(ours) == pytest.approx(TORCH[name]["lr"], rel=1e-12)

    @pytest.mark.parametrize(
        ("name", "ours"),
        [
            ("wsd linear", {"wsd": {"rate": 0.1, "warmup": 10, "decay_from": 50, "total": 80}}),
            (
                "wsd cosine",
                {
                    "wsd": {"rate": 0.1, "warmup": 10, "decay_from": 50, "total": 80, "decay": "cosine"}
                    | {"start": 0.05, "lowest": 0.005}
                },
            ),
            (
                "wsd 1-sqrt",
                {"wsd": {"rate": 0.1, "warmup": 10, "decay_from": 50, "total": 95, "decay": "1-sqrt"}},
            ),
            ("cosine exponent", {"cosine": {"rate": 0.1, "period": 60, "lowest": 0.01, "exponent": 2.5}}),
            (
                "warmup cosine",
                {
                    "warmup": {
                        "rate": 0.1,
                        "steps": 10,
                        "start": 0,
                        "then": "cosine",
                        "total": 70,
                        "lowest": 0.001,
                    }
                },
            ),
            (
                "joined",
                {
                    "joined": {
                        "parts": [
                            {"warmup": {"rate": 0.1, "steps": 10, "start": 0}, "until": 10},
                            {"constant": 0.1, "until": 40},
                            {"cosine": {"rate": 0.1, "period": 50, "lowest": 0.01}},
                        ]
                    }
                },
            ),
            ("pieces", {"pieces": {"rates": [0.1, 0.05, 0.005], "until": [20, 60]}}),
        ],
    )
    def test_a_schedule_gives_the_rates_that_other_libraries_give(self, name: str, ours: dict) -> None:
        entry, given_to_it = find(LEARNING_RATES, ours)
        seen = rates(entry.function(**given_to_it), 100)
        assert seen == pytest.approx(OTHERS[name], rel=1e-12, abs=1e-17)

    def test_a_plateau_is_seen_where_pytorch_sees_it(self) -> None:
        torch = TORCH["ReduceLROnPlateau"]
        choose = reduce_on_plateau(0.1, factor=0.5, patience=3, cooldown=2, lowest=0.001)(NOWHERE)
        seen = [choose(at(k, cost)) for k, cost in enumerate(torch["metric"])]
        # PyTorch hears of a cost after the step from there, and we before it
        assert seen[:-1] == pytest.approx(torch["lr"][1:], rel=1e-12)
        assert len(set(seen)) > 3

    def test_every_schedule_of_the_file_is_compared(self) -> None:
        assert len(TORCH) == 7


class TestClosedForms:
    @pytest.mark.parametrize("rate", [5e-324, 1e-3, 0.1, 1.0, 1e300])
    def test_a_constant_rate_is_the_same_at_every_iteration_bit_for_bit(self, rate: float) -> None:
        choose = constant(rate)(NOWHERE)
        assert [choose(at(k)) for k in (0, 1, 2, 1000, 10**9)] == [rate] * 5

    def test_multi_step_falls_at_each_milestone(self) -> None:
        seen = rates(multi_step(1.0, milestones=(2, 5), factor=0.5), 7)
        assert seen == [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]

    def test_inverse_time_halves_the_rate_after_one_over_decay_iterations(self) -> None:
        assert rates(inverse_time(0.8, decay=0.1), 11)[10] == pytest.approx(0.4)

    def test_a_polynomial_of_power_one_is_a_straight_line_that_ends(self) -> None:
        assert rates(polynomial(1.0, total=4, lowest=0.2), 7) == pytest.approx(
            [1, 0.8, 0.6, 0.4, 0.2, 0.2, 0.2]
        )
        assert rates(polynomial(1.0, total=4, power=2.0), 5) == pytest.approx([1, 9 / 16, 1 / 4, 1 / 16, 0])

    def test_a_cosine_stays_or_restarts_after_its_period(self) -> None:
        once = [1, 0.5 * (1 + math.sqrt(0.5)), 0.5, 0.5 * (1 - math.sqrt(0.5))]
        assert rates(cosine(1.0, period=4), 7) == pytest.approx([*once, 0, 0, 0])
        assert rates(cosine(1.0, period=4, then="restart"), 12) == pytest.approx(once * 3)

    def test_a_period_that_grows_restarts_later_and_later(self) -> None:
        seen = rates(cosine(1.0, period=2, then="restart", growth=3), 30)
        assert [k for k, rate in enumerate(seen) if rate == 1.0] == [0, 2, 8, 26]

    def test_a_warm_up_rises_in_a_line_to_the_rate(self) -> None:
        assert rates(warmup(1.0, steps=4, start=0.2), 6) == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 1])

    @pytest.mark.parametrize(
        ("then", "after"),
        [
            ("inverse_sqrt", [1, math.sqrt(2 / 3), math.sqrt(0.5)]),
            ("linear", [1, 0.75, 0.5, 0.25, 0, 0]),
            ("cosine", [1, 0.5 * (1 + math.sqrt(0.5)), 0.5, 0.5 * (1 - math.sqrt(0.5)), 0, 0]),
        ],
    )
    def test_after_the_warm_up_the_rate_goes_the_way_that_then_names(self, then: str, after: list) -> None:
        total = None if then == "inverse_sqrt" else 6
        assert rates(warmup(1.0, steps=2, then=then, total=total), 2 + len(after))[2:] == pytest.approx(after)

    def test_a_cycle_that_decays_has_lower_and_lower_tops(self) -> None:
        seen = rates(cyclic(0.0, 1.0, up=5, decay=0.9), 20)
        assert [seen[5], seen[15]] == pytest.approx([0.9**5, 0.9**15])

    @pytest.mark.parametrize("shape", ["cosine", "linear"])
    def test_one_cycle_starts_low_peaks_and_ends_lower(self, shape: str) -> None:
        seen = rates(one_cycle(1.0, total=20, rise=0.3, shape=shape), 30)
        assert [seen[0], seen[5], seen[19]] == pytest.approx([1 / 25, 1, 1 / 25 / 1e4])
        assert seen[20:] == [seen[19]] * 10
        assert seen[:6] == sorted(seen[:6])
        assert seen[5:20] == sorted(seen[5:20], reverse=True)

    def test_a_straight_cycle_is_halfway_up_halfway_there(self) -> None:
        assert rates(one_cycle(1.0, total=10, rise=0.5, shape="linear"), 3)[2] == pytest.approx(0.52)

    @given(st.floats(1e-3, 1e3), st.floats(0, 8))
    def test_powers_by_roots_are_those_of_the_c_library(self, x: float, y: float) -> None:
        assert power(x, y) == pytest.approx(x**y, rel=1e-13)

    @given(st.floats(0.5, 2), st.integers(0, 500))
    def test_whole_powers_are_those_of_the_c_library(self, x: float, n: int) -> None:
        assert whole_power(x, n) == pytest.approx(x**n, rel=1e-12)


class TestOverL:
    def test_the_rate_is_the_factor_over_the_smoothness(self) -> None:
        choose = over_L(1.9)(NOWHERE._replace(smoothness=4.0))
        assert [choose(at(k)) for k in (0, 7)] == [1.9 / 4.0] * 2

    def test_an_unknown_smoothness_is_a_sentence(self) -> None:
        with pytest.raises(GdbenchError, match="'over_L' needs a bound L on the curvature of the cost"):
            over_L(1.0)(NOWHERE)

    def test_a_flat_cost_has_no_such_rate(self) -> None:
        with pytest.raises(GdbenchError, match="the cost is flat"):
            over_L(1.0)(NOWHERE._replace(smoothness=0.0))


class TestParameters:
    def test_a_whole_number_is_the_same_rate_as_its_float(self) -> None:
        resolved = LEARNING_RATES["constant"].resolve({"rate": 1})["rate"]
        assert (type(resolved), resolved) == (float, 1.0)

    @pytest.mark.parametrize(
        ("rate", "shown"),
        [
            (0, "0"),
            (-0.1, "-0.1"),
            ("abc", "'abc'"),
            (True, "true"),
            (None, "null"),
            (float("nan"), "nan"),
            (float("inf"), "inf"),
            ([0.1], "[0.1]"),
        ],
    )
    def test_a_rate_that_is_no_positive_number_is_refused(self, rate: object, shown: str) -> None:
        with pytest.raises(BadParameter) as caught:
            LEARNING_RATES["constant"].resolve({"rate": rate})
        assert caught.value.parameter == "rate"
        assert str(caught.value) == f"'rate' of learning rate 'constant' must be a number above 0, not {shown}."

    def test_a_rate_must_be_given(self) -> None:
        with pytest.raises(BadParameter, match="learning rate 'constant' needs 'rate': a number above 0"):
            LEARNING_RATES["constant"].resolve({})

    def test_milestones_are_one_value_and_survive_a_trip_through_json(self) -> None:
        entry = LEARNING_RATES["multi_step"]
        resolved = entry.resolve({"rate": 1, "milestones": [30, 80]})
        assert resolved["milestones"] == (30, 80)
        assert entry.resolve(json.loads(json.dumps(resolved))) == resolved

    @pytest.mark.parametrize("milestones", [[80, 30], [30, 30], [], [0], "30", [1.5]])
    def test_milestones_that_do_not_rise_are_refused(self, milestones: object) -> None:
        with pytest.raises(BadParameter, match="must be a list of rising whole numbers"):
            LEARNING_RATES["multi_step"].resolve({"rate": 1, "milestones": milestones})

    @pytest.mark.parametrize(
        ("name", "parameters", "culprit"),
        [
            ("cosine", {"rate": 1, "period": 5, "lowest": 2}, "lowest"),
            ("cosine", {"rate": 1, "period": 5, "growth": 2}, "growth"),
            ("polynomial", {"rate": 1, "total": 5, "lowest": 2}, "lowest"),
            ("cyclic", {"lowest": 2, "highest": 1, "up": 3}, "lowest"),
            ("one_cycle", {"highest": 1, "total": 3}, "total"),
            ("warmup", {"rate": 1, "steps": 5, "then": "linear"}, "total"),
            ("warmup", {"rate": 1, "steps": 5, "then": "cosine", "total": 5}, "total"),
            ("warmup", {"rate": 1, "steps": 5, "total": 9}, "total"),
            ("warmup", {"rate": 1, "steps": 5, "lowest": 0.1}, "lowest"),
            ("reduce_on_plateau", {"rate": 1, "lowest": 2}, "lowest"),
            ("backtracking", {"initial": 1, "smallest": 2}, "smallest"),
            ("wolfe", {"c1": 0.9, "c2": 0.1}, "c1"),
            ("silver", {"period": 6}, "period"),
            ("silver", {"mu": 1}, "mu"),
            ("silver", {"period": 4, "mu": 2, "smoothness": 1}, "mu"),
            ("chebyshev", {"period": 4, "mu": 2, "smoothness": 1}, "mu"),
        ],
    )
    def test_parameters_that_contradict_one_another_are_refused(self, name, parameters, culprit) -> None:
        entry = LEARNING_RATES[name]
        with pytest.raises(BadParameter, match=f"'{culprit}' of learning rate '{name}'") as caught:
            entry.check(entry.resolve(parameters))
        assert caught.value.parameter == culprit

    @pytest.mark.parametrize("variant", [0, 3, True, "1", 1.5])
    def test_barzilai_borwein_has_two_variants(self, variant: object) -> None:
        with pytest.raises(BadParameter, match="must be 1 or 2"):
            LEARNING_RATES["barzilai_borwein"].resolve({"first": 1, "variant": variant})


EVERY = {
    "constant": {"rate": 0.1},
    "step": {"rate": 0.1, "every": 3},
    "multi_step": {"rate": 0.1, "milestones": [2, 6]},
    "exponential": {"rate": 0.1, "factor": 0.9},
    "inverse_time": {"rate": 0.1},
    "polynomial": {"rate": 0.1, "total": 8},
    "cosine": {"rate": 0.1, "period": 8},
    "warmup": {"rate": 0.1, "steps": 4},
    "cyclic": {"lowest": 0.01, "highest": 0.1, "up": 3},
    "one_cycle": {"highest": 0.1, "total": 10},
    "reduce_on_plateau": {"rate": 0.1, "patience": 1},
    "backtracking": {},
    "wolfe": {},
    "exact": {},
    "polyak": {},
    "over_L": {},
    "theoretical": {},
    "barzilai_borwein": {"first": 0.1},
    "adgd": {"first": 0.1},
    "chebyshev": {"period": 4},
    "silver": {"period": 4},
    "wsd": {"rate": 0.1, "decay_from": 2, "total": 4},
    "pieces": {"rates": [0.1, 0.2], "until": [3]},
    "joined": {"parts": [{"constant": 0.1, "until": 2}, {"over_L": {"factor": 1.0}}]},
}
SQUARE = Landscape(
    lambda w: (0.5 * w[0] * w[0], [w[0]]),
    along=lambda w, d: lambda a: (0.5 * (w[0] + a * d[0]) * (w[0] + a * d[0]), (w[0] + a * d[0]) * d[0]),
    curvature=lambda w, d: d[0] * d[0],
    optimum=0.0,
    smoothness=1.0,
    recommended=1.0,
    convexity=0.25,
)


def build(name: str) -> LearningRate:
    entry = LEARNING_RATES[name]
    parameters = entry.resolve(EVERY[name])
    entry.check(parameters)
    return entry.function(**parameters)


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("joined", {"parts": [0.1, 0.2]}, "each schedule but the last says 'until'"),
        ("joined", {"parts": [{"constant": 0.1, "until": 5}]}, "each schedule but the last says 'until'"),
        (
            "joined",
            {"parts": [{"constant": 1, "until": 5}, {"constant": 1, "until": 5}, 0.1]},
            "'until' must rise",
        ),
        ("joined", {"parts": [{"constat": 0.1, "until": 5}, 0.1]}, "no learning rate is called 'constat'"),
        (
            "joined",
            {"parts": [{"constant": {"rate": -1}, "until": 5}, 0.1]},
            "'rate' of learning rate 'constant'",
        ),
        ("joined", {"parts": [{"wolfe": {}, "until": 5}, 0.1]}, "'joined' takes schedules"),
        ("joined", {"parts": []}, "must be a list of schedules, such as"),
        ("pieces", {"rates": [0.1, 0.2], "until": [1, 2]}, "one value fewer than 'rates'"),
        ("wsd", {"rate": 0.1, "decay_from": 9, "total": 9}, "must be above 'decay_from'"),
        ("wsd", {"rate": 0.1, "decay_from": 5, "total": 9, "warmup": 6}, "'warmup' of learning rate 'wsd'"),
    ],
)
def test_schedules_that_make_no_sense_are_refused_with_the_reason(name: str, given: dict, said: str) -> None:
    with pytest.raises(BadParameter, match=said):
        find(LEARNING_RATES, {name: given})


def test_a_joined_schedule_in_its_canonical_form_is_itself_and_a_choice_of_it_is_known_by_what_it_holds() -> (
    None
):
    parts = LEARNING_RATES["joined"].resolve(
        {"parts": [{"constant": 1, "until": 2}, {"cosine": {"rate": 1, "period": 3}}]}
    )
    again = json.loads(json.dumps(parts))
    assert LEARNING_RATES["joined"].resolve(again) == parts
    assert hash(parts["parts"]) == hash(LEARNING_RATES["joined"].resolve(again)["parts"])
    assert parts["parts"] == ({"constant": {"rate": 1.0}, "until": 2}, {"cosine": {"rate": 1.0, "period": 3}})


def test_a_cosine_without_an_exponent_is_written_as_before() -> None:
    assert cosine(0.1, 7)(NOWHERE)(at(3)) == cosine(0.1, 7, exponent=1.0)(NOWHERE)(at(3))
    assert "exponent" in LEARNING_RATES["cosine"].facts["unsaid"]


@pytest.mark.parametrize("name", LEARNING_RATES.names)
def test_two_runs_of_one_learning_rate_share_nothing(name: str) -> None:
    costs = [(w, 0.5 * w * w) for w in [3.0, 2.0, 2.5, 1.0, 1.0, 1.0]]
    path = [Iterate(k, [w], cost, [w], abs(w), cost) for k, (w, cost) in enumerate(costs)]
    learning_rate = build(name)
    alone = [choose(now) for choose in [learning_rate(SQUARE)] for now in path]
    first, second = learning_rate(SQUARE), learning_rate(SQUARE)
    assert [(first(now), second(now)) for now in path] == [(rate, rate) for rate in alone]
    assert all(rate >= 0 and math.isfinite(rate) for rate in alone)


@pytest.mark.parametrize("name", LEARNING_RATES.names)
def test_what_a_learning_rate_says_it_needs_is_what_it_misses(name: str) -> None:
    needs = needs_of({name: EVERY[name]})
    build(name)(Landscape(SQUARE.cost_and_gradient, **{need: getattr(SQUARE, need) for need in needs}))
    for need in needs:
        with pytest.raises(GdbenchError, match=r"learning rate '\w+' needs .*, which is not known"):
            build(name)(SQUARE._replace(**{need: None}))
