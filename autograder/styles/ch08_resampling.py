"""Chapter 08 in three styles: plain loops, upsample and then stride 1, matrices and index tables."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Factor = int | tuple[int, int]
Three = tuple[Floats, Floats, Floats]


def down_loops(dz: Floats, shape: tuple[int, ...], factor: Factor) -> Floats:
    FH, FW = factor if isinstance(factor, tuple) else (factor, factor)
    dy = np.zeros(shape)
    for t, m, r, c in np.ndindex(dz.shape):
        dy[t, m, FH * r, FW * c] = dz[t, m, r, c]
    return dy


def down_kron(dz: Floats, shape: tuple[int, ...], factor: Factor) -> Floats:
    FH, FW = factor if isinstance(factor, tuple) else (factor, factor)
    corner = np.zeros((FH, FW))
    corner[0, 0] = 1
    spread = np.pad(np.kron(dz, corner), ((0, 0), (0, 0), (0, FH), (0, FW)))
    return spread[:, :, : shape[2], : shape[3]]


def down_matrices(dz: Floats, shape: tuple[int, ...], factor: Factor) -> Floats:
    FH, FW = np.broadcast_to(factor, 2)
    dy: Floats = np.eye(shape[2])[:, ::FH] @ dz @ np.eye(shape[3])[::FW]
    return dy


def up_loops(dz: Floats, factor: Factor) -> Floats:
    FH, FW = factor if isinstance(factor, tuple) else (factor, factor)
    T, M, H, W = dz.shape
    dy = np.zeros((T, M, (H - 1) // FH + 1, (W - 1) // FW + 1))
    for t, m, r, c in np.ndindex(dy.shape):
        dy[t, m, r, c] = dz[t, m, FH * r, FW * c]
    return dy


def up_view(dz: Floats, factor: Factor) -> Floats:
    FH, FW = factor if isinstance(factor, tuple) else (factor, factor)
    return dz[..., ::FH, ::FW]


def up_take(dz: Floats, factor: Factor) -> Floats:
    FH, FW = np.broadcast_to(factor, 2)
    rows, columns = np.arange(0, dz.shape[2], FH), np.arange(0, dz.shape[3], FW)
    return dz.take(rows, 2).take(columns, 3)


def conv_loops(dz: Floats, y: Floats, w: Floats, b: Floats, stride: Factor) -> Three:
    SH, SW = stride if isinstance(stride, tuple) else (stride, stride)
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(b.shape)
    for t in range(dz.shape[0]):
        for n in range(dz.shape[1]):
            for r in range(dz.shape[2]):
                for c in range(dz.shape[3]):
                    db[n] += dz[t, n, r, c]
                    for m in range(y.shape[1]):
                        for i in range(w.shape[2]):
                            for j in range(w.shape[3]):
                                row, column = SH * r + i, SW * c + j
                                dy[t, m, row, column] += w[n, m, i, j] * dz[t, n, r, c]
                                dw[n, m, i, j] += y[t, m, row, column] * dz[t, n, r, c]
    return dy, dw, db


def conv_upsampled(dz: Floats, y: Floats, w: Floats, b: Floats, stride: Factor) -> Three:
    """dz put among zeros, as large as the map that stride 1 would have made."""
    SH, SW = stride if isinstance(stride, tuple) else (stride, stride)
    (H, W), (KH, KW) = y.shape[2:], w.shape[2:]
    full = np.zeros((*dz.shape[:2], H - KH + 1, W - KW + 1))
    full[:, :, ::SH, ::SW] = dz
    view = np.lib.stride_tricks.sliding_window_view
    wide = np.pad(full, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    dy = np.einsum("tnrcij,nmij->tmrc", view(wide, (KH, KW), axis=(2, 3)), w[:, :, ::-1, ::-1])
    dw = np.einsum("tnrc,tmijrc->nmij", full, view(y, full.shape[2:], axis=(2, 3)))
    return dy, dw, full.sum(axis=(0, 2, 3))


def conv_im2col(dz: Floats, y: Floats, w: Floats, b: Floats, stride: Factor) -> Three:
    """An index table says which pixel each element of each window is."""
    SH, SW = np.broadcast_to(stride, 2)
    (T, M, H, W), (N, _, KH, KW) = y.shape, w.shape
    pixels = np.arange(H * W).reshape(H, W)
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (KH, KW))[::SH, ::SW]
    at: Any = windows.reshape(-1, KH * KW)  # (positions, elements)
    flat = dz.reshape(T, N, -1)
    terms = np.einsum("tnp,nmk->tmpk", flat, w.reshape(N, M, -1))
    dy = np.zeros((T, M, H * W))
    everywhere: Any = (slice(None), slice(None), at)
    np.add.at(dy, everywhere, terms)
    dw = np.einsum("tnp,tmpk->nmk", flat, y.reshape(T, M, -1)[:, :, at])
    return dy.reshape(y.shape), dw.reshape(w.shape), flat.sum(axis=(0, 2))


STYLES = {
    "loops": {
        "downsample_backward": down_loops,
        "upsample_backward": up_loops,
        "strided_conv_backward": conv_loops,
    },
    "upsampled": {
        "downsample_backward": down_kron,
        "upsample_backward": up_view,
        "strided_conv_backward": conv_upsampled,
    },
    "tables": {
        "downsample_backward": down_matrices,
        "upsample_backward": up_take,
        "strided_conv_backward": conv_im2col,
    },
}
