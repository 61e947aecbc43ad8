"""From YAML to an experiment: what is asked for, with every mistake at its place."""
