"""Runs whose cause is known, because they were made with it: no proof is false, and few guesses are wrong."""

from collections import Counter
from dataclasses import dataclass

import pytest

from gdbench.config.experiment import load_experiment
from gdbench.descent.diagnosis import CAUSES, PROVED, UNKNOWN
from gdbench.descent.execute import execute
from gdbench.judgement.diagnoses import diagnosis_of
from gdbench.planning.plan import make_plan
from gdbench.record.records import RunRecord
from gdbench.reference.problem_records import problem_record

DIABETES = "data: {dataset: diabetes, standardize: true}\ngrid:\n  model: linear\n  cost: mse\n  kernel: qr\n"
RAW = DIABETES.replace(", standardize: true", "")
GYM = "data: {dataset: linnerud, standardize: true}\ngrid:\n  model: linear\n  cost: mse\n"
IRISES = (
    "data: {dataset: iris, classes: [versicolor, virginica], standardize: true}\n"
    "grid:\n  model: logistic\n  cost: logistic\n"
)
APART = IRISES.replace("versicolor, virginica", "setosa, versicolor")
THREE = "data: {dataset: iris, standardize: true}\ngrid:\n  model: softmax\n  cost: softmax\n"
COUNTS = (
    "data: {dataset: linnerud, target: Pulse, standardize: true}\ngrid:\n  model: poisson\n  cost: poisson\n"
)
MOONS = "data: {synthetic: {moons: {rows: 30}}}\ngrid:\n  model: {mlp: {hidden: [4]}}\n  cost: logistic\n"


def surface(choice):
    return f"grid:\n  surface: {choice}\n"


VALLEY = surface("{quadratic: {spectrum: [1, 0.05], rotated: true}}")
STEEP = surface("{quadratic: {condition: 1000000, dimension: 4, rotated: true}}")


def on(problem, **more):
    """The problem with another cost, penalty …"""
    return problem + "".join(f"  {axis}: {choice}\n" for axis, choice in more.items() if axis not in problem)


def swapped(problem, old, new):
    assert old in problem
    return problem.replace(old, new)


@dataclass(frozen=True)
class Made:
    """A run and its cause. cause: the verdict that is right."""

    cause: str
    problem: str
    rate: str
    start: str = "zeros"
    rule: str = "{max_iterations: 400}"
    more: str = ""


#: Causes that tests/judgement/test_causes.py draws tables for.
SHOWN_BY_CASES = (
    "column_scales",
    "feature_basis",
    "first_step_too_long",
    "row_step_too_long",
    "noise_floor",
    "wrong_gradient",
    "plateau",
    "decayed_gradient",
    "dead_schedule",
    "passed_through",
    "missing_bias",
    "not_unique",
)
L = "{{over_L: {}}}".format
NEVER = "{max_iterations: 3000}"
CONVERGE = "{any: [{cost_change: 1.0e-12}, {max_iterations: 5000}]}"
#: Near the optimum every row lies in the round part of Huber's cost, which then bends as much as it can.
LINE = (
    "data: {synthetic: {linear_data: {rows: 30, features: 2, noise: 0.1, seed: 1}}}\n"
    + GYM[GYM.index("grid") :]
)
HUBER = swapped(LINE, "cost: mse", "cost: {huber: {delta: 1.0}}")

