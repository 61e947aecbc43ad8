"""A rate for each parameter, from the sizes of its gradients so far."""
