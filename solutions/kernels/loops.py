"""The `loops` backend: the lecture's loops as they stand, compiled.

One loop nest, three statements: forward, and its derivative by y and by w. To differentiate the
line, keep the loops and exchange the places of the result and of the factor asked for.

t picture, n out-map, m in-map of the group, i and j row and column in the filter, r and c row and
column of the output; SH, SW stride; DH, DW dilation; `first` the group's first in-map. Positions
are innermost: the next c is the neighbour in memory, so that the compiler can take several at once.
"""

import numpy as np

from solutions.arguments import Array
from solutions.kernels.geometry import Geometry
from solutions.kernels.jit import U, jit
from solutions.kernels.pool import max_pool, max_pool_backward, mean_pool, mean_pool_backward

__all__ = [
    "backward_w",
    "backward_y",
    "forward",
    "max_pool",
    "max_pool_backward",
    "mean_pool",
    "mean_pool_backward",
]


@jit
def add_forward(
    z: Array, y: Array, w: Array, groups: int, SH: int, SW: int, DH: int, DW: int
) -> None:
    """z[t, n, r, c] += w[n, m, i, j] * y[t, m, S*r + D*i, S*c + D*j]."""
    T, N, H_out, W_out = z.shape
    _, M, KH, KW = w.shape
    for t in range(T):
        for n in range(N):
            first = n // (N // groups) * M
            for m in range(M):
                for i in range(KH):
                    for j in range(KW):
                        for r in range(H_out):
                            for c in range(W_out):
                                z[t, n, U(r), U(c)] += (
                                    w[n, m, i, j]
                                    * y[t, first + m, U(SH * r + DH * i), U(SW * c + DW * j)]
                                )


@jit
def add_backward_y(
    dy: Array, dz: Array, w: Array, groups: int, SH: int, SW: int, DH: int, DW: int
) -> None:
    """dy[t, m, S*r + D*i, S*c + D*j] += w[n, m, i, j] * dz[t, n, r, c]."""
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    for t in range(T):
        for n in range(N):
            first = n // (N // groups) * M
            for m in range(M):
                for i in range(KH):
                    for j in range(KW):
                        for r in range(H_out):
                            for c in range(W_out):
                                dy[t, first + m, U(SH * r + DH * i), U(SW * c + DW * j)] += (
                                    w[n, m, i, j] * dz[t, n, U(r), U(c)]
                                )


@jit
def add_backward_w(
    dw: Array, dz: Array, y: Array, groups: int, SH: int, SW: int, DH: int, DW: int
) -> None:
    """dw[n, m, i, j] += dz[t, n, r, c] * y[t, m, S*r + D*i, S*c + D*j]."""
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = dw.shape
    for t in range(T):
        for n in range(N):
            first = n // (N // groups) * M
            for m in range(M):
                for i in range(KH):
                    for j in range(KW):
                        for r in range(H_out):
                            for c in range(W_out):
                                dw[n, m, i, j] += (
                                    dz[t, n, U(r), U(c)]
                                    * y[t, first + m, U(SH * r + DH * i), U(SW * c + DW * j)]
                                )


def forward(y: Array, w: Array, b: Array, geometry: Geometry) -> Array:
    """z, which starts as the bias."""
    z = np.empty((y.shape[0], w.shape[0], *geometry.out), y.dtype)
    z[:] = b[:, None, None]
    add_forward(z, geometry.pad(y), w, geometry.groups, *geometry.stride, *geometry.dilation)
    return z


def backward_y(dz: Array, w: Array, geometry: Geometry) -> Array:
    """dy: added up with its border, which is then dropped."""
    dpadded = geometry.padded_zeros(dz.shape[0], w.shape[1] * geometry.groups, dz)
    add_backward_y(dpadded, dz, w, geometry.groups, *geometry.stride, *geometry.dilation)
    return geometry.crop(dpadded)


def backward_w(dz: Array, y: Array, geometry: Geometry) -> Array:
    """dw, added up over all pictures and positions."""
    dw = np.zeros((dz.shape[1], y.shape[1] // geometry.groups, *geometry.kernel), y.dtype)
    padded = geometry.pad(y)
    add_backward_w(dw, dz, padded, geometry.groups, *geometry.stride, *geometry.dilation)
    return dw
