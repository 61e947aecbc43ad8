"""NIST's Statistical Reference Datasets for regression: data whose best fit is certified."""

from gdbench.experiment.nist.library import NIST
from gdbench.experiment.nist.nist_set import NistSet
from gdbench.experiment.nist.reading import read_nist

__all__ = ["NIST", "NistSet", "read_nist"]
