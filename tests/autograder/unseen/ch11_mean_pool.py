"""Chapter 11: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "mean_pool_forward",
        "The stride is ignored, the windows are taken side by side (stride = size), so result "
        "and shape are wrong whenever the stride differs from the window size.",
        {"windows_tile"},
        True,
        """
def mean_pool_forward(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    Ho, Wo = H // KH, W // KW
    blocks = y[:, :, :Ho * KH, :Wo * KW].reshape(T, M, Ho, KH, Wo, KW)
    return blocks.mean(axis=(3, 5))
""",
    ),
    (
        "mean_pool_forward",
        "The sum of the window is divided by SH*SW (the stride) instead of KH*KW (the window "
        "size).",
        {"divided_by_stride"},
        True,
        """
def mean_pool_forward(y, size, stride):
    KH, KW = size
    SH, SW = stride
    T, M, H, W = y.shape
    H_out = (H - KH) // SH + 1
    W_out = (W - KW) // SW + 1
    z = np.zeros((T, M, H_out, W_out))
    for i in range(KH):
        for j in range(KW):
            z += y[:, :, i:i + SH*(H_out - 1) + 1:SH, j:j + SW*(W_out - 1) + 1:SW]
    return z / (SH * SW)
""",
    ),
    (
        "mean_pool_forward",
        "The + 1 in H_out and W_out is missing, so the last row and the last column of "
        "windows are lost.",
        {"last_window_missing"},
        True,
        """
def mean_pool_forward(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    H_out = (H - KH) // SH
    W_out = (W - KW) // SW
    z = np.zeros((T, M, H_out, W_out))
    for r in range(H_out):
        for c in range(W_out):
            z[:, :, r, c] = y[:, :, SH*r:SH*r+KH, SW*c:SW*c+KW].mean(axis=(2, 3))
    return z
""",
    ),
    (
        "mean_pool_forward",
        "z gets the dtype of y: for whole-number y the means are cut to integers and z has an "
        "integer dtype; right for float y.",
        {"dtype_of_y"},
        False,
        """
def mean_pool_forward(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1), dtype=y.dtype)
    for t, m, r, c in np.ndindex(z.shape):
        total = 0
        for i in range(KH):
            for j in range(KW):
                total += y[t, m, SH * r + i, SW * c + j]
        z[t, m, r, c] = total / (KH * KW)
    return z
""",
    ),
    (
        "mean_pool_forward",
        "Two mistakes: left-over rows and columns at the end get windows of their own, cut "
        "off at the border, with their own smaller mean (H_out and W_out rounded up), and "
        "stride is read as (columns, rows), that is SH and SW are swapped.",
        {"stride_swapped"},
        True,
        """
def mean_pool_forward(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SW, SH = stride
    rows = list(range(0, max(H - KH, 0) + SH, SH))
    cols = list(range(0, max(W - KW, 0) + SW, SW))
    rows = [r for r in rows if r < H]
    cols = [c for c in cols if c < W]
    z = np.empty((T, M, len(rows), len(cols)))
    for a, r in enumerate(rows):
        for e, c in enumerate(cols):
            z[:, :, a, e] = np.mean(y[:, :, r:r+KH, c:c+KW], axis=(2, 3))
    return z
""",
    ),
    (
        "mean_pool_backward",
        "Each element of the window gets the whole dz: the division by KH*KW is forgotten.",
        {"not_divided"},
        True,
        """
def mean_pool_backward(dz, shape, size, stride):
    KH, KW = size
    SH, SW = stride
    dy = np.zeros(shape)
    T, M, H_out, W_out = dz.shape
    for i in range(KH):
        for j in range(KW):
            dy[:, :, i:i + SH*(H_out-1) + 1:SH, j:j + SW*(W_out-1) + 1:SW] += dz
    return dy
""",
    ),
    (
        "mean_pool_backward",
        "The shares are assigned with = instead of +=, so an element in several overlapping "
        "windows keeps only the share of the last one.",
        {"overwrite"},
        True,
        """
def mean_pool_backward(dz, shape, size, stride):
    T, M, H, W = shape
    KH, KW = size
    SH, SW = stride
    dy = np.zeros((T, M, H, W))
    share = dz / (KH * KW)
    for t in range(T):
        for m in range(M):
            for r in range(dz.shape[2]):
                for c in range(dz.shape[3]):
                    dy[t, m, SH*r:SH*r+KH, SW*c:SW*c+KW] = share[t, m, r, c]
    return dy
""",
    ),
    (
        "mean_pool_backward",
        "The division by KH*KW is replaced by a division by the number of windows in which "
        "the element lies (the dz are averaged instead of shared out).",
        {"not_divided"},
        True,
        """
def mean_pool_backward(dz, shape, size, stride):
    (KH, KW), (SH, SW) = size, stride
    dy = np.zeros(shape)
    hits = np.zeros(shape)
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            window = np.s_[:, :, SH*r:SH*r + KH, SW*c:SW*c + KW]
            dy[window] += dz[:, :, r:r+1, c:c+1]
            hits[window] += 1
    hits[hits == 0] = 1
    return dy / hits
""",
    ),
    (
        "mean_pool_backward",
        "dz is divided in place (dz /= KH*KW), so the caller's dz is changed (a whole-number "
        "dz raises an error); the returned dy is right.",
        {"input_modified"},
        True,
        """
def mean_pool_backward(dz, shape, size, stride):
    KH, KW = size
    SH, SW = stride
    dz /= KH * KW
    dy = np.zeros(shape)
    for t, m, r, c in np.ndindex(*dz.shape):
        for i in range(KH):
            for j in range(KW):
                dy[t, m, SH*r + i, SW*c + j] += dz[t, m, r, c]
    return dy
""",
    ),
    (
        "mean_pool_backward",
        "Two mistakes: the windows are taken to lie side by side (np.kron with a block of the "
        "window size, the stride is ignored), and what is left over is padded in front (top "
        "and left) instead of at the end; right only where stride = size and nothing is left "
        "over.",
        {"windows_tile"},
        True,
        """
def mean_pool_backward(dz, shape, size, stride):
    T, M, H, W = shape
    KH, KW = size
    block = np.ones((1, 1, KH, KW)) / (KH * KW)
    dy = np.kron(dz, block)
    # fill up to the shape of y
    dy = dy[:, :, :H, :W]
    missing_r = H - dy.shape[2]
    missing_c = W - dy.shape[3]
    return np.pad(dy, ((0, 0), (0, 0), (missing_r, 0), (missing_c, 0)))
""",
    ),
]
