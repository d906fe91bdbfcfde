"""Chapter 13: wrong programs written from the task statements alone; see test_unseen.py."""

PROGRAMS = [
    (
        "cnn_gradients",
        "The 1/T of the mean loss is forgotten: all four gradients are sums over the "
        "pictures, T times too large.",
        {"factor"},
        True,
        """
def cnn_gradients(image, target, params):
    w, b = params["conv_w"], params["conv_b"]
    A, a = params["affine_w"], params["affine_b"]
    T = image.shape[0]
    N, M, KH, KW = w.shape
    win = sliding_window_view(image, (KH, KW), axis=(2, 3))
    z1 = np.einsum('tmrcij,nmij->tnrc', win, w) + b[:, None, None]
    y1 = np.maximum(z1, 0)
    Ho, Wo = y1.shape[2:]
    blocks = y1.reshape(T, N, Ho // 2, 2, Wo // 2, 2)
    pooled = blocks.max(axis=(3, 5))
    flat = pooled.reshape(T, -1)
    z2 = flat @ A.T + a
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))
    prob = e / e.sum(axis=1, keepdims=True)
    dz2 = prob.copy()
    dz2[np.arange(T), target] -= 1
    dA = dz2.T @ flat
    da = dz2.sum(axis=0)
    dpool = (dz2 @ A).reshape(pooled.shape)
    dblocks = (blocks == pooled[:, :, :, None, :, None]) * dpool[:, :, :, None, :, None]
    dz1 = dblocks.reshape(y1.shape) * (z1 > 0)
    dw = np.einsum('tmrcij,tnrc->nmij', win, dz1)
    db = dz1.sum(axis=(0, 2, 3))
    return {"conv_w": dw, "conv_b": db, "affine_w": dA, "affine_b": da}
""",
    ),
    (
        "cnn_gradients",
        "In the max pool's backward pass the gradient is shared out evenly over the four "
        "elements of the window (a quarter each, as in mean pooling) instead of going to the "
        "winner alone; the affine gradients are right.",
        {"spread_over_window"},
        True,
        """
def cnn_gradients(image, target, params):
    def conv_forward(y, w, b):
        win = sliding_window_view(y, w.shape[2:], axis=(2, 3))
        return np.einsum('tmrcij,nmij->tnrc', win, w) + b[None, :, None, None]

    def conv_grads(dz, y, w):
        win = sliding_window_view(y, w.shape[2:], axis=(2, 3))
        return np.einsum('tnrc,tmrcij->nmij', dz, win), dz.sum(axis=(0, 2, 3))

    def pool_forward(y):
        T, N, H, W = y.shape
        return y.reshape(T, N, H // 2, 2, W // 2, 2).max(axis=(3, 5))

    def pool_backward(dz):
        return np.repeat(np.repeat(dz, 2, axis=2), 2, axis=3) / 4

    T = len(target)
    z1 = conv_forward(image, params["conv_w"], params["conv_b"])
    y1 = np.maximum(z1, 0)
    p = pool_forward(y1)
    flat = p.reshape(T, -1)
    z2 = flat @ params["affine_w"].T + params["affine_b"]
    z2 = z2 - z2.max(axis=1, keepdims=True)
    soft = np.exp(z2) / np.exp(z2).sum(axis=1, keepdims=True)
    onehot = np.zeros_like(soft)
    onehot[np.arange(T), target] = 1
    dz2 = (soft - onehot) / T
    dflat = dz2 @ params["affine_w"]
    dy1 = pool_backward(dflat.reshape(p.shape))
    dz1 = np.where(z1 > 0, dy1, 0)
    dw, db = conv_grads(dz1, image, params["conv_w"])
    return {"conv_w": dw, "conv_b": db,
            "affine_w": dz2.T @ flat, "affine_b": dz2.sum(axis=0)}
""",
    ),
    (
        "cnn_gradients",
        "Flatten puts the maps last (transpose to (T, H, W, N) before reshape, pixel by pixel "
        "over the maps) instead of all of map 0 first; consistent forward and backward, but "
        "another network: all gradients wrong when N > 1.",
        {"maps_last"},
        True,
        """
def cnn_gradients(image, target, params):
    cw, cb = params["conv_w"], params["conv_b"]
    aw, ab = params["affine_w"], params["affine_b"]
    T, M, H, W = image.shape
    N, _, KH, KW = cw.shape
    Ho, Wo = H - KH + 1, W - KW + 1
    z1 = np.zeros((T, N, Ho, Wo))
    for r in range(Ho):
        for c in range(Wo):
            z1[:, :, r, c] = np.tensordot(image[:, :, r:r+KH, c:c+KW], cw,
                                          axes=([1, 2, 3], [1, 2, 3])) + cb
    y1 = np.maximum(0, z1)
    pool = np.zeros((T, N, Ho // 2, Wo // 2))
    where = np.zeros((T, N, Ho // 2, Wo // 2), dtype=int)
    for r in range(Ho // 2):
        for c in range(Wo // 2):
            block = y1[:, :, 2*r:2*r+2, 2*c:2*c+2].reshape(T, N, 4)
            pool[:, :, r, c] = block.max(axis=2)
            where[:, :, r, c] = block.argmax(axis=2)
    flat = pool.transpose(0, 2, 3, 1).reshape(T, -1)
    z2 = flat @ aw.T + ab
    p = np.exp(z2 - z2.max(axis=1)[:, None])
    p /= p.sum(axis=1)[:, None]
    p[range(T), target] -= 1
    dz2 = p / T
    dflat = dz2 @ aw
    dpool = dflat.reshape(T, Ho // 2, Wo // 2, N).transpose(0, 3, 1, 2)
    dy1 = np.zeros_like(y1)
    for t, n, r, c in np.ndindex(*dpool.shape):
        i, j = divmod(where[t, n, r, c], 2)
        dy1[t, n, 2*r + i, 2*c + j] += dpool[t, n, r, c]
    dz1 = dy1 * (z1 > 0)
    dcw = np.zeros_like(cw)
    for r in range(Ho):
        for c in range(Wo):
            dcw += np.tensordot(dz1[:, :, r, c], image[:, :, r:r+KH, c:c+KW], axes=(0, 0))
    return {"conv_w": dcw, "conv_b": dz1.sum(axis=(0, 2, 3)),
            "affine_w": dz2.T @ flat, "affine_b": dz2.sum(axis=0)}
""",
    ),
    (
        "cnn_gradients",
        "The softmax is taken over the pictures (axis 0) instead of over the classes (axis "
        "1); all four gradients are wrong.",
        {"softmax_over_pictures"},
        True,
        """
def cnn_gradients(image, target, params):
    def softmax(z):
        e = np.exp(z - z.max(axis=0))
        return e / e.sum(axis=0)

    T = image.shape[0]
    w = params["conv_w"]
    win = sliding_window_view(image, w.shape[2:], axis=(2, 3))
    z1 = np.tensordot(win, w, axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)
    z1 = z1 + params["conv_b"].reshape(1, -1, 1, 1)
    y1 = z1 * (z1 > 0)
    four = np.stack([y1[:, :, 0::2, 0::2], y1[:, :, 0::2, 1::2],
                     y1[:, :, 1::2, 0::2], y1[:, :, 1::2, 1::2]])
    best = four.argmax(axis=0)
    pool = four.max(axis=0)
    flat = pool.reshape(T, -1)
    z2 = flat @ params["affine_w"].T + params["affine_b"]
    dz2 = softmax(z2)
    dz2[np.arange(T), target] -= 1
    dz2 /= T
    dpool = (dz2 @ params["affine_w"]).reshape(pool.shape)
    dy1 = np.zeros_like(y1)
    for k, (i, j) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        dy1[:, :, i::2, j::2] = dpool * (best == k)
    dz1 = dy1 * (z1 > 0)
    return {"conv_w": np.tensordot(dz1, win, axes=([0, 2, 3], [0, 2, 3])),
            "conv_b": dz1.sum(axis=(0, 2, 3)),
            "affine_w": dz2.T @ flat,
            "affine_b": dz2.sum(axis=0)}
""",
    ),
    (
        "cnn_gradients",
        "The ReLU is forgotten in the backward pass (the gradient after the max pool goes "
        "into the convolution unmasked), so conv_w and conv_b are wrong where all four z1 of "
        "a window are negative; the affine gradients are right.",
        {"relu_missing"},
        True,
        """
def cnn_gradients(image, target, params):
    w, b = params["conv_w"], params["conv_b"]
    T, M, H, W = image.shape
    N, _, KH, KW = w.shape
    Ho, Wo = H - KH + 1, W - KW + 1

    # forward
    z1 = np.zeros((T, N, Ho, Wo))
    for i in range(KH):
        for j in range(KW):
            z1 += np.einsum('tmrc,nm->tnrc', image[:, :, i:i+Ho, j:j+Wo], w[:, :, i, j])
    z1 += b[:, None, None]
    y1 = np.maximum(z1, 0)
    pooled = np.zeros((T, N, Ho // 2, Wo // 2))
    pidx = np.zeros(pooled.shape, dtype=np.int64)
    for t, n, r, c in np.ndindex(*pooled.shape):
        patch = y1[t, n, 2*r:2*r+2, 2*c:2*c+2]
        k = patch.argmax()
        pooled[t, n, r, c] = patch.flat[k]
        pidx[t, n, r, c] = (2*r + k // 2) * Wo + 2*c + k % 2
    flat = pooled.reshape(T, -1)
    z2 = flat @ params["affine_w"].T + params["affine_b"]
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))
    y2 = e / e.sum(axis=1, keepdims=True)

    # backward
    dz2 = (y2 - np.eye(y2.shape[1])[target]) / T
    daffine_w = dz2.T @ flat
    daffine_b = dz2.sum(axis=0)
    dpooled = (dz2 @ params["affine_w"]).reshape(pooled.shape)
    dy1 = np.zeros((T, N, Ho * Wo))
    np.put_along_axis(dy1, pidx.reshape(T, N, -1), dpooled.reshape(T, N, -1), axis=2)
    dy1 = dy1.reshape(T, N, Ho, Wo)
    dconv_w = np.zeros(w.shape)
    for i in range(KH):
        for j in range(KW):
            dconv_w[:, :, i, j] = np.einsum('tnrc,tmrc->nm', dy1, image[:, :, i:i+Ho, j:j+Wo])
    dconv_b = dy1.sum(axis=(0, 2, 3))
    return {"conv_w": dconv_w, "conv_b": dconv_b,
            "affine_w": daffine_w, "affine_b": daffine_b}
""",
    ),
    (
        "cnn_gradients",
        "Two mistakes: conv_b's gradient is the mean over rows and columns (and a sum over "
        "the pictures) instead of the sum over all three, and the sign of the cross-entropy "
        "gradient is wrong (onehot - softmax), so all gradients are negated.",
        {"factor"},
        True,
        """
def cnn_gradients(image, target, params):
    w, b, A, a = [params[k] for k in ("conv_w", "conv_b", "affine_w", "affine_b")]
    T = len(image)
    N = len(b)
    win = sliding_window_view(image, w.shape[2:], axis=(2, 3))
    z1 = np.einsum('tmrcij,nmij->tnrc', win, w) + b[None, :, None, None]
    y1 = np.maximum(z1, 0)
    Ho, Wo = z1.shape[2:]
    cells = y1.reshape(T, N, Ho // 2, 2, Wo // 2, 2).transpose(0, 1, 2, 4, 3, 5)
    cells = cells.reshape(T, N, Ho // 2, Wo // 2, 4)
    k = cells.argmax(axis=-1)
    pool = cells.max(axis=-1)
    flat = pool.reshape(T, -1)
    z2 = flat @ A.T + a
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    onehot = np.eye(len(a))[target]
    dz2 = (onehot - p) / T
    dpool = (dz2 @ A).reshape(pool.shape)
    dcells = np.zeros_like(cells)
    np.put_along_axis(dcells, k[..., None], dpool[..., None], axis=-1)
    dy1 = dcells.reshape(T, N, Ho // 2, Wo // 2, 2, 2).transpose(0, 1, 2, 4, 3, 5)
    dz1 = dy1.reshape(T, N, Ho, Wo) * (z1 > 0)
    return {
        "conv_w": np.einsum('tmrcij,tnrc->nmij', win, dz1),
        "conv_b": dz1.mean(axis=(2, 3)).sum(axis=0),
        "affine_w": np.einsum('tk,tf->kf', dz2, flat),
        "affine_b": dz2.sum(axis=0),
    }
""",
    ),
    (
        "sgd_step",
        "v is changed in place (v *= momentum, v -= step * dw) and returned itself instead of "
        "a new array; the values returned are right.",
        {"input_modified"},
        True,
        """
def sgd_step(w, dw, v, step, momentum):
    v *= momentum
    v -= step * dw
    w_new = w + v
    return w_new, v
""",
    ),
    (
        "sgd_step",
        "w moves against the velocity: w_new = w - v_new instead of w + v_new; v_new is right.",
        {"minus_velocity"},
        True,
        """
def sgd_step(w, dw, v, step, momentum):
    v_new = momentum * v - step * dw
    w_new = w - v_new
    return w_new, v_new
""",
    ),
    (
        "sgd_step",
        "w moves by the old velocity v instead of by v_new; v_new is right.",
        {"old_velocity"},
        True,
        """
def sgd_step(w, dw, v, step, momentum):
    w_new = w + v
    v_new = momentum * v - step * dw
    return w_new, v_new
""",
    ),
    (
        "sgd_step",
        "The velocity is a weighted mean: the step is multiplied by (1 - momentum), so v_new "
        "= momentum*v - (1 - momentum)*step*dw; right only for momentum = 0.",
        {"damped"},
        True,
        """
def sgd_step(w, dw, v, step, momentum):
    v_new = momentum * v - (1 - momentum) * step * dw
    return w + v_new, v_new
""",
    ),
    (
        "sgd_step",
        "The outputs are in the wrong order: v_new, w_new instead of w_new, v_new; the values "
        "are right.",
        {"velocity_first"},
        True,
        """
def sgd_step(w, dw, v, step, momentum):
    velocity = np.zeros_like(w)
    velocity += momentum * v
    velocity += -step * dw
    weights = np.array(w)
    weights += velocity
    return velocity, weights
""",
    ),
    (
        "sgd_step",
        "Two mistakes: the gradient is added (v_new = momentum*v + step*dw, ascent instead of "
        "descent), and w is changed in place with += and returned itself.",
        {"input_modified"},
        True,
        """
def sgd_step(w, dw, v, step, momentum):
    v_new = momentum * v + step * dw
    w += v_new
    return w, v_new
""",
    ),
    (
        "train_cnn",
        "Images and targets are shuffled with two different permutations, so pictures and "
        "labels do not belong together and nothing can be learned.",
        {"untrained"},
        True,
        """
def train_cnn(image, target, seed):
    def gradients(x, t, p):
        T = len(x)
        win = sliding_window_view(x, (3, 3), axis=(2, 3))[:, 0]
        z1 = np.tensordot(win, p["conv_w"][:, 0], axes=([3, 4], [1, 2])).transpose(0, 3, 1, 2)
        z1 = z1 + p["conv_b"][:, None, None]
        y1 = np.maximum(z1, 0)
        blocks = y1.reshape(T, 16, 3, 2, 3, 2)
        pool = blocks.max(axis=(3, 5))
        flat = pool.reshape(T, 144)
        z2 = flat @ p["affine_w"].T + p["affine_b"]
        e = np.exp(z2 - z2.max(axis=1, keepdims=True))
        d = e / e.sum(axis=1, keepdims=True)
        d[np.arange(T), t] -= 1
        d /= T
        dpool = (d @ p["affine_w"]).reshape(T, 16, 3, 1, 3, 1)
        hit = blocks == pool[:, :, :, None, :, None]
        dz1 = (dpool * hit).reshape(y1.shape) * (z1 > 0)
        dw = np.tensordot(dz1, win, axes=([0, 2, 3], [0, 1, 2]))
        return {"conv_w": dw[:, None], "conv_b": dz1.sum(axis=(0, 2, 3)),
                "affine_w": d.T @ flat, "affine_b": d.sum(axis=0)}

    rng = np.random.default_rng(seed)
    params = {"conv_w": 0.3 * rng.standard_normal((16, 1, 3, 3)), "conv_b": np.zeros(16),
              "affine_w": 0.1 * rng.standard_normal((10, 144)), "affine_b": np.zeros(10)}
    v = {k: np.zeros_like(a) for k, a in params.items()}
    for epoch in range(5):
        x = rng.permutation(image)
        t = rng.permutation(target)
        for s in range(0, len(x), 32):
            batch = np.pad(x[s:s+32], ((0, 0), (0, 0), (1, 1), (1, 1)))
            r, c = rng.integers(0, 3, size=2)
            g = gradients(batch[:, :, r:r+8, c:c+8], t[s:s+32], params)
            for k in params:
                v[k] = 0.9 * v[k] - 0.05 * g[k]
                params[k] = params[k] + v[k]
    return params
""",
    ),
    (
        "train_cnn",
        "All parameters begin at 0, so z1 and flat are 0, the ReLU lets no gradient through, "
        "and only affine_b ever changes: the answer is the same class for every picture.",
        {"zeros"},
        True,
        """
def train_cnn(image, target, seed):
    rng = np.random.default_rng(seed)
    p = {"conv_w": np.zeros((16, 1, 3, 3)), "conv_b": np.zeros(16),
         "affine_w": np.zeros((10, 144)), "affine_b": np.zeros(10)}
    v = {k: np.zeros(p[k].shape) for k in p}

    def step(x, t):
        n = len(x)
        win = sliding_window_view(x[:, 0], (3, 3), axis=(1, 2))
        z1 = np.einsum('trcij,nij->tnrc', win, p["conv_w"][:, 0]) + p["conv_b"][:, None, None]
        y1 = np.maximum(z1, 0)
        b = y1.reshape(n, 16, 3, 2, 3, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, 16, 3, 3, 4)
        k = b.argmax(axis=4)[..., None]
        flat = b.max(axis=4).reshape(n, 144)
        z2 = flat @ p["affine_w"].T + p["affine_b"]
        y2 = np.exp(z2 - z2.max(axis=1, keepdims=True))
        y2 /= y2.sum(axis=1, keepdims=True)
        d = (y2 - np.eye(10)[t]) / n
        db = np.zeros_like(b)
        np.put_along_axis(db, k, (d @ p["affine_w"]).reshape(n, 16, 3, 3, 1), axis=4)
        dz1 = db.reshape(n, 16, 3, 3, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(z1.shape) * (z1 > 0)
        grads = {"affine_w": d.T @ flat, "affine_b": d.sum(axis=0),
                 "conv_w": np.einsum('tnrc,trcij->nij', dz1, win)[:, None],
                 "conv_b": dz1.sum(axis=(0, 2, 3))}
        for name in p:
            v[name] = 0.9 * v[name] - 0.05 * grads[name]
            p[name] = p[name] + v[name]

    for epoch in range(4):
        order = rng.permutation(len(image))
        for s in range(0, len(order), 32):
            idx = order[s:s + 32]
            step(image[idx], target[idx])
    return p
""",
    ),
]
