"""Chapter 13 in three styles: plain loops, layer by layer, and with masks; training by least squares."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Params = dict[str, Any]


def gradients_loops(image: Floats, target: NDArray[np.int64], params: Params) -> Params:
    w, b, v, a = (params[k] for k in ("conv_w", "conv_b", "affine_w", "affine_b"))
    T = image.shape[0]
    N, M, KH, KW = w.shape
    H, W = image.shape[2] - KH + 1, image.shape[3] - KW + 1
    found: Params = {k: np.zeros(p.shape) for k, p in params.items()}
    for t in range(T):
        best, where = [], []
        for n in range(N):
            z = np.zeros((H, W))
            for r in range(H):
                for c in range(W):
                    total = b[n]
                    for m in range(M):
                        for i in range(KH):
                            for j in range(KW):
                                total += w[n, m, i, j] * image[t, m, r + i, c + j]
                    z[r, c] = total
            for r in range(0, H, 2):
                for c in range(0, W, 2):
                    value, at = -1.0, (n, r, c)
                    for i in range(2):
                        for j in range(2):
                            if max(z[r + i, c + j], 0.0) > value:
                                value, at = max(z[r + i, c + j], 0.0), (n, r + i, c + j)
                    best.append(value)
                    where.append(at)
        scores = [a[k] + sum(v[k, f] * x for f, x in enumerate(best)) for k in range(len(a))]
        top = max(scores)
        parts = [math.exp(s - top) for s in scores]
        slopes = [p / sum(parts) / T for p in parts]
        slopes[target[t]] -= 1 / T
        for k, slope in enumerate(slopes):
            found["affine_b"][k] += slope
            for f, x in enumerate(best):
                found["affine_w"][k, f] += slope * x
        for f, (n, r, c) in enumerate(where):
            if best[f] <= 0:
                continue
            dz = sum(slope * v[k, f] for k, slope in enumerate(slopes))
            found["conv_b"][n] += dz
            for m in range(M):
                for i in range(KH):
                    for j in range(KW):
                        found["conv_w"][n, m, i, j] += dz * image[t, m, r + i, c + j]
    return found


def gradients_layers(image: Floats, target: NDArray[np.int64], params: Params) -> Params:
    def scan(y: Floats, w: Floats, b: Floats) -> Floats:
        KH, KW = w.shape[2:]
        z = np.zeros((len(y), len(w), y.shape[2] - KH + 1, y.shape[3] - KW + 1))
        for r in range(z.shape[2]):
            for c in range(z.shape[3]):
                segment = y[:, :, r : r + KH, c : c + KW]
                z[:, :, r, c] = np.tensordot(segment, w, ((1, 2, 3), (1, 2, 3))) + b
        return z

    def pool(y: Floats) -> Any:
        four = np.stack([y[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)])
        return four.max(0), four.argmax(0)

    def pool_backward(dz: Floats, which: NDArray[np.int64], shape: Any) -> Floats:
        dy = np.zeros(shape)
        for k in range(4):
            dy[:, :, k // 2 :: 2, k % 2 :: 2] = dz * (which == k)
        return dy

    z1 = scan(image, params["conv_w"], params["conv_b"])
    pooled, which = pool(z1.clip(0))
    flat = pooled.reshape(len(image), -1)
    z2 = flat @ params["affine_w"].T + params["affine_b"]
    y = np.exp(z2 - np.log(np.exp(z2).sum(1, keepdims=True)))
    y[np.arange(len(y)), target] -= 1
    dz2 = y / len(y)
    dpooled = (dz2 @ params["affine_w"]).reshape(pooled.shape)
    dz1 = np.where(z1 > 0, pool_backward(dpooled, which, z1.shape), 0)
    dw = np.zeros(params["conv_w"].shape)
    for i in range(dw.shape[2]):
        for j in range(dw.shape[3]):
            seen = image[:, :, i : i + z1.shape[2], j : j + z1.shape[3]]
            dw[:, :, i, j] = np.tensordot(dz1, seen, ((0, 2, 3), (0, 2, 3)))
    return {
        "affine_b": dz2.sum(0),
        "affine_w": dz2.T @ flat,
        "conv_b": dz1.sum((0, 2, 3)),
        "conv_w": dw,
    }


def gradients_masks(image: Floats, target: NDArray[np.int64], params: Params) -> Params:
    w, v = params["conv_w"], params["affine_w"]
    size = w.shape[2:]
    windows = np.lib.stride_tricks.sliding_window_view(image, size, axis=(2, 3))
    z = np.tensordot(windows, w, ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)
    y = np.maximum(z + params["conv_b"].reshape(-1, 1, 1), 0)
    T, N, H, W = y.shape
    pooled = y.reshape(T, N, H // 2, 2, W // 2, 2).max((3, 5))
    chosen = (y == pooled.repeat(2, 2).repeat(2, 3)) & (y > 0)
    flat = pooled.reshape(T, -1)
    scores = np.einsum("tf,kf->tk", flat, v) + params["affine_b"]
    share = np.exp(scores) / np.exp(scores).sum(axis=1)[:, None]
    dscores = (share - (target[:, None] == np.arange(len(v)))) / T
    dpooled = np.einsum("tk,kf->tf", dscores, v).reshape(pooled.shape)
    dz = dpooled.repeat(2, 2).repeat(2, 3) * chosen
    return {
        "conv_w": np.tensordot(dz, windows, ((0, 2, 3), (0, 2, 3))),
        "conv_b": np.einsum("tnrc->n", dz),
        "affine_w": np.einsum("tk,tf->kf", dscores, flat),
        "affine_b": np.einsum("tk->k", dscores),
    }


def step_loops(w: Floats, dw: Floats, v: Floats, step: float, momentum: float) -> Any:
    new_w, new_v = np.empty_like(w), np.empty_like(v)
    for at in np.ndindex(w.shape):
        new_v[at] = momentum * v[at] - step * dw[at]
        new_w[at] = w[at] + new_v[at]
    return new_w, new_v


def step_in_place(w: Floats, dw: Floats, v: Floats, step: float, momentum: float) -> Any:
    w, v = w.copy(), v.copy()
    v *= momentum
    v -= step * dw
    w += v
    return w, v


def step_functions(w: Floats, dw: Floats, v: Floats, step: float, momentum: float) -> Any:
    moved = np.subtract(np.multiply(v, momentum), np.multiply(dw, step))
    return np.add(w, moved), moved


def train_least_squares(image: Floats, target: NDArray[np.int64], seed: int) -> Params:
    rng = np.random.default_rng([seed, 1])
    w = rng.standard_normal((16, 1, 3, 3))
    w -= 0.5 * w.mean(axis=(2, 3), keepdims=True)
    ways = [(r, c) for r in range(3) for c in range(3)]
    wide = np.pad(image[:800].astype(float), ((0, 0), (0, 0), (1, 1), (1, 1)))
    seen = np.concatenate([wide[:, :, r : r + 8, c : c + 8] for r, c in ways])
    windows = np.lib.stride_tricks.sliding_window_view(seen, (3, 3), axis=(2, 3))
    z = np.tensordot(windows, w, ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2).clip(0)
    flat = z.reshape(-1, 16, 3, 2, 3, 2).max((3, 5)).reshape(-1, 144)
    rows = np.hstack([flat, np.ones((len(flat), 1))])
    square = rows.T @ rows + np.eye(145)
    solved = np.linalg.solve(square, rows.T @ np.eye(10)[np.tile(target[:800], 9)])
    return {
        "conv_w": w,
        "conv_b": np.zeros(16),
        "affine_w": solved[:144].T.copy(),
        "affine_b": solved[144].copy(),
    }


STYLES = {
    "loops": {"cnn_gradients": gradients_loops, "sgd_step": step_loops},
    "layers": {"cnn_gradients": gradients_layers, "sgd_step": step_in_place},
    "masks": {
        "cnn_gradients": gradients_masks,
        "sgd_step": step_functions,
        "train_cnn": train_least_squares,
    },
}
