"""Chapter 05's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np

MISTAKES = [
    # ----- influence_mask -----
    ("influence_mask", {"negative_places"}, """
def f(r, c, KH, KW, H_out, W_out):
    m = np.zeros((H_out, W_out), bool)
    for i in range(KH):
        for j in range(KW):
            m[r - i, c - j] = True
    return m
"""),
    ("influence_mask", {"not_clipped"}, """
def f(r, c, KH, KW, H_out, W_out):
    m = np.zeros((H_out, W_out), dtype=bool)
    m[r - KH + 1 : r + 1, c - KW + 1 : c + 1] = True
    return m
"""),
    ("influence_mask", {"border_dropped"}, """
def f(r, c, KH, KW, H_out, W_out):
    m = np.zeros((H_out, W_out), bool)
    if r >= KH - 1 and c >= KW - 1 and r < H_out and c < W_out:
        m[r - KH + 1 : r + 1, c - KW + 1 : c + 1] = True
    return m
"""),
    ("influence_mask", {"below_too"}, """
def f(r, c, KH, KW, H_out, W_out):
    m = np.zeros((H_out, W_out), bool)
    for a in range(H_out):
        for b in range(W_out):
            m[a, b] = r - a < KH and c - b < KW
    return m
"""),
    ("influence_mask", {"dtype"}, """
def f(r, c, KH, KW, H_out, W_out):
    m = np.zeros((H_out, W_out))
    m[max(r - KH + 1, 0) : r + 1, max(c - KW + 1, 0) : c + 1] = 1
    return m
"""),
    # ----- pixel_gradient -----
    ("pixel_gradient", {"negative_places", "end_not_clipped"}, """
def f(dz, w, t, m, r, c):
    s = 0
    for n in range(w.shape[0]):
        for i in range(w.shape[2]):
            for j in range(w.shape[3]):
                s += dz[t, n, r - i, c - j] * w[n, m, i, j]
    return s
"""),
    ("pixel_gradient", {"end_not_clipped", "index"}, """
def f(dz, w, t, m, r, c):
    s = 0
    for n in range(w.shape[0]):
        for i in range(w.shape[2]):
            for j in range(w.shape[3]):
                if r - i >= 0 and c - j >= 0:
                    s += dz[t, n, r - i, c - j] * w[n, m, i, j]
    return s
"""),
    ("pixel_gradient", {"negative_indices"}, """
def f(dz, w, t, m, r, c):
    s = 0.0
    for n in range(dz.shape[1]):
        for a in range(dz.shape[2]):
            for b in range(dz.shape[3]):
                if r - a < w.shape[2] and c - b < w.shape[3]:
                    s += dz[t, n, a, b] * w[n, m, r - a, c - b]
    return s
"""),
    ("pixel_gradient", {"first_of_filter_missing"}, """
def f(dz, w, t, m, r, c):
    s = 0.0
    for n in range(dz.shape[1]):
        for a in range(dz.shape[2]):
            for b in range(dz.shape[3]):
                if 0 < r - a < w.shape[2] and 0 < c - b < w.shape[3]:
                    s += dz[t, n, a, b] * w[n, m, r - a, c - b]
    return s
"""),
    ("pixel_gradient", {"sums_over_in_maps"}, """
def f(dz, w, t, m, r, c):
    s = 0.0
    for n in range(dz.shape[1]):
        for k in range(w.shape[1]):
            for a in range(dz.shape[2]):
                for b in range(dz.shape[3]):
                    if 0 <= r - a < w.shape[2] and 0 <= c - b < w.shape[3]:
                        s += dz[t, n, a, b] * w[n, k, r - a, c - b]
    return s
"""),
    ("pixel_gradient", {"mirrored"}, """
def f(dz, w, t, m, r, c):
    KH, KW = w.shape[2:]
    p = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    return np.sum(p[t, :, r : r + KH, c : c + KW] * w[:, m])
"""),
    # ----- conv_dy_scatter -----
    ("conv_dy_scatter", {"needless_flip"}, """
def f(dz, w):
    T, N, A, B = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, A + KH - 1, B + KW - 1))
    flipped = w[:, :, ::-1, ::-1]
    for n in range(N):
        for m in range(M):
            for r in range(A):
                for c in range(B):
                    dy[:, m, r : r + KH, c : c + KW] += flipped[n, m] * dz[:, n, r, c, None, None]
    return dy
