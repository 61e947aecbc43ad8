"""What `gdbench check` looks at: is a plug-in's formula what gdbench takes it for, and where does it fail?"""

from __future__ import annotations

from gdbench.plugins.checking.check import Checked, check_plugin, steps_of
from gdbench.plugins.checking.finding import Finding

__all__ = ["Checked", "Finding", "check_plugin", "steps_of"]
