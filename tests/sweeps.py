"""Small configs for tests that run real sweeps: five runs of every sort in well under a second."""

SWEEP = """\
name: small
description: Which rates converge on five points.
data: {synthetic: {linear_data: {rows: 12, features: 2, noise: 0.1, seed: 3}}}
grid:
  model: linear
  cost: mse
  learning_rate: [0.0001, 0.2, 5.0]
  initialization: [zeros, {normal: {std: 1.0}}]
  convergence: {any: [{cost_change: 1.0e-9}, {max_iterations: 400}]}
repeats: 2
targets: [1e-2, 1e-6]
"""


def write(folder, text=SWEEP, **replacements):
    """Write a config into a folder, with words of it replaced; returns its path."""
    for old, new in replacements.items():
        assert old in text
        text = text.replace(old, new)
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return path
