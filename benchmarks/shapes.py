"""What is measured: problems by name, with data drawn from a fixed seed."""

from array import array
from random import Random
from typing import NamedTuple

from gdbench.descent.kernels.definition import define
from gdbench.descent.problems.table import Table, as_row


class Shape(NamedTuple):
    model: str
    cost: str
    rows: int
    features: int
    classes: int = 1

    @property
    def name(self):
        return f"{self.model} {self.cost} {self.rows}×{self.features}"

    def definition(self):
        return define({self.model: {}}, {self.cost: {}}, self.features, outputs=self.classes)

    def table(self):
        return Table([as_row(row) for row in self._drawn()], self.features, self.classes)

    def doubles(self):
        """The same numbers, row by row, for a file."""
        found = array("d")
        for row in self._drawn():
            found.extend(row)
        return found

    def _drawn(self):
        """Standard normal features; a normal target, a binary one, or a column for each class."""
        random = Random(0)
        for _ in range(self.rows):
            x = [random.gauss(0, 1) for _ in range(self.features)]
            yield (*x, *self._target(random))

    def _target(self, random):
        if self.classes > 1:
            chosen = random.randrange(self.classes)
            return [float(k == chosen) for k in range(self.classes)]
        return [random.gauss(0, 1) if self.cost == "mse" else float(random.random() < 0.5)]

    def weights(self):
        random = Random(1)
        return [random.gauss(0, 0.1) for _ in range(self.definition().size)]


SIZES = [(100, 2), (442, 10), (1000, 20), (10000, 20)]
SHAPES = [Shape(m, c, n, d) for m, c in (("linear", "mse"), ("logistic", "logistic")) for n, d in SIZES]
SHAPES += [Shape("mlp", "mse", 200, 2), Shape("softmax", "softmax", 1797, 64, 10)]
#: The largest table that a config may have, but for a few rows: `run.py --million`.
LARGE = [Shape("linear", "mse", 1_000_000, 20), Shape("logistic", "logistic", 1_000_000, 20)]
