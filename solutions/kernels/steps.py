"""The small ends of a step of training as compiled loops, for all backends that have Numba.

The loss of a batch and the update of a parameter are so little arithmetic that NumPy spends most of
the time on its calls and its temporary arrays.
"""

import math

import numpy as np

from solutions.arguments import Array
from solutions.kernels.jit import U, jit

OUTSIDE = -1.0  # no loss is below 0


@jit
def cross_entropy(z: Array, dz: Array, target: Array) -> float:
    """The mean over p of -log(softmax(z)[target[p], p]), and its gradient dz; z and dz (C, P).

    In float64, and with each column's maximum taken off first, as in `losses`. OUTSIDE, and no
    gradient, if there is no class with the number target[p].
    """
    C, P = z.shape
    loss = 0.0
    for p in range(P):
        right = target[U(p)]
        if not 0 <= right < C:
            return OUTSIDE
        most, total = np.float64(z[0, U(p)]), 0.0
        for k in range(1, C):
            most = max(most, np.float64(z[U(k), U(p)]))
        for k in range(C):
            total += math.exp(z[U(k), U(p)] - most)
        loss += math.log(total) - (z[U(right), U(p)] - most)
        for k in range(C):
            share = math.exp(z[U(k), U(p)] - most) / total
            dz[U(k), U(p)] = (share - (1.0 if k == right else 0.0)) / P
    return float(loss / P)


@jit
def move(w: Array, v: Array, dw: Array, momentum: float, step: float) -> None:
    """v <- momentum * v - step * dw;  w <- w + v: one walk through memory instead of four."""
    for k in range(w.size):
        v[U(k)] = momentum * v[U(k)] - step * dw[U(k)]
        w[U(k)] += v[U(k)]
