"""Chapter 11 in three styles: plain loops, windows and slices, products with matrices."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Pair = tuple[int, int]


def forward_loops(y: Floats, size: Pair, stride: Pair) -> Floats:
    T, M, H, W = y.shape
    z = np.zeros((T, M, (H - size[0]) // stride[0] + 1, (W - size[1]) // stride[1] + 1))
    for t in range(T):
        for m in range(M):
            for r in range(z.shape[2]):
                for c in range(z.shape[3]):
                    total = 0.0
                    for i in range(size[0]):
                        for j in range(size[1]):
                            total += y[t, m, r * stride[0] + i, c * stride[1] + j]
                    z[t, m, r, c] = total / (size[0] * size[1])
    return z


def forward_windows(y: Floats, size: Pair, stride: Pair) -> Floats:
    windows = np.lib.stride_tricks.sliding_window_view(y, size, axis=(2, 3))
    z: Floats = windows[:, :, :: stride[0], :: stride[1]].mean(axis=(4, 5))
    return z


def forward_matrices(y: Floats, size: Pair, stride: Pair) -> Floats:
    sides = []
    for H, K, S in zip(y.shape[2:], size, stride, strict=True):
        begin = S * np.arange((H - K) // S + 1)[:, None]
        inside = (begin <= np.arange(H)) & (np.arange(H) < begin + K)
        sides.append(inside / K)
    z: Floats = sides[0] @ y @ sides[1].T
    return z


def backward_loops(dz: Floats, shape: tuple[int, ...], size: Pair, stride: Pair) -> Floats:
    dy = np.zeros(shape)
    for t in range(dz.shape[0]):
        for m in range(dz.shape[1]):
            for r in range(dz.shape[2]):
                for c in range(dz.shape[3]):
                    for i in range(size[0]):
                        for j in range(size[1]):
                            share = dz[t, m, r, c] / (size[0] * size[1])
                            dy[t, m, r * stride[0] + i, c * stride[1] + j] += share
    return dy


def backward_slices(dz: Floats, shape: tuple[int, ...], size: Pair, stride: Pair) -> Floats:
    dy = np.zeros(shape, dz.dtype)
    below, right = stride[0] * (dz.shape[2] - 1) + 1, stride[1] * (dz.shape[3] - 1) + 1
    for i in range(size[0]):
        for j in range(size[1]):
            dy[:, :, i : i + below : stride[0], j : j + right : stride[1]] += dz
    return dy / np.prod(size)


def backward_matrices(dz: Floats, shape: tuple[int, ...], size: Pair, stride: Pair) -> Floats:
    sides = []
    for H, K, S, places in zip(shape[2:], size, stride, dz.shape[2:], strict=True):
        begin = S * np.arange(places)[:, None]
        inside = (begin <= np.arange(H)) & (np.arange(H) < begin + K)
        sides.append(inside / K)
    dy: Floats = sides[0].T @ dz @ sides[1]
    return dy


STYLES = {
    "loops": {"mean_pool_forward": forward_loops, "mean_pool_backward": backward_loops},
    "windows": {"mean_pool_forward": forward_windows, "mean_pool_backward": backward_slices},
    "matrices": {"mean_pool_forward": forward_matrices, "mean_pool_backward": backward_matrices},
}