BATTERY = {
    # --- the rate is above the limit, on quadratics: a theorem
    "quadratic at 2.01/L": Made("rate_above_limit", VALLEY, L(2.01), "published", NEVER),
    "quadratic at 2.5/L": Made("rate_above_limit", VALLEY, L(2.5), "published"),
    "quadratic at 100/L": Made("rate_above_limit", VALLEY, L(100), "published"),
    "quadratic at 2.01/L, stopped while it grows": Made(
        "rate_above_limit", VALLEY, L(2.01), "published", NEVER.replace("3000", "900")
    ),
    "diabetes at 2.01/L": Made("rate_above_limit", DIABETES, L(2.01), rule=NEVER),
    "diabetes at 3/L from a random start": Made("rate_above_limit", DIABETES, L(3), "{normal: {std: 1}}"),
    "diabetes at rate 0.25": Made("rate_above_limit", DIABETES, "0.25", rule=NEVER),
    "raw diabetes at rate 0.1": Made("column_scales", RAW, "0.1"),
    "linnerud at 2.1/L": Made("rate_above_limit", GYM, L(2.1)),
    "ridge at 2.2/L": Made("rate_above_limit", on(GYM, penalty="{l2: 0.5}"), L(2.2)),
    "half the squared error at 2.1/L": Made("rate_above_limit", swapped(GYM, "mse", "half_mse"), L(2.1)),
    "a parabola at 2.3/L": Made(
        "rate_above_limit", swapped(GYM, "linear", "{polynomial: {degree: 2}}"), L(2.3)
    ),
    "booth at 0.12": Made("rate_above_limit", surface("booth"), "0.12", "published"),
    "heavy ball at 3.9/L": Made(
        "rate_above_limit", GYM, L(3.9), more="  optimizer: {heavy_ball: {beta: 0.9}}\n"
    ),
    "momentum at 3.7/L": Made(
        "rate_above_limit", GYM, L(3.7), more="  optimizer: {gradient_descent: {momentum: 0.8}}\n"
    ),
    "nesterov at 1.5/L": Made("rate_above_limit", GYM, L(1.5), more="  optimizer: {nesterov: {beta: 0.9}}\n"),
    # --- the same where no theorem speaks: the secants do, or nobody
    "central differences at 3/L": Made("rate_above_limit", GYM, L(3), more="  gradient: central\n"),
    "poisson at a rate of 1": Made("rate_above_limit", COUNTS, "1.0", more=""),
    "ridge logistic at 3 over its penalty": Made(
        "rate_above_limit", on(IRISES, penalty="{l2: 50}"), "0.06", "{constant: 0.1}"
    ),
    "squared hinge at 4/L": Made(
        "rate_above_limit",
        on(swapped(IRISES, "cost: logistic", "cost: squared_hinge"), penalty="{l2: 30}"),
        L(4),
    ),
    "rosenbrock at 0.01": Made("rate_above_limit", surface("rosenbrock"), "0.01", "published"),
    "beale at 0.1": Made("rate_above_limit", surface("beale"), "0.1", "published"),
    "a schedule that begins at 4/L": Made(
        "rate_above_limit", VALLEY, "{exponential: {rate: 4.0, factor: 0.999}}", "published"
    ),
    "batches of 3 at 5/L": Made("row_step_too_long", GYM, L(5), more="  batch_size: 3\n"),
    "weight decay at 3/L": Made(
        "rate_above_limit", GYM, L(3), more="  optimizer: {gradient_descent: {weight_decay: 0.1}}\n"
    ),
    # --- far above 2/L_global, and yet not diverged
    "logistic iris at 20 × 2/L": Made("nothing_wrong", IRISES, L(40), rule=CONVERGE),
    "heavy ball at 3/L": Made(
        "nothing_wrong", GYM, L(3), rule=CONVERGE, more="  optimizer: {heavy_ball: {beta: 0.9}}\n"
    ),
    "no component along the steep direction": Made(
        "nothing_wrong", surface("{quadratic: {spectrum: [10, 1]}}"), "0.5", "{values: [1.0, 3.0]}", CONVERGE
    ),
    # --- bounded oscillation
    "huber at 1.5 × 2/L": Made("bounded_oscillation", HUBER, L(3)),
    "huber at 2.5 × 2/L": Made("bounded_oscillation", HUBER, L(5)),
    "log cosh at 2 × 2/L": Made("bounded_oscillation", swapped(LINE, "mse", "log_cosh"), L(4)),
    "absolute errors at a fixed rate": Made("kink", swapped(LINE, "mse", "mae"), "0.8", rule=NEVER),
    "a two-cycle at exactly 2/L": Made(
        "bounded_oscillation", surface("{quadratic: {spectrum: [1]}}"), "2.0", "published"
    ),
    "himmelblau at 0.03": Made("bounded_oscillation", surface("himmelblau"), "0.03", "published"),
    "clipped at 5/L": Made("bounded_oscillation", GYM, L(5), more="  clipping: {norm: 1.0}\n"),
    # --- not finite
    "a start of 1e200": Made("not_finite", GYM, L(1), "{constant: 1.0e200}"),
    "exp of a start of 1000": Made("not_finite", COUNTS, "0.001", "{constant: 1000}"),
    # --- no minimiser
    "separable irises": Made("no_minimiser", APART, L(1)),
    "separable irises with adam": Made("no_minimiser", APART, "0.05", more="  optimizer: adam\n"),
    "separable irises in batches": Made("no_minimiser", APART, "0.05", more="  batch_size: 16\n"),
    "separable irises, called converged": Made(
        "no_minimiser", APART, L(1), rule="{any: [{cost_change: 1.0e-4}, {max_iterations: 900}]}"
    ),
    "three irises": Made("no_minimiser", THREE, L(1), rule="{max_iterations: 60}"),
    "off the axis of a saddle": Made(
        "unbounded_below", surface("saddle"), "0.1", "published", "{max_iterations: 90}"
    ),
    "off the axis of a saddle, to infinity": Made(
        "unbounded_below", surface("saddle"), "0.5", "published", NEVER
    ),
    # --- saddles
    "into a saddle along its axis": Made("saddle", surface("saddle"), "0.1", "{values: [1.0, 0.0]}", CONVERGE),
    "begun on a saddle": Made(
        "saddle", surface("saddle"), "0.1", "zeros", "{any: [{gradient_norm: 1.0e-6}, {max_iterations: 9}]}"
    ),
    "himmelblau's saddle": Made(
        "saddle",
        surface("himmelblau"),
        "0.001",
        "{values: [0.08667750456, 2.88425470146]}",
        "{any: [{gradient_norm: 1.0e-3}, {max_iterations: 9}]}",
    ),
    "himmelblau's other saddle": Made(
        "saddle",
        surface("himmelblau"),
        "0.001",
        "{values: [3.38515418, 0.07385187985]}",
        "{any: [{gradient_norm: 1.0e-3}, {max_iterations: 9}]}",
    ),
    "himmelblau's peak": Made(
        "saddle",
        surface("himmelblau"),
        "0.001",
        "{values: [-0.27084459, -0.92303856]}",
        "{any: [{gradient_norm: 1.0e-3}, {max_iterations: 9}]}",
    ),
    # --- copies
    "a network begun at zero": Made("dead_symmetry", MOONS, "0.5", rule="{max_iterations: 60}"),
    "a network begun at one half": Made(
        "dead_symmetry", MOONS, "0.5", "{constant: 0.5}", "{max_iterations: 60}"
    ),
    "a network begun at one half, with adam": Made(
        "dead_symmetry", MOONS, "0.1", "{constant: 0.5}", "{max_iterations: 60}", "  optimizer: adam\n"
    ),
    "relu begun at one half, in batches": Made(
        "dead_symmetry",
        swapped(MOONS, "hidden: [4]", "hidden: [5], activation: relu"),
        "0.1",
        "{constant: 0.5}",
        "{max_iterations: 60}",
        "  batch_size: 10\n",
    ),
    # --- minima that are not the lowest
    "rastrigin's cell": Made("local_minimum", surface("rastrigin"), "0.001", "{values: [2.1, 2.9]}", CONVERGE),
    "styblinski_tang's other valley": Made(
        "local_minimum", surface("styblinski_tang"), "0.005", "{values: [2.0, 2.0]}", CONVERGE
    ),
    # --- wrong gradients
    "forward differences over 100 units": Made(
        "difference_step",
        surface("rosenbrock"),
        "0.0001",
        "published",
        more="  gradient: {forward: {step: 1.0}}\naudit: analytic\n",
    ),
    "central differences over a whole valley": Made(
        "difference_step",
        surface("rosenbrock"),
        "0.0001",
        "published",
        more="  gradient: {central: {step: 2.0}}\naudit: analytic\n",
    ),
    "forward differences on diabetes over 50 units": Made(
        "difference_step", GYM, L(0.5), more="  gradient: {forward: {step: 50.0}}\naudit: analytic\n"
    ),
    "a right gradient, audited": Made(
        "nothing_wrong", GYM, L(1), rule=CONVERGE, more="  gradient: central\naudit: analytic\n"
    ),
    # --- the rounding floor
    "linnerud for ever": Made("rounding_floor", GYM, L(1.5), rule=NEVER),
    "ridge for ever": Made("rounding_floor", on(GYM, penalty="{l2: 0.5}"), L(1), rule=NEVER),
    "diabetes, its cost long at rest and its gap not": Made(
        "nothing_wrong", swapped(DIABETES, "qr", "centred"), "0.2", rule="{max_iterations: 6000}"
    ),
    "the same by a kernel that sees no gap": Made(
        "rounding_floor", DIABETES, "0.2", rule="{max_iterations: 6000}"
    ),
    # --- too small a rate
    "quadratic at 0.001/L": Made("rate_too_small", VALLEY, L(0.001), "published"),
    "diabetes at 0.01/L": Made("rate_too_small", DIABETES, L(0.01)),
    "diabetes at a rate of 1e-6": Made("rate_too_small", DIABETES, "1.0e-6"),
    "logistic at 0.001/L": Made("rate_too_small", on(IRISES, penalty="{l2: 0.01}"), L(0.001)),
    "poisson at 1e-7": Made("rate_too_small", COUNTS, "1.0e-7"),
    "a network at 1e-5": Made("rate_too_small", MOONS, "1.0e-5", "xavier_uniform", "{max_iterations: 90}"),
    "rosenbrock at 1e-6": Made("rate_too_small", surface("rosenbrock"), "1.0e-6", "published"),
    "a step that is lost": Made("rate_too_small", GYM, "1.0e-25", "{constant: 1.0}", CONVERGE),
    # --- ill-conditioned
    "raw diabetes at 1/L": Made("column_scales", RAW, L(1)),
    "κ = 1e6 at 1.9/L": Made("ill_conditioned", STEEP, L(1.9), "published"),
    "rosenbrock at 0.001": Made("ill_conditioned", surface("rosenbrock"), "0.001", "published"),
    # --- stopped too early
    "diabetes by a cost change of 1": Made(
        "stopped_early", DIABETES, L(1), rule="{any: [{cost_change: 1.0}, {max_iterations: 900}]}"
    ),
    "diabetes by a loose gradient": Made(
        "stopped_early", DIABETES, L(1), rule="{any: [{gradient_norm: 5.0}, {max_iterations: 900}]}"
    ),
    "logistic by a loose cost change": Made(
        "stopped_early", IRISES, L(1), rule="{any: [{cost_change: 1.0e-3}, {max_iterations: 900}]}"
    ),
    "momentum by a loose cost change": Made(
        "stopped_early",
        DIABETES,
        L(1),
        rule="{any: [{cost_change: 1.0}, {max_iterations: 900}]}",
        more="  optimizer: {heavy_ball: {beta: 0.5}}\n",
    ),
    # --- a limit on the way
    "diabetes at 1.9/L": Made("stopped_by_limit", DIABETES, L(1.9)),
    "diabetes with the heavy ball": Made(
        "stopped_by_limit",
        DIABETES,
        L(1),
        rule="{max_iterations: 90}",
        more="  optimizer: {heavy_ball: {beta: 0.9}}\n",
    ),
    "diabetes with adam": Made(
        "stopped_by_limit", DIABETES, "0.5", rule="{max_iterations: 90}", more="  optimizer: adam\n"
    ),
    "logistic at 1/L": Made("stopped_by_limit", IRISES, L(1)),
    # --- nothing wrong
    "linnerud at 1/L": Made("nothing_wrong", GYM, L(1), rule=CONVERGE),
    "booth": Made("nothing_wrong", surface("booth"), "0.1", "published", CONVERGE),
    "diabetes by Barzilai and Borwein": Made(
        "nothing_wrong", DIABETES, "{barzilai_borwein: {first: 0.1}}", rule=CONVERGE
    ),
    "diabetes by exact steps, asked for 1e-2": Made(
        "nothing_wrong", DIABETES, "exact", rule="{any: [{target: {gap: 1.0e-2}}, {max_iterations: 900}]}"
    ),
    "ridge logistic": Made("nothing_wrong", on(IRISES, penalty="{l2: 0.1}"), L(1), rule=CONVERGE),
    "a network that settles": Made(
        "nothing_wrong",
        on(swapped(MOONS, "hidden: [4]", "hidden: [2]"), penalty="{l2: {strength: 0.05, bias: true}}"),
        "0.5",
        "xavier_uniform",
        "{any: [{gradient_norm: 1.0e-6}, {max_iterations: 4000}]}",
    ),
}


