"""Pooling as compiled loops, for all backends that have Numba.

t picture, m map, r and c row and column of the output, i and j row and column in the window; SH, SW
stride; DH, DW dilation. A window that hangs over the border is cut to what it meets of the map.
"""

import numpy as np

from solutions.arguments import Array
from solutions.kernels.geometry import Geometry
from solutions.kernels.jit import U, inside, jit


@jit
def cuts(places: int, K: int, S: int, D: int, border: int, size: int) -> tuple[Array, Array]:
    """first, after (places,): which of the K window elements meet the map, along one axis."""
    first, after = np.empty(places, np.int64), np.empty(places, np.int64)
    for place in range(places):
        first[place], after[place] = inside(S * place - border, D, size, K)
    return first, after


@jit
def find_winners(
    z: Array, pidx: Array, y: Array, KH: int, KW: int,
    SH: int, SW: int, DH: int, DW: int, top: int, left: int,
) -> None:  # fmt: skip
    """z[t, m, r, c] = the largest y under the window, pidx where: the first of equals, or of NaNs."""
    T, M, H, W = y.shape
    H_out, W_out = z.shape[2:]
    i_first, i_after = cuts(H_out, KH, SH, DH, top, H)
    j_first, j_after = cuts(W_out, KW, SW, DW, left, W)
    for t in range(T):
        for m in range(M):
            for r in range(H_out):
                for c in range(W_out):
                    row, column = SH * r - top, SW * c - left
                    row0, column0 = row + DH * i_first[U(r)], column + DW * j_first[U(c)]
                    best, at = y[t, m, U(row0), U(column0)], row0 * W + column0
                    for i in range(i_first[U(r)], i_after[U(r)]):
                        for j in range(j_first[U(c)], j_after[U(c)]):
                            v = y[t, m, U(row + DH * i), U(column + DW * j)]
                            # NaN is not <= anything, so it wins over numbers; & instead of
                            # `and`, choices instead of branches: nobody can predict a winner
                            wins = (not v <= best) & (best == best)
                            best = v if wins else best
                            at = (row + DH * i) * W + column + DW * j if wins else at
                    z[t, m, U(r), U(c)] = best
                    pidx[t, m, U(r), U(c)] = at


@jit
def add_at_winners(dy: Array, dz: Array, pidx: Array) -> None:
    """dy[t, m, pidx[t, m, place]] += dz[t, m, place]; each axis pair (r, c) is one axis here."""
    T, M, P = dz.shape
    for t in range(T):
        for m in range(M):
            for p in range(P):
                dy[t, m, U(pidx[t, m, U(p)])] += dz[t, m, U(p)]


@jit
def add_windows(
    z: Array, y: Array, KH: int, KW: int,
    SH: int, SW: int, DH: int, DW: int, top: int, left: int,
) -> None:  # fmt: skip
    """z[t, m, r, c] += the sum of y under the window."""
    T, M, H, W = y.shape
    H_out, W_out = z.shape[2:]
    i_first, i_after = cuts(H_out, KH, SH, DH, top, H)
    j_first, j_after = cuts(W_out, KW, SW, DW, left, W)
    for t in range(T):
        for m in range(M):
            for r in range(H_out):
                for c in range(W_out):
                    row, column, total = SH * r - top, SW * c - left, z[t, m, U(r), U(c)]
                    for i in range(i_first[U(r)], i_after[U(r)]):
                        for j in range(j_first[U(c)], j_after[U(c)]):
                            total += y[t, m, U(row + DH * i), U(column + DW * j)]
                    z[t, m, U(r), U(c)] = total


@jit
def add_to_windows(
    dy: Array, dz: Array, KH: int, KW: int,
    SH: int, SW: int, DH: int, DW: int, top: int, left: int,
) -> None:  # fmt: skip
    """The adjoint: each element of y under the window gets dz[t, m, r, c] added."""
    T, M, H, W = dy.shape
    H_out, W_out = dz.shape[2:]
    i_first, i_after = cuts(H_out, KH, SH, DH, top, H)
    j_first, j_after = cuts(W_out, KW, SW, DW, left, W)
    for t in range(T):
        for m in range(M):
            for r in range(H_out):
                for c in range(W_out):
                    row, column, share = SH * r - top, SW * c - left, dz[t, m, U(r), U(c)]
                    for i in range(i_first[U(r)], i_after[U(r)]):
                        for j in range(j_first[U(c)], j_after[U(c)]):
                            dy[t, m, U(row + DH * i), U(column + DW * j)] += share


def max_pool(y: Array, geometry: Geometry) -> tuple[Array, Array]:
    """z and pidx."""
    z = np.empty((*y.shape[:2], *geometry.out), y.dtype)
    pidx = np.empty(z.shape, np.int64)
    find_winners(z, pidx, y, *geometry.kernel, *geometry.numbers)
    return z, pidx


def max_pool_backward(dz: Array, pidx: Array, shape: tuple[int, ...]) -> Array:
    """dy: windows may overlap, so that a winner of several gets the sum."""
    T, M, H, W = shape
    P = dz.shape[2] * dz.shape[3]
    dy = np.zeros((T, M, H * W), dz.dtype)
    add_at_winners(dy, dz.reshape(T, M, P), pidx.reshape(T, M, P))
    return dy.reshape(shape)


def mean_pool(y: Array, count: Array, geometry: Geometry) -> Array:
    """z: the sum over the window's elements, divided by their number."""
    z = np.zeros((*y.shape[:2], *geometry.out), y.dtype)
    add_windows(z, y, *geometry.kernel, *geometry.numbers)
    z /= count
    return z


def mean_pool_backward(dz: Array, count: Array, geometry: Geometry) -> Array:
    """dy: each window's dz in equal shares."""
    dy = np.zeros((*dz.shape[:2], *geometry.size), dz.dtype)
    add_to_windows(dy, dz / count, *geometry.kernel, *geometry.numbers)
    return dy
