"""Arithmetic that rounds alike on every machine: powers, orthogonal factors, eigenvalues."""
