"""NIST's Statistical Reference Datasets for regression: data whose best fit is certified."""

from gdbench.data.nist.library import NIST
from gdbench.data.nist.nist_set import NistSet

__all__ = ["NIST", "NistSet"]
