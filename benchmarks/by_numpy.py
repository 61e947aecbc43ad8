"""The same costs and gradients in NumPy, as its users write them."""


def numpy_functions(shape, table):
    """cost_and_gradient(w), or None where NumPy is missing or the shape is not affine with one output."""
    try:
        import numpy as np
    except ImportError:
        return None
    if shape.model not in ("linear", "logistic"):
        return None
    data = np.array(table.rows)
    X, y, n = np.hstack([data[:, :-1], np.ones((len(data), 1))]), data[:, -1].copy(), len(data)

    def mse(w):
        r = X @ w - y
        return r @ r / n, X.T @ r * (2 / n)

    def logistic(w):
        z = X @ w
        t = np.exp(-np.abs(z))
        cost = np.mean(np.log1p(t) + np.maximum(z, 0) - y * z)
        return cost, X.T @ (np.where(z < 0, t, 1) / (1 + t) - y) / n

    w = np.array(shape.weights())
    return (mse if shape.cost == "mse" else logistic), w
