"""Softmax regression and a small network as textbooks write them: cost and gradient, each with its loops."""

import math


def softmax(shape, table):
    X, Y, d, K = columns(shape, table)
    n = len(X)

    def probabilities(w, x):
        scores = []
        for k in range(K):
            z = w[k * (d + 1) + d]
            for j in range(d):
                z += w[k * (d + 1) + j] * x[j]
            scores.append(z)
        largest = max(scores)
        powers = [math.exp(z - largest) for z in scores]
        total = sum(powers)
        return [power / total for power in powers]

    def cost(w):
        total = 0.0
        for i in range(n):
            p = probabilities(w, X[i])
            for k in range(K):
                total -= Y[i][k] * math.log(p[k])
        return total / n

    def gradient(w):
        g = [0.0] * len(w)
        for i in range(n):
            p = probabilities(w, X[i])
            for k in range(K):
                s = p[k] - Y[i][k]
                for j in range(d):
                    g[k * (d + 1) + j] += s * X[i][j]
                g[k * (d + 1) + d] += s
        return [slope / n for slope in g]

    return lambda w: (cost(w), gradient(w))


def mlp(shape, table, H=16):
    X, Y, d, _ = columns(shape, table)
    n, b1, v, b2 = len(X), H * d, H * d + H, H * d + 2 * H

    def forward(w, x):
        hidden = []
        for h in range(H):
            z = w[b1 + h]
            for j in range(d):
                z += w[h * d + j] * x[j]
            hidden.append(math.tanh(z))
        out = w[b2]
        for h in range(H):
            out += w[v + h] * hidden[h]
        return hidden, out

    def cost(w):
        total = 0.0
        for i in range(n):
            total += (forward(w, X[i])[1] - Y[i][0]) ** 2
        return total / n

    def gradient(w):
        g = [0.0] * len(w)
        for i in range(n):
            hidden, out = forward(w, X[i])
            s = 2 * (out - Y[i][0])
            g[b2] += s
            for h in range(H):
                g[v + h] += s * hidden[h]
                back = s * w[v + h] * (1 - hidden[h] ** 2)
                g[b1 + h] += back
                for j in range(d):
                    g[h * d + j] += back * X[i][j]
        return [slope / n for slope in g]

    return lambda w: (cost(w), gradient(w))


def columns(shape, table):
    d = shape.features
    return [list(row[:d]) for row in table.rows], [list(row[d:]) for row in table.rows], d, shape.classes
