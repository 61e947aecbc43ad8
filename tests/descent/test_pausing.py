"""A run that is paused and gone on with is the run without a pause, bit for bit."""

import base64
import json
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from gdbench.descent.execute import execute
from gdbench.descent.learning_rates import LEARNING_RATES
from gdbench.descent.recording.memory import Untold, decode, encode, memory_of
from tests.descent.pausing import KNOWN, combinations, gone_on, job, paused, plain, whole
from tests.descent.problems import spec, table
from tests.interpreters import find
from tests.sampling import drawn

ROOT = Path(__file__).parents[2]
NAMES = drawn(combinations(), 110)
#: Every optimizer, rate and rule, each with most others: to ask more of all of them than one pause takes hours.
SOME = combinations()[::25]


def name_of(names):
    return " ".join(names)


@pytest.mark.exhaustive
def test_a_run_gone_on_with_is_the_run_without_a_pause_whatever_its_parts():
    halted = 0
    for names in NAMES:
        result = paused(names)
        if result.outcome != "outpaced":
            assert plain(result) == whole(names), names  # it ended before
            continue
        halted += 1
        assert result.paused, f"{name_of(names)}: a part of it does not say what it remembers"
        assert gone_on(names, result.paused) == whole(names), names
    assert halted > len(NAMES) // 4


@pytest.mark.exhaustive
def test_a_run_may_be_paused_again_and_again():
    for names in drawn(SOME, 5):
        made, rows, test, _ = job(names)
        state, result = "", None
        for limit in range(0, 60, 3):
            result = execute(made, rows, KNOWN, None, test, limit, state)
            if result.outcome != "outpaced":
                break
            state = result.paused
        assert plain(result) == whole(names), names


@pytest.mark.exhaustive
@pytest.mark.parametrize("interpreter", ["pypy3", "python3.12"])
def test_a_run_goes_on_under_another_interpreter(interpreter):
    path = find(interpreter)
    if path is None:
        pytest.skip(f"no working {interpreter} on this machine")
    chosen = drawn(SOME, 12)
    states = {names: paused(names).paused for names in chosen}
    halted = [(names, state) for names, state in states.items() if state]

    def there(verb, given):
        done = subprocess.run(
            [path, "-S", "-m", "tests.descent.pausing", verb],
            cwd=ROOT,
            input=json.dumps(given),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    for (names, _), result in zip(halted, there("go on", halted), strict=True):
        assert result == whole(names), names
    back = there("pause", [names for names, _ in halted])
    for (names, _), state in zip(halted, back, strict=True):
        assert gone_on(names, state) == whole(names), names


@pytest.mark.parametrize("pause", [999, 1000, 1001, 2345])
def test_a_long_run_keeps_the_same_points_of_its_curve(pause):
    made = spec(
        surface={"rosenbrock": {}},
        learning_rate={"constant": {"rate": 1e-3}},
        convergence={"max_iterations": {"limit": 3000}},
        targets=["0.5", "0.1", "0.01"],
    )
    half = execute(made, None, KNOWN, pause=pause)
    assert plain(execute(made, None, KNOWN, state=half.paused)) == plain(execute(made, None, KNOWN))


def test_what_a_pause_leaves_behind_is_the_run_until_there():
    names = ("adam", "reduce_on_plateau", "max_seconds")
    made, rows, _, _ = job(names)
    whole_run, half = execute(made, rows, KNOWN), execute(made, rows, KNOWN, pause=17)
    assert (half.outcome, half.cause, half.iterations) == ("outpaced", "race", 17)
    assert half.curve.cost == whole_run.curve.cost[:18]


def test_a_part_that_does_not_say_what_it_remembers_lets_the_run_begin_again():
    steps = []

    def secretive(landscape):
        return lambda now: steps.append(now.k) or 0.1 / len(steps)

    LEARNING_RATES.register("secretive")(lambda: secretive)
    try:
        made = spec(learning_rate={"secretive": {}})
        result = execute(made, table(), KNOWN, pause=10)
        assert (result.outcome, result.paused) == ("outpaced", None)
    finally:
        del LEARNING_RATES._entries["secretive"]


def test_a_state_of_another_form_lets_the_run_begin_again():
    made = spec()
    for state in ["no state", told_of_another_form()]:
        assert plain(execute(made, table(), KNOWN, state=state)) == plain(execute(made, table(), KNOWN))


def told_of_another_form():
    told = json.loads(zlib.decompress(base64.b64decode(execute(spec(), table(), KNOWN, pause=3).paused)))
    return base64.b64encode(zlib.compress(json.dumps({**told, "form": 0}).encode())).decode()


class Pair(NamedTuple):
    left: float
    right: list[float]


VALUES = [
    Pair(-0.0, [5e-324, 1e308, -0.0, 0.1]),
    [Pair(0.1, []), Pair(0.2, [1.0]), Pair(0.3, []), Pair(0.4, [])],
    [1, 2, 3, 4, 5],
    [1, 2.0, None, True, "text"],
    [(1, [0.5], None), (2, [], 0.5), (3, [], None), (4, [], 1.0)],
    {"a": None, "b": {"c": (1, 2)}},
    [1 << 70, 2, 3, 4],
    {3, 1, 2},
    float("inf"),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_plain_values_come_back_as_they_were(value):
    back = decode(json.loads(json.dumps(encode(value))))
    assert repr(back) == repr(value)
    assert type(back) is type(value)


@pytest.mark.parametrize(
    "value", [object(), lambda: 0, [complex(1)], replace], ids=["object", "function", "complex", "replace"]
)
def test_what_is_not_plain_is_refused(value):
    with pytest.raises(Untold):
        encode(value)
    with pytest.raises(Untold):
        memory_of(value)
