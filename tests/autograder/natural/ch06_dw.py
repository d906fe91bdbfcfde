"""Chapter 06's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np

MISTAKES = [
    # ----- conv_dw -----
    # signal processing's convolution where a correlation is meant (poll 4)
    ("conv_dw", {"dz_flipped"}, """
def f(dz, y):
    flipped = dz[:, :, ::-1, ::-1]
    return np.einsum("tnrc,tmijrc->nmij", flipped, windows(y, dz.shape[2:]))
"""),
    # the slide's axes: dw(l, m, n, x, y)
    ("conv_dw", {"maps_exchanged"}, """
def f(dz, y):
    T, N, A, B = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - A + 1, W - B + 1
    dw = np.zeros((M, N, KH, KW))
    for n in range(N):
        for x in range(KH):
            for yy in range(KW):
                for m in range(M):
                    dw[m, n, x, yy] = np.sum(dz[:, n] * y[:, m, x : x + A, yy : yy + B])
    return dw
"""),
    ("conv_dw", {"maps_exchanged_in_place"}, """
def f(dz, y):
    T, N, A, B = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - A + 1, W - B + 1
    dw = np.zeros((N, M, KH, KW))
    for n in range(N):
        for m in range(M):
            for i in range(KH):
                for j in range(KW):
                    dw[m, n, i, j] = np.sum(dz[:, n] * y[:, m, i : i + A, j : j + B])
    return dw
"""),
    # "=" in the loop over pictures
    ("conv_dw", {"last_instance"}, """
def f(dz, y):
    T, N, A, B = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - A + 1, W - B + 1
    dw = np.zeros((N, M, KH, KW))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for i in range(KH):
                    for j in range(KW):
                        dw[n, m, i, j] = np.sum(dz[t, n] * y[t, m, i : i + A, j : j + B])
    return dw
"""),
    # "=" for every position of z
    ("conv_dw", {"overwrite"}, """
def f(dz, y):
    T, N, A, B = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - A + 1, W - B + 1
    dw = np.zeros((N, M, KH, KW))
    for t in range(T):
        for n in range(N):
            for r in range(A):
                for c in range(B):
                    dw[n] = dz[t, n, r, c] * y[t, :, r : r + KH, c : c + KW]
    return dw
"""),
    # the batch's mean
    ("conv_dw", {"divided_by_batch"}, """
def f(dz, y):
    T = len(dz)
    return np.einsum("tnrc,tmijrc->nmij", dz, windows(y, dz.shape[2:])) / T
"""),
    # sizes without the + 1
    ("conv_dw", {"one_too_small"}, """
def f(dz, y):
    T, N, A, B = dz.shape
    _, M, H, W = y.shape
    dw = np.zeros((N, M, H - A, W - B))
    for i in range(H - A):
        for j in range(W - B):
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, y[:, :, i : i + A, j : j + B])
    return dw
"""),
    # one sum over all pictures and all in-maps
    ("conv_dw", {"summed_over_in_maps"}, """
def f(dz, y):
    T, N, A, B = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - A + 1, W - B + 1
    dw = np.zeros((N, M, KH, KW))
    for n in range(N):
        for m in range(M):
            for i in range(KH):
                for j in range(KW):
                    window = y[:, :, i : i + A, j : j + B]
                    dw[n, m, i, j] = np.sum(dz[:, n, None] * window)
    return dw
"""),
    # dY's recipe: pad, then slide
    ("conv_dw", {"y_padded"}, """
def f(dz, y):
    KH, KW = y.shape[2] - dz.shape[2] + 1, y.shape[3] - dz.shape[3] + 1
    padded = np.pad(y, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    return np.einsum("tnrc,tmijrc->nmij", dz, windows(padded, dz.shape[2:]))
"""),
    # a minus from dY's formula
    ("conv_dw", {"minus"}, """
def f(dz, y):
    T, N, A, B = dz.shape
    _, M, H, W = y.shape
    dw = np.zeros((N, M, H - A + 1, W - B + 1))
    for n, m, i, j in np.ndindex(dw.shape):
        for t in range(T):
            for r in range(A):
                for c in range(B):
                    dw[n, m, i, j] += dz[t, n, r, c] * y[t, m, r - i, c - j]
    return dw
"""),
    # rows and columns of the windows exchanged (the slide's order of axes)
    ("conv_dw", {"window_transposed"}, """
def f(dz, y):
    T, N, W_out, H_out = dz.shape
    _, M, W, H = y.shape
    dw = np.zeros((N, M, W - W_out + 1, H - H_out + 1))
    for i in range(dw.shape[2]):
        for j in range(dw.shape[3]):
            seen = y[:, :, i : i + H_out, j : j + W_out]
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, seen)
    return dw
"""),
    # map n of dz with map n of y
    ("conv_dw", {"same_map_only"}, """
