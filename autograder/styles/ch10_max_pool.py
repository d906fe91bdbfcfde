"""Chapter 10 in three styles: plain loops, sliding windows, slices over the window's elements."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Pair = tuple[int, int]


def forward_loops(y: Floats, size: Pair, stride: Pair) -> tuple[Floats, Floats]:
    T, M, H, W = y.shape
    H_out, W_out = (H - size[0]) // stride[0] + 1, (W - size[1]) // stride[1] + 1
    z = np.zeros((T, M, H_out, W_out))
    pidx = np.zeros((T, M, H_out, W_out), dtype=np.int64)
    for t in range(T):
        for m in range(M):
            for r in range(H_out):
                for c in range(W_out):
                    best, where = -np.inf, -1
                    for i in range(size[0]):
                        for j in range(size[1]):
                            row, column = r * stride[0] + i, c * stride[1] + j
                            if y[t, m, row, column] > best:
                                best = y[t, m, row, column]
                                where = row * W + column
                    z[t, m, r, c] = best
                    pidx[t, m, r, c] = where
    return z, pidx


def forward_windows(y: Floats, size: Pair, stride: Pair) -> tuple[Floats, Floats]:
    H, W = y.shape[2:]
    windows = np.lib.stride_tricks.sliding_window_view(y, size, axis=(2, 3))
    windows = windows[:, :, :: stride[0], :: stride[1]]
    flat = windows.reshape(*windows.shape[:4], -1)
    winner = flat.argmax(axis=-1)
    rows = np.arange(flat.shape[2])[:, None] * stride[0] + winner // size[1]
    columns = np.arange(flat.shape[3]) * stride[1] + winner % size[1]
    return flat.max(axis=-1) * 1.0, np.ravel_multi_index((rows, columns), (H, W))


def forward_slices(y: Floats, size: Pair, stride: Pair) -> tuple[Floats, Floats]:
    H, W = y.shape[2:]
    H_out, W_out = (H - size[0]) // stride[0] + 1, (W - size[1]) // stride[1] + 1
    places = np.broadcast_to(np.arange(H * W).reshape(H, W), y.shape)
    z = np.full((*y.shape[:2], H_out, W_out), -np.inf)
    pidx = np.full(z.shape, -1, dtype=np.int64)
    for i in range(size[0]):
        for j in range(size[1]):
            rows = slice(i, i + stride[0] * (H_out - 1) + 1, stride[0])
            columns = slice(j, j + stride[1] * (W_out - 1) + 1, stride[1])
            larger = y[:, :, rows, columns] > z
            z = np.where(larger, y[:, :, rows, columns], z)
            pidx = np.where(larger, places[:, :, rows, columns], pidx)
    return z, pidx


def backward_loops(dz: Floats, pidx: Floats, shape: tuple[int, ...]) -> Floats:
    T, M, _, W = shape
    dy = np.zeros(shape)
    for t in range(T):
        for m in range(M):
            for r in range(dz.shape[2]):
                for c in range(dz.shape[3]):
                    p = pidx[t, m, r, c]
                    dy[t, m, p // W, p % W] += dz[t, m, r, c]
    return dy


def backward_bincount(dz: Floats, pidx: Floats, shape: tuple[int, ...]) -> Floats:
    T, M, H, W = shape
    first = np.arange(T * M).reshape(T, M, 1, 1) * (H * W)
    dy = np.bincount((pidx + first).ravel(), weights=dz.ravel(), minlength=T * M * H * W)
    return dy.reshape(shape).astype(dz.dtype)


def backward_add_at(dz: Floats, pidx: Floats, shape: tuple[int, ...]) -> Floats:
    dy = np.zeros(shape, dz.dtype)
    t, m = np.arange(shape[0])[:, None, None, None], np.arange(shape[1])[:, None, None]
    np.add.at(dy, (t, m, *np.unravel_index(pidx, shape[2:])), dz)
    return dy


STYLES = {
    "loops": {"max_pool_forward": forward_loops, "max_pool_backward": backward_loops},
    "windows": {"max_pool_forward": forward_windows, "max_pool_backward": backward_bincount},
    "slices": {"max_pool_forward": forward_slices, "max_pool_backward": backward_add_at},
}
