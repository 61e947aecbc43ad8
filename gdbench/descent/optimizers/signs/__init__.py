"""Steps that look at the signs of gradients alone."""
