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
RUNS, RUN_BYTES, QUESTIONS = 1_000_000, 1_000, 100_000_000


def too_much(what: str, needs: str, most: str, remedy: str) -> str:
    """`what` needs about …; at most … is allowed. `remedy`"""
    return f"{what} needs about {needs}; {most} is the most. {remedy}"


def as_bytes(count: float) -> str:
    """Bytes as one says them: 640 MB, 3.2 GB."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.2g} {unit}" if count < 100 * size else f"{count / size:,.0f} {unit}"
    return f"{count:.0f} bytes"
