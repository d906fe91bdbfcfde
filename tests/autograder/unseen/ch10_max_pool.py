"""Chapter 10: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "max_pool_forward",
        "pidx is the index inside the window (i*KW + j) instead of the index in the whole "
        "map; z is right.",
        {"index_in_window"},
        True,
        """
def max_pool_forward(y, size, stride):
    KH, KW = size
    SH, SW = stride
    win = sliding_window_view(y, (KH, KW), axis=(2, 3))[:, :, ::SH, ::SW]
    flat = win.reshape(win.shape[:4] + (KH * KW,))
    pidx = flat.argmax(axis=-1).astype(np.int64)
    z = flat.max(axis=-1).astype(float)
    return z, pidx
""",
    ),
    (
        "max_pool_forward",
        "The search for the maximum starts from 0 and position 0, so a window whose values "
        "are all negative (or 0) gets z = 0 and pidx = 0.",
        {"starts_at_zero"},
        True,
        """
def max_pool_forward(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    H_out = (H - KH) // SH + 1
    W_out = (W - KW) // SW + 1
    z = np.zeros((T, M, H_out, W_out))
    pidx = np.zeros((T, M, H_out, W_out), dtype=np.int64)
    for t in range(T):
        for m in range(M):
            for r in range(H_out):
                for c in range(W_out):
                    for i in range(KH):
                        for j in range(KW):
                            v = y[t, m, SH*r + i, SW*c + j]
                            if v > z[t, m, r, c]:
                                z[t, m, r, c] = v
                                pidx[t, m, r, c] = (SH*r + i) * W + SW*c + j
    return z, pidx
""",
    ),
    (
        "max_pool_forward",
        "When the largest value stands in several places of a window the last of them is "
        "reported in pidx (>= instead of >); z and pidx without ties are right.",
        {"last_of_ties"},
        True,
        """
def max_pool_forward(y, size, stride):
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    H_out, W_out = (H - KH) // SH + 1, (W - KW) // SW + 1
    z = np.full((T, M, H_out, W_out), -np.inf)
    pidx = np.zeros((T, M, H_out, W_out), dtype=np.int64)
    for i in range(KH):
        for j in range(KW):
            rows = SH * np.arange(H_out)[:, None] + i
            cols = SW * np.arange(W_out)[None, :] + j
            v = y[:, :, rows, cols]
            better = v >= z
            z = np.where(better, v, z)
            pidx = np.where(better, rows * W + cols, pidx)
    return z, pidx
""",
    ),
    (
        "max_pool_forward",
        "pidx is row * H + column instead of row * W + column: wrong unless the map is square "
        "or the row is 0; z is right.",
        {"row_times_height"},
        True,
        """
def max_pool_forward(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    Ho = (H - KH) // SH + 1
    Wo = (W - KW) // SW + 1
    z = np.empty((T, M, Ho, Wo), dtype=np.float64)
    pidx = np.empty((T, M, Ho, Wo), dtype=np.int64)
    for r in range(Ho):
        for c in range(Wo):
            block = y[:, :, r*SH:r*SH+KH, c*SW:c*SW+KW].reshape(T, M, KH*KW)
            k = block.argmax(axis=2)
            z[:, :, r, c] = block.max(axis=2)
            i, j = np.unravel_index(k, (KH, KW))
            pidx[:, :, r, c] = (r*SH + i) * H + (c*SW + j)
    return z, pidx
""",
    ),
    (
        "max_pool_forward",
        "pidx counts through the whole batch array y (((t*M + m)*H + row)*W + column) instead "
        "of starting at 0 in each map y[t, m]: right only for t = 0, m = 0; z is right.",
        {"index_in_batch"},
        True,
        """
def max_pool_forward(y, size, stride):
    KH, KW = size
    SH, SW = stride
    # number all elements, so that the number travels with the window
    number = np.arange(y.size, dtype=np.int64).reshape(y.shape)
    vy = sliding_window_view(y, size, axis=(2, 3))[:, :, ::SH, ::SW]
    vn = sliding_window_view(number, size, axis=(2, 3))[:, :, ::SH, ::SW]
    vy = vy.reshape(vy.shape[:4] + (-1,))
    vn = vn.reshape(vn.shape[:4] + (-1,))
    k = vy.argmax(axis=-1)[..., None]
    z = np.take_along_axis(vy, k, axis=-1)[..., 0].astype(float)
    pidx = np.take_along_axis(vn, k, axis=-1)[..., 0]
    return z, pidx
""",
    ),
    (
        "max_pool_forward",
        "Two mistakes: rows and columns left over at the end get a cut-off window of their "
        "own (H_out is rounded up; z and pidx are 0 where even that window would be empty; so "
        "the outputs are too large where the stride does not divide H - KH or W - KW), and "
        "pidx is made with np.zeros without a dtype and is float64.",
        {"dtype"},
        True,
        """
def max_pool_forward(y, size, stride):
    T, M, H, W = y.shape
    KH, KW = size
    SH, SW = stride
    H_out = int(np.ceil((H - KH) / SH)) + 1
    W_out = int(np.ceil((W - KW) / SW)) + 1
    z = np.zeros((T, M, H_out, W_out))
    pidx = np.zeros((T, M, H_out, W_out))
    for t in range(T):
        for m in range(M):
            for r in range(H_out):
                for c in range(W_out):
                    patch = y[t, m, SH*r:SH*r+KH, SW*c:SW*c+KW]
                    if patch.size == 0:
                        continue
                    i, j = divmod(int(np.argmax(patch)), patch.shape[1])
                    z[t, m, r, c] = patch[i, j]
                    pidx[t, m, r, c] = (SH*r + i) * W + SW*c + j
    return z, pidx
""",
    ),
    (
        "max_pool_backward",
        "dz is assigned (put_along_axis) instead of added: an element that won several "
        "windows gets only the dz of the last of them.",
        {"overwrite"},
        True,
        """
def max_pool_backward(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros((T, M, H * W))
    np.put_along_axis(dy, pidx.reshape(T, M, -1), dz.reshape(T, M, -1), axis=2)
    return dy.reshape(shape)
""",
    ),
    (
        "max_pool_backward",
        "row and column are computed with H instead of W (pidx // H, pidx % H): wrong places "
        "or, mostly, an IndexError on maps that are not square.",
        {"row_by_height"},
        True,
        """
def max_pool_backward(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    for t in range(T):
        for m in range(M):
            for r in range(dz.shape[2]):
                for c in range(dz.shape[3]):
                    row, col = divmod(int(pidx[t, m, r, c]), H)
                    dy[t, m, row, col] += dz[t, m, r, c]
    return dy
""",
    ),
    (
        "max_pool_backward",
        "An element that won several windows gets the mean of their dz instead of the sum.",
        {"mean_of_shares"},
        True,
        """
def max_pool_backward(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros((T, M, H * W))
    count = np.zeros((T, M, H * W))
    t, m = np.ogrid[:T, :M]
    t, m = t[:, :, None], m[:, :, None]
    p = pidx.reshape(T, M, -1)
    np.add.at(dy, (t, m, p), dz.reshape(T, M, -1))
    np.add.at(count, (t, m, p), 1)
    # an element must not be counted twice
    dy = dy / np.maximum(count, 1)
    return dy.reshape(T, M, H, W)
""",
    ),
    (
        "max_pool_backward",
        "The winners of the first map of each picture (pidx[t, 0]) are used for all maps of "
        "the picture; right only for M = 1 or for map 0.",
        {"first_map"},
        True,
        """
def max_pool_backward(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros(shape, dtype=float)
    for t in range(T):
        rows = pidx[t, 0] // W
        cols = pidx[t, 0] % W
        for r in range(pidx.shape[2]):
            for c in range(pidx.shape[3]):
                dy[t, :, rows[r, c], cols[r, c]] += dz[t, :, r, c]
    return dy
""",
    ),
    (
        "max_pool_backward",
        "pidx is treated as a number in the whole array dy (np.add.at on dy.ravel()), so the "
        "gradients of all pictures and maps pile up in the first map dy[0, 0] and all other "
        "maps stay 0; right only for T = M = 1.",
        {"index_over_all"},
        True,
        """
def max_pool_backward(dz, pidx, shape):
    dy = np.zeros(int(np.prod(shape)))
    np.add.at(dy, pidx.ravel(), dz.ravel())
    return dy.reshape(shape)
""",
    ),
    (
        "max_pool_backward",
        "pidx is read column by column (unravel_index with order='F': row = pidx % H, column "
        "= pidx // H) instead of row by row, so the gradients go to other elements of the "
        "map.",
        {"column_first"},
        True,
        """
def max_pool_backward(dz, pidx, shape):
    T, M, H, W = shape
    dy = np.zeros(shape)
    rows, cols = np.unravel_index(pidx, (H, W), order='F')
    t = np.arange(T).reshape(T, 1, 1, 1)
    m = np.arange(M).reshape(1, M, 1, 1)
    np.add.at(dy, (t, m, rows, cols), dz)
    return dy
""",
    ),
]
