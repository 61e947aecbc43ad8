"""The store read without any of gdbench, by the standard library alone, for checking what is reported."""

import json
import math
import sqlite3
import statistics


def read(folder):
    """Every run of the store as plain dicts, its problem with it."""
    connection = sqlite3.connect(f"file:{folder}/store.sqlite?mode=ro", uri=True)
    problems = {id_: json.loads(text) for id_, text in connection.execute("SELECT id, record FROM problems")}
    rows = connection.execute("SELECT key, problem, spec, result FROM runs ORDER BY position").fetchall()
    connection.close()
    return [
        {"key": key, "problem": problems[problem], "spec": json.loads(spec), **json.loads(result)}
        for key, problem, spec, result in rows
    ]


def settings(runs):
    """(model, rate, start) as tables write them → the runs that share all but the replicate."""
    groups = {}
    for run in runs:
        groups.setdefault(name(run), []).append(run)
    return groups


def name(run):
    [model], [start] = run["spec"]["model"], run["spec"]["initialization"]
    rate = run["spec"]["learning_rate"]["constant"]["rate"]
    return model, f"{rate:g}", "zeros" if start == "zeros" else "normal(std=1)"


def gap(run, cost):
    best, baseline = run["problem"]["optimum"]["cost"], run["problem"]["baseline"]
    return None if cost is None else (cost - best) / (baseline - best)


def times(runs, target, unit):
    """What each run needed; ∞ where it never got there."""
    return [math.inf if run["iterations_to"].get(target) is None else needed(run, target, unit) for run in runs]


def needed(run, target, unit):
    if unit == "iterations":
        return run["iterations_to"][target]
    work = run["work_to"][target]
    evaluations = work["cost_evaluations"] + work["gradient_evaluations"]
    return evaluations if unit == "evaluations" else run["seconds"] * evaluations / spent(run, "evaluations")


def spent(run, unit):
    evaluations = run["cost_evaluations"] + run["gradient_evaluations"]
    return {"iterations": run["iterations"], "evaluations": evaluations, "seconds": run["seconds"]}[unit]


def expected(runs, target, unit):
    """ERT: the effort of all, by the number that arrived."""
    each = times(runs, target, unit)
    arrived = sum(time < math.inf for time in each)
    total = math.fsum(t if t < math.inf else spent(run, unit) for t, run in zip(each, runs, strict=True))
    return total / arrived if arrived else math.inf


def middle(values):
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def quartiles(values):
    """By the standard library, of finite values."""
    if len(values) == 1:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def typical(ratios):
    """The median of the logarithms, as a ratio; None of nothing, and of 0 and ∞."""
    ordered = sorted(ratios)
    if not ordered:
        return None
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if low == high or 0 in (low, high) or math.inf in (low, high):
        return None if (low, high) == (0, math.inf) else low if low in (0, high) else high
    return math.exp((math.log(low) + math.log(high)) / 2)
