"""Chapter 09: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "conv_backward",
        "The border is cut off with [top:-bottom, left:-right]; where bottom or right is 0 "
        "the slice is empty and dy has a size of 0, otherwise everything is right.",
        {"cropped_by_minus_zero"},
        True,
        """
def conv_backward(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    (top, bottom), (left, right) = padding
    yp = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)))
    dyp = np.zeros_like(yp)
    dw = np.zeros_like(w)
    KH, KW = w.shape[2:]
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            rows = slice(sh * r, sh * r + KH)
            cols = slice(sw * c, sw * c + KW)
            dyp[:, :, rows, cols] += np.einsum('tn,nmij->tmij', dz[:, :, r, c], w)
            dw += np.einsum('tn,tmij->nmij', dz[:, :, r, c], yp[:, :, rows, cols])
    db = dz.sum(axis=(0, 2, 3))
    return dyp[:, :, top:-bottom, left:-right].copy(), dw, db
""",
    ),
    (
        "conv_backward",
        "dy is cut out of dy_padded from row bottom and column right on instead of from top "
        "and left, so it is shifted wherever top != bottom or left != right; dw and db are "
        "right.",
        {"cropped_from_bottom"},
        False,
        """
def conv_backward(dz, y, w, b, stride, padding):
    if isinstance(stride, int):
        stride = (stride, stride)
    SH, SW = stride
    (top, bottom), (left, right) = padding
    T, M, H, W = y.shape
    N, _, KH, KW = w.shape
    _, _, H_out, W_out = dz.shape
    y_padded = np.zeros((T, M, top + H + bottom, left + W + right), dtype=y.dtype)
    y_padded[:, :, top:top + H, left:left + W] = y
    dy_padded = np.zeros(y_padded.shape, dtype=y.dtype)
    dw = np.zeros(w.shape, dtype=w.dtype)
    for i in range(KH):
        for j in range(KW):
            rows = i + SH * np.arange(H_out)
            cols = j + SW * np.arange(W_out)
            part = y_padded[:, :, rows[:, None], cols]
            dw[:, :, i, j] = np.tensordot(dz, part, axes=([0, 2, 3], [0, 2, 3]))
            dy_padded[:, :, rows[:, None], cols] += np.einsum(
                'tnrc,nm->tmrc', dz, w[:, :, i, j])
    db = dz.sum(axis=(0, 2, 3))
    dy = dy_padded[:, :, bottom:bottom + H, right:right + W].copy()
    return dy, dw, db
""",
    ),
    (
        "conv_backward",
        "dw is computed with the unpadded y at row SH*r+i, column SW*c+j (top and left are "
        "not subtracted, indices beyond y are skipped), so dw is wrong whenever top or left "
        "is not 0; dy and db are right.",
        {"y_not_shifted"},
        False,
        """
def conv_backward(dz, y, w, b, stride, padding):
    SH, SW = (stride, stride) if isinstance(stride, int) else stride
    (top, bottom), (left, right) = padding
    T, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    _, _, KH, KW = w.shape
    dyp = np.zeros((T, M, H + top + bottom, W + left + right), dtype=y.dtype)
    dw = np.zeros(w.shape, dtype=w.dtype)
    for r in range(H_out):
        for c in range(W_out):
            for i in range(KH):
                for j in range(KW):
                    row = SH * r + i
                    col = SW * c + j
                    dyp[:, :, row, col] += dz[:, :, r, c] @ w[:, :, i, j]
                    if row < H and col < W:
                        dw[:, :, i, j] += dz[:, :, r, c].T @ y[:, :, row, col]
    dy = dyp[:, :, top:top + H, left:left + W].copy()
    return dy, dw, dz.sum(axis=(0, 2, 3))
""",
    ),
    (
        "conv_backward",
        "All three gradients come out as float64 even when all arguments are float32 "
        "(np.zeros without a dtype); the values are right.",
        {"float64"},
        True,
        """
