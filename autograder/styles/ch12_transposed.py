"""Chapter 12 in three styles: plain loops, einsum, Fourier transforms and slices."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Pair = tuple[int, int]


def forward_loops(y: Floats, w: Floats, b: Floats, stride: Pair) -> Floats:
    T, M, H, W = y.shape
    M, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW))
    for t in range(T):
        for n in range(N):
            z[t, n] = b[n]
            for m in range(M):
                for r in range(H):
                    for c in range(W):
                        for i in range(KH):
                            for j in range(KW):
                                z[t, n, SH * r + i, SW * c + j] += w[m, n, i, j] * y[t, m, r, c]
    return z


def forward_einsum(y: Floats, w: Floats, b: Floats, stride: Pair) -> Floats:
    (SH, SW), (H, W), (KH, KW) = stride, y.shape[2:], w.shape[2:]
    z = np.tile(b[:, None, None], (len(y), 1, SH * (H - 1) + KH, SW * (W - 1) + KW)).astype(y.dtype)
    for i in range(KH):
        for j in range(KW):
            place = z[:, :, i : i + SH * (H - 1) + 1 : SH, j : j + SW * (W - 1) + 1 : SW]
            place += np.einsum("tmrc,mn->tnrc", y, w[:, :, i, j])
    return z


def forward_fourier(y: Floats, w: Floats, b: Floats, stride: Pair) -> Floats:
    T, M, H, W = y.shape
    size = (stride[0] * (H - 1) + w.shape[2], stride[1] * (W - 1) + w.shape[3])
    up = np.zeros((T, M, stride[0] * (H - 1) + 1, stride[1] * (W - 1) + 1))
    up[:, :, :: stride[0], :: stride[1]] = y
    spectra = np.einsum("tmxy,mnxy->tnxy", np.fft.rfft2(up, size), np.fft.rfft2(w, size))
    return np.fft.irfft2(spectra, size) + b[:, None, None]


def backward_loops(
    dz: Floats, y: Floats, w: Floats, b: Floats, stride: Pair
) -> tuple[Floats, Floats, Floats]:
    T, M, H, W = y.shape
    M, N, KH, KW = w.shape
    SH, SW = stride
    dy, dw, db = np.zeros(y.shape), np.zeros(w.shape), np.zeros(b.shape)
    for t in range(T):
        for n in range(N):
            db[n] += np.sum(dz[t, n])
            for m in range(M):
                for r in range(H):
                    for c in range(W):
                        for i in range(KH):
                            for j in range(KW):
                                d = dz[t, n, SH * r + i, SW * c + j]
                                dy[t, m, r, c] += w[m, n, i, j] * d
                                dw[m, n, i, j] += y[t, m, r, c] * d
    return dy, dw, db


def backward_einsum(
    dz: Floats, y: Floats, w: Floats, b: Floats, stride: Pair
) -> tuple[Floats, Floats, Floats]:
    (SH, SW), (KH, KW) = stride, w.shape[2:]
    seen = np.lib.stride_tricks.sliding_window_view(dz, (KH, KW), axis=(2, 3))[:, :, ::SH, ::SW]
    dy: Floats = np.einsum("tnrcij,mnij->tmrc", seen, w, optimize=True)
    dw: Floats = np.einsum("tnrcij,tmrc->mnij", seen, y, optimize=True)
    return dy, dw, np.einsum("tnrc->n", dz)


def backward_slices(
    dz: Floats, y: Floats, w: Floats, b: Floats, stride: Pair
) -> tuple[Floats, Floats, Floats]:
    (SH, SW), (H, W), (KH, KW) = stride, y.shape[2:], w.shape[2:]
    dy, dw = np.zeros_like(y), np.zeros_like(w)
    for i in range(KH):
        for j in range(KW):
            seen = dz[:, :, i : i + SH * (H - 1) + 1 : SH, j : j + SW * (W - 1) + 1 : SW]
            dy += np.moveaxis(np.tensordot(seen, w[:, :, i, j], axes=(1, 1)), 3, 1)
            dw[:, :, i, j] = np.tensordot(y, seen, axes=((0, 2, 3), (0, 2, 3)))
    return dy, dw, np.sum(dz, axis=(0, 2, 3))


STYLES = {
    "loops": {
        "conv_transpose_forward": forward_loops,
        "conv_transpose_backward": backward_loops,
    },
    "einsum": {
        "conv_transpose_forward": forward_einsum,
        "conv_transpose_backward": backward_einsum,
    },
    "fourier": {
        "conv_transpose_forward": forward_fourier,
        "conv_transpose_backward": backward_slices,
    },
}