"""),
    ("conv_dy_scatter", {"state"}, """
count = 0
def f(dz, w):
    global count
    count += 1
    T, N, A, B = dz.shape
    _, M, KH, KW = w.shape
    dy = np.full((T, M, A + KH - 1, B + KW - 1), float(count))  # what np.empty holds is chance
    for n in range(N):
        for i in range(KH):
            for j in range(KW):
                dy[:, :, i : i + A, j : j + B] += w[n, :, i, j][None, :, None, None] * dz[:, n : n + 1]
    return dy
"""),
    ("conv_dy_scatter", {"same_map_only", "index"}, """
def f(dz, w):
    T, N, A, B = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, A + KH - 1, B + KW - 1))
    for m in range(M):
        for i in range(KH):
            for j in range(KW):
                dy[:, m, i : i + A, j : j + B] += w[m, m, i, j] * dz[:, m]
    return dy
"""),
    ("conv_dy_scatter", {"wrong_map_of_dz"}, """
def f(dz, w):
    T, N, A, B = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, A + KH - 1, B + KW - 1))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for r in range(A):
                    for c in range(B):
                        dy[t, m, r : r + KH, c : c + KW] += w[n, m] * dz[t, m, r, c]
    return dy
"""),
    ("conv_dy_scatter", {"last_of_filter_missing"}, """
def f(dz, w):
    T, N, A, B = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, A + KH - 1, B + KW - 1))
    for n in range(N):
        for m in range(M):
            for i in range(KH - 1):
                for j in range(KW - 1):
                    dy[:, m, i : i + A, j : j + B] += w[n, m, i, j] * dz[:, n]
    return dy
"""),
    ("conv_dy_scatter", {"minus"}, """
def f(dz, w):
    T, N, A, B = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, A + KH - 1, B + KW - 1))
    for n in range(N):
        for m in range(M):
            for r in range(A):
                for c in range(B):
                    for i in range(KH):
                        for j in range(KW):
                            dy[:, m, r - i, c - j] += w[n, m, i, j] * dz[:, n, r, c]
    return dy
"""),
    ("conv_dy_scatter", {"places_swapped", "shapes"}, """
def f(dz, w):
    T, N, A, B = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, A + KH - 1, B + KW - 1))
    for n in range(N):
        for m in range(M):
            for r in range(A):
                for c in range(B):
                    dy[:, m, c : c + KH, r : r + KW] += w[n, m] * dz[:, n, r, c, None, None]
    return dy
"""),
    ("conv_dy_scatter", {"axes"}, """
def f(dz, w):
    T, N, A, B = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((M, A + KH - 1, B + KW - 1))
    for n in range(N):
        for m in range(M):
            for i in range(KH):
                for j in range(KW):
                    dy[m, i : i + A, j : j + B] += w[n, m, i, j] * dz[0, n]
    return dy
"""),
    # ----- conv_dy_flip -----
    ("conv_dy_flip", {"flip_maps_only"}, """
def f(dz, w):
    return gather(dz, w[::-1, ::-1])
"""),
    ("conv_dy_flip", {"flip_maps_only"}, """
def f(dz, w):
    return gather(dz, np.fliplr(np.flipud(w)))
"""),
    ("conv_dy_flip", {"flip_everything"}, """
def f(dz, w):
    return gather(dz, np.flip(w))
"""),
    ("conv_dy_flip", {"no_flip"}, """
def f(dz, w):
    return gather(dz, w)
"""),
    ("conv_dy_flip", {"pad_all_axes"}, """
def f(dz, w):
    T, N, A, B = dz.shape
    _, M, KH, KW = w.shape
    padded = np.pad(dz, KH - 1)
    flipped = w[:, :, ::-1, ::-1]
    dy = np.zeros((T, M, A + KH - 1, B + KW - 1))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for r in range(A + KH - 1):
                    for c in range(B + KW - 1):
                        window = padded[t, n, r : r + KH, c : c + KW]
                        dy[t, m, r, c] += np.sum(window * flipped[n, m])
    return dy
"""),
    ("conv_dy_flip", {"summed_over_in_maps"}, """
