"""What contenders from outside share: their package, imported where a run needs it, and options as text."""

from __future__ import annotations

import ast
from importlib import import_module
from types import ModuleType

from gdbench.descent.errors import BadParameter, GdbenchError


def package(name: str, module: str) -> ModuleType:
    """The module; raises `GdbenchError` where the package is not installed."""
    try:
        return import_module(module)
    except ImportError:
        extra = "gdbench[torch]" if name == "torch" else name
        raise GdbenchError(
            f"optimizer '{name}' needs the package {name}, which is not installed here: pip install '{extra}'."
        ) from None


def options_of(name: str, text: str | None) -> dict[str, object]:
    """'betas=(0.8, 0.99), weight_decay=0.1' as keyword arguments, none of None; raises `BadParameter`."""
    try:
        call = ast.parse(f"f({text or ''})", mode="eval").body
        assert isinstance(call, ast.Call)
        assert not call.args
        assert all(keyword.arg for keyword in call.keywords)
        return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (SyntaxError, ValueError, AssertionError):
        raise BadParameter(
            "options",
            f"'options' of optimizer '{name}' must be keyword arguments, such as 'weight_decay=0.1, eps=1e-6', "
            f"not '{text}'.",
        ) from None
