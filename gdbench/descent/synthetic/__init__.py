"""Seeded data whose truth is known: each generator draws a table from a formula, the same bits everywhere.

A generator uses one `random.Random(seed)` and draws what it documents in the order it documents, the
rows last: so the first rows of a longer table are the shorter table (`ill_conditioned`, whose columns
depend on all of its rows, is the exception).
"""

from gdbench.descent.synthetic.generators import (
    GENERATORS,
    circles,
    classification,
    ill_conditioned,
    linear_data,
    moons,
    xor,
)

__all__ = ["GENERATORS", "circles", "classification", "ill_conditioned", "linear_data", "moons", "xor"]