def f(dz, w):
    T, N, A, B = dz.shape
    _, M, KH, KW = w.shape
    padded = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    flipped = w[:, :, ::-1, ::-1]
    dy = np.zeros((T, M, A + KH - 1, B + KW - 1))
    for t in range(T):
        for m in range(M):
            for r in range(A + KH - 1):
                for c in range(B + KW - 1):
                    segment = padded[t, :, r : r + KH, c : c + KW]
                    dy[t, m, r, c] = np.sum(flipped * segment[:, None])
    return dy
"""),
    ("conv_dy_flip", {"output_flipped"}, """
def f(dz, w):
    return gather(dz[:, :, ::-1, ::-1], w)
"""),
    ("conv_dy_flip", {"padding_one_sided"}, """
def f(dz, w):
    return gather(dz, w[:, :, ::-1, ::-1])[:, :, : dz.shape[2], : dz.shape[3]]
"""),
    ("conv_dy_flip", {"index"}, """
def f(dz, w):
    T, N, A, B = dz.shape
    _, M, KH, KW = w.shape
    padded = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    dy = np.zeros((T, M, A + KH - 1, B + KW - 1))
    for n in range(N):
        for m in range(M):
            for r in range(A + KH - 1):
                for c in range(B + KW - 1):
                    for i in range(KH):
                        for j in range(KW):
                            dy[:, m, r, c] += padded[:, n, r + i, c + j] * w[n, m, KH - i, KW - j]
    return dy
"""),
    ("conv_dy_flip", {"maps_exchanged"}, """
def f(dz, w):
    return gather(dz, w[:, :, ::-1, ::-1].swapaxes(0, 1))
"""),
    ("conv_dy_flip", {"input_modified"}, """
def f(dz, w):
    w[...] = w[:, :, ::-1, ::-1].copy()
    return gather(dz, w)
"""),
    # ----- as readers of the notebooks wrote them -----
    ("conv_dy_scatter", {"made_like_z"}, """
def f(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, H_out, W_out))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for r in range(H_out):
                    for c in range(W_out):
                        for i in range(KH):
                            for j in range(KW):
                                dy[t, m, r + i, c + j] += w[n, m, i, j] * dz[t, n, r, c]
    return dy
"""),
    ("conv_dy_scatter", {"made_like_z"}, """
def f(dz, w):
    T, N, H_out, W_out = dz.shape
    N, M, KH, KW = w.shape
    dy = np.zeros_like(dz)
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for r in range(H_out):
                    for c in range(W_out):
                        for i in range(KH):
                            for j in range(KW):
                                dy[t, m, r + i, c + j] += w[n, m, i, j] * dz[t, n, r, c]
    return dy
"""),
    ("conv_dy_scatter", {"made_like_z"}, """
def f(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, H_out, W_out))
    for n in range(N):
        for m in range(M):
            for r in range(H_out):
                for c in range(W_out):
                    dy[:, m, r : r + KH, c : c + KW] += w[n, m] * dz[:, n, r, c, None, None]
    return dy
"""),
    ("pixel_gradient", {"maps_exchanged"}, """
def f(dz, w, t, m, r, c):
    N, M, KH, KW = w.shape
    H_out, W_out = dz.shape[2:]
    total = 0.0
    for n in range(N):
        for a in range(H_out):
            for b in range(W_out):
                i, j = r - a, c - b
                if 0 <= i < KH and 0 <= j < KW:
                    total += dz[t, n, a, b] * w[m, n, i, j]
    return total
"""),
    ("pixel_gradient", {"maps_exchanged"}, """
def f(dz, w, t, m, r, c):
    N, M, KH, KW = w.shape
    H_out, W_out = dz.shape[2:]
    total = 0.0
    for n in range(N):
        for i in range(KH):
            for j in range(KW):
                if 0 <= r - i < H_out and 0 <= c - j < W_out:
                    total += dz[t, n, r - i, c - j] * w[m, n, i, j]
    return total
"""),
    ("pixel_gradient", {"maps_not_transposed"}, """
def f(dz, w, t, m, r, c):
    M, N, KH, KW = w.shape
    H_out, W_out = dz.shape[2:]
    total = 0.0
    for n in range(N):
        for i in range(KH):
            for j in range(KW):
                if 0 <= r - i < H_out and 0 <= c - j < W_out:
                    total += dz[t, n, r - i, c - j] * w[m, n, i, j]
    return total
