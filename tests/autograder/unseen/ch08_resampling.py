"""Chapter 08: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "downsample_backward",
        "The gradient is copied to the whole F x F block (np.repeat, cropped to shape) "
        "instead of only to the kept element, so dropped rows and columns are not 0.",
        {"repeated"},
        True,
        """
def downsample_backward(dz, shape, factor):
    if isinstance(factor, int):
        fh = fw = factor
    else:
        fh, fw = factor
    T, M, H, W = shape
    # every element of the block produced this z, so all of them get dz
    dy = np.repeat(np.repeat(dz, fh, axis=2), fw, axis=3)
    return dy[:, :, :H, :W].copy()
""",
    ),
    (
        "downsample_backward",
        "The argument shape is ignored: dy always gets F*H_out rows and F*W_out columns, so "
        "its shape is wrong unless H and W happen to be these (values at the common places "
        "are right).",
        {"factor_times_size"},
        True,
        """
def downsample_backward(dz, shape, factor):
    try:
        fh, fw = factor
    except TypeError:
        fh, fw = factor, factor
    T, M, H_out, W_out = dz.shape
    dy = np.zeros((T, M, H_out * fh, W_out * fw), dtype=dz.dtype)
    for r in range(H_out):
        for c in range(W_out):
            dy[:, :, fh * r, fw * c] = dz[:, :, r, c]
    return dy
""",
    ),
    (
        "downsample_backward",
        "dz is put at the last row and column of each F x F block (F*r + F - 1) instead of "
        "the first; what falls outside of shape is lost.",
        {"last_of_block_cut"},
        False,
        """
def downsample_backward(dz, shape, factor):
    fr, fc = (factor, factor) if np.isscalar(factor) else factor
    dy = np.zeros(shape, dtype=dz.dtype)
    T, M, H, W = shape
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            row = (r + 1) * fr - 1
            col = (c + 1) * fc - 1
            if row < H and col < W:
                dy[:, :, row, col] = dz[:, :, r, c]
    return dy
""",
    ),
    (
        "downsample_backward",
        "Two mistakes: of a pair factor only the first number is used for rows and columns "
        "alike (wrong, or an IndexError, when the two differ), and dz is divided by F*F as if "
        "the layer had averaged the block.",
        {"divided"},
        True,
        """
def downsample_backward(dz, shape, factor):
    F = factor if isinstance(factor, int) else factor[0]
    T, M, H, W = shape
    dy = np.zeros((T, M, H, W), dtype=dz.dtype)
    for t in range(T):
        for m in range(M):
            for r in range(dz.shape[2]):
                for c in range(dz.shape[3]):
                    dy[t, m, F * r, F * c] = dz[t, m, r, c] / (F * F)
    return dy
""",
    ),
    (
        "upsample_backward",
        "dz is summed over each F x F block (the gradient of upsampling by repeating values) "
        "instead of taking only the element F*r, F*c of it.",
        {"blocks_summed"},
        True,
        """
def upsample_backward(dz, factor):
    if isinstance(factor, int):
        factor = (factor, factor)
    fh, fw = factor
    T, M, Hz, Wz = dz.shape
    H = (Hz - 1) // fh + 1
    W = (Wz - 1) // fw + 1
    dy = np.zeros((T, M, H, W), dtype=dz.dtype)
    for r in range(H):
        for c in range(W):
            # the last block is cut off by the slice, that is fine
            dy[:, :, r, c] = dz[:, :, fh*r:fh*(r+1), fw*c:fw*(c+1)].sum(axis=(2, 3))
    return dy
""",
    ),
    (
        "upsample_backward",
        "H and W are computed as dz.shape // F, not (size - 1) // F + 1, so the last row and "
        "the last column of dy are missing whenever the factor of that axis is larger than 1.",
        {"last_dropped"},
        True,
        """
def upsample_backward(dz, factor):
    fh, fw = factor if isinstance(factor, tuple) else (factor, factor)
    T, M = dz.shape[:2]
    H = dz.shape[2] // fh
    W = dz.shape[3] // fw
    dy = np.empty((T, M, H, W), dtype=dz.dtype)
    for t in range(T):
        for m in range(M):
            for r in range(H):
                for c in range(W):
                    dy[t, m, r, c] = dz[t, m, fh * r, fw * c]
    return dy
