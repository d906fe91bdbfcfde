"""Chapter 11's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np


def windows(y, size, stride):
    """What a learner has right in mean_pool_forward: (T, M, H_out, W_out, KH, KW)."""
    seen = np.lib.stride_tricks.sliding_window_view(y, size, axis=(2, 3))
    return seen[:, :, :: stride[0], :: stride[1]]


MISTAKES = [
    # ----- mean_pool_forward -----
    ("mean_pool_forward", {"not_divided"}, """
def f(y, size, stride):
    return windows(y, size, stride).sum(axis=(4, 5))
"""),
    ("mean_pool_forward", {"divided_by_square"}, """
def f(y, size, stride):
    return windows(y, size, stride).sum(axis=(4, 5)) / size[0] ** 2
"""),
    ("mean_pool_forward", {"rounded"}, """
def f(y, size, stride):
    return windows(y, size, stride).sum(axis=(4, 5)) // (size[0] * size[1])
"""),
    ("mean_pool_forward", {"divided_by_stride"}, """
def f(y, size, stride):
    return windows(y, size, stride).sum(axis=(4, 5)) / (stride[0] * stride[1])
"""),
    ("mean_pool_forward", {"starts_without_stride"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    z = np.zeros((T, M, (H - size[0]) // stride[0] + 1, (W - size[1]) // stride[1] + 1))
    for r in range(z.shape[2]):
        for c in range(z.shape[3]):
            z[:, :, r, c] = y[:, :, r : r + size[0], c : c + size[1]].mean(axis=(2, 3))
    return z
"""),
    ("mean_pool_forward", {"size_over_stride"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    SH, SW = stride
    z = np.zeros((T, M, H // SH, W // SW))
    for r in range(H // SH):
        for c in range(W // SW):
            window = y[:, :, r * SH : r * SH + size[0], c * SW : c * SW + size[1]]
            z[:, :, r, c] = window.mean(axis=(2, 3))
    return z
"""),
    ("mean_pool_forward", {"last_window_missing"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    rows = list(range(0, H - size[0], stride[0]))
    columns = list(range(0, W - size[1], stride[1]))
    z = np.zeros((T, M, len(rows), len(columns)))
    for a, r in enumerate(rows):
        for b, c in enumerate(columns):
            z[:, :, a, b] = y[:, :, r : r + size[0], c : c + size[1]].mean(axis=(2, 3))
    return z
"""),
    ("mean_pool_forward", {"end_missing", "end_missing_all"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    for r in range(z.shape[2]):
        for c in range(z.shape[3]):
            window = y[:, :, r * SH : r * SH + KH - 1, c * SW : c * SW + KW - 1]
            z[:, :, r, c] = window.sum(axis=(2, 3)) / (KH * KW)
    return z
"""),
    ("mean_pool_forward", {"over_maps"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    for t, m, r, c in np.ndindex(z.shape):
        z[t, m, r, c] = y[t, :, r * SH : r * SH + KH, c * SW : c * SW + KW].mean()
    return z
"""),
    ("mean_pool_forward", {"stride_swapped"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SW, SH = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1))
    for t, m, r, c in np.ndindex(z.shape):
        z[t, m, r, c] = y[t, m, r * SH : r * SH + KH, c * SW : c * SW + KW].mean()
    return z
"""),
    ("mean_pool_forward", {"windows_tile", "size_over_stride", "shape", "shapes"}, """
def f(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    a, b = H // KH, W // KW
    return y[:, :, : a * KH, : b * KW].reshape(T, M, a, KH, b, KW).mean(axis=(3, 5))
"""),
    # ----- mean_pool_backward -----
    ("mean_pool_backward", {"not_divided"}, """
def f(dz, shape, size, stride):
    dy = np.zeros(shape)
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            a, b = r * stride[0], c * stride[1]
            dy[:, :, a : a + size[0], b : b + size[1]] += dz[:, :, r, c][:, :, None, None]
    return dy
"""),
    ("mean_pool_backward", {"overwrite"}, """
def f(dz, shape, size, stride):
    dy = np.zeros(shape)
    KH, KW = size
    for t, m, r, c in np.ndindex(dz.shape):
        a, b = r * stride[0], c * stride[1]
        dy[t, m, a : a + KH, b : b + KW] = np.ones((KH, KW)) * dz[t, m, r, c] / (KH * KW)
    return dy
"""),
    ("mean_pool_backward", {"same_place"}, """
def f(dz, shape, size, stride):
    dy = np.zeros(shape)
    KH, KW = size
    for t, m, r, c in np.ndindex(dz.shape):
        for i in range(KH):
            for j in range(KW):
                dy[t, m, r, c] += dz[t, m, r, c] / (KH * KW)
    return dy
"""),
    ("mean_pool_backward", {"same_place_once", "corner_only", "unknown"}, """
def f(dz, shape, size, stride):
    dy = np.zeros(shape)
    KH, KW = size
    for t, m, r, c in np.ndindex(dz.shape):
        dy[t, m, r, c] += dz[t, m, r, c] / (KH * KW)
    return dy
"""),
    ("mean_pool_backward", {"size_of_z", "index"}, """
def f(dz, shape, size, stride):
    T, M, A, B = dz.shape
    dy = np.zeros((T, M, A, B))
    for t, m, r, c in np.ndindex(dz.shape):
        for i in range(size[0]):
            for j in range(size[1]):
                dy[t, m, r * stride[0] + i, c * stride[1] + j] += dz[t, m, r, c] / size[0] / size[1]
    return dy
"""),
    ("mean_pool_backward", {"repeated", "shape"}, """
def f(dz, shape, size, stride):
    KH, KW = size
    return np.repeat(np.repeat(dz, KH, axis=2), KW, axis=3) / (KH * KW)
"""),
    ("mean_pool_backward", {"repeated", "windows_tile", "shape"}, """
def f(dz, shape, size, stride):
    KH, KW = size
    dy = np.zeros(shape)
    for t, m, r, c in np.ndindex(dz.shape):
        dy[t, m, r * KH : (r + 1) * KH, c * KW : (c + 1) * KW] += dz[t, m, r, c] / (KH * KW)
    return dy
"""),
    ("mean_pool_backward", {"divided_by_square"}, """
def f(dz, shape, size, stride):
    dy = np.zeros(shape)
    K = size[0]
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            a, b = r * stride[0], c * stride[1]
            dy[:, :, a : a + size[0], b : b + size[1]] += dz[:, :, r : r + 1, c : c + 1] / K**2
    return dy
"""),
    ("mean_pool_backward", {"starts_without_stride"}, """
def f(dz, shape, size, stride):
    dy = np.zeros(shape)
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            share = dz[:, :, r : r + 1, c : c + 1] / (size[0] * size[1])
            dy[:, :, r : r + size[0], c : c + size[1]] += share
    return dy
"""),
    ("mean_pool_backward", {"starts_one_late", "index"}, """
def f(dz, shape, size, stride):
    dy = np.zeros(shape)
    KH, KW = size
    for t, m, r, c in np.ndindex(dz.shape):
        for i in range(1, KH + 1):
            for j in range(1, KW + 1):
                dy[t, m, r * stride[0] + i, c * stride[1] + j] += dz[t, m, r, c] / (KH * KW)
    return dy
"""),
    ("mean_pool_backward", {"leftover_dropped", "shape"}, """
def f(dz, shape, size, stride):
    T, M, A, B = dz.shape
    dy = np.zeros((T, M, stride[0] * (A - 1) + size[0], stride[1] * (B - 1) + size[1]))
    for r in range(A):
        for c in range(B):
            a, b = r * stride[0], c * stride[1]
            share = dz[:, :, r : r + 1, c : c + 1] / (size[0] * size[1])
            dy[:, :, a : a + size[0], b : b + size[1]] += share
    return dy
"""),
    ("mean_pool_backward", {"divided_by_windows"}, """
def f(dz, shape, size, stride):
    dy, count = np.zeros(shape), np.zeros(shape)
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            a, b = r * stride[0], c * stride[1]
            window = (slice(None), slice(None), slice(a, a + size[0]), slice(b, b + size[1]))
            dy[window] += dz[:, :, r : r + 1, c : c + 1] / (size[0] * size[1])
            count[window] += 1
    return dy / np.maximum(count, 1)
"""),
    ("mean_pool_backward", {"divided_by_map"}, """
def f(dz, shape, size, stride):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            a, b = r * stride[0], c * stride[1]
            dy[:, :, a : a + size[0], b : b + size[1]] += dz[:, :, r, c, None, None] / (H * W)
    return dy
"""),
]  # fmt: skip