def planned(folder, made):
    path = folder / "made.yaml"
    path.write_text(
        f"name: made\n{made.problem}  learning_rate: {made.rate}\n  initialization: {made.start}\n"
        f"  convergence: {made.rule}\n{made.more}targets: [1e-2, 1e-6]\n",
        encoding="utf-8",
    )
    return make_plan(load_experiment(path))


@pytest.fixture(scope="module")
def diagnosed(tmp_path_factory):
    """Name → (the run that was made, its diagnosis)."""
    folder, records, found = tmp_path_factory.mktemp("battery"), {}, {}
    for name, made in BATTERY.items():
        plan = planned(folder, made)
        (run,) = plan.runs[:1]
        problem = plan.problems[run.problem]
        if problem.id not in records:
            records[problem.id] = problem_record(problem)
        record, table = records[problem.id], problem.dataset.table if problem.dataset else None
        result = execute(run.spec, table, record.constants)
        found[name] = (
            made,
            diagnosis_of(RunRecord(run.key, run.spec, run.problem, result, 0.0, 0.0), record),
            result,
        )
    return found


def told(wrong):
    return "\n".join(
        f"{name}: {d.verdict} ({d.grade}), but it is {m.cause}: {d.sentence}" for name, m, d in wrong
    )


def test_the_battery_is_large_and_covers_every_verdict_but_those_shown_elsewhere():
    assert len(BATTERY) >= 60
    elsewhere = {"unexplained", "edge_of_stability"} | set(SHOWN_BY_CASES)
    assert {made.cause for made in BATTERY.values()} | elsewhere == set(CAUSES)


