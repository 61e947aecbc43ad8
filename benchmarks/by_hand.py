"""Affine models as people write them: the textbook's two double loops, one fused, and one unrolled."""

import math
from types import ModuleType

# The loops are text, so that each cost stands in them in place: a call would slow them down unfairly.
LOOPS = """
def cost(w):
    total = 0.0
    for i in range(n):
        z = w[d]
        for j in range(d):
            z += w[j] * X[i][j]
        {textbook_cost}
    return total / n

def gradient(w):
    slopes = [0.0] * (d + 1)
    for i in range(n):
        z = w[d]
        for j in range(d):
            z += w[j] * X[i][j]
        {textbook_slope}
        for j in range(d):
            slopes[j] += s * X[i][j]
        slopes[d] += s
    return [slope / n for slope in slopes]

def textbook(w):
    return cost(w), gradient(w)

def fused(w):
    total, slopes = 0.0, [0.0] * (d + 1)
    for i in range(n):
        z = w[d]
        for j in range(d):
            z += w[j] * X[i][j]
        {both}
        for j in range(d):
            slopes[j] += s * X[i][j]
        slopes[d] += s
    return total / n, [slope / n for slope in slopes]

def unrolled(w):
    {w}, b = w
    total = {g} = gb = 0.0
    for {x}, y in rows:
        z = {score} + b
        {unrolled}
        {slopes}
        gb += s
    return total / n, [{means}, {factor}gb / n]
"""
# As good as we know how to write logistic regression under CPython: four rows at a time, one question about the
# sign of each z, and v = 1 − 2y worked out before.
IN_FOURS = """
def in_fours(w):
    {w}, b = w
    total = {g} = gb = 0.0
    for {names} in laid:
{statements}
        total = total + c0 + c1 + c2 + c3
{slopes}
        gb = gb + s0 + s1 + s2 + s3
    return total / n, [{means}, gb / n]
"""
BRANCHES = """
        z = v{i} * ({score} + b)
        if z > 0.0:
            t = exp(-z); c{i} = log1p(t) + z; s{i} = 1.0 / (1.0 + t) * v{i}
        else:
            t = exp(z); c{i} = log1p(t); s{i} = t / (1.0 + t) * v{i}
"""
MSE = {
    "textbook_cost": "total += (z - y[i]) ** 2",
    "textbook_slope": "s = 2 * (z - y[i])",
    "both": "r = z - y[i]; total += r * r; s = 2 * r",
    "unrolled": "s = z - y; total += s * s",
    "factor": "2.0 * ",
}
STABLE = "t = exp(-abs(z)); total += log1p(t) + (z if z > 0.0 else 0.0) - {y} * z\n        "
STABLE += "s = (t if z < 0.0 else 1.0) / (1.0 + t) - {y}"
LOGISTIC = {
    "textbook_cost": "p = 1 / (1 + exp(-z)); total -= y[i] * log(p) + (1 - y[i]) * log(1 - p)",
    "textbook_slope": "s = 1 / (1 + exp(-z)) - y[i]",
    "both": STABLE.format(y="y[i]"),
    "unrolled": STABLE.format(y="y"),
    "factor": "",
}


def affine(shape, table):
    """name → cost_and_gradient(w), for linear mse and logistic regression."""
    d, each = shape.features, range(shape.features)
    lines = MSE if shape.cost == "mse" else LOGISTIC
    text = LOOPS.format(
        **lines,
        w=", ".join(f"w{j}" for j in each),
        x=", ".join(f"x{j}" for j in each),
        g=" = ".join(f"g{j}" for j in each),
        score=" + ".join(f"w{j} * x{j}" for j in each),
        slopes="; ".join(f"g{j} += s * x{j}" for j in each),
        means=", ".join(f"{lines['factor']}g{j} / n" for j in each),
    )
    # the namespace of a module, as if they stood in a file: PyPy is slow with names in a mere dictionary
    names = ModuleType("by_hand").__dict__
    names.update({name: getattr(math, name) for name in ("exp", "log", "log1p")})
    X, y = [list(row[:-1]) for row in table.rows], [row[-1] for row in table.rows]
    names.update(n=len(X), d=d, X=X, y=y, rows=table.rows)
    exec(text, names)
    found = {name: names[name] for name in ("textbook", "fused", "unrolled")}
    if shape.cost == "logistic":
        # a floor, not a contestant: the calls of exp and log1p are left out, and what it gives is wrong
        others = ModuleType("without_calls").__dict__
        others.update(names)
        exec(text.replace("log1p(", "(").replace("exp(", "("), others)
        found["no calls"] = others["unrolled"]
        if len(table.rows) % 4 == 0:
            exec(in_fours(d), names)
            rows = [(*x, 1.0 - 2.0 * y) for *x, y in table.rows]
            names["laid"] = [tuple(v for row in rows[i : i + 4] for v in row) for i in range(0, len(rows), 4)]
            found["in fours"] = names["in_fours"]
    return found


def in_fours(d):
    """The text of IN_FOURS for d features."""
    each, rows = range(d), range(4)
    score = " + ".join(f"w{j} * x{j}_{{i}}" for j in each)
    return IN_FOURS.format(
        w=", ".join(f"w{j}" for j in each),
        g=" = ".join(f"g{j}" for j in each),
        names=", ".join(f"{', '.join(f'x{j}_{i}' for j in each)}, v{i}" for i in rows),
        statements="".join(BRANCHES.format(i=i, score=score.format(i=i)).rstrip() for i in rows),
        slopes="\n".join(f"        g{j} = g{j} + {' + '.join(f's{i} * x{j}_{i}' for i in rows)}" for j in each),
        means=", ".join(f"g{j} / n" for j in each),
    )
