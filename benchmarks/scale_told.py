"""What `scale.py` measured, as the tables of docs/explanation/scale.md and its picture."""

import os
import platform

from benchmarks.bounds import filled, markdown

#: Step → what the tables call it.
STEPS = {
    "plan": "`gdbench plan`",
    "run": "`gdbench run`, to its answer",
    "resume": "`gdbench run` after `kill -9` at half, to its first run",
    "end": "`gdbench run` of the last 20, to its answer",
    "status": "`gdbench status`",
    "report": "`gdbench report`, all its files",
    "page": "the report's page",
}
#: Runs → step → most seconds of the clock, most megabytes.
BOUNDS = {
    10_000: {"report": (12.0, None)},
    100_000: {
        "plan": (8.0, None),
        "run": (60.0, 400.0),
        "resume": (5.0, None),
        "status": (0.5, None),
        "report": (60.0, 800.0),
        "page": (None, 3.0),
    },
}
#: A load below which a machine is quiet.
IDLE = 0.7
MILLION, MANY_WORKERS = 1_000_000, 100


def verdicts(runs, step, took):
    """How the bounds of that step are kept, in words; nothing where it has none."""
    bounds = BOUNDS.get(runs, {}).get(step, (None, None))
    for bound, value, unit in zip(bounds, (took.get("clock"), took["megabytes"]), ("s", "MB")):
        if bound is not None:
            yield f"≤ {bound:g} {unit}: {'holds' if value <= bound else 'missed'}"


def seconds(value):
    for least, one, unit in ((120.0, 60.0, "min"), (1.0, 1.0, "s"), (1e-3, 1e-3, "ms")):
        if value >= least:
            return f"{value / one:.3g} {unit}"
    return f"{max(value, 0.0) / 1e-6:.3g} µs"


def bytes_(megabytes):
    for least, one, unit in ((1000.0, 1000.0, "GB"), (0.1, 1.0, "MB"), (1e-4, 1e-3, "kB")):
        if megabytes >= least:
            return f"{megabytes / one:.{2 if unit == 'kB' else 3}g} {unit}"
    return f"{max(megabytes, 0.0) / 1e-6:.0f} B"


class Kept:
    """The figures of a file: sizes of runs that are repeats, and what each more of them takes."""

    def __init__(self, kept):
        self.of = kept
        self.sizes = sorted(int(name.split()[0]) for name in kept if name.endswith("repeats"))
        self.rates = sorted(int(name.split()[0]) for name in kept if name.endswith("rates"))
        self.load = max(found["each"].get("load", 0.0) for found in kept.values())
        #: What rates are made of: beside other work the clock says little.
        self.seconds = "clock" if self.load < IDLE else "cpu"

    def at(self, runs, shape="repeats"):
        return self.of[f"{runs} {shape}"]

    def slope(self, step, measure, upto=-1):
        """Of one more run, between that size and the one before."""
        less, more = self.sizes[upto - 1], self.sizes[upto]
        return (self.at(more)[step][measure] - self.at(less)[step][measure]) / (more - less)


def _cell(took):
    if "clock" not in took:
        return bytes_(took["megabytes"])
    return f"{took['clock']:.2f} s ({took['cpu']:.2f}), {bytes_(took['megabytes'])}"


def measured(kept):
    """The table of what was measured, and beside what else."""
    slopes = range(1, len(kept.sizes))
    head = ["step", *(f"{runs:,} runs" for runs in kept.sizes)]
    head += [f"each more, to {kept.sizes[upto]:,}" for upto in slopes]
    head += [f"{runs:,} rates" for runs in kept.rates] + ["bounds"]
    rows = []
    for step, what in STEPS.items():
        row = [what, *(_cell(kept.at(runs)[step]) for runs in kept.sizes)]
        for upto in slopes:
            each = [bytes_(kept.slope(step, "megabytes", upto))]
            if "clock" in kept.at(kept.sizes[0])[step]:
                each.insert(0, seconds(kept.slope(step, kept.seconds, upto)))
            row.append(", ".join(each))
        row += [_cell(kept.at(runs, "rates")[step]) for runs in kept.rates]
        held = [one for runs in kept.sizes for one in verdicts(runs, step, kept.at(runs)[step])]
        rows.append([*row, ", ".join(held)])
    beside = f"other work, a load of {kept.load:.1f}, so that *each more* is of the processor"
    beside = "nothing else to do" if kept.load < IDLE else beside
    told = f"On {os.cpu_count()} cores with {beside}, by CPython {platform.python_version()}."
    if len(kept.sizes) > 1:
        planned, each = kept.slope("plan", "megabytes"), kept.slope("run", "megabytes")
        told += (
            f" Of the {bytes_(each)} that the parent keeps of a run, {bytes_(planned)} are planned, the rest"
        )
        told += " is its record."
    return f"{markdown(head, rows)}\n\n{told}"


