"""Averages of iterates, kept beside them."""
