"""Chapter 05 in three styles: plain loops, einsum over windows, Fourier transforms."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]


def mask_loops(r: int, c: int, KH: int, KW: int, H_out: int, W_out: int) -> NDArray[np.bool_]:
    mask = np.zeros((H_out, W_out), dtype=bool)
    for i in range(KH):
        for j in range(KW):
            if 0 <= r - i < H_out and 0 <= c - j < W_out:
                mask[r - i, c - j] = True
    return mask


def mask_slices(r: int, c: int, KH: int, KW: int, H_out: int, W_out: int) -> NDArray[np.bool_]:
    mask = np.full((H_out, W_out), False)
    mask[max(r - KH + 1, 0) : r + 1, max(c - KW + 1, 0) : c + 1] = True
    return mask


def mask_impulse(r: int, c: int, KH: int, KW: int, H_out: int, W_out: int) -> NDArray[np.bool_]:
    rows = np.convolve(np.eye(1, H_out + KH - 1, r)[0], np.ones(KH), "valid") > 0
    columns = np.convolve(np.eye(1, W_out + KW - 1, c)[0], np.ones(KW), "valid") > 0
    return np.logical_and.outer(rows, columns)


def pixel_loops(dz: Floats, w: Floats, t: int, m: int, r: int, c: int) -> float:
    total = 0
    for n in range(dz.shape[1]):
        for row in range(dz.shape[2]):
            for column in range(dz.shape[3]):
                i, j = r - row, c - column
                if i >= 0 and j >= 0 and i < w.shape[2] and j < w.shape[3]:
                    total += w[n, m, i, j] * dz[t, n, row, column]
    return total


def pixel_slices(dz: Floats, w: Floats, t: int, m: int, r: int, c: int) -> float:
    KH, KW = w.shape[2:]
    padded = np.pad(dz[t], ((0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    return float(np.sum(padded[:, r : r + KH, c : c + KW] * w[:, m, ::-1, ::-1]))


def pixel_generator(dz: Floats, w: Floats, t: int, m: int, r: int, c: int) -> float:
    KH, KW = w.shape[2:]
    pairs = ((i, j) for i in range(KH) for j in range(KW))
    inside = [(i, j) for i, j in pairs if 0 <= r - i < dz.shape[2] and 0 <= c - j < dz.shape[3]]
    return float(sum(np.dot(dz[t, :, r - i, c - j], w[:, m, i, j]) for i, j in inside))


def dy_loops(dz: Floats, w: Floats) -> Floats:
    T, N, H_out, W_out = dz.shape
    N, M, KH, KW = w.shape
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for t in range(T):
        for n in range(N):
            for r in range(H_out):
                for c in range(W_out):
                    for m in range(M):
                        for i in range(KH):
                            for j in range(KW):
                                dy[t, m, r + i, c + j] += w[n, m, i, j] * dz[t, n, r, c]
    return dy


def dy_einsum(dz: Floats, w: Floats) -> Floats:
    KH, KW = w.shape[2:]
    padded = np.pad(dz, [(0, 0), (0, 0), (KH - 1,) * 2, (KW - 1,) * 2])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (KH, KW), axis=(2, 3))
    dy: Floats = np.einsum("tnrcij,nmij->tmrc", windows, np.flip(w, (2, 3)), optimize=True)
    return dy


def dy_fourier(dz: Floats, w: Floats) -> Floats:
    size = (dz.shape[2] + w.shape[2] - 1, dz.shape[3] + w.shape[3] - 1)
    spectra = np.fft.rfft2(dz, size)[:, :, None] * np.fft.rfft2(w, size)[None]
    return np.fft.irfft2(spectra.sum(axis=1), size)


STYLES = {
    "loops": {
        "influence_mask": mask_loops,
        "pixel_gradient": pixel_loops,
        "conv_dy_scatter": dy_loops,
        "conv_dy_flip": dy_loops,
    },
    "einsum": {
        "influence_mask": mask_slices,
        "pixel_gradient": pixel_slices,
        "conv_dy_scatter": dy_einsum,
        "conv_dy_flip": dy_einsum,
    },
    "fourier": {
        "influence_mask": mask_impulse,
        "pixel_gradient": pixel_generator,
        "conv_dy_scatter": dy_fourier,
        "conv_dy_flip": dy_fourier,
    },
}