def million(kept):
    """A million runs: what was measured at most, and what the rest takes by what each more took."""
    most = kept.sizes[-1]
    found, further = kept.at(most), MILLION - most
    rows, walls = [], {kept.seconds: {}, "megabytes": {}}
    for step, what in STEPS.items():
        for measure, tell in ((kept.seconds, seconds), ("megabytes", bytes_)):
            if measure in found[step] and step != "page":
                each = max(kept.slope(step, measure), 0.0)
                comes_to = found[step][measure] + further * each
                if (step, measure) != ("run", kept.seconds):  # its runs are what a cluster shares
                    walls[measure][what] = comes_to
                way = f"{tell(found[step][measure])} + {further:,} × {tell(each)}"
                more = ", memory" if measure == "megabytes" else ", by two workers" if step == "run" else ""
                rows.append([what + more, way, tell(comes_to)])
    each = found["each"]
    rows.append(["the store", f"{MILLION:,} × {bytes_(each['stored'] / 1e6)}", bytes_(each["stored"])])
    if "parent" in each:
        parent = each["parent"]
        walls[kept.seconds]["the parent's own work"] = MILLION * parent
        rows += [
            [
                "the parent's own work on its runs",
                f"{MILLION:,} × {seconds(parent)}",
                seconds(MILLION * parent),
            ],
            ["runs that it serves", f"1 / {seconds(parent)}", f"{1 / parent:,.0f} a second"],
            [
                f"a run that keeps {MANY_WORKERS} workers busy",
                f"{MANY_WORKERS} × {seconds(parent)}",
                seconds(MANY_WORKERS * parent),
            ],
        ]
    longest, largest = (max(wall, key=wall.get) for wall in walls.values())
    told = f"Longest of what no cluster shares is {longest}, with {seconds(walls[kept.seconds][longest])}"
    told += f"; the most memory is that of {largest}, {bytes_(walls['megabytes'][largest])}."
    return markdown(["of a million runs", "by what was measured", "comes to"], rows) + "\n\n" + told


def written(page, kept):
    """The page with its two tables made anew."""
    for name, text in (("measured", measured(kept)), ("million", million(kept))):
        page = filled(page, name, text, "benchmarks/scale.py --table")
    return page


def drawn(kept):
    """Seconds and megabytes against runs, by logarithms, as Vega-Lite: what is linear is straight."""
    name = "seconds" if kept.seconds == "clock" else "seconds of the processor"
    words = {kept.seconds: name, "megabytes": "megabytes of the largest process"}
    rows = [
        {"runs": runs, "step": step, "value": took[measure], "measure": words[measure]}
        for runs in kept.sizes
        for step, took in kept.at(runs).items()
        for measure in words
        if step not in ("each", "page") and took.get(measure, 0.0) > 0.0
    ]
    rows += [
        {"runs": runs, "step": step, "bound": bound, "measure": words[measure]}
        for runs, steps in BOUNDS.items()
        for step, bounds in steps.items()
        for measure, bound in zip(("clock", "megabytes"), bounds)
        if bound is not None and step != "page" and runs in kept.sizes and measure in words
    ]
    x = {"field": "runs", "type": "quantitative", "axis": {"format": "~s"}}
    x["scale"] = {"type": "log", "domain": [0.8 * kept.sizes[0], 1.3 * kept.sizes[-1]], "nice": False}
    color = {"field": "step", "type": "nominal", "title": None, "sort": list(STEPS)}

    def layer(mark, field):
        y = {"field": field, "type": "quantitative", "title": None, "scale": {"type": "log"}}
        return {
            "mark": mark,
            "transform": [{"filter": f"isValid(datum.{field})"}],
            "encoding": {"x": x, "y": y, "color": color},
        }

    bounds = {"type": "tick", "orient": "horizontal", "thickness": 3, "size": 16, "opacity": 0.6}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": rows},
        "facet": {"column": {"field": "measure", "title": None, "sort": list(words.values())}},
        "spec": {
            "width": 280,
            "height": 240,
            "layer": [layer({"type": "line", "point": True}, "value"), layer(bounds, "bound")],
        },
        "resolve": {"scale": {"y": "independent"}},
    }
