"""Shadow stopping: every watched rule is told of in the pass of one run, exactly as if it had ended it."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.descent.iterate import Iterate, Landscape
from gdbench.descent.recording.recorder import Shadows
from gdbench.descent.stopping import Rule, Verdict, build_rule

LANDSCAPE = Landscape(lambda w: (0.0, w), optimum=0.0, baseline=100.0)
RULES = {
    "a gap of 1 %": {"target": {"gap": 0.01}},
    "cost_change ≤ 1": {"cost_change": {"tolerance": 1.0}},
    "three quiet steps": {"cost_change": {"tolerance": 1.0, "patience": 3}},
    "either": {"any": [{"max_iterations": {"limit": 6}}, {"gradient_norm": {"tolerance": 2.5}}]},
    "both": {"all": [{"max_iterations": {"limit": 6}}, {"gradient_norm": {"tolerance": 2.5}}]},
    "never": {"target": {"cost": -1.0}},
}


def path(costs: list[float]) -> list[Iterate]:
    return [Iterate(k, [cost], cost, [0.0], cost, cost) for k, cost in enumerate(costs)]


def shadows(costs: list[float]) -> Shadows:
    watched = Shadows({label: build_rule(rule) for label, rule in RULES.items()}, LANDSCAPE)
    for now in path(costs):
        watched.see(now)
    return watched


def test_each_rule_is_told_of_where_it_first_held() -> None:
    fired = shadows([64, 16, 4, 2, 1, 0.5, 0.25, 0.125]).fired
    assert {label: end and end["iteration"] for label, end in fired.items()} == {
        "a gap of 1 %": 4,
        "cost_change ≤ 1": 4,
        "three quiet steps": 6,
        "either": 3,
        "both": 6,
        "never": None,
    }
    assert fired["either"] == {
        "iteration": 3,
        "outcome": "converged",
        "cost": 2.0,
        "reason": "gradient norm 2 ≤ 2.5",
    }


def test_what_is_told_is_plain_data_in_the_order_of_the_rules() -> None:
    fired = shadows([3.0, 2.0]).fired
    assert list(json.loads(json.dumps(fired))) == list(RULES)
    assert json.loads(json.dumps(fired)) == fired


def test_nothing_is_told_before_anything_is_seen() -> None:
    assert shadows([]).fired == dict.fromkeys(RULES)


def test_a_rule_that_has_fired_is_asked_no_more() -> None:
    asked = []

    def watcher(now: Iterate) -> Verdict | None:
        asked.append(now.k)
        return Verdict("second", "stopped", "it was the second") if now.k == 1 else None

    watched = Shadows({"second": Rule(lambda landscape: watcher)}, LANDSCAPE)
    for now in path([5.0, 4.0, 3.0, 2.0]):
        watched.see(now)
    assert asked == [0, 1]
    assert watched.fired["second"]["iteration"] == 1


@given(st.lists(st.floats(0.0, 100.0), max_size=30))
@settings(max_examples=50, deadline=None)
def test_a_shadow_is_the_end_that_the_rule_alone_would_have_made(costs: list[float]) -> None:
    fired = shadows(costs).fired
    for label, choice in RULES.items():
        watcher = build_rule(choice).watch(LANDSCAPE)
        alone = next(((now.k, v.outcome, v.reason) for now in path(costs) if (v := watcher(now))), None)
        end = fired[label]
        assert (end and (end["iteration"], end["outcome"], end["reason"])) == alone