def test_every_proved_verdict_is_right(diagnosed):
    proved = [(name, made, found) for name, (made, found, _) in diagnosed.items() if found.grade == PROVED]
    wrong = [entry for entry in proved if entry[2].verdict != entry[1].cause]
    assert not wrong, told(wrong)
    assert len(proved) >= 30


def test_at_most_one_estimate_in_twenty_is_wrong(diagnosed):
    guessed = [(n, m, d) for n, (m, d, _) in diagnosed.items() if d.grade not in (PROVED, UNKNOWN)]
    wrong = [entry for entry in guessed if entry[2].verdict != entry[1].cause]
    assert len(wrong) <= 0.05 * len(guessed), told(wrong)
    assert len(guessed) >= 20


def test_few_causes_are_left_unknown(diagnosed):
    unknown = [name for name, (_, found, _) in diagnosed.items() if found.grade == UNKNOWN]
    assert len(unknown) <= 0.2 * len(BATTERY), unknown


@pytest.mark.parametrize("name", ["logistic iris at 20 × 2/L", "huber at 1.5 × 2/L", "heavy ball at 3/L"])
def test_what_stays_bounded_above_two_over_L_is_not_called_diverged_by_the_limit(diagnosed, name):
    _, found, result = diagnosed[name]
    assert result.outcome != "diverged"
    assert found.verdict != "rate_above_limit"


def test_no_proof_rests_on_a_theorem_of_exact_full_steps_where_they_are_not(diagnosed):
    words = ("batches", "central differences at", "clipped", "weight decay", "a schedule", "adam")
    for name, (_, found, _) in diagnosed.items():
        if any(word in name for word in words) and found.grade == PROVED:
            assert found.verdict in ("no_minimiser", "dead_symmetry", "row_step_too_long"), (name, found)


def test_every_sentence_ends_and_every_diagnosis_has_evidence(diagnosed):
    for _, found, _ in diagnosed.values():
        assert found.verdict in CAUSES
        assert found.sentence.endswith(".")
        assert found.evidence


def test_all_grades_are_counted(diagnosed):
    # printed with -s: the battery in a line
    counts = Counter(found.grade for _, found, _ in diagnosed.values())
    print(dict(counts))
    assert sum(counts.values()) == len(BATTERY)
