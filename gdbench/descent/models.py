"""What is fitted: each model turns parameters and one row of features into a score.

w: the weights, then the bias (last).  x: the features of one row.  A model's `response` maps its score
to the scale of the target: the identity for linear, the probability for logistic. Costs say which of
the two they look at.
"""

from __future__ import annotations

from typing import Any, Sequence

from gdbench.descent.functions import dot, sigmoid
from gdbench.descent.registry import Registry

MODELS = Registry("model", "models", given=2)
model = MODELS.register


def affine(features: int) -> int:
    """d weights and a bias."""
    return features + 1


def identity(score: Any) -> Any:
    return score


@model("linear", facts={"size": affine, "response": identity, "affine": True})
def linear(w: Sequence[Any], x: Sequence[Any]) -> Any:
    """w · x + b: linear regression."""
    return dot(w, x) + w[-1]


@model("logistic", facts={"size": affine, "response": sigmoid, "affine": True})
def logistic(w: Sequence[Any], x: Sequence[Any]) -> Any:
    """σ(w · x + b): logistic regression; the score w · x + b is the log-odds of class 1."""
    return dot(w, x) + w[-1]
