"""Who takes part on a shape, under this interpreter; as a script, measures rounds on request.

The script reads lines on stdin, {"shape": index} or {"round": seconds}, and answers each with a line:
so that contestants under PyPy take turns with those of the parent. {"write": index, "file": path} writes the
data of a large shape, {"load": index, "file": path} makes the compiled kernel of it the only contestant, and
{"processor": calls} tells its seconds of the processor.
"""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.by_hand import affine
from benchmarks.networks import mlp, softmax
from benchmarks.shapes import LARGE, SHAPES
from benchmarks.timing import enough, repeated, seconds
from gdbench.descent.gradients import GRADIENTS
from gdbench.descent.kernels.kernel import KERNELS, prepare_kernel
from gdbench.descent.problems.table import PackedTable


def functions(shape, table):
    """name → cost_and_gradient(w), in pure Python."""
    definition, found = shape.definition(), {}
    if shape.model in ("linear", "logistic"):
        found.update(affine(shape, table))
    else:
        found["textbook"] = {"mlp": mlp, "softmax": softmax}[shape.model](shape, table)
    compiled = KERNELS["compiled"].function(definition, table)
    found["compiled"] = compiled.cost_and_gradient
    if definition.terms:
        found["reference"] = KERNELS["reference"].function(definition, table).cost_and_gradient
    if shape.cost == "mse" and shape.model == "linear":
        found["qr"] = KERNELS["qr"].function(definition, table).cost_and_gradient
        found["centred"] = KERNELS["centred"].function(definition, table).cost_and_gradient
    if shape.rows * definition.size < 10**5:
        found["central"] = GRADIENTS["central"].function()(compiled)
        found["cost"] = compiled.cost
    return found


def check(shape, found, w):
    """Contestants that compute something else would win unfairly."""
    cost, gradient = found["textbook"](w)
    for name, function in found.items():
        if name in ("cost", "no calls"):
            continue
        other, slopes = function(w)
        close = 1e-6 if name == "central" else 1e-9
        worst = max(abs(a - b) for a, b in zip([cost, *gradient], [other, *slopes]))
        assert worst < close * (1 + abs(cost)), f"{name} on {shape.name} is off by {worst}"


def runs(shape):
    """(name → run(calls), seconds in which the compiled kernel prepares the shape's definition)."""
    table, w = shape.table(), shape.weights()
    # what is prepared is remembered by name, size and outputs, and shapes may share them
    definition = replace(shape.definition(), name=f"new: {shape.name}")
    began = time.process_time()  # it happens once, so that there is no quieter round to wait for
    prepare_kernel(definition)
    preparing = time.process_time() - began
    found = functions(shape, table)
    check(shape, found, w)
    return {name: repeated(function, w) for name, function in found.items()}, preparing


def round_of(contestants, calls, least):
    """One turn of each; how many calls a turn takes is settled in the first."""
    for name, run in contestants.items():
        if name not in calls:
            calls[name] = enough(run, least)
    return {name: seconds(run, calls[name]) for name, run in contestants.items()}


def written(index, file):
    """Megabytes."""
    doubles = LARGE[index].doubles()
    with Path(file).open("wb") as target:
        doubles.tofile(target)
    return len(doubles) * doubles.itemsize / 1e6


def loaded(index, file):
    """({"compiled": run(calls)}, the cost and gradient that it finds), as a worker comes to them."""
    shape = LARGE[index]
    table = PackedTable(Path(file).read_bytes(), shape.rows, shape.features, shape.classes).unpack()
    function = KERNELS["compiled"].function(shape.definition(), table).cost_and_gradient
    return {"compiled": repeated(function, shape.weights())}, function(shape.weights())


def serve():
    contestants, calls = {}, {}
    for line in sys.stdin:
        asked = json.loads(line)
        if "shape" in asked:
            (contestants, preparing), calls = runs(SHAPES[asked["shape"]]), {}
            answer = preparing
        elif "write" in asked:
            answer = written(asked["write"], asked["file"])
        elif "load" in asked:
            (contestants, answer), calls = loaded(asked["load"], asked["file"]), {}
        elif "processor" in asked:
            answer = seconds(contestants["compiled"], asked["processor"], time.process_time)
        else:
            answer = round_of(contestants, calls, asked["round"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
