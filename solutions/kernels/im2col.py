"""The `im2col` backend: copy each filter's view of the map into a column, and multiply matrices.

    patches:    cols[(m, i, j), (t, r, c)] = y[t, m, SH*r + DH*i - top, SW*c + DW*j - left]
    forward:    z  = w cols
    backward_w: dw = dz cols^T
    backward_y: dcols = w^T dz, and `add_patches`, the adjoint of `patches`, adds it to dy

A few pictures at a time, so that cols stays in the cache, and side by side, so that the product is
large enough to be fast. The products are NumPy's (BLAS) where they go along columns, and ours
(`product`) where they go along rows. From `MANY` in-maps on, forward and backward_y are faster with
the patches as rows: see `rows`.

Copying is most of the work besides, and short rows copy slowly. So it goes through a `strip`: the
map's rows, of which only the columns that window column j meets are kept. In it, what one window
element (i, j) meets is one long run, if a stride of SH sorts the rows by their number modulo SH:

    strip[(s*rows + q) * W_out + c] = y[SH*q + s - top, SW*c + DW*j - left], 0 outside the map

t picture, m in-map, i and j row and column in the window, r and c row and column of the output.
"""

from collections.abc import Iterator

import numpy as np

from solutions.arguments import Array
from solutions.kernels import rows as by_rows
from solutions.kernels.geometry import Geometry
from solutions.kernels.jit import U, inside, jit
from solutions.kernels.pool import max_pool, max_pool_backward, mean_pool, mean_pool_backward
from solutions.kernels.product import product

__all__ = [
    "backward_w",
    "backward_y",
    "forward",
    "max_pool",
    "max_pool_backward",
    "mean_pool",
    "mean_pool_backward",
]

AT_ONCE = 1 << 18  # elements of cols: 1 MiB in float32, about the level-2 cache

MANY = 16  # maps of a group from which on rows are better than columns: they fill a vector register


@jit
def cut(
    strip: Array, y: Array, at: int, H: int, W: int, SH: int, SW: int, top: int, shift: int,
    rows: int, W_out: int,
) -> None:  # fmt: skip
    """Fill `strip` from the map that starts at y[at]; `shift` is DW*j - left."""
    first, after = inside(shift, SW, W, W_out)
    for s in range(SH):
        for q in range(rows):
            to, r = (s * rows + q) * W_out, SH * q + s - top
            if r < 0 or r >= H:
                for c in range(W_out):
                    strip[U(to + c)] = 0
            else:
                row = at + r * W + shift
                for c in range(first):
                    strip[U(to + c)] = 0
                if SW == 1:  # said apart, because neighbours are copied several at once
                    for c in range(first, after):
                        strip[U(to + c)] = y[U(row + c)]
                else:
                    for c in range(first, after):
                        strip[U(to + c)] = y[U(row + SW * c)]
                for c in range(after, W_out):
                    strip[U(to + c)] = 0


@jit
def add_cut(
    dy: Array, strip: Array, at: int, H: int, W: int, SH: int, SW: int, top: int, shift: int,
    rows: int, W_out: int,
) -> None:  # fmt: skip
    """The adjoint of `cut`: add `strip` to the map that starts at dy[at]."""
    first, after = inside(shift, SW, W, W_out)
    for s in range(SH):
        for q in range(rows):
            to, r = (s * rows + q) * W_out, SH * q + s - top
            if r >= 0 and r < H:
                row = at + r * W + shift
                if SW == 1:
                    for c in range(first, after):
                        dy[U(row + c)] += strip[U(to + c)]
                else:
                    for c in range(first, after):
                        dy[U(row + SW * c)] += strip[U(to + c)]


