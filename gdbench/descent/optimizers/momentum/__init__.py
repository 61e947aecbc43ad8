"""Memory of steps: heavy balls and accelerated gradients."""
