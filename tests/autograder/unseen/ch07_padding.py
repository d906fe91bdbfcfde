"""Chapter 07: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "pad_backward",
        "It cuts with top:-bottom and left:-right, which gives an empty slice when bottom or "
        "right is 0.",
        {"minus_the_end"},
        True,
        """
def pad_backward(dy_padded, padding):
    (top, bottom), (left, right) = padding
    return dy_padded[:, :, top:-bottom, left:-right].copy()
""",
    ),
    (
        "pad_backward",
        "padding is unpacked in the wrong order, as ((top, left), (bottom, right)): bottom "
        "and left are exchanged.",
        {"pairs_misread"},
        True,
        """
def pad_backward(dy_padded, padding):
    (top, left), (bottom, right) = padding
    Hp, Wp = dy_padded.shape[2:]
    return dy_padded[:, :, top:Hp - bottom, left:Wp - right].copy()
""",
    ),
    (
        "pad_backward",
        "It takes the padding as symmetric: top is cut off below too and left on the right "
        "too; bottom and right are not used.",
        {"starts_for_both"},
        True,
        """
def pad_backward(dy_padded, padding):
    ph, pw = padding[0][0], padding[1][0]
    T, M, Hp, Wp = dy_padded.shape
    dy = np.zeros((T, M, Hp - 2 * ph, Wp - 2 * pw))
    for r in range(Hp - 2 * ph):
        for c in range(Wp - 2 * pw):
            dy[:, :, r, c] = dy_padded[:, :, r + ph, c + pw]
    return dy
""",
    ),
    (
        "pad_backward",
        "It pads dy_padded with yet more zeros instead of cutting its border off.",
        {"padded_again"},
        True,
        """
def pad_backward(dy_padded, padding):
    return np.pad(dy_padded, ((0, 0), (0, 0), padding[0], padding[1]))
""",
    ),
    (
        "pad_backward",
        "Two mistakes: it sets the border to 0 instead of cutting it off, so the shape stays "
        "the padded one, and it does so in place, so the argument is changed.",
        {"input_modified"},
        True,
        """
def pad_backward(dy_padded, padding):
    (top, bottom), (left, right) = padding
    H, W = dy_padded.shape[2:]
    dy = dy_padded
    dy[:, :, :top] = 0
    dy[:, :, H - bottom:] = 0
    dy[:, :, :, :left] = 0
    dy[:, :, :, W - right:] = 0
    return dy
""",
    ),
    (
        "padded_conv_backward",
        "dw is made from the unpadded y: it uses y at (r + i, c + j) where it exists and "
        "skips the rest, so the shift by top and left is missing.",
        {"y_not_shifted"},
        False,
        """
def padded_conv_backward(dz, y, w, b, padding):
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = w.shape[2:]
    (top, bottom), (left, right) = padding
    dyp = np.zeros((T, M, top + H + bottom, left + W + right))
    dw = np.zeros_like(w)
    for r in range(H_out):
        for c in range(W_out):
            dyp[:, :, r:r + KH, c:c + KW] += np.einsum('tn,nmij->tmij', dz[:, :, r, c], w)
            for i in range(KH):
                for j in range(KW):
                    if r + i < H and c + j < W:
                        dw[:, :, i, j] += dz[:, :, r, c].T @ y[:, :, r + i, c + j]
    dy = dyp[:, :, top:top + H, left:left + W].copy()
    return dy, dw, dz.sum(axis=(0, 2, 3))
""",
    ),
    (
        "padded_conv_backward",
        "The border of dy is not cut off: dy is returned with the padded shape.",
        {"not_cropped"},
        True,
        """
def padded_conv_backward(dz, y, w, b, padding):
    T, N, H_out, W_out = dz.shape
    N, M, KH, KW = w.shape
    y_padded = np.pad(y, ((0, 0), (0, 0), padding[0], padding[1]))
    dy = np.zeros_like(y_padded)
    dw = np.zeros_like(w)
    for i in range(KH):
        for j in range(KW):
            dy[:, :, i:i + H_out, j:j + W_out] += np.einsum('tnrc,nm->tmrc', dz, w[:, :, i, j])
            dw[:, :, i, j] = np.einsum('tnrc,tmrc->nm', dz, y_padded[:, :, i:i + H_out, j:j + W_out])
    db = dz.sum(axis=(0, 2, 3))
    return dy, dw, db
