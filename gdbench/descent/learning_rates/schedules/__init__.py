"""Rates that are fixed in advance, iteration by iteration."""
