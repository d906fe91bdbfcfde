"""Chapter 01 in three styles: plain loops, einsum over windows, Fourier transforms."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]


def scan1d_loops(y: Floats, w: Floats, b: Floats) -> Floats:
    T, M, W = y.shape
    N, M, KW = w.shape
    z = np.zeros((T, N, W - KW + 1))
    for t in range(T):
        for n in range(N):
            for c in range(W - KW + 1):
                z[t, n, c] = b[n]
                for m in range(M):
                    for j in range(KW):
                        z[t, n, c] += w[n, m, j] * y[t, m, c + j]
    return z


def scan1d_einsum(y: Floats, w: Floats, b: Floats) -> Floats:
    windows = np.lib.stride_tricks.sliding_window_view(y, w.shape[2], axis=2)
    z: Floats = np.einsum("tmcj,nmj->tnc", windows, w, optimize=True) + b[None, :, None]
    return z


def scan1d_correlate(y: Floats, w: Floats, b: Floats) -> Floats:
    rows = [
        [
            sum(np.correlate(a, k, "valid") for a, k in zip(maps, planes, strict=True))
            for planes in w
        ]
        for maps in y
    ]
    return np.array(rows) + b.reshape(-1, 1)


def scan_loops(y: Floats, w: Floats, b: Floats) -> Floats:
    T, M, H, W = y.shape
    N, M, KH, KW = w.shape
    z = np.zeros((T, N, H - KH + 1, W - KW + 1))
    for t in range(T):
        for n in range(N):
            for r in range(H - KH + 1):
                for c in range(W - KW + 1):
                    z[t, n, r, c] = b[n]
                    for m in range(M):
                        for i in range(KH):
                            for j in range(KW):
                                z[t, n, r, c] += w[n, m, i, j] * y[t, m, r + i, c + j]
    return z


def scan_einsum(y: Floats, w: Floats, b: Floats) -> Floats:
    windows = np.lib.stride_tricks.sliding_window_view(y, w.shape[2:], axis=(2, 3))
    z: Floats = np.einsum("tmrcij,nmij->tnrc", windows, w, optimize=True)
    return z + b[:, None, None]


def scan_fourier(y: Floats, w: Floats, b: Floats) -> Floats:
    H, W = y.shape[2:]
    KH, KW = w.shape[2:]
    spectra = np.fft.rfft2(y)[:, None] * np.conj(np.fft.rfft2(w, (H, W)))[None]
    z: Floats = np.fft.irfft2(spectra.sum(axis=2), (H, W))
    return z[:, :, : H - KH + 1, : W - KW + 1] + b[:, None, None]


def count_loops(M: int, N: int, KH: int, KW: int) -> int:
    total = 0
    for _ in range(N):
        total += 1
        for _ in range(M):
            total += KH * KW
    return total


def count_numpy(M: int, N: int, KH: int, KW: int) -> Any:
    return np.prod([N, M, KH, KW]) + N


def count_arrays(M: int, N: int, KH: int, KW: int) -> int:
    return sum(a.size for a in (np.zeros((N, M, KH, KW)), np.zeros(N)))


STYLES = {
    "loops": {
        "conv1d_scan": scan1d_loops,
        "conv_scan": scan_loops,
        "count_parameters": count_loops,
    },
    "einsum": {
        "conv1d_scan": scan1d_einsum,
        "conv_scan": scan_einsum,
        "count_parameters": count_numpy,
    },
    "fourier": {
        "conv1d_scan": scan1d_correlate,
        "conv_scan": scan_fourier,
        "count_parameters": count_arrays,
    },
}
