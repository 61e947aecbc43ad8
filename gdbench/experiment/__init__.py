"""From YAML to a plan: the config language, the data it names, and the runs it asks for."""
