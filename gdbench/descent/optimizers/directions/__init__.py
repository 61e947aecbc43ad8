"""Directions of their own, along which a line search looks: conjugate gradients, quasi-Newton."""
