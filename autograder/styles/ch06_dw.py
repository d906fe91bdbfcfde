"""Chapter 06 in three styles: plain loops, einsum over windows, Fourier transforms."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]


def dw_loops(dz: Floats, y: Floats) -> Floats:
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    dw = np.zeros((N, M, H - H_out + 1, W - W_out + 1))
    for t in range(T):
        for n in range(N):
            for r in range(H_out):
                for c in range(W_out):
                    for m in range(M):
                        for i in range(dw.shape[2]):
                            for j in range(dw.shape[3]):
                                dw[n, m, i, j] += dz[t, n, r, c] * y[t, m, r + i, c + j]
    return dw


def dw_einsum(dz: Floats, y: Floats) -> Floats:
    windows = np.lib.stride_tricks.sliding_window_view(y, dz.shape[2:], axis=(2, 3))
    dw: Floats = np.einsum("tnrc,tmijrc->nmij", dz, windows, optimize=True)
    return dw


def dw_fourier(dz: Floats, y: Floats) -> Floats:
    (H_out, W_out), (H, W) = dz.shape[2:], y.shape[2:]
    spectra = np.fft.rfft2(dz, (H, W)).conj()[:, :, None] * np.fft.rfft2(y)[:, None]
    return np.fft.irfft2(spectra.sum(axis=0), (H, W))[..., : H - H_out + 1, : W - W_out + 1]


def db_loops(dz: Floats) -> Floats:
    db = np.zeros(dz.shape[1])
    for t, n, r, c in np.ndindex(dz.shape):
        db[n] += dz[t, n, r, c]
    return db


def db_einsum(dz: Floats) -> Floats:
    db: Floats = np.einsum("tnrc->n", dz)
    return db


def db_rows(dz: Floats) -> Floats:
    return np.array([dz[:, n].ravel() @ np.ones(dz[:, n].size) for n in range(dz.shape[1])])


STYLES = {
    "loops": {"conv_dw": dw_loops, "conv_db": db_loops},
    "einsum": {"conv_dw": dw_einsum, "conv_db": db_einsum},
    "fourier": {"conv_dw": dw_fourier, "conv_db": db_rows},
}
