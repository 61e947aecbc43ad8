"""What may stand beside any optimizer: an average that is answered with, slow weights, weight decay."""
