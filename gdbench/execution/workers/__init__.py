"""What happens in a worker, and what is left of one that died."""
