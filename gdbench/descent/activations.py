"""What happens between the layers of a network: each activation is a function of one number."""

from __future__ import annotations

from typing import Mapping

from gdbench.descent.functions import Function, Scalar, below, identity, sigmoid, softplus, tanh, where


def relu(z: Scalar) -> Scalar:
    """max(z, 0), with slope 0 at 0 (as torch)."""
    return where(below(0.0, z), z, 0.0)


def leaky_relu(z: Scalar) -> Scalar:
    """z for z > 0, else z/100 (Maas et al. 2013)."""
    return where(below(0.0, z), z, 0.01 * z)


ACTIVATIONS: Mapping[str, Function] = {
    "tanh": tanh,
    "sigmoid": sigmoid,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "softplus": softplus,
    "identity": identity,
}
