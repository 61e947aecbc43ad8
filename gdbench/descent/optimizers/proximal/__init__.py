"""Steps down the smooth part of a cost, and then by what its 1-norm asks: proximal gradients."""