def f(dz, y):
    T, N, A, B = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - A + 1, W - B + 1
    dw = np.zeros((N, M, KH, KW))
    for n in range(min(N, M)):
        for i in range(KH):
            for j in range(KW):
                dw[n, n, i, j] = np.sum(dz[:, n] * y[:, n, i : i + A, j : j + B])
    return dw
"""),
    # dw for each picture
    ("conv_dw", {"batch_kept"}, """
def f(dz, y):
    return np.einsum("tnrc,tmijrc->tnmij", dz, windows(y, dz.shape[2:]))
"""),
    # the average over positions too
    ("conv_dw", {"mean_of_all"}, """
def f(dz, y):
    T, N, A, B = dz.shape
    return np.einsum("tnrc,tmijrc->nmij", dz, windows(y, (A, B))) / (T * A * B)
"""),
    # a result flipped, as for dY
    ("conv_dw", {"output_flipped"}, """
def f(dz, y):
    dw = np.einsum("tnrc,tmijrc->nmij", dz, windows(y, dz.shape[2:]))
    return np.flip(dw, (2, 3))
"""),
    ("conv_dw", {"first_instance"}, """
def f(dz, y):
    T, N, A, B = dz.shape
    _, M, H, W = y.shape
    dw = np.zeros((N, M, H - A + 1, W - B + 1))
    for n in range(N):
        for r in range(A):
            for c in range(B):
                dw[n] += dz[0, n, r, c] * y[0, :, r : r + dw.shape[2], c : c + dw.shape[3]]
    return dw
"""),
    # y[:, n] where y[:, m] is meant
    ("conv_dw", {"wrong_map_of_y", "index"}, """
def f(dz, y):
    T, N, A, B = dz.shape
    _, M, H, W = y.shape
    dw = np.zeros((N, M, H - A + 1, W - B + 1))
    for n, m, i, j in np.ndindex(dw.shape):
        dw[n, m, i, j] = np.sum(dz[:, n] * y[:, n, i : i + A, j : j + B])
    return dw
"""),
    # ----- conv_db -----
    ("conv_db", {"mean"}, """
def f(dz):
    return dz.mean(axis=(0, 2, 3))
"""),
    ("conv_db", {"batch_kept"}, """
def f(dz):
    return dz.sum(axis=(2, 3))
"""),
    ("conv_db", {"positions_kept"}, """
def f(dz):
    return dz.sum(axis=0)
"""),
    ("conv_db", {"axes_kept"}, """
def f(dz):
    return np.sum(dz, axis=(0, 2, 3), keepdims=True)
"""),
    ("conv_db", {"divided_by_batch"}, """
def f(dz):
    db = np.zeros(dz.shape[1])
    for n in range(dz.shape[1]):
        db[n] = np.sum(dz[:, n]) / dz.shape[0]
    return db
"""),
    ("conv_db", {"scalar"}, """
def f(dz):
    return np.sum(dz)
"""),
    ("conv_db", {"last_instance"}, """
def f(dz):
    db = np.zeros(dz.shape[1])
    for t in range(dz.shape[0]):
        for n in range(dz.shape[1]):
            db[n] = np.sum(dz[t, n])
    return db
"""),
    ("conv_db", {"wrong_axis"}, """
def f(dz):
    return dz.sum(axis=(1, 2, 3))
"""),
    # ----- as readers of the notebooks wrote them -----
    ("conv_dw", {"window_of_the_filter"}, """
def f(dz, y):
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - H_out + 1, W - W_out + 1
    dw = np.zeros((N, M, KH, KW))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for i in range(KH):
                    for j in range(KW):
                        dw[n, m, i, j] += np.sum(dz[t, n] * y[t, m, i : i + KH, j : j + KW])
    return dw
"""),
    ("conv_dw", {"window_of_the_filter"}, """
def f(dz, y):
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - H_out + 1, W - W_out + 1
    dw = np.zeros((N, M, KH, KW))
    for i in range(KH):
        for j in range(KW):
            window = y[:, :, i : i + KH, j : j + KW]
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, window)
    return dw
"""),
    ("conv_dw", {"positions_of_the_filter"}, """
def f(dz, y):
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - H_out + 1, W - W_out + 1
    dw = np.zeros((N, M, KH, KW))
    for n in range(N):
        for m in range(M):
            for i in range(KH):
                for j in range(KW):
                    for t in range(T):
                        for r in range(KH):
                            for c in range(KW):
                                dw[n, m, i, j] += dz[t, n, r, c] * y[t, m, r + i, c + j]
    return dw
"""),
    ("conv_dw", {"windows_of_the_filter"}, """
def f(dz, y):
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - H_out + 1, W - W_out + 1
    windows = np.lib.stride_tricks.sliding_window_view(y, (KH, KW), axis=(2, 3))
    return np.einsum("tnij,tmrcij->nmrc", dz, windows)
"""),
]  # fmt: skip


def windows(y, size):
    """What a learner has right when only the sum is wrong: (T, M, KH, KW, *size)."""
    return np.lib.stride_tricks.sliding_window_view(y, size, axis=(2, 3))
