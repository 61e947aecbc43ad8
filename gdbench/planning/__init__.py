"""From an experiment to its plan: every combination as a spec with a key."""