""",
    ),
    (
        "upsample_backward",
        "dz itself is changed: the rows and columns of the inserted zeros are set to 0 in dz "
        "before it is thinned; the returned values are right.",
        {"input_modified"},
        True,
        """
def upsample_backward(dz, factor):
    fh, fw = (factor, factor) if isinstance(factor, int) else factor
    # the zeros are no function of y: delete their gradient
    for r in range(dz.shape[2]):
        if r % fh != 0:
            dz[:, :, r, :] = 0
    for c in range(dz.shape[3]):
        if c % fw != 0:
            dz[:, :, :, c] = 0
    return np.array(dz[:, :, ::fh, ::fw])
""",
    ),
    (
        "upsample_backward",
        "The two numbers of a pair factor are swapped: the first is used for the columns and "
        "the second for the rows.",
        {"pair_exchanged"},
        True,
        """
def upsample_backward(dz, factor):
    if np.ndim(factor) == 0:
        fx = fy = int(factor)
    else:
        fx, fy = factor
    rows = np.arange(0, dz.shape[2], fy)
    cols = np.arange(0, dz.shape[3], fx)
    return dz[:, :, rows[:, None], cols]
""",
    ),
    (
        "upsample_backward",
        "The forward step is applied again: F - 1 zeros are put between the elements of dz, "
        "so dy is larger than dz instead of thinned.",
        {"upsampled_again"},
        True,
        """
def upsample_backward(dz, factor):
    if isinstance(factor, int):
        fh, fw = factor, factor
    else:
        fh, fw = factor
    T, M, H, W = dz.shape
    dy = np.zeros((T, M, fh * (H - 1) + 1, fw * (W - 1) + 1), dtype=dz.dtype)
    dy[:, :, ::fh, ::fw] = dz
    return dy
""",
    ),
    (
        "strided_conv_backward",
        "dy is assigned with = instead of += at each window, so where windows overlap (stride "
        "smaller than the filter) only the last window's share remains; dw and db are right.",
        {"overwrite"},
        True,
        """
def strided_conv_backward(dz, y, w, b, stride):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    T, N, H_out, W_out = dz.shape
    KH, KW = w.shape[2:]
    dy = np.zeros_like(y)
    dw = np.zeros_like(w)
    for r in range(H_out):
        for c in range(W_out):
            d = dz[:, :, r, c]
            patch = y[:, :, sh*r:sh*r+KH, sw*c:sw*c+KW]
            dy[:, :, sh*r:sh*r+KH, sw*c:sw*c+KW] = np.tensordot(d, w, axes=(1, 0))
            dw += np.tensordot(d, patch, axes=(0, 0))
    db = dz.sum(axis=(0, 2, 3))
    return dy, dw, db
""",
    ),
    (
        "strided_conv_backward",
        "The rows and columns of y that no filter reaches are lost: dy has only "
        "S*(H_out-1)+KH rows (columns likewise), so its shape is wrong where the stride does "
        "not divide H - KH; dw and db are right.",
        {"trailing_missing"},
        True,
        """
