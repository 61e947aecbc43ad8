"""A plug-in of the recorded study: from iteration 5 on a run does what no learning rate should."""

import os

from gdbench.descent.domains import one_of
from gdbench.descent.learning_rates import learning_rate


def hang():
    while True:
        pass


def crash():
    os._exit(3)


def fail():
    raise ArithmeticError("the fifth step is not mine")


ACTS = {"hang": hang, "crash": crash, "fail": fail}


@learning_rate("misbehaving", act=one_of(*ACTS))
def misbehaving(act="fail"):
    """η = 0.1 until k = 5, where it acts."""

    def choose(now):
        if now.k == 5:
            ACTS[act]()
        return 0.1

    return lambda landscape: choose
