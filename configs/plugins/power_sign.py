"""An optimizer of one's own: longer steps where the gradient agrees with its average, shorter where not."""

from gdbench.descent.domains import memory, positive
from gdbench.descent.functions import exp
from gdbench.descent.optimizers import Optimizer, optimizer


@optimizer("power_sign", facts={"rests": 0}, base=positive, beta=memory)
def power_sign(base=1.0, beta=0.9):
    """w ← w − η e^(a · sgn(g) sgn(m)) g,  m ← β m + (1 − β) g  (Bello et al. 2017, PowerSign).

    base: a > 0, the logarithm of the largest factor.  beta: in [0, 1).
    """
    longer, shorter = exp(base), exp(-base)

    def factor(g, m):
        return longer if g * m > 0.0 else shorter if g * m < 0.0 else 1.0

    def init(w):
        return [0.0] * len(w)

    def update(w, g, m, rate):
        m = [beta * m_j + (1.0 - beta) * g_j for m_j, g_j in zip(m, g, strict=True)]
        return [w_j - rate * factor(g_j, m_j) * g_j for w_j, g_j, m_j in zip(w, g, m, strict=True)], m

    return Optimizer(init, update)
