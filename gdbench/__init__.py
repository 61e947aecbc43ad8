"""gdbench: the gradient-descent laboratory, a benchmark harness in pure Python."""

__version__ = "0.1.0"