def conv_backward(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if np.isscalar(stride) else stride
    (pt, pb), (pl, pr) = padding
    T, M, H, W = y.shape
    N, M, KH, KW = w.shape
    T, N, Ho, Wo = dz.shape
    yp = np.zeros((T, M, H + pt + pb, W + pl + pr))
    yp[:, :, pt:pt + H, pl:pl + W] = y
    dyp = np.zeros(yp.shape)
    dw = np.zeros((N, M, KH, KW))
    db = np.zeros(N)
    for t in range(T):
        for n in range(N):
            for r in range(Ho):
                for c in range(Wo):
                    a, e = r * sh, c * sw
                    dyp[t, :, a:a+KH, e:e+KW] += w[n] * dz[t, n, r, c]
                    dw[n] += yp[t, :, a:a+KH, e:e+KW] * dz[t, n, r, c]
                    db[n] += dz[t, n, r, c]
    return dyp[:, :, pt:pt + H, pl:pl + W], dw, db
""",
    ),
    (
        "conv_backward",
        "dw is returned flipped in both filter axes (as for a true convolution with a flipped "
        "filter, dw[..., ::-1, ::-1]); dy and db are right.",
        {"dw_flipped"},
        True,
        """
def conv_backward(dz, y, w, b, stride, padding):
    if isinstance(stride, int):
        sh, sw = stride, stride
    else:
        sh, sw = stride
    (top, bottom), (left, right) = padding
    H, W = y.shape[2:]
    KH, KW = w.shape[2:]
    yp = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)))
    Hp, Wp = yp.shape[2:]
    # zeros between and behind the elements of dz: as if the stride were 1
    d = np.zeros(dz.shape[:2] + (Hp - KH + 1, Wp - KW + 1), dtype=dz.dtype)
    d[:, :, :sh * (dz.shape[2] - 1) + 1:sh, :sw * (dz.shape[3] - 1) + 1:sw] = dz
    full = np.pad(d, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    flipped = w[:, :, ::-1, ::-1]
    dyp = np.einsum('tnrcij,nmij->tmrc',
                    sliding_window_view(full, (KH, KW), axis=(2, 3)), flipped)
    dflipped = np.einsum('tmijrc,tnrc->nmij',
                         sliding_window_view(yp, d.shape[2:], axis=(2, 3)), d)
    dw = dflipped[:, :, ::-1, ::-1].copy()
    db = dz.sum(axis=(0, 2, 3))
    return dyp[:, :, top:top + H, left:left + W].copy(), dw, db
""",
    ),
    (
        "conv_backward",
        "The padding is unpacked as ((left, right), (top, bottom)), so the row padding is "
        "used for the columns and the column padding for the rows: mostly an error, otherwise "
        "wrong dy and dw, unless the two pairs are equal.",
        {"padding_swapped"},
        True,
        """
def conv_backward(dz, y, w, b, stride, padding):
    sh, sw = stride if isinstance(stride, tuple) else (stride, stride)
    (left, right), (top, bottom) = padding
    T, M, H, W = y.shape
    N, _, KH, KW = w.shape
    _, _, Ho, Wo = dz.shape
    yp = np.pad(y, ((0, 0), (0, 0), (top, bottom), (left, right)))
    dyp = np.zeros_like(yp)
    dw = np.zeros_like(w)
    for i in range(KH):
        for j in range(KW):
            view = np.s_[:, :, i:i + sh * (Ho - 1) + 1:sh, j:j + sw * (Wo - 1) + 1:sw]
            dw[:, :, i, j] = np.einsum('tnrc,tmrc->nm', dz, yp[view])
            dyp[view] += np.einsum('tnrc,nm->tmrc', dz, w[:, :, i, j])
    db = dz.sum(axis=(0, 2, 3))
    return dyp[:, :, top:top + H, left:left + W].copy(), dw, db
""",
    ),
    (
        "convnet_backward",
        "The ReLU mask is taken from the incoming gradient (dy > 0) instead of from the z of "
        "the layer.",
        {"slope_of_dy"},
        True,
        """
def convnet_backward(dy, image, weights, biases):
    def conv(y, w, b):
        win = sliding_window_view(y, w.shape[2:], axis=(2, 3))
        return np.einsum('tmrcij,nmij->tnrc', win, w) + b[None, :, None, None]

    def conv_back(dz, y, w):
        KH, KW = w.shape[2:]
        dy = np.zeros_like(y)
        dw = np.zeros_like(w)
        for r in range(dz.shape[2]):
            for c in range(dz.shape[3]):
                dy[:, :, r:r+KH, c:c+KW] += np.einsum('tn,nmij->tmij', dz[:, :, r, c], w)
                dw += np.einsum('tn,tmij->nmij', dz[:, :, r, c], y[:, :, r:r+KH, c:c+KW])
        return dy, dw, dz.sum(axis=(0, 2, 3))

    ys = [image]
    for w, b in zip(weights, biases):
        ys.append(np.maximum(conv(ys[-1], w, b), 0))
    L = len(weights)
    dweights, dbiases = [None] * L, [None] * L
    for l in reversed(range(L)):
        dz = dy * (dy > 0)
        dy, dweights[l], dbiases[l] = conv_back(dz, ys[l], weights[l])
    return dy, dweights, dbiases
""",
    ),
    (
        "convnet_backward",
        "dweights and dbiases are appended during the backward walk and returned in that "
        "order, last layer first, instead of in the order of weights and biases (harmless "
        "only for L = 1).",
        {"reversed"},
        True,
        """
def convnet_backward(dy, image, weights, biases):
    def corr(y, w):
        out = 0
        H = y.shape[2] - w.shape[2] + 1
        W = y.shape[3] - w.shape[3] + 1
        for i in range(w.shape[2]):
            for j in range(w.shape[3]):
                out = out + np.einsum('tmrc,nm->tnrc', y[:, :, i:i+H, j:j+W], w[:, :, i, j])
        return out

    ys, zs = [image], []
    for w, b in zip(weights, biases):
        z = corr(ys[-1], w) + b.reshape(1, -1, 1, 1)
        zs.append(z)
        ys.append(np.where(z > 0, z, 0))

    dweights, dbiases = [], []
    for l in range(len(weights) - 1, -1, -1):
        w = weights[l]
        KH, KW = w.shape[2:]
        dz = np.where(zs[l] > 0, dy, 0)
        dbiases.append(dz.sum(axis=(0, 2, 3)))
        win = sliding_window_view(ys[l], dz.shape[2:], axis=(2, 3))
        dweights.append(np.einsum('tmijrc,tnrc->nmij', win, dz))
        padded = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
        dy = corr(padded, w[:, :, ::-1, ::-1].transpose(1, 0, 2, 3))
    return dy, dweights, dbiases
""",
    ),
    (
        "convnet_backward",
        "dw of the layers after the first is computed with the z of the layer before (without "
        "ReLU) instead of its y; the first layer's dw, all db and dimage are right.",
        {"z_for_y"},
        True,
        """
def convnet_backward(dy, image, weights, biases):
    def forward_conv(y, w, b):
        T, M, H, W = y.shape
        N, _, KH, KW = w.shape
        z = np.zeros((T, N, H - KH + 1, W - KW + 1), dtype=y.dtype)
        for r in range(H - KH + 1):
            for c in range(W - KW + 1):
                z[:, :, r, c] = np.tensordot(y[:, :, r:r+KH, c:c+KW], w,
                                             axes=([1, 2, 3], [1, 2, 3])) + b
        return z

    L = len(weights)
    z = []
    y = image
    for l in range(L):
        z.append(forward_conv(y, weights[l], biases[l]))
        y = np.maximum(z[l], 0)

    dweights = [np.zeros_like(w) for w in weights]
    dbiases = [np.zeros_like(b) for b in biases]
    for l in range(L - 1, -1, -1):
        dz = dy * (z[l] > 0)
        inp = z[l - 1] if l > 0 else image
        w = weights[l]
        KH, KW = w.shape[2:]
        dy = np.zeros_like(inp)
        for r in range(dz.shape[2]):
            for c in range(dz.shape[3]):
                d = dz[:, :, r, c]
                dy[:, :, r:r+KH, c:c+KW] += np.tensordot(d, w, axes=(1, 0))
                dweights[l] += np.tensordot(d, inp[:, :, r:r+KH, c:c+KW], axes=(0, 0))
        dbiases[l] += dz.sum(axis=(0, 2, 3))
    return dy, dweights, dbiases
""",
    ),
    (
        "convnet_backward",
        "The ReLU mask comes one layer too early: after each convolution's backward pass dy "
        "is masked by (input of this layer > 0), so the last layer's ReLU is never applied "
        "and dimage is masked by image > 0.",
        {"mask_one_layer_early"},
        False,
        """
def convnet_backward(dy, image, weights, biases):
    def conv(y, w, b):
        return np.einsum('tmrcij,nmij->tnrc',
                         sliding_window_view(y, w.shape[2:], axis=(2, 3)), w) + b[:, None, None]

    def conv_grad(dz, y, w):
        KH, KW = w.shape[2:]
        dw = np.einsum('tnrc,tmrcij->nmij', dz,
                       sliding_window_view(y, (KH, KW), axis=(2, 3)))
        p = np.pad(dz, ((0, 0), (0, 0), (KH - 1,) * 2, (KW - 1,) * 2))
        dy = np.einsum('tnrcij,nmij->tmrc',
                       sliding_window_view(p, (KH, KW), axis=(2, 3)), np.flip(w, (2, 3)))
        return dy, dw, np.sum(dz, axis=(0, 2, 3))

    inputs = []
    y = image
    for w, b in zip(weights, biases):
        inputs.append(y)
        y = np.maximum(conv(y, w, b), 0)

    dweights, dbiases = [], []
    for y, w in zip(inputs[::-1], weights[::-1]):
        dy, dw, db = conv_grad(dy, y, w)
        dy = dy * (y > 0)
        dweights.insert(0, dw)
        dbiases.insert(0, db)
    return dy, dweights, dbiases
""",
    ),
    (
        "convnet_backward",
        "In the forward pass the ReLU is left out between the layers (y = z), although the "
        "backward pass does mask with z > 0; right only for L = 1.",
        {"forward_relu_missing"},
        True,
        """
def convnet_backward(dy, image, weights, biases):
    L = len(weights)
    ys = [image]
    masks = []
    for l in range(L):
        w, b = weights[l], biases[l]
        windows = sliding_window_view(ys[l], w.shape[2:], axis=(2, 3))
        y = np.einsum('tmrcij,nmij->tnrc', windows, w) + b[None, :, None, None]
        masks.append(y > 0)
        ys.append(y)

    dweights = [None] * L
    dbiases = [None] * L
    for l in range(L)[::-1]:
        w = weights[l]
        dz = dy * masks[l]
        H, W = dz.shape[2:]
        dy = np.zeros_like(ys[l])
        dw = np.zeros_like(w)
        for i in range(w.shape[2]):
            for j in range(w.shape[3]):
                dy[:, :, i:i+H, j:j+W] += np.einsum('tnrc,nm->tmrc', dz, w[:, :, i, j])
                dw[:, :, i, j] = np.einsum('tnrc,tmrc->nm', dz, ys[l][:, :, i:i+H, j:j+W])
        dweights[l] = dw
        dbiases[l] = dz.sum(axis=(0, 2, 3))
    return dy, dweights, dbiases
""",
    ),
    (
        "convnet_backward",
        "Two mistakes: the bias is not added in the forward pass, and dweights and dbiases "
        "are divided by the number of pictures T.",
        {"bias_missing"},
        True,
        """
def convnet_backward(dy, image, weights, biases):
    T = image.shape[0]

    def correlate(y, w):
        return np.einsum('tmrcij,nmij->tnrc',
                         sliding_window_view(y, w.shape[2:], axis=(2, 3)), w)

    keep_y = [image]
    keep_z = []
    for w in weights:
        keep_z.append(correlate(keep_y[-1], w))
        keep_y.append(np.maximum(keep_z[-1], 0))

    dweights, dbiases = [], []
    for l in range(len(weights) - 1, -1, -1):
        w = weights[l]
        KH, KW = w.shape[2:]
        dz = dy * (keep_z[l] > 0)
        dw = np.einsum('tnrc,tmrcij->nmij', dz,
                       sliding_window_view(keep_y[l], (KH, KW), axis=(2, 3))) / T
        db = dz.sum(axis=(0, 2, 3)) / T
        dweights = [dw] + dweights
        dbiases = [db] + dbiases
        padded = np.pad(dz, ((0, 0), (0, 0), (KH-1, KH-1), (KW-1, KW-1)))
        dy = correlate(padded, w[:, :, ::-1, ::-1].swapaxes(0, 1))
    return dy, dweights, dbiases
""",
    ),
]