""",
    ),
    (
        "padded_conv_backward",
        "dy is cut with top:-bottom and left:-right, which gives an empty array when bottom "
        "or right is 0.",
        {"minus_the_end"},
        True,
        """
def padded_conv_backward(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    KH, KW = w.shape[2:]
    y_padded = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)))
    win = sliding_window_view(y_padded, (KH, KW), axis=(2, 3))
    dw = np.einsum('tnrc,tmrcij->nmij', dz, win)
    db = np.einsum('tnrc->n', dz)
    big = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    win = sliding_window_view(big, (KH, KW), axis=(2, 3))
    dy_padded = np.einsum('tnrcij,nmij->tmrc', win, w[:, :, ::-1, ::-1])
    return dy_padded[:, :, top:-bottom, left:-right], dw, db
""",
    ),
    (
        "padded_conv_backward",
        "The cut of dy out of the padded gradient starts at row bottom and column right "
        "instead of at row top and column left.",
        {"sides_exchanged"},
        True,
        """
def padded_conv_backward(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    T, N, H_out, W_out = dz.shape
    T, M, H, W = y.shape
    KH, KW = w.shape[2], w.shape[3]
    yp = np.zeros((T, M, H + top + bottom, W + left + right))
    yp[:, :, top:top + H, left:left + W] = y
    dyp = np.zeros(yp.shape)
    dw = np.zeros(w.shape)
    db = np.zeros(b.shape)
    for t in range(T):
        for n in range(N):
            db[n] += dz[t, n].sum()
            for r in range(H_out):
                for c in range(W_out):
                    dyp[t, :, r:r + KH, c:c + KW] += w[n] * dz[t, n, r, c]
                    dw[n] += yp[t, :, r:r + KH, c:c + KW] * dz[t, n, r, c]
    return dyp[:, :, bottom:bottom + H, right:right + W].copy(), dw, db
""",
    ),
    (
        "padded_conv_backward",
        "The row padding and the column padding are exchanged when y is padded (padding[1] on "
        "the rows, padding[0] on the columns), so dw is made from a wrongly padded y.",
        {"shapes"},
        True,
        """
def padded_conv_backward(dz, y, w, b, padding):
    H_out, W_out = dz.shape[2:]
    N, M, KH, KW = w.shape
    T, _, H, W = y.shape
    yp = np.pad(y, [(0, 0), (0, 0), padding[1], padding[0]])
    dw = np.zeros(w.shape)
    full = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1))
    for i in range(KH):
        for j in range(KW):
            dw[:, :, i, j] = np.tensordot(dz, yp[:, :, i:i + H_out, j:j + W_out], axes=([0, 2, 3], [0, 2, 3]))
            full[:, :, i:i + H_out, j:j + W_out] += np.einsum('tnrc,nm->tmrc', dz, w[:, :, i, j])
    top, left = padding[0][0], padding[1][0]
    return full[:, :, top:top + H, left:left + W], dw, dz.sum((0, 2, 3))
""",
    ),
    (
        "padded_conv_backward",
        "y is padded by repeating its border values (mode 'edge') instead of with zeros, so "
        "dw is wrong.",
        {"padded_by_edge"},
        False,
        """
def padded_conv_backward(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = w.shape[-2:]
    y_padded = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)), mode='edge')
    dw = np.einsum('tnrc,tmijrc->nmij', dz, sliding_window_view(y_padded, (H_out, W_out), axis=(2, 3)))
    dyp = np.zeros(y_padded.shape)
    r, c, i, j = np.ogrid[:H_out, :W_out, :KH, :KW]
    np.add.at(dyp, (slice(None), slice(None), r + i, c + j), np.einsum('tnrc,nmij->tmrcij', dz, w))
    return dyp[:, :, top:H + top, left:W + left].copy(), dw, dz.sum(axis=(0, 2, 3))
