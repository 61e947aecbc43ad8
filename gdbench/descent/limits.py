"""How much is too much: every bound on sizes, in what costs, and the form of the sentence that refuses.

Each is looked at before anything is read or built. Beyond most of them there is a mistake, told with its place;
beyond those of theory a run goes on without it, and says so.
"""

from __future__ import annotations

#: Bytes of a file: a config (with each that it extends, a runner profile), a plug-in, a table.
CONFIG_BYTES, PLUGIN_BYTES, TABLE_BYTES = 10_000_000, 10_000_000, 500_000_000

#: Of a table: columns of its file, and numbers, targets included (each takes 32 bytes in Python).
TABLE_COLUMNS, TABLE_NUMBERS = 10_000, 25_000_000

#: Of a config: values of an axis, its nested axes multiplied out; numbers that its ranges make; mistakes told.
AXIS_VALUES, RANGED_NUMBERS, MISTAKES_TOLD = 10_000, 100_000, 20

#: Runs of a plan, what each takes of memory, and comparisons of conditions with combinations.
RUNS, RUN_BYTES, QUESTIONS = 1_000_000, 1_000, 20_000_000

#: Numbers that generators draw, in Python, and multiplications that make columns orthogonal: ten seconds each.
DRAWN_NUMBERS, NUMBER_BYTES, MULTIPLICATIONS = 5_000_000, 40, 300_000_000

#: Data sets of an experiment, each with problems of its own.
DATA_SETS = 1_000

#: Parameters of a printed function, and what each takes of memory; operations that are recorded for it (which
#: stops what its size did not give away); dimensions of a surface, and of one that is rotated.
PARAMETERS, PARAMETER_BYTES, OPERATIONS, OPERATION_BYTES = 30_000, 15_000, 500_000, 1_700
DIMENSIONS, ROTATED = 30_000, 280

#: Multiplications of one pass over the data above which it is said how long that takes: a minute or so.
SLOW_PASS = 1_000_000_000

#: Seconds of arithmetic in whole numbers, for kernel 'centred'.
EXACT_SECONDS = 600

#: Theory is left out above so many columns of features (it builds squares of them), above so much work (rows
#: times columns times columns), and for costs with kinks above rows times rows times columns: minutes each.
THEORY_COLUMNS, THEORY_WORK, THEORY_KINKED = 2_000, 5_000_000_000, 25_000_000_000
#: A 1-norm's support is looked for with the square of all parameters, those of every class.
THEORY_CLASSES = 5_000


def theory_bytes(rows: int, columns: int) -> int:
    """About what solvers hold at once: matrices of columns × columns, and of rows × columns."""
    return 100 * columns * columns + 50 * rows * columns


def too_much(what: str, needs: str, most: str, remedy: str) -> str:
    """`what` needs about …; at most … is allowed. `remedy`"""
    return f"{what} needs about {needs}; {most} is the most. {remedy}"


#: What is larger is told as this: a whole number may be beyond all floats.
_BEYOND = 1e30


def as_whole(count: int) -> str:
    """A number that a config gives: all its digits, unless they are too many to be meant."""
    return f"{count:,}" if count < 1e12 else as_count(count)


def as_count(count: float) -> str:
    """A large number as one says it: 48 million, 3.2 billion."""
    count = min(count, _BEYOND)
    if count >= 1e15:
        return f"{count:.0e}"
    for unit, size in (("thousand billion", 1e12), ("billion", 1e9), ("million", 1e6)):
        if count >= size:
            return f"{count / size:.2g} {unit}" if count < 100 * size else f"{count / size:,.0f} {unit}"
    return f"{count:,.0f}"


def as_time(seconds: float) -> str:
    """50 seconds, 3 hours, 20 days."""
    seconds = min(seconds, _BEYOND)
    for unit, size in (("days", 172_800.0), ("hours", 7_200.0), ("minutes", 120.0)):
        if seconds >= size:
            return f"{seconds / {'days': 86_400.0, 'hours': 3_600.0, 'minutes': 60.0}[unit]:,.0f} {unit}"
    return f"{seconds:.0f} seconds"


def as_bytes(count: float) -> str:
    """Bytes as one says them: 640 MB, 3.2 GB."""
    count = min(count, _BEYOND)
    if count >= 1e18:
        return f"{count / 1e12:.0e} TB"
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.2g} {unit}" if count < 100 * size else f"{count / size:,.0f} {unit}"
    return f"{count:.0f} bytes"
