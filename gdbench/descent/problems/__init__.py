"""What is minimised, ready to be evaluated: the objective, its shape, its data and its constants."""