""",
    ),
    (
        "padded_conv_backward",
        "The border of the padded gradient is cut at the top and left only; the rows below "
        "and columns at the right stay in dy.",
        {"end_not_cut"},
        True,
        """
def padded_conv_backward(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    N, M, KH, KW = w.shape
    H_out, W_out = dz.shape[2:]
    yp = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)))
    dyp, dw = np.zeros(yp.shape), np.zeros(w.shape)
    for i in range(KH):
        for j in range(KW):
            rows, cols = slice(i, i + H_out), slice(j, j + W_out)
            dyp[:, :, rows, cols] += np.einsum('nm,tnrc->tmrc', w[:, :, i, j], dz)
            dw[:, :, i, j] = np.einsum('tnrc,tmrc->nm', dz, yp[:, :, rows, cols])
    db = dz.sum(axis=3).sum(axis=2).sum(axis=0)
    return dyp[:, :, top:, left:].copy(), dw, db
""",
    ),
    (
        "padded_conv_backward",
        "Two mistakes: the filters are not flipped in the convolution that makes dy, and db "
        "is the mean over the pictures (divided by T) instead of the sum.",
        {"no_flip"},
        True,
        """
def padded_conv_backward(dz, y, w, b, padding):
    def pad(a, rows, cols):
        return np.pad(a, ((0, 0), (0, 0), rows, cols))
    KH, KW = w.shape[2:]
    H, W = y.shape[2:]
    top, left = padding[0][0], padding[1][0]
    windows = sliding_window_view(pad(y, *padding), (KH, KW), axis=(2, 3))
    dw = np.tensordot(dz, windows, axes=([0, 2, 3], [0, 2, 3]))
    db = dz.sum(axis=(2, 3)).mean(axis=0)
    back = sliding_window_view(pad(dz, (KH - 1, KH - 1), (KW - 1, KW - 1)), (KH, KW), axis=(2, 3))
    dyp = np.einsum('tnrcij,nmij->tmrc', back, w)
    return dyp[:, :, top:top + H, left:left + W], dw, db
""",
    ),
    (
        "padded_conv_backward",
        "The results come in the order dw, db, dy instead of dy, dw, db.",
        {"weights_first"},
        True,
        """
def padded_conv_backward(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = w.shape[2:]
    yp = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)))
    dyp = np.zeros_like(yp)
    dw = np.zeros_like(w)
    for t in range(T):
        for r in range(H_out):
            for c in range(W_out):
                g = dz[t, :, r, c]
                dw += g[:, None, None, None] * yp[t, :, r:r + KH, c:c + KW]
                dyp[t, :, r:r + KH, c:c + KW] += np.tensordot(g, w, axes=1)
    db = np.array([dz[:, n].sum() for n in range(N)])
    return dw, db, dyp[:, :, top:top + H, left:left + W]
""",
    ),
    (
        "padded_conv_backward",
        "Two mistakes: dw is assigned anew for every picture, so only the last picture counts "
        "in it, and db is summed over the positions only, so it has shape (T, N).",
        {"dw_last_instance", "db_batch_kept"},
        True,
        """
def padded_conv_backward(dz, y, w, b, padding):
    (top, bottom), (left, right) = padding
    T, N, H_out, W_out = dz.shape
    N, M, KH, KW = w.shape
    H, W = y.shape[2], y.shape[3]
    yp = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)))
    dyp = np.zeros(yp.shape)
    dw = np.zeros(w.shape)
    for t in range(T):
        for i in range(KH):
            for j in range(KW):
                block = yp[t, :, i:i + H_out, j:j + W_out]
                dw[:, :, i, j] = np.einsum('nrc,mrc->nm', dz[t], block)
                dyp[t, :, i:i + H_out, j:j + W_out] += np.einsum('nrc,nm->mrc', dz[t], w[:, :, i, j])
    db = dz.sum(axis=(2, 3))
    dy = dyp[:, :, top:top + H, left:left + W].copy()
    return dy, dw, db
""",
    ),
]
