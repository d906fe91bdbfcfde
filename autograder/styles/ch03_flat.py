"""Chapter 03 in three styles: plain loops, einsum, one-hot rows and Jacobians."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Ints = NDArray[Any]


def flatten_loops(dz: Floats, shape: tuple[int, int, int, int]) -> Floats:
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t in range(T):
        for m in range(M):
            for r in range(H):
                for c in range(W):
                    dy[t, m, r, c] = dz[t, (m * H + r) * W + c]
    return dy


def flatten_flat(dz: Floats, shape: tuple[int, int, int, int]) -> Floats:
    dy = np.empty(shape, dz.dtype)
    dy.reshape(-1)[:] = dz.ravel()
    return dy


def flatten_split(dz: Floats, shape: tuple[int, int, int, int]) -> Floats:
    _, M, H, W = shape
    return np.stack([part.reshape(-1, H, W) for part in np.split(dz, M, axis=1)], axis=1)


def affine_loops(dz: Floats, y: Floats, w: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(b.shape)
    for t in range(y.shape[0]):
        for n in range(w.shape[0]):
            db[n] += dz[t, n]
            for m in range(y.shape[1]):
                dy[t, m] += dz[t, n] * w[n, m]
                dw[n, m] += dz[t, n] * y[t, m]
    return dy, dw, db


def affine_einsum(dz: Floats, y: Floats, w: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    dy = np.einsum("tn,nm->tm", dz, w)
    dw = np.einsum("tn,tm->nm", dz, y)
    return dy, dw, np.einsum("tn->n", dz)


def affine_bordered(dz: Floats, y: Floats, w: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    bordered = dz.T @ np.hstack([y, np.ones((len(y), 1), y.dtype)])
    return (w.T @ dz.T).T, bordered[:, :-1], bordered[:, -1]


def softmax_loops(z: Floats) -> Floats:
    y = np.zeros(z.shape)
    for t in range(z.shape[0]):
        largest = max(z[t])
        total = 0.0
        for k in range(z.shape[1]):
            y[t, k] = np.exp(z[t, k] - largest)
            total += y[t, k]
        for k in range(z.shape[1]):
            y[t, k] /= total
    return y


def softmax_logs(z: Floats) -> Any:
    return np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))


def softmax_differences(z: Floats) -> Floats:
    gaps = z[:, None, :] - z[:, :, None]  # [t, k, i]: z[t, i] - z[t, k]
    y: Floats = 1 / np.exp(gaps).sum(axis=2)
    return y


def entropy_loops(z: Floats, target: Ints) -> Floats:
    T, C = z.shape
    dz = np.zeros((T, C))
    for t in range(T):
        e = [np.exp(z[t, k] - max(z[t])) for k in range(C)]
        for k in range(C):
            dz[t, k] = e[k] / sum(e)
            if k == target[t]:
                dz[t, k] -= 1
            dz[t, k] /= T
    return dz


def entropy_onehot(z: Floats, target: Ints) -> Any:
    y = np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))
    return (y - np.eye(z.shape[1])[target]) / z.shape[0]


def entropy_compared(z: Floats, target: Ints) -> Any:
    e = np.exp(z - np.max(z, axis=1)[:, np.newaxis])
    right = np.arange(z.shape[1]) == target[:, np.newaxis]
    return np.where(right, -1.0, 0.0) / len(z) + e / (len(z) * e.sum(axis=1, keepdims=True))


def through_loops(dy: Floats, z: Floats) -> Floats:
    T, C = z.shape
    dz = np.zeros((T, C))
    for t in range(T):
        e = np.exp(z[t] - z[t].max())
        y = e / e.sum()
        for k in range(C):
            for i in range(C):
                dz[t, k] += dy[t, i] * y[i] * ((i == k) - y[k])
    return dz


def through_jacobian(dy: Floats, z: Floats) -> Floats:
    y = np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))
    slopes = y[:, :, None] * np.eye(z.shape[1]) - y[:, :, None] * y[:, None, :]
    dz: Floats = np.einsum("ti,tik->tk", dy, slopes)
    return dz


def through_rows(dy: Floats, z: Floats) -> Floats:
    rows = []
    for g, row in zip(dy, z, strict=True):
        e = np.exp(row - row.max())
        y = e / e.sum()
        rows.append((np.diag(y) - np.outer(y, y)) @ g)
    return np.array(rows)


STYLES = {
    "loops": {
        "flatten_backward": flatten_loops,
        "affine_backward": affine_loops,
        "softmax_stable": softmax_loops,
        "cross_entropy_backward": entropy_loops,
        "softmax_backward": through_loops,
    },
    "einsum": {
        "flatten_backward": flatten_flat,
        "affine_backward": affine_einsum,
        "softmax_stable": softmax_logs,
        "cross_entropy_backward": entropy_onehot,
        "softmax_backward": through_jacobian,
    },
    "matrices": {
        "flatten_backward": flatten_split,
        "affine_backward": affine_bordered,
        "softmax_stable": softmax_differences,
        "cross_entropy_backward": entropy_compared,
        "softmax_backward": through_rows,
    },
}
