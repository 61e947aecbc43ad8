"""The way in from Python: what the command line does, as functions of a notebook or a script.

A config may be a path, YAML text, a mapping or an `Experiment`; what is wrong with it is raised as
`GdbenchError` with the sentences that the terminal prints.
"""
