"""Pooling with small windows that meet no border: the loops of `pool`, for fixed windows and strides.

What makes them faster is that window and stride are known when the machine code is made (as the
lengths of tuples, see `tiles_host`). The loops over the window are then written out, no place asks
for the border, and several neighbouring places are worked on in one instruction, strides and all.
Windows with a border, dilated or large ones go to `pool`.

m map (of all pictures), r and c row and column of the output, i and j row and column in the window;
SH, SW stride. All arrays are taken as flat.
"""

import numpy as np

from solutions.arguments import Array, Pair
from solutions.kernels import pool
from solutions.kernels.geometry import Geometry
from solutions.kernels.jit import U, jit
from solutions.kernels.tiles_host import Shape, as_lengths
from solutions.kernels.tiles_simd import lanes, put_winners

LARGEST = 3  # windows and strides of up to 3: beyond, writing out the loops gains nothing


@jit
def find_winners(
    window: Shape, stride: Shape, z: Array, pidx: Array, y: Array, maps: int,
    H: int, W: int, H_out: int, W_out: int,
) -> None:  # fmt: skip
    """z = the largest y under the window, pidx where: the first of equals, or of NaNs.

    L windows of a row at a time. Nobody can predict a winner, so that a branch would be wrong half of
    the time; vectors choose without one, but not even a compiler sees that in the loops of `pool`.
    """
    SH, SW, L = len(stride[0]), len(stride[1]), lanes(y)
    for m in range(maps):
        for r in range(H_out):
            start, to, first = (m * H + SH * r) * W, (m * H_out + r) * W_out, SH * r * W
            for c in range(0, W_out, L):
                put_winners(
                    window, stride, z, pidx, to + c, y, start + SW * c, W, first + SW * c,
                    min(L, W_out - c),
                )  # fmt: skip


@jit
def add_at_winners(dy: Array, dz: Array, pidx: Array, maps: int, size: int, P: int) -> None:
    """dy[m, pidx[m, p]] += dz[m, p], on a map of zeros that is fresh in the cache."""
    for m in range(maps):
        for k in range(m * size, m * size + size):
            dy[U(k)] = 0
        for p in range(m * P, m * P + P):
            dy[U(m * size + pidx[U(p)])] += dz[U(p)]


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


# ----- ReLU and max pooling in one, with pictures last -----
#
# In training a network passes its largest arrays through both. Done at once, ReLU's output is never
# written, nor its gradient: of a window only the winner matters, and only where it is above 0. What
# backward needs is one byte a window, the winner's number in the window, or the number after the
# last where ReLU lets nothing through.


@jit
def find_winners_above_zero(
    window: Shape, z: Array, winner: Array, y: Array, maps: int, H: int, W: int, T: int
) -> None:
    """z = max(0, the largest y under the window); windows side by side, pictures last."""
    KH, KW = len(window[0]), len(window[1])
    H_out, W_out = H // KH, W // KW
    for m in range(maps):
        for r in range(H_out):
            for c in range(W_out):
                corner, to = ((m * H + KH * r) * W + KW * c) * T, ((m * H_out + r) * W_out + c) * T
                for t in range(T):
                    best, number = y[U(corner + t)], np.uint8(0)
                    for i in range(KH):
                        for j in range(KW):
                            v = y[U(corner + (i * W + j) * T + t)]
                            wins = (not v <= best) & (best == best)  # NaN wins, see `pool`
                            best = v if wins else best
                            number = np.uint8(i * KW + j) if wins else number
                    nothing = best <= 0
                    z[U(to + t)] = 0 if nothing else best
                    winner[U(to + t)] = np.uint8(KH * KW) if nothing else number


@jit
def spread_to_winners(
    window: Shape, dy: Array, dz: Array, winner: Array, maps: int, H: int, W: int, T: int
) -> None:
    """dy = dz at the windows' winners, 0 elsewhere under the windows."""
    KH, KW = len(window[0]), len(window[1])
    H_out, W_out = H // KH, W // KW
    for m in range(maps):
        for r in range(H_out):
            for c in range(W_out):
                corner, at = ((m * H + KH * r) * W + KW * c) * T, ((m * H_out + r) * W_out + c) * T
                for i in range(KH):
                    for j in range(KW):
                        to, number = corner + (i * W + j) * T, np.uint8(i * KW + j)
                        for t in range(T):
                            dy[U(to + t)] = (
                                dz[U(at + t)] if winner[U(at + t)] == number else dz.dtype.type(0)
                            )


