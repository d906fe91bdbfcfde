"""Chapter 01's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np  # noqa: F401  (for the programs)

MISTAKES = [
    # ----- conv1d_scan -----
    ("conv1d_scan", {"flipped"}, """
def f(y, w, b):
    z = np.zeros((y.shape[0], w.shape[0], y.shape[2] - w.shape[2] + 1))
    for t in range(y.shape[0]):
        for n in range(w.shape[0]):
            z[t, n] = b[n]
            for m in range(y.shape[1]):
                z[t, n] += np.convolve(y[t, m], w[n, m], "valid")
    return z
"""),
    ("conv1d_scan", {"last_place_missing", "shape"}, """
def f(y, w, b):
    T, M, W = y.shape
    N, M, KW = w.shape
    z = np.zeros((T, N, W - KW))
    for c in range(W - KW):
        z[:, :, c] = np.einsum("tmj,nmj->tn", y[:, :, c : c + KW], w) + b
    return z
"""),
    ("conv1d_scan", {"bias_in_the_loop"}, """
def f(y, w, b):
    T, M, W = y.shape
    N, M, KW = w.shape
    z = np.zeros((T, N, W - KW + 1))
    for t in range(T):
        for n in range(N):
            for c in range(W - KW + 1):
                for m in range(M):
                    z[t, n, c] += np.sum(w[n, m] * y[t, m, c : c + KW]) + b[n]
    return z
"""),
    ("conv1d_scan", {"last_map_only"}, """
def f(y, w, b):
    T, M, W = y.shape
    N, M, KW = w.shape
    z = np.zeros((T, N, W - KW + 1))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                z[t, n] = np.correlate(y[t, m], w[n, m], "valid") + b[n]
    return z
"""),
    ("conv1d_scan", {"padded", "shape"}, """
def f(y, w, b):
    T, M, W = y.shape
    N = w.shape[0]
    z = np.zeros((T, N, W))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                z[t, n] += np.correlate(y[t, m], w[n, m], "same")
            z[t, n] += b[n]
    return z
"""),
    ("conv1d_scan", {"bias_missing"}, """
def f(y, w, b):
    windows = np.lib.stride_tricks.sliding_window_view(y, w.shape[2], axis=2)
    return np.einsum("tmcj,nmj->tnc", windows, w)
"""),
    # ----- conv_scan -----
    ("conv_scan", {"flipped"}, """
def f(y, w, b):
    KH, KW = w.shape[2:]
    windows = np.lib.stride_tricks.sliding_window_view(y, (KH, KW), axis=(2, 3))
    return np.einsum("tmrcij,nmij->tnrc", windows, w[:, :, ::-1, ::-1]) + b[:, None, None]
"""),
    ("conv_scan", {"sizes_swapped", "shapes", "shape"}, """
def f(y, w, b):
    T, M, W, H = y.shape
    N, M, K, K = w.shape
    z = np.zeros((T, N, H - K + 1, W - K + 1))
    for r in range(H - K + 1):
        for c in range(W - K + 1):
            z[:, :, r, c] = np.einsum("tmij,nmij->tn", y[:, :, r : r + K, c : c + K], w) + b
    return z
"""),
    ("conv_scan", {"places_swapped", "picture_transposed"}, """
def f(y, w, b):
    T, M, H, W = y.shape
    N, M, KH, KW = w.shape
    z = np.zeros((T, N, H - KH + 1, W - KW + 1))
    for r in range(H - KH + 1):
        for c in range(W - KW + 1):
            for i in range(KH):
                for j in range(KW):
                    z[:, :, r, c] += np.einsum("tm,nm->tn", y[:, :, c + j, r + i], w[:, :, i, j])
            z[:, :, r, c] += b
    return z
"""),
    ("conv_scan", {"overwrite"}, """
def f(y, w, b):
    T, M, H, W = y.shape
    N, M, KH, KW = w.shape
    z = np.zeros((T, N, H - KH + 1, W - KW + 1))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for r in range(H - KH + 1):
                    for c in range(W - KW + 1):
                        for i in range(KH):
                            for j in range(KW):
                                z[t, n, r, c] = w[n, m, i, j] * y[t, m, r + i, c + j]
    return z + b.reshape(1, -1, 1, 1)
"""),
    ("conv_scan", {"same_map_only", "index"}, """
def f(y, w, b):
    T, M, H, W = y.shape
    N, M, KH, KW = w.shape
    z = np.zeros((T, N, H - KH + 1, W - KW + 1))
    for t in range(T):
        for n in range(N):
            for r in range(H - KH + 1):
                for c in range(W - KW + 1):
                    z[t, n, r, c] = np.sum(y[t, n, r : r + KH, c : c + KW] * w[n, n]) + b[n]
    return z
"""),
    ("conv_scan", {"last_of_filter_missing"}, """
def f(y, w, b):
    T, M, H, W = y.shape
    N, M, KH, KW = w.shape
    z = np.zeros((T, N, H - KH + 1, W - KW + 1))
    for i in range(KH - 1):
        for j in range(KW - 1):
            part = y[:, :, i : i + z.shape[2], j : j + z.shape[3]]
            z += np.einsum("tmrc,nm->tnrc", part, w[:, :, i, j])
    return z + b[:, None, None]
"""),
    ("conv_scan", {"shapes", "bias_on_columns"}, """
def f(y, w, b):
    KH, KW = w.shape[2:]
    windows = np.lib.stride_tricks.sliding_window_view(y, (KH, KW), axis=(2, 3))
    return np.einsum("tmrcij,nmij->tnrc", windows, w) + b
"""),
    ("conv_scan", {"batch_summed"}, """
def f(y, w, b):
    T, M, H, W = y.shape
    N, M, KH, KW = w.shape
    z = np.zeros((T, N, H - KH + 1, W - KW + 1))
    for n in range(N):
        for r in range(H - KH + 1):
            for c in range(W - KW + 1):
                z[:, n, r, c] = np.sum(y[:, :, r : r + KH, c : c + KW] * w[n]) + b[n]
    return z
"""),
    ("conv_scan", {"maps_exchanged", "shapes", "index"}, """
def f(y, w, b):
    T, M, H, W = y.shape
    N, M, KH, KW = w.shape
    z = np.zeros((T, N, H - KH + 1, W - KW + 1))
    for n in range(N):
        for m in range(M):
            for r in range(H - KH + 1):
                for c in range(W - KW + 1):
                    z[:, n, r, c] += np.sum(y[:, m, r : r + KH, c : c + KW] * w[m, n], axis=(1, 2))
    return z + b[:, None, None]
"""),
    # ----- count_parameters -----
    ("count_parameters", {"bias_missing"}, """
def f(M, N, KH, KW):
    return int(np.prod([M, N, KH, KW]))
"""),
    ("count_parameters", {"bias_for_each_plane"}, """
def f(M, N, KH, KW):
    total = 0
    for n in range(N):
        for m in range(M):
            total += KH * KW + 1
    return total
"""),
    ("count_parameters", {"one_bias"}, """
def f(M, N, KH, KW):
    return M * N * KH * KW + 1
"""),
    ("count_parameters", {"in_maps_missing"}, """
def f(M, N, KH, KW):
    filters = N * KH * KW
    biases = N
    return filters + biases
"""),
]  # fmt: skip
