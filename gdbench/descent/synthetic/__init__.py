"""Seeded data whose truth is known: each generator draws a table from a formula, the same bits everywhere.

A generator uses one `random.Random(seed)` and draws what it documents in the order it documents, the
rows last: so the first rows of a longer table are the shorter table (`ill_conditioned`, whose columns
depend on all of its rows, is the exception).
"""

from gdbench.descent.synthetic.classes import circles, classification, moons, xor
from gdbench.descent.synthetic.ill_conditioned import ill_conditioned
from gdbench.descent.synthetic.linear import linear_data
from gdbench.descent.synthetic.registry import GENERATORS

__all__ = ["GENERATORS", "circles", "classification", "ill_conditioned", "linear_data", "moons", "xor"]