@jit
def patches(
    cols: Array, y: Array, at: int, T: int, M: int, maps: int, H: int, W: int,
    KH: int, KW: int, H_out: int, W_out: int,
    SH: int, SW: int, DH: int, DW: int, top: int, left: int,
) -> None:  # fmt: skip
    """Fill cols for T pictures of `maps` maps each, and M maps of each, from y[at] on."""
    P, rows = H_out * W_out, H_out + DH * (KH - 1) // SH
    strip = np.empty(SH * rows * W_out, y.dtype)
    for m in range(M):
        for t in range(T):
            start = at + (t * maps + m) * H * W
            for j in range(KW):
                cut(strip, y, start, H, W, SH, SW, top, DW * j - left, rows, W_out)
                for i in range(KH):
                    row, to = (m * KH + i) * KW + j, t * P
                    run = (DH * i % SH * rows + DH * i // SH) * W_out
                    for p in range(P):
                        cols[U(row), U(to + p)] = strip[U(run + p)]


@jit
def add_patches(
    dy: Array, dcols: Array, at: int, T: int, M: int, maps: int, H: int, W: int,
    KH: int, KW: int, H_out: int, W_out: int,
    SH: int, SW: int, DH: int, DW: int, top: int, left: int,
) -> None:  # fmt: skip
    """The adjoint of `patches`: the same loops, each copy the other way round and added."""
    P, rows = H_out * W_out, H_out + DH * (KH - 1) // SH
    strip = np.empty(SH * rows * W_out, dy.dtype)
    for m in range(M):
        for t in range(T):
            start = at + (t * maps + m) * H * W
            for j in range(KW):
                strip[:] = 0
                for i in range(KH):
                    row, to = (m * KH + i) * KW + j, t * P
                    run = (DH * i % SH * rows + DH * i // SH) * W_out
                    for p in range(P):
                        strip[U(run + p)] += dcols[U(row), U(to + p)]
                add_cut(dy, strip, start, H, W, SH, SW, top, DW * j - left, rows, W_out)


def few_pictures(T: int, taps: int, P: int) -> Iterator[tuple[slice, int]]:
    """The pictures, as many at a time as fit into AT_ONCE: which, and how many."""
    step = max(1, min(T, AT_ONCE // max(1, taps * P)))
    for t in range(0, T, step):
        count = min(step, T - t)
        yield slice(t, t + count), count


def rows_apart(rows: int, length: int, dtype: np.dtype[np.floating]) -> Array:
    """An empty matrix, a cache line from row to row: were they a power of two apart, all rows
    would compete for the same places of the cache."""
    return np.empty((rows, length + 64 // dtype.itemsize), dtype)


def copies_nothing(geometry: Geometry) -> bool:
    """A 1 x 1 filter at each position: the columns are the maps themselves."""
    SH, SW, _, _, top, left = geometry.numbers
    every_position = (SH, SW, top, left) == (1, 1, 0, 0) and geometry.size == geometry.out
    return geometry.kernel == (1, 1) and every_position


def side_by_side(maps: Array) -> Array:
    """Maps (t, m, r, c) as a matrix (m, t*r*c); of one picture a view."""
    return maps.swapaxes(0, 1).reshape(maps.shape[1], -1)


def columns(y: Array, pictures: slice, maps: slice, geometry: Geometry) -> Array:
    """cols for some pictures and the maps of one group; its rows may be longer than needed."""
    if copies_nothing(geometry):
        return side_by_side(y[pictures, maps])
    T, M = pictures.stop - pictures.start, maps.stop - maps.start
    (H, W), (KH, KW), (H_out, W_out) = geometry.size, geometry.kernel, geometry.out
    cols = rows_apart(M * KH * KW, T * H_out * W_out, y.dtype)
    at = (pictures.start * y.shape[1] + maps.start) * H * W
    sizes = (T, M, y.shape[1], H, W, KH, KW, H_out, W_out)
    patches(cols, y.reshape(-1), at, *sizes, *geometry.numbers)
    return cols


def forward(y: Array, w: Array, b: Array, geometry: Geometry) -> Array:
    """z = w cols + b."""
    if w.shape[1] >= MANY:
        return by_rows.forward(y, w, b, geometry)
    T, M = y.shape[:2]
    N, P = w.shape[0], geometry.out[0] * geometry.out[1]
    filters = w.reshape(N, -1)
    z = np.empty((T, N, P), y.dtype)
    for pictures, count in few_pictures(T, filters.shape[1], P):
        for maps_in, maps_out in geometry.group_slices(M, N):
            cols = columns(y, pictures, maps_in, geometry)
            sums = np.matmul(filters[maps_out], cols[:, : count * P]).reshape(-1, count, P)
            np.add(sums.swapaxes(0, 1), b[maps_out, None], out=z[pictures, maps_out])
    return z.reshape(T, N, *geometry.out)


def backward_y(dz: Array, w: Array, geometry: Geometry) -> Array:
    """dcols = w^T dz, added up where the columns came from."""
    if w.shape[1] >= MANY:
        return by_rows.backward_y(dz, w, geometry)
    (T, N), M = dz.shape[:2], w.shape[1] * geometry.groups
    (H, W), (KH, KW), (H_out, W_out) = geometry.size, geometry.kernel, geometry.out
    filters = w.reshape(N, -1)
    dy = np.zeros((T, M, H, W), dz.dtype)
    for pictures, count in few_pictures(T, filters.shape[1], H_out * W_out):
        for maps_in, maps_out in geometry.group_slices(M, N):
            upstream = side_by_side(dz[pictures, maps_out])
            dcols = rows_apart(filters.shape[1], upstream.shape[1], dz.dtype)
            np.matmul(filters[maps_out].T, upstream, out=dcols[:, : upstream.shape[1]])
            at = (pictures.start * M + maps_in.start) * H * W
            sizes = (count, w.shape[1], M, H, W, KH, KW, H_out, W_out)
            add_patches(dy.reshape(-1), dcols, at, *sizes, *geometry.numbers)
    return dy


def backward_w(dz: Array, y: Array, geometry: Geometry) -> Array:
    """dw = dz cols^T, summed over the pictures."""
    N, M = dz.shape[1], y.shape[1]
    KH, KW = geometry.kernel
    taps = M // geometry.groups * KH * KW
    dw = np.zeros((N, taps), dz.dtype)
    part, nothing = np.empty((N // geometry.groups, taps), dz.dtype), np.zeros(N, dz.dtype)
    for pictures, _ in few_pictures(dz.shape[0], taps, geometry.out[0] * geometry.out[1]):
        for maps_in, maps_out in geometry.group_slices(M, N):
            cols = columns(y, pictures, maps_in, geometry)
            product(part, side_by_side(dz[pictures, maps_out]), cols, nothing)
            dw[maps_out] += part
    return dw.reshape(N, M // geometry.groups, KH, KW)
