"""The grid of a config: its axes, the choices on them, and how they are combined."""