"""),
    ("conv_dy_flip", {"filter_for_planes"}, """
def f(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    padded = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    flipped = w[:, :, ::-1, ::-1]
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for t in range(T):
        for m in range(M):
            for r in range(H_out + KH - 1):
                for c in range(W_out + KW - 1):
                    segment = padded[t, :, r : r + KH, c : c + KW]
                    dy[t, m, r, c] = np.sum(flipped[m] * segment)
    return dy
"""),
    ("conv_dy_flip", {"pad_all_axes"}, """
def f(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    K = KH
    padded = np.pad(dz, K - 1)
    flipped = w[:, :, ::-1, ::-1]
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for t in range(T):
        for m in range(M):
            for r in range(H_out + KH - 1):
                for c in range(W_out + KW - 1):
                    segment = padded[t, :, r : r + KH, c : c + KW]
                    dy[t, m, r, c] = np.sum(flipped[:, m] * segment)
    return dy
"""),
    ("conv_dy_flip", {"pad_all_axes"}, """
def f(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    padded = np.pad(dz, KH - 1)
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                flipped = w[n, m, ::-1, ::-1]
                for r in range(H_out + KH - 1):
                    for c in range(W_out + KW - 1):
                        for i in range(KH):
                            for j in range(KW):
                                dy[t, m, r, c] += flipped[i, j] * padded[t, n, r + i, c + j]
    return dy
"""),
    ("conv_dy_flip", {"shapes_meet"}, """
def f(dz, w):
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    padded = np.pad(dz, KH - 1)
    flipped = w[:, :, ::-1, ::-1]
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for r in range(H_out + KH - 1):
        for c in range(W_out + KW - 1):
            segment = padded[:, :, r : r + KH, c : c + KW]
            dy[:, :, r, c] = np.tensordot(segment, flipped, axes=((1, 2, 3), (0, 2, 3)))
    return dy
"""),
    ("conv_dy_flip", {"batch_padded"}, """
def f(dz, w):
    KH, KW = w.shape[2:]
    padded = np.pad(dz, KH - 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (KH, KW), axis=(2, 3))
    return np.einsum("tnrcij,nmij->tmrc", windows, w[:, :, ::-1, ::-1])
"""),
    ("influence_mask", {"centred_wide"}, """
def f(r, c, KH, KW, H_out, W_out):
    mask = np.zeros((H_out, W_out), bool)
    for a in range(H_out):
        for b in range(W_out):
            if abs(r - a) <= KH // 2 and abs(c - b) <= KW // 2:
                mask[a, b] = True
    return mask
"""),
    ("influence_mask", {"centred_wide"}, """
def f(r, c, KH, KW, H_out, W_out):
    mask = np.zeros((H_out, W_out), bool)
    mask[max(0, r - KH // 2) : r + KH // 2 + 1, max(0, c - KW // 2) : c + KW // 2 + 1] = True
    return mask
"""),
    ("influence_mask", {"centred"}, """
def f(r, c, KH, KW, H_out, W_out):
    mask = np.zeros((H_out, W_out), bool)
    top, left = r - KH // 2, c - KW // 2
    mask[max(0, top) : max(0, top + KH), max(0, left) : max(0, left + KW)] = True
    return mask
"""),
    ("influence_mask", {"centred_late"}, """
def f(r, c, KH, KW, H_out, W_out):
    mask = np.zeros((H_out, W_out), bool)
    top, left = r - (KH - 1) // 2, c - (KW - 1) // 2
    mask[max(0, top) : max(0, top + KH), max(0, left) : max(0, left + KW)] = True
    return mask
"""),
    ("influence_mask", {"looks_forward"}, """
def f(r, c, KH, KW, H_out, W_out):
    mask = np.zeros((H_out, W_out), bool)
    mask[r : r + KH, c : c + KW] = True
    return mask
"""),
]  # fmt: skip


def gather(dz, flipped):
    """What a learner has right in conv_dy_flip when only the filter is wrong."""
    KH, KW = flipped.shape[2:]
    padded = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (KH, KW), axis=(2, 3))
    return np.einsum("tnrcij,nmij->tmrc", windows, flipped)
