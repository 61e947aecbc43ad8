"""Curves made ready to be drawn."""
