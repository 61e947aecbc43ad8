"""Random bytes, and accidents to configs: `python benchmarks/fuzz.py [--seconds 60] [--seed 0] [--grammar]`.

With --grammar the accidents happen to structure (`benchmarks/config_grammar.py`), without it to bytes.

Each input is read as `gdbench plan` reads it, and the plan is laid out where it is not too large to wait for.
The answer must be an experiment or a sentence: a traceback, more than 2 s of processor time or more than
200 MB beyond what the process had at its start is a failure, and the input is written into fuzz-failures/.
"""

import argparse
import itertools
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.config_grammar import Grammar, shipped

CONFIGS = Path(__file__).parents[1] / "configs"
MOST_SECONDS, MOST_BYTES = 2.0, 200_000_000
#: Combinations beyond which only the reading is looked at: a large plan is asked for and not an accident.
MOST_PLANNED = 2_000

PIECES = [
    *"[]{}:\n\t'\"|>#~%@,\\\0\r\x85\u2028é😀-&*!",
    *(
        ": ",
        "- ",
        "\n  ",
        "\n    ",
        "? ",
        "---\n",
        "...\n",
        "&a ",
        "*a",
        "<<: *a",
        "<<: ",
        "!!int ",
        "!x ",
        "%YAML 1.1\n",
    ),
    *(
        "1e999",
        "-1",
        "0",
        ".nan",
        ".inf",
        "0x",
        "0o7",
        "9" * 500,
        "1:30",
        "yes",
        "on",
        "2024-01-31",
        "true",
        "null",
    ),
    *("any", "all", "constant", "normal", "zeros", "mlp", "linear", "mse", "adam", "certified", "over_L"),
    *(
        "grid:",
        "data:",
        "name:",
        "synthetic:",
        "file:",
        "extends: ",
        "zip: ",
        "exclude: ",
        "include: ",
        "when: ",
    ),
    *(
        "{linspace: [0.1, 1, 5]}",
        "{logspace: [1e-4, 1, 9999]}",
        "{per_decade: [1e-9, 1e9, 500]}",
        "{linspace: [a, 1]}",
    ),
    *(
        "{values: [mse, mae], when: {model: linear}}",
        "{above: 1}",
        "{not: mse}",
        "[*a, *a, *a, *a, *a, *a, *a, *a]",
    ),
    *(
        "[" * 60,
        "{a: " * 60,
        "- " * 60,
        "timeout: 1 h",
        "tracking: {tags: {a: 1}}",
        "report: {formats: [html]}",
    ),
    *("{synthetic: {linear_data: {rows: 999999999999}}}", "{quadratic: {dimension: 1000000}}", "watch: [ftol]"),
]


def mutated(text, draw):
    """A config with one to six accidents: something cut, doubled, moved, replaced, or put in."""
    for _ in range(draw.randint(1, 6)):
        at, length = draw.randrange(len(text) + 1), draw.randrange(40)
        part = text[at : at + length]
        kind = draw.randrange(6)
        if kind == 0:
            text = text[:at] + text[at + length :]
        elif kind == 1:
            text = text[:at] + part * draw.randint(2, 50) + text[at + length :]
        elif kind == 2:
            to = draw.randrange(len(text) + 1)
            text = text[:to] + part + text[to:]
        elif kind == 3:
            text = text[:at] + chr(draw.randrange(0x20, 0x3000)) + text[at + 1 :]
        else:
            text = text[:at] + draw.choice(PIECES) + text[at + (length if kind == 4 else 0) :]
    return text


def inputs(draw):
    """(kind, bytes) without end."""
    valid = [path.read_text(encoding="utf-8") for path in sorted(CONFIGS.glob("*.yaml"))]
    while True:
        which = draw.random()
        if which < 0.1:
            yield "random bytes", draw.randbytes(draw.randrange(400))
        elif which < 0.2:
            yield (
                "random pieces",
                "".join(draw.choices(PIECES, k=draw.randrange(40))).encode("utf-8", "replace"),
            )
        elif which < 0.25:
            damaged = bytearray(draw.choice(valid).encode())
            for _ in range(draw.randint(1, 8)):
                damaged[draw.randrange(len(damaged))] = draw.randrange(256)
            yield "flipped bytes", bytes(damaged)
        else:
            yield "mutated config", mutated(draw.choice(valid), draw).encode("utf-8", "replace")


def structures(seed):
    """(kind, bytes) without end, each from its number alone."""
    trees = shipped()
    for number in itertools.count():
        grammar = Grammar(random.Random(f"{seed} {number}"), trees)
        yield "structure", grammar.text().encode("utf-8", "replace")


def answer(path):
    """ "read", "planned" or "refused"; whatever else is raised is the caller's to record."""
    from gdbench.config.experiment import load_experiment
    from gdbench.descent.errors import GdbenchError
    from gdbench.planning.plan import make_plan

    try:
        experiment = load_experiment(path)
        if experiment.combining.size * experiment.repeats > MOST_PLANNED:
            return "read"
        make_plan(experiment)
    except GdbenchError as error:
        return "refused" if str(error).strip() else "refused without a word"
    return "planned"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--grammar", action="store_true", help="accidents to structure")
    arguments.add_argument("--inputs", type=int, default=10**9, help="no more than so many")
    asked = arguments.parse_args()
    draw, counts, failures, slowest = random.Random(asked.seed), Counter(), 0, (0.0, b"")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fuzzed.yaml")
        (Path(folder) / "plugins").symlink_to(CONFIGS / "plugins")
        (Path(folder) / "there.csv").write_text("x,y\n1,2\n2,3\n3,5\n")
        path.write_text("name: warm\n")
        answer(path)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.monotonic()
        drawn = structures(asked.seed) if asked.grammar else inputs(draw)
        for kind, content in itertools.islice(drawn, asked.inputs):
            if time.monotonic() - began > asked.seconds:
                break
            path.write_bytes(content)
            clock, wrong = time.process_time(), ""
            try:
                counts[kind, answer(path)] += 1
            except BaseException:  # noqa: BLE001  whatever it is, it is what we look for
                wrong = traceback.format_exc()
            spent = time.process_time() - clock
            slowest = max(slowest, (spent, content))
            if spent > MOST_SECONDS:
                wrong = wrong or f"{spent:.1f} s"
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
            if grown > MOST_BYTES:
                wrong, before = wrong or f"{grown / 1e6:.0f} MB", before + grown // 1024
            if wrong:
                failures += 1
                Path("fuzz-failures").mkdir(exist_ok=True)
                Path("fuzz-failures", f"{asked.seed}-{failures}.yaml").write_bytes(content)
                print(f"failure {failures} ({kind}): {wrong.strip().splitlines()[-1]}")
    for (kind, outcome), count in sorted(counts.items()):
        print(f"{kind:15} {outcome:8} {count:7}")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(
        f"{sum(counts.values())} inputs, {failures} failures; "
        f"slowest {slowest[0]:.2f} s of processor time, {grown} MB more memory"
    )
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
