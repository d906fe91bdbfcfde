"""Pooling with small windows that meet no border: the loops of `pool`, for fixed windows and strides.

What makes them faster is that window and stride are known when the machine code is made (as the
lengths of tuples, see `tiles_host`). The loops over the window are then written out, no place asks
for the border, and several neighbouring places are worked on in one instruction, strides and all.
Windows with a border, dilated or large ones go to `pool`.

m map (of all pictures), r and c row and column of the output, i and j row and column in the window;
SH, SW stride. All arrays are taken as flat.
"""

import numpy as np

from solutions.arguments import Array
from solutions.kernels import pool
from solutions.kernels.geometry import Geometry
from solutions.kernels.jit import U, jit
from solutions.kernels.tiles_host import Shape, as_lengths

LARGEST = 3  # windows and strides of up to 3: beyond, writing out the loops gains nothing


@jit
def find_winners(
    window: Shape, stride: Shape, z: Array, pidx: Array, y: Array, maps: int,
    H: int, W: int, H_out: int, W_out: int,
) -> None:  # fmt: skip
    """z = the largest y under the window, pidx where: the first of equals, or of NaNs.

    First the value, where NaN (the only number that is not itself) stays; then, from the last place
    to the first, where it is: two chains of choices without a branch, which nobody could predict.
    """
    KH, KW, SH, SW = len(window[0]), len(window[1]), len(stride[0]), len(stride[1])
    for m in range(maps):
        for r in range(H_out):
            start, to, first = (m * H + SH * r) * W, (m * H_out + r) * W_out, SH * r * W
            for c in range(W_out):
                best, where = y[U(start + SW * c)], 0
                for i in range(KH):
                    for j in range(KW):
                        v = y[U(start + i * W + SW * c + j)]
                        best = best if (best >= v) | (best != best) else v
                for i in range(KH - 1, -1, -1):
                    for j in range(KW - 1, -1, -1):
                        v = y[U(start + i * W + SW * c + j)]
                        where = i * W + j if (v == best) | (v != v) else where
                z[U(to + c)] = best
                pidx[U(to + c)] = first + SW * c + where


@jit
def mean_windows(
    window: Shape, stride: Shape, z: Array, y: Array, share: float, maps: int,
    H: int, W: int, H_out: int, W_out: int,
) -> None:  # fmt: skip
    """z = share * the sum of y under the window."""
    KH, KW, SH, SW = len(window[0]), len(window[1]), len(stride[0]), len(stride[1])
    for m in range(maps):
        for r in range(H_out):
            start, to = (m * H + SH * r) * W, (m * H_out + r) * W_out
            for c in range(W_out):
                total = 0 * share
                for i in range(KH):
                    for j in range(KW):
                        total += y[U(start + i * W + SW * c + j)]
                z[U(to + c)] = total * share


@jit
def spread_means(
    window: Shape, stride: Shape, dy: Array, dz: Array, share: float, maps: int,
    H: int, W: int, H_out: int, W_out: int,
) -> None:  # fmt: skip
    """dy[m, h, SW*q + j] = share * the sum of dz over the windows above it: a gather, row by row.

    `line` is the sum of the rows of dz whose windows reach row h, with zeros on both sides.
    """
    KH, KW, SH, SW = len(window[0]), len(window[1]), len(stride[0]), len(stride[1])
    before = (KW - 1) // SW
    line = np.zeros(before + max(W_out, W // SW + 1), dz.dtype)
    for m in range(maps):
        for h in range(H):
            line[before : before + W_out] = 0
            for r in range(max(0, (h - KH + SH) // SH), min(H_out, h // SH + 1)):
                start = (m * H_out + r) * W_out
                for c in range(W_out):
                    line[U(before + c)] += dz[U(start + c)] * share
            to = (m * H + h) * W
            for q in range(W // SW):
                for j in range(SW):
                    total = 0 * share
                    for k in range((KW - j + SW - 1) // SW):
                        total += line[U(before + q - k)]
                    dy[U(to + SW * q + j)] = total
            for w in range(W // SW * SW, W):
                total = 0 * share
                for k in range((KW - w % SW + SW - 1) // SW):
                    total += line[U(before + w // SW - k)]
                dy[U(to + w)] = total


def fits(geometry: Geometry) -> bool:
    """Small, and nothing but the map under each window."""
    border = any(geometry.rows + geometry.columns)
    return max(geometry.kernel + geometry.stride) <= LARGEST and not border and (
        geometry.dilation == (1, 1)
    )


def _sizes(T: int, M: int, geometry: Geometry) -> tuple[int, ...]:
    return T * M, *geometry.size, *geometry.out


def _lengths(geometry: Geometry) -> tuple[Shape, Shape]:
    return as_lengths(geometry.kernel), as_lengths(geometry.stride)


def max_pool(y: Array, geometry: Geometry) -> tuple[Array, Array]:
    """z and pidx."""
    if not fits(geometry):
        return pool.max_pool(y, geometry)
    z = np.empty((*y.shape[:2], *geometry.out), y.dtype)
    pidx, sizes = np.empty(z.shape, np.int64), _sizes(*y.shape[:2], geometry)
    find_winners(*_lengths(geometry), z.reshape(-1), pidx.reshape(-1), y.reshape(-1), *sizes)
    return z, pidx


max_pool_backward = pool.max_pool_backward


def mean_pool(y: Array, count: Array, geometry: Geometry) -> Array:
    """z; without a border, `count` is the same everywhere."""
    if not fits(geometry) or not count.size:
        return pool.mean_pool(y, count, geometry)
    z = np.empty((*y.shape[:2], *geometry.out), y.dtype)
    share, sizes = 1 / count[0, 0], _sizes(*y.shape[:2], geometry)
    mean_windows(*_lengths(geometry), z.reshape(-1), y.reshape(-1), share, *sizes)
    return z


def mean_pool_backward(dz: Array, count: Array, geometry: Geometry) -> Array:
    """dy: each window's dz in equal shares."""
    if not fits(geometry) or not count.size:
        return pool.mean_pool_backward(dz, count, geometry)
    dy = np.empty((*dz.shape[:2], *geometry.size), dz.dtype)
    share, sizes = 1 / count[0, 0], _sizes(*dz.shape[:2], geometry)
    spread_means(*_lengths(geometry), dy.reshape(-1), dz.reshape(-1), share, *sizes)
    return dy
