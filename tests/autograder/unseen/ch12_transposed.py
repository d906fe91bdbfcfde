"""Chapter 12: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "conv_transpose_forward",
        "b[n] is added with every stamp (once for each y[t, m, r, c] that reaches the "
        "element) instead of once per element of z; right when b is 0.",
        {"bias_per_product"},
        True,
        """
def conv_transpose_forward(y, w, b, stride):
    T, M, H, W = y.shape
    M, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH*(H-1) + KH, SW*(W-1) + KW))
    for t in range(T):
        for n in range(N):
            for m in range(M):
                for r in range(H):
                    for c in range(W):
                        z[t, n, SH*r:SH*r+KH, SW*c:SW*c+KW] += y[t, m, r, c] * w[m, n] + b[n]
    return z
""",
    ),
    (
        "conv_transpose_forward",
        "The stamps are written with = instead of added, so where stamps overlap only the "
        "last one remains, and b is overwritten (lost) everywhere except where no stamp "
        "reaches.",
        {"overwrite_bias_too"},
        False,
        """
def conv_transpose_forward(y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.empty((T, N, SH*(H - 1) + KH, SW*(W - 1) + KW))
    z[:] = b[None, :, None, None]
    for r in range(H):
        for c in range(W):
            stamp = np.tensordot(y[:, :, r, c], w, axes=(1, 0))
            z[:, :, SH*r:SH*r + KH, SW*c:SW*c + KW] = stamp
    return z
""",
    ),
    (
        "conv_transpose_forward",
        "w is read as (N, M, KH, KW) like in a convolution: an error when M and N differ, and "
        "the wrong filter w[n, m] instead of w[m, n] when they are equal and larger than 1.",
        {"maps_exchanged"},
        True,
        """
def conv_transpose_forward(y, w, b, stride):
    T, M, H, W = y.shape
    N, KH, KW = w.shape[0], w.shape[2], w.shape[3]
    SH, SW = stride
    z = np.zeros((T, N, SH*(H-1)+KH, SW*(W-1)+KW)) + b.reshape(1, N, 1, 1)
    for i in range(KH):
        for j in range(KW):
            z[:, :, i:i+SH*(H-1)+1:SH, j:j+SW*(W-1)+1:SW] += np.einsum(
                'tmrc,nm->tnrc', y, w[:, :, i, j])
    return z
""",
    ),
    (
        "conv_transpose_forward",
        "The filter is not flipped where it must be: y is spread by zeros, padded by K - 1 "
        "and correlated with the unflipped w, so every stamp comes out turned by 180 degrees.",
        {"flipped"},
        True,
        """
def conv_transpose_forward(y, w, b, stride):
    SH, SW = stride
    T, M, H, W = y.shape
    KH, KW = w.shape[2:]
    up = np.zeros((T, M, SH*(H-1) + 1, SW*(W-1) + 1))
    up[:, :, ::SH, ::SW] = y
    up = np.pad(up, ((0, 0), (0, 0), (KH-1, KH-1), (KW-1, KW-1)))
    win = sliding_window_view(up, (KH, KW), axis=(2, 3))
    z = np.einsum('tmrcij,mnij->tnrc', win, w)
    return z + b[:, None, None]
""",
    ),
    (
        "conv_transpose_forward",
        "The output is cut (or filled with b at the end) to SH*H rows and SW*W columns "
        "instead of SH*(H-1)+KH and SW*(W-1)+KW; the shape is right only where the filter is "
        "as large as the stride.",
        {"shape"},
        True,
        """
def conv_transpose_forward(y, w, b, stride):
    T, M, H, W = y.shape
    M, N, KH, KW = w.shape
    SH, SW = stride
    # upsampling by the stride
    H_out, W_out = SH * H, SW * W
    z = np.zeros((T, N, H_out, W_out))
    for r in range(H):
        for c in range(W):
            for i in range(KH):
                for j in range(KW):
                    if SH*r + i < H_out and SW*c + j < W_out:
                        z[:, :, SH*r + i, SW*c + j] += y[:, :, r, c] @ w[:, :, i, j]
    return z + b[None, :, None, None]
""",
    ),
    (
        "conv_transpose_backward",
        "db is summed window by window, so elements of dz under several overlapping stamps "
        "are counted several times (and those under none not at all); dy and dw are right.",
        {"db_per_place"},
        True,
        """
def conv_transpose_backward(dz, y, w, b, stride):
    T, M, H, W = y.shape
    M, N, KH, KW = w.shape
    SH, SW = stride
    dy = np.zeros(y.shape)
    dw = np.zeros(w.shape)
    db = np.zeros(b.shape)
    for r in range(H):
        for c in range(W):
            d = dz[:, :, SH*r:SH*r+KH, SW*c:SW*c+KW]
            dy[:, :, r, c] += np.einsum('tnij,mnij->tm', d, w)
            dw += np.einsum('tm,tnij->mnij', y[:, :, r, c], d)
            db += d.sum(axis=(0, 2, 3))
    return dy, dw, db
""",
    ),
    (
        "conv_transpose_backward",
        "The filter is flipped in dy (the rule of the convolution's backward pass), although "
        "dy here is the plain correlation of dz with w; dw and db are right.",
        {"dy_flipped"},
        True,
        """
def conv_transpose_backward(dz, y, w, b, stride):
    SH, SW = stride
    KH, KW = w.shape[2:]
    win = sliding_window_view(dz, (KH, KW), axis=(2, 3))[:, :, ::SH, ::SW]
    flipped = w[:, :, ::-1, ::-1]
    dy = np.einsum('tnrcij,mnij->tmrc', win, flipped)
    dw = np.einsum('tnrcij,tmrc->mnij', win, y)
    db = dz.sum(axis=(0, 2, 3))
    return dy, dw, db
""",
    ),
    (
        "conv_transpose_backward",
        "dw is returned with the axes (N, M, KH, KW), out-map first as in a convolution, "
        "instead of (M, N, KH, KW); dy and db are right.",
        {"dw_maps_exchanged"},
        True,
        """
def conv_transpose_backward(dz, y, w, b, stride):
    T, M, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    dy = np.zeros((T, M, H, W))
    dw = np.zeros((N, M, KH, KW))
    for i in range(KH):
        for j in range(KW):
            part = dz[:, :, i:i + SH*(H-1) + 1:SH, j:j + SW*(W-1) + 1:SW]
            dy += np.einsum('tnrc,mn->tmrc', part, w[:, :, i, j])
            dw[:, :, i, j] = np.einsum('tnrc,tmrc->nm', part, y)
    db = dz.sum(axis=(0, 2, 3))
    return dy, dw, db
""",
    ),
    (
        "conv_transpose_backward",
        "dw and db are overwritten for each picture (= instead of +=), so they are the "
        "gradients of the last picture of the batch only; dy is right, and all is right for T "
        "= 1.",
        {"last_instance"},
        False,
        """
def conv_transpose_backward(dz, y, w, b, stride):
    T, M, H, W = y.shape
    M, N, KH, KW = w.shape
    SH, SW = stride
    dy = np.zeros(y.shape)
    dw = np.zeros(w.shape)
    db = np.zeros(b.shape)
    for t in range(T):
        for m in range(M):
            for n in range(N):
                for i in range(KH):
                    for j in range(KW):
                        d = dz[t, n, i:i + SH*(H-1) + 1:SH, j:j + SW*(W-1) + 1:SW]
                        dy[t, m] += w[m, n, i, j] * d
                        dw[m, n, i, j] = np.sum(y[t, m] * d)
        db[:] = dz[t].sum(axis=(1, 2))
    return dy, dw, db
""",
    ),
    (
        "conv_transpose_backward",
        "The stride is ignored in dw: y[t,m,r,c] is multiplied with dz[t,n,r+i,c+j] instead "
        "of dz[t,n,SH*r+i,SW*c+j]; dy and db are right.",
        {"dw_stride_ignored"},
        True,
        """
def conv_transpose_backward(dz, y, w, b, stride):
    T, M, H, W = y.shape
    M, N, KH, KW = w.shape
    SH, SW = stride
    dy = np.zeros(y.shape)
    dw = np.zeros(w.shape)
    for r in range(H):
        for c in range(W):
            dy[:, :, r, c] = np.tensordot(dz[:, :, SH*r:SH*r+KH, SW*c:SW*c+KW], w,
                                          axes=([1, 2, 3], [1, 2, 3]))
    for i in range(KH):
        for j in range(KW):
            dw[:, :, i, j] = np.tensordot(y, dz[:, :, i:i+H, j:j+W],
                                          axes=([0, 2, 3], [0, 2, 3]))
    return dy, dw, dz.sum(axis=(0, 2, 3))
""",
    ),
    (
        "conv_transpose_backward",
        "Two mistakes: dw is flipped in both filter axes, and db is divided by the number of "
        "pictures T (mean over the batch); dy is right.",
        {"dw_flipped"},
        True,
        """
def conv_transpose_backward(dz, y, w, b, stride):
    SH, SW = stride
    T, M, H, W = y.shape
    M, N, KH, KW = w.shape
    dy = np.zeros(y.shape)
    dw = np.zeros(w.shape)
    for r in range(H):
        for c in range(W):
            for i in range(KH):
                for j in range(KW):
                    d = dz[:, :, SH*r + i, SW*c + j]
                    dy[:, :, r, c] += d @ w[:, :, i, j].T
                    dw[:, :, KH-1-i, KW-1-j] += y[:, :, r, c].T @ d
    db = dz.sum(axis=(2, 3)).mean(axis=0)
    return dy, dw, db
""",
    ),
]
