"""Rates that follow from the iterates: searches along a ray, and steps from the last differences."""
