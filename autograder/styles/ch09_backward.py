"""Chapter 09 in three styles: plain loops, windows of the flipped filter, columns and np.add.at."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]


def layer_loops(dz: Floats, y: Floats, w: Floats, b: Floats, stride: Any, padding: Any) -> Any:
    S, R = (stride, stride) if isinstance(stride, int) else stride
    (top, _), (left, _) = padding
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = w.shape[2:]
    dy, dw, db = np.zeros_like(y), np.zeros_like(w), np.zeros_like(b)
    for t in range(T):
        for n in range(N):
            for r in range(H_out):
                for c in range(W_out):
                    g = dz[t, n, r, c]
                    db[n] += g
                    for i in range(KH):
                        row = S * r + i - top
                        if row < 0 or row >= H:
                            continue
                        for j in range(KW):
                            column = R * c + j - left
                            if 0 <= column < W:
                                for m in range(M):
                                    dy[t, m, row, column] += w[n, m, i, j] * g
                                    dw[n, m, i, j] += y[t, m, row, column] * g
    return dy, dw, db


def layer_windows(dz: Floats, y: Floats, w: Floats, b: Floats, stride: Any, padding: Any) -> Any:
    S = np.broadcast_to(stride, 2)
    (top, bottom), (left, right) = padding
    T, N, H_out, W_out = dz.shape
    KH, KW = w.shape[2:]
    padded = np.pad(y, [(0, 0), (0, 0), (top, bottom), (left, right)])
    H, W = padded.shape[2:]
    spread = np.zeros((T, N, H - KH + 1, W - KW + 1), dz.dtype)
    spread[:, :, : S[0] * H_out : S[0], : S[1] * W_out : S[1]] = dz
    wide = np.pad(spread, [(0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)])
    view = np.lib.stride_tricks.sliding_window_view
    dy = np.einsum("tnrcij,nmij->tmrc", view(wide, (KH, KW), axis=(2, 3)), w[:, :, ::-1, ::-1])
    patches = view(padded, spread.shape[2:], axis=(2, 3))
    dw = np.einsum("tnrc,tmijrc->nmij", spread, patches)
    inside = np.ascontiguousarray(dy[:, :, top : H - bottom, left : W - right])
    return inside, dw, np.einsum("tnrc->n", dz)


def layer_columns(dz: Floats, y: Floats, w: Floats, b: Floats, stride: Any, padding: Any) -> Any:
    SH, SW = stride if isinstance(stride, tuple) else (stride,) * 2
    N, M, KH, KW = w.shape
    T, _, H_out, W_out = dz.shape
    padded = np.pad(y, ((0, 0), (0, 0), *padding))
    rows = SH * np.arange(H_out)[:, None] + np.arange(KH)  # (H_out, KH)
    columns = SW * np.arange(W_out)[:, None] + np.arange(KW)
    at: Any = (slice(None), slice(None), rows[:, None, :, None], columns[None, :, None, :])
    patches = padded[at].transpose(0, 2, 3, 1, 4, 5).reshape(T * H_out * W_out, M * KH * KW)
    flat = dz.transpose(0, 2, 3, 1).reshape(T * H_out * W_out, N)
    dw = (flat.T @ patches).reshape(w.shape)
    back = (flat @ w.reshape(N, -1)).reshape(T, H_out, W_out, M, KH, KW)
    d_padded = np.zeros(padded.shape, y.dtype)
    np.add.at(d_padded, at, back.transpose(0, 3, 1, 2, 4, 5))
    (top, _), (left, _) = padding
    return d_padded[:, :, top:, left:][:, :, : y.shape[2], : y.shape[3]], dw, flat.sum(0)


def network_loops(dy: Floats, image: Floats, weights: list[Floats], biases: list[Floats]) -> Any:
    maps, sums = [image], []
    for w, b in zip(weights, biases, strict=True):
        y = maps[-1]
        N, M, KH, KW = w.shape
        T, _, H, W = y.shape
        z = np.zeros((T, N, H - KH + 1, W - KW + 1), y.dtype)
        for t, n, r, c in np.ndindex(*z.shape):
            total = b[n]
            for m in range(M):
                for i in range(KH):
                    for j in range(KW):
                        total += w[n, m, i, j] * y[t, m, r + i, c + j]
            z[t, n, r, c] = total
        sums.append(z)
        maps.append(np.where(z > 0, z, z.dtype.type(0)))
    dweights = [np.zeros_like(w) for w in weights]
    dbiases = [np.zeros_like(b) for b in biases]
    for k in range(len(weights) - 1, -1, -1):
        w, y = weights[k], maps[k]
        before = np.zeros_like(y)
        for t, n, r, c in np.ndindex(*dy.shape):
            if sums[k][t, n, r, c] <= 0:
                continue
            g = dy[t, n, r, c]
            dbiases[k][n] += g
            for m in range(w.shape[1]):
                for i in range(w.shape[2]):
                    for j in range(w.shape[3]):
                        before[t, m, r + i, c + j] += w[n, m, i, j] * g
                        dweights[k][n, m, i, j] += y[t, m, r + i, c + j] * g
        dy = before
    return dy, dweights, dbiases


def network_recursive(
    dy: Floats, image: Floats, weights: list[Floats], biases: list[Floats]
) -> Any:
    view = np.lib.stride_tricks.sliding_window_view

    def rest(dy: Floats, y: Floats, weights: list[Floats], biases: list[Floats]) -> Any:
        if not weights:
            return dy, [], []
        w, b = weights[0], biases[0]
        KH, KW = w.shape[2:]
        z = np.einsum("tmrcij,nmij->tnrc", view(y, (KH, KW), axis=(2, 3)), w)
        z += b.reshape(1, -1, 1, 1)
        after, dweights, dbiases = rest(dy, z.clip(0), weights[1:], biases[1:])
        dz = np.where(z > 0, after, 0).astype(z.dtype)
        wide = np.pad(dz, [(0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)])
        before = np.einsum(
            "tnrcij,nmij->tmrc", view(wide, (KH, KW), axis=(2, 3)), np.flip(w, (2, 3))
        )
        dw = np.einsum("tnrc,tmijrc->nmij", dz, view(y, dz.shape[2:], axis=(2, 3)))
        return before, [dw, *dweights], [dz.sum((0, 2, 3)), *dbiases]

    return rest(dy, image, weights, biases)


def network_matrices(dy: Floats, image: Floats, weights: list[Floats], biases: list[Floats]) -> Any:
    T = len(image)
    y, kept = image, []
    for w, b in zip(weights, biases, strict=True):
        N, M, KH, KW = w.shape
        H_out, W_out = y.shape[2] - KH + 1, y.shape[3] - KW + 1
        rows = np.arange(H_out)[:, None, None, None] + np.arange(KH)[:, None]
        columns = np.arange(W_out)[:, None, None] + np.arange(KW)
        patches = y[:, :, rows, columns].transpose(0, 2, 3, 1, 4, 5).reshape(-1, M * KH * KW)
        z = patches @ w.reshape(N, -1).T + b
        kept.append((y.shape, patches, z, rows, columns))
        y = np.maximum(z, 0).reshape(T, H_out, W_out, N).transpose(0, 3, 1, 2)
    dweights, dbiases = [], []
    for w, (shape, patches, z, rows, columns) in zip(weights[::-1], kept[::-1], strict=True):
        N, M, KH, KW = w.shape
        dz = dy.transpose(0, 2, 3, 1).reshape(-1, N) * (z > 0)
        dweights.append((dz.T @ patches).reshape(w.shape))
        dbiases.append(dz.sum(axis=0))
        back = (dz @ w.reshape(N, -1)).reshape(T, shape[2] - KH + 1, shape[3] - KW + 1, M, KH, KW)
        dy = np.zeros(shape, dz.dtype)
        at: Any = (slice(None), slice(None), rows, columns)
        np.add.at(dy, at, back.transpose(0, 3, 1, 2, 4, 5))
    return dy, dweights[::-1], dbiases[::-1]


STYLES = {
    "loops": {"conv_backward": layer_loops, "convnet_backward": network_loops},
    "windows": {"conv_backward": layer_windows, "convnet_backward": network_recursive},
    "columns": {"conv_backward": layer_columns, "convnet_backward": network_matrices},
}
