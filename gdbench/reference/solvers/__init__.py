"""Trusted solvers for reference optima: NumPy's, SciPy's and scikit-learn's, and exact arithmetic.

They are kept out of the other modules because they are slow to import.
"""