def relu_max_pool(y: Array, size: Pair) -> tuple[Array, Array]:
    """max_pool(relu(y)) and the winners, all (M, H, W, T)."""
    M, H, W, T = y.shape
    z = np.empty((M, H // size[0], W // size[1], T), y.dtype)
    winner = np.empty(z.shape, np.uint8)
    flat = z.reshape(-1), winner.reshape(-1), y.reshape(-1)
    find_winners_above_zero(as_lengths(size), *flat, M, H, W, T)
    return z, winner


def relu_max_pool_backward(dz: Array, winner: Array, shape: tuple[int, ...], size: Pair) -> Array:
    """dy, of `shape` (M, H, W, T); rows and columns that no window reaches get 0."""
    whole = shape[1] % size[0] == shape[2] % size[1] == 0
    dy = (np.empty if whole else np.zeros)(shape, dz.dtype)
    flat = dy.reshape(-1), dz.reshape(-1), winner.reshape(-1)
    spread_to_winners(as_lengths(size), *flat, *shape)
    return dy


# ----- which loops a layer takes -----


def fits(geometry: Geometry) -> bool:
    """Small, and nothing but the map under each window."""
    border = any(geometry.rows + geometry.columns)
    return (
        max(geometry.kernel + geometry.stride) <= LARGEST
        and not border
        and (geometry.dilation == (1, 1))
    )


def _sizes(maps: Array, geometry: Geometry) -> tuple[int, ...]:
    return maps.shape[0] * maps.shape[1], *geometry.size, *geometry.out


def _lengths(geometry: Geometry) -> tuple[Shape, Shape]:
    return as_lengths(geometry.kernel), as_lengths(geometry.stride)


def max_pool(y: Array, geometry: Geometry) -> tuple[Array, Array]:
    """z and pidx."""
    if not fits(geometry) or geometry.stride[1] > 2:
        return pool.max_pool(y, geometry)
    z = np.empty((*y.shape[:2], *geometry.out), y.dtype)
    pidx, sizes = np.empty(z.shape, np.int64), _sizes(y, geometry)
    find_winners(*_lengths(geometry), z.reshape(-1), pidx.reshape(-1), y.reshape(-1), *sizes)
    return z, pidx


def max_pool_backward(dz: Array, pidx: Array, shape: tuple[int, ...]) -> Array:
    """dy: windows may overlap, so that a winner of several gets the sum."""
    T, M, H, W = shape
    dy, places = np.empty(shape, dz.dtype), dz.shape[2] * dz.shape[3]
    add_at_winners(dy.reshape(-1), dz.reshape(-1), pidx.reshape(-1), T * M, H * W, places)
    return dy


def mean_pool(y: Array, count: Array, geometry: Geometry) -> Array:
    """z; without a border, `count` is the same everywhere."""
    if not fits(geometry) or not count.size:
        return pool.mean_pool(y, count, geometry)
    z = np.empty((*y.shape[:2], *geometry.out), y.dtype)
    share, sizes = 1 / count[0, 0], _sizes(y, geometry)
    mean_windows(*_lengths(geometry), z.reshape(-1), y.reshape(-1), share, *sizes)
    return z


def mean_pool_backward(dz: Array, count: Array, geometry: Geometry) -> Array:
    """dy: each window's dz in equal shares."""
    if not fits(geometry) or not count.size:
        return pool.mean_pool_backward(dz, count, geometry)
    dy = np.empty((*dz.shape[:2], *geometry.size), dz.dtype)
    share, sizes = 1 / count[0, 0], _sizes(dz, geometry)
    spread_means(*_lengths(geometry), dy.reshape(-1), dz.reshape(-1), share, *sizes)
    return dy
