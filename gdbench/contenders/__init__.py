"""Contenders from outside: optimizers of PyTorch and SciPy on our costs, through our loop and our recorder.

A config asks for them with `plugins: [contenders]`; nothing of theirs is imported until a run needs it.
"""

from __future__ import annotations

from gdbench.contenders.scipy_steps import scipy
from gdbench.contenders.torch_steps import torch

__all__ = ["scipy", "torch"]
