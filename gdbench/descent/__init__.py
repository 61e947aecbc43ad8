"""The science of gradient descent: standard library only, Python 3.9 syntax, runs under PyPy.

The five steps have a room each: costs, initializers, gradients, optimizers (with learning_rates)
and stopping. Read `descend.py` first: it is the loop, shaped like the algorithm.
"""

#: Raise this whenever a change alters a single bit of a run's result: it is part of every run's key,
#: so that results computed by different arithmetic are never mistaken for one another.
KERNEL_VERSION = 4
