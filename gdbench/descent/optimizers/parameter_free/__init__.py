"""Methods that find their rate: the learning rate is a factor of it, 1 by default."""
