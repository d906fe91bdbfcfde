"""Chapter 07 in three styles: plain loops, im2col and a matrix product, gathers over windows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Margins = tuple[tuple[int, int], tuple[int, int]]
Three = tuple[Floats, Floats, Floats]


def crop_loops(dy_padded: Floats, padding: Margins) -> Floats:
    (top, bottom), (left, right) = padding
    T, M, rows, columns = dy_padded.shape
    dy = np.zeros((T, M, rows - top - bottom, columns - left - right))
    for t, m, r, c in np.ndindex(dy.shape):
        dy[t, m, r, c] = dy_padded[t, m, top + r, left + c]
    return dy


def crop_delete(dy_padded: Floats, padding: Margins) -> Floats:
    dy = dy_padded
    for axis, (before, after) in enumerate(padding, start=2):
        size = dy.shape[axis]
        dy = np.delete(dy, [*range(before), *range(size - after, size)], axis)
    return dy


def crop_none(dy_padded: Floats, padding: Margins) -> Floats:
    """A view; -0 is no end, so it becomes None."""
    (top, bottom), (left, right) = padding
    return dy_padded[:, :, top : -bottom or None, left : -right or None]


def backward_loops(dz: Floats, y: Floats, w: Floats, b: Floats, padding: Margins) -> Three:
    top, left = padding[0][0], padding[1][0]
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(b.shape)
    for t in range(dz.shape[0]):
        for n in range(dz.shape[1]):
            for r in range(dz.shape[2]):
                for c in range(dz.shape[3]):
                    db[n] += dz[t, n, r, c]
                    for m in range(y.shape[1]):
                        for i in range(w.shape[2]):
                            for j in range(w.shape[3]):
                                row, column = r + i - top, c + j - left
                                if 0 <= row < y.shape[2] and 0 <= column < y.shape[3]:
                                    dy[t, m, row, column] += w[n, m, i, j] * dz[t, n, r, c]
                                    dw[n, m, i, j] += y[t, m, row, column] * dz[t, n, r, c]
    return dy, dw, db


def backward_im2col(dz: Floats, y: Floats, w: Floats, b: Floats, padding: Margins) -> Three:
    (top, _), (left, _) = padding
    T, M, H, W = y.shape
    N, _, KH, KW = w.shape
    H_out, W_out = dz.shape[2:]
    padded = np.pad(y, [(0, 0), (0, 0), *padding])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (KH, KW), axis=(2, 3))
    columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(T * H_out * W_out, M * KH * KW)
    flat = dz.transpose(0, 2, 3, 1).reshape(-1, N)
    back = (flat @ w.reshape(N, -1)).reshape(T, H_out, W_out, M, KH, KW)
    dy = np.zeros_like(padded)
    for r in range(H_out):
        for c in range(W_out):
            dy[:, :, r : r + KH, c : c + KW] += back[:, r, c]
    dw = (flat.T @ columns).reshape(w.shape)
    return dy[:, :, top : top + H, left : left + W], dw, flat.sum(axis=0).astype(b.dtype)


def backward_windows(dz: Floats, y: Floats, w: Floats, b: Floats, padding: Margins) -> Three:
    """dy without a crop: pad dz (or cut it) so that just the rows of y come out."""
    (top, _), (left, _) = padding
    (KH, KW), (H, W) = w.shape[2:], y.shape[2:]
    view = np.lib.stride_tricks.sliding_window_view
    wide = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    wide = wide[:, :, top : top + H + KH - 1, left : left + W + KW - 1]
    dy = np.einsum("tnrcij,nmij->tmrc", view(wide, (KH, KW), axis=(2, 3)), w[:, :, ::-1, ::-1])
    padded = np.pad(y, ((0, 0), (0, 0), padding[0], padding[1]))
    dw = np.einsum("tnrc,tmijrc->nmij", dz, view(padded, dz.shape[2:], axis=(2, 3)))
    return dy, dw, np.einsum("tnrc->n", dz)


STYLES = {
    "loops": {"pad_backward": crop_loops, "padded_conv_backward": backward_loops},
    "im2col": {"pad_backward": crop_delete, "padded_conv_backward": backward_im2col},
    "windows": {"pad_backward": crop_none, "padded_conv_backward": backward_windows},
}