def strided_conv_backward(dz, y, w, b, stride):
    if isinstance(stride, int):
        stride = (stride, stride)
    sh, sw = stride
    T, N, Ho, Wo = dz.shape
    KH, KW = w.shape[2:]
    up = np.zeros((T, N, sh * (Ho - 1) + 1, sw * (Wo - 1) + 1), dtype=dz.dtype)
    up[:, :, ::sh, ::sw] = dz
    # dy: full convolution of the upsampled dz with the flipped filter
    padded = np.pad(up, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    win = sliding_window_view(padded, (KH, KW), axis=(2, 3))
    dy = np.einsum('tnrcij,nmij->tmrc', win, w[:, :, ::-1, ::-1])
    # dw: slide the upsampled dz over y
    dw = np.zeros_like(w)
    for i in range(KH):
        for j in range(KW):
            part = y[:, :, i:i + up.shape[2], j:j + up.shape[3]]
            dw[:, :, i, j] = np.einsum('tnrc,tmrc->nm', up, part)
    db = up.sum(axis=(0, 2, 3))
    return dy, dw, db
""",
    ),
    (
        "strided_conv_backward",
        "The filter is not flipped in the full convolution that makes dy (windows of the "
        "padded dz are multiplied by w[i, j] instead of w[KH-1-i, KW-1-j]); dw and db are "
        "right.",
        {"no_flip"},
        True,
        """
def strided_conv_backward(dz, y, w, b, stride):
    try:
        sh, sw = stride
    except TypeError:
        sh = sw = stride
    T, N, Ho, Wo = dz.shape
    _, M, H, W = y.shape
    KH, KW = w.shape[2:]
    d = np.zeros((T, N, H - KH + 1, W - KW + 1), dtype=dz.dtype)
    d[:, :, ::sh, ::sw][:, :, :Ho, :Wo] = dz

    dw = np.einsum('tmijrc,tnrc->nmij',
                   sliding_window_view(y, d.shape[2:], axis=(2, 3)), d)
    db = d.sum(axis=(0, 2, 3))
    pad = np.pad(d, [(0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)])
    dy = np.einsum('tnrcij,nmij->tmrc',
                   sliding_window_view(pad, (KH, KW), axis=(2, 3)), w)
    return dy, dw, db
""",
    ),
    (
        "strided_conv_backward",
        "The stride is ignored in dw: dz[t,n,r,c] is multiplied with y[t,m,r+i,c+j] instead "
        "of y[t,m,S*r+i,S*c+j]; dy and db are right.",
        {"dw_stride_missing"},
        True,
        """
def strided_conv_backward(dz, y, w, b, stride):
    SH, SW = (stride, stride) if np.isscalar(stride) else stride
    T, N, H_out, W_out = dz.shape
    N, M, KH, KW = w.shape
    dy = np.zeros(y.shape, dtype=y.dtype)
    dw = np.zeros(w.shape, dtype=w.dtype)
    for i in range(KH):
        for j in range(KW):
            for r in range(H_out):
                for c in range(W_out):
                    dy[:, :, SH*r + i, SW*c + j] += dz[:, :, r, c] @ w[:, :, i, j]
            dw[:, :, i, j] = np.einsum('tnrc,tmrc->nm', dz,
                                       y[:, :, i:i + H_out, j:j + W_out])
    db = np.einsum('tnrc->n', dz)
    return dy, dw, db
""",
    ),
    (
        "strided_conv_backward",
        "The two axes of w are mixed up in dy (w[m, n] used where w[n, m] is meant), which "
        "raises an error when N and M differ and gives a wrong dy when they are equal and "
        "larger than 1; dw and db are right.",
        {"maps_exchanged"},
        True,
        """
def strided_conv_backward(dz, y, w, b, stride):
    if isinstance(stride, int):
        sh, sw = stride, stride
    else:
        sh, sw = stride
    KH, KW = w.shape[2], w.shape[3]
    Ho, Wo = dz.shape[2], dz.shape[3]
    dy = np.zeros_like(y)
    for r in range(Ho):
        for c in range(Wo):
            dy[:, :, r*sh:r*sh+KH, c*sw:c*sw+KW] += np.einsum(
                'tn,mnij->tmij', dz[:, :, r, c], w)
    win = sliding_window_view(y, (KH, KW), axis=(2, 3))[:, :, ::sh, ::sw]
    dw = np.einsum('tnrc,tmrcij->nmij', dz, win)
    db = dz.sum(axis=(0, 2, 3))
    return dy, dw, db
""",
    ),
    (
        "strided_conv_backward",
        "Two mistakes: dw and db are divided by the number of pictures T (means over the "
        "batch instead of sums), and of a pair stride only the first number is used, for the "
        "columns as well as for the rows; dy is right as long as both strides are equal, "
        "otherwise dy is wrong or there is an IndexError.",
        {"rows_for_both", "divided_by_batch"},
        True,
        """
def strided_conv_backward(dz, y, w, b, stride):
    S = stride if isinstance(stride, int) else stride[0]
    T, N, H_out, W_out = dz.shape
    M, H, W = y.shape[1:]
    KH, KW = w.shape[2:]
    dy = np.zeros(y.shape, dtype=y.dtype)
    dw = np.zeros(w.shape, dtype=w.dtype)
    db = np.zeros(b.shape, dtype=b.dtype)
    for t in range(T):
        for n in range(N):
            for r in range(H_out):
                for c in range(W_out):
                    g = dz[t, n, r, c]
                    db[n] += g
                    for m in range(M):
                        for i in range(KH):
                            for j in range(KW):
                                dy[t, m, S*r + i, S*c + j] += w[n, m, i, j] * g
                                dw[n, m, i, j] += g * y[t, m, S*r + i, S*c + j]
    return dy, dw / T, db / T
""",
    ),
]
