"""A formula with the bias that it lacks: a sum of parameters times features, without a parameter by itself."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from gdbench.descent.kernels.formula import parse_formula


class Biased(NamedTuple):
    """expression: the formula with a bias.  name: the bias.  place: where it stands among the parameters."""

    expression: str
    name: str
    place: int


class _Kind(NamedTuple):
    """What a part is in the parameters.

    linear: a sum of parameters times what has none.  free: with a parameter alone.
    """

    parameters: bool
    linear: bool = True
    features: bool = False
    free: bool = False


def with_bias(expression: str, variables: list[str]) -> Biased | None:
    """None where no sum of parameters times features lacks a bias, or several do."""
    formula = parse_formula(expression, variables)
    tree = ast.parse(f"({' '.join(expression.split())})", mode="eval").body
    found = list(_lacking(tree, set(formula.parameters), set(variables)))
    if len(found) != 1:
        return None
    name = _unused(formula.parameters, variables)
    changed = _Adding(found[0], name).visit(tree)
    text = ast.unparse(ast.fix_missing_locations(changed))
    return Biased(text, name, parse_formula(text, variables).parameters.index(name))


def _lacking(node: ast.expr, parameters: set[str], variables: set[str]) -> list[ast.expr]:
    """The largest parts that are linear in parameters times features, with no parameter alone."""
    kind = _kind(node, parameters, variables)
    if kind.parameters and kind.linear:
        return [node] if kind.features and not kind.free else []
    children = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return [part for child in children for part in _lacking(child, parameters, variables)]


def _kind(node: ast.expr, parameters: set[str], variables: set[str]) -> _Kind:
    if isinstance(node, ast.Name):
        alone = node.id in parameters
        return _Kind(alone, features=node.id in variables, free=alone)
    if isinstance(node, ast.Constant):
        return _Kind(parameters=False)
    if isinstance(node, ast.UnaryOp):
        return _kind(node.operand, parameters, variables)
    if isinstance(node, ast.BinOp):
        left, right = (_kind(side, parameters, variables) for side in (node.left, node.right))
        return _joined(node.op, left, right)
    children = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
    inner = [_kind(child, parameters, variables) for child in children]
    depends = any(kind.parameters for kind in inner)
    return _Kind(depends, linear=not depends, features=any(kind.features for kind in inner))


def _joined(operation: ast.operator, left: _Kind, right: _Kind) -> _Kind:
    depends, features = left.parameters or right.parameters, left.features or right.features
    linear = left.linear and right.linear
    if isinstance(operation, (ast.Add, ast.Sub)):
        return _Kind(depends, linear, features, left.free or right.free)
    if isinstance(operation, ast.Mult):
        times, both = right if left.parameters else left, left.parameters and right.parameters
        return _Kind(depends, linear and not both, features, _alone(left, right, times))
    if isinstance(operation, ast.Div):
        return _Kind(depends, linear and not right.parameters, features, left.free and not right.features)
    return _Kind(depends, linear and not depends, features)


def _alone(left: _Kind, right: _Kind, times: _Kind) -> bool:
    """A parameter times a number is one alone still; times a feature it is not."""
    return (left.free or right.free) and not times.features


def _unused(parameters: tuple[str, ...], variables: list[str]) -> str:
    """b0 beside b1, b2 …, else bias."""
    stems = {match.group(1) for name in parameters if (match := re.fullmatch(r"([A-Za-z]+)[0-9]+", name))}
    names = [*(f"{stem}0" for stem in sorted(stems)), "bias", "offset", "bias0"]
    return next(name for name in names if name not in {*parameters, *variables})


class _Adding(ast.NodeTransformer):
    """Puts `(part + name)` in the place of one part."""

    def __init__(self, part: ast.expr, name: str) -> None:
        self.part, self.name = part, name

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.part:
            return ast.BinOp(self.part, ast.Add(), ast.Name(self.name, ast.Load()))
        return super().visit(node)  # type: ignore[no-any-return]
