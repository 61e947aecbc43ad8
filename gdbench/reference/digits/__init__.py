"""Arithmetic for digits that are certain: exact products, fifty digits, and rounding to what holds."""
