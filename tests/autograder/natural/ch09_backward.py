"""Chapter 09's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np

MISTAKES = [
    # ----- conv_backward -----
    ("conv_backward", {"cropped_by_minus_zero"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    (t, d), (l, r) = padding
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    dyp, dw = scatter(dz, yp, w, sh, sw)
    return dyp[:, :, t:-d, l:-r], dw, dz.sum(axis=(0, 2, 3))
"""),
    ("conv_backward", {"cropped_by_top_twice", "shapes"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    p, q = padding[0][0], padding[1][0]
    yp = np.pad(y, ((0, 0), (0, 0), (p, p), (q, q)))
    dyp, dw = scatter(dz, yp, w, sh, sw)
    return dyp[:, :, p : p + y.shape[2], q : q + y.shape[3]], dw, dz.sum(axis=(0, 2, 3))
"""),
    ("conv_backward", {"not_cropped"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    yp = np.pad(y, ((0, 0), (0, 0), *padding))
    dyp, dw = scatter(dz, yp, w, sh, sw)
    return dyp, dw, np.einsum("tnrc->n", dz)
"""),
    ("conv_backward", {"cropped_below_only"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    yp = np.pad(y, ((0, 0), (0, 0), *padding))
    dyp, dw = scatter(dz, yp, w, sh, sw)
    return dyp[:, :, : y.shape[2], : y.shape[3]], dw, np.einsum("tnrc->n", dz)
"""),
    ("conv_backward", {"size_from_dz"}, """
def f(dz, y, w, b, stride, padding):
    # upsample dz, then the full convolution with the flipped filter
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    (t, d), (l, r) = padding
    T, N, A, B = dz.shape
    KH, KW = w.shape[2:]
    up = np.zeros((T, N, sh * (A - 1) + 1, sw * (B - 1) + 1))
    up[:, :, ::sh, ::sw] = dz
    full = gather(np.pad(up, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1))), w)
    dy = full[:, :, t : t + y.shape[2], l : l + y.shape[3]]
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    dw = np.zeros(w.shape)
    for i in range(KH):
        for j in range(KW):
            seg = yp[:, :, i : i + up.shape[2], j : j + up.shape[3]]
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", up, seg)
    return dy, dw, dz.sum((0, 2, 3))
"""),
    ("conv_backward", {"stride_swapped"}, """
def f(dz, y, w, b, stride, padding):
    sw, sh = (stride, stride) if isinstance(stride, int) else stride
    (t, d), (l, r) = padding
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    dyp, dw = scatter(dz, yp, w, sh, sw)
    return dyp[:, :, t : t + y.shape[2], l : l + y.shape[3]], dw, dz.sum((0, 2, 3))
"""),
    ("conv_backward", {"exception"}, """
def f(dz, y, w, b, stride, padding):
    s = stride
    (t, d), (l, r) = padding
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    dyp, dw = np.zeros_like(yp), np.zeros_like(w)
    T, N, A, B = dz.shape
    KH, KW = w.shape[2:]
    for n in range(N):
        for r0 in range(A):
            for c0 in range(B):
                g = dz[:, n, r0, c0]
                dyp[:, :, r0 * s : r0 * s + KH, c0 * s : c0 * s + KW] += np.multiply.outer(g, w[n])
                dw[n] += np.tensordot(g, yp[:, :, r0 * s : r0 * s + KH, c0 * s : c0 * s + KW], 1)
    return dyp[:, :, t : t + y.shape[2], l : l + y.shape[3]], dw, dz.sum((0, 2, 3))
"""),
    ("conv_backward", {"stride_on_filter"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    (t, d), (l, r) = padding
    T, N, A, B = dz.shape
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    dyp, dw = np.zeros_like(yp), np.zeros_like(w)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            a = slice(sh * i, sh * i + A)
            c = slice(sw * j, sw * j + B)
            dyp[:, :, a, c] += np.einsum("tnrc,nm->tmrc", dz, w[:, :, i, j])
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, yp[:, :, a, c])
    return dyp[:, :, t : t + y.shape[2], l : l + y.shape[3]], dw, dz.sum((0, 2, 3))
"""),
    ("conv_backward", {"last_picture"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    (t, d), (l, r) = padding
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    dy = []
    for k in range(len(y)):
        one, dw = scatter(dz[k : k + 1], yp[k : k + 1], w, sh, sw)
        db = dz[k].sum(axis=(1, 2))
        dy.append(one[0, :, t : t + y.shape[2], l : l + y.shape[3]])
    return np.stack(dy), dw, db
"""),
    ("conv_backward", {"db_per_picture"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    (t, d), (l, r) = padding
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    dyp, dw = scatter(dz, yp, w, sh, sw)
    return dyp[:, :, t : t + y.shape[2], l : l + y.shape[3]], dw, dz.sum((-1, -2))
"""),
    ("conv_backward", {"db_one_number", "type"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    (t, d), (l, r) = padding
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    dyp, dw = scatter(dz, yp, w, sh, sw)
    return dyp[:, :, t : t + y.shape[2], l : l + y.shape[3]], dw, np.sum(dz)
"""),
    ("conv_backward", {"float64"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    (t, d), (l, r) = padding
    dy = np.zeros((y.shape[0], y.shape[1], y.shape[2] + t + d, y.shape[3] + l + r))
    dw = np.zeros(w.shape)
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    for n in range(w.shape[0]):
        for i in range(w.shape[2]):
            for j in range(w.shape[3]):
                for a in range(dz.shape[2]):
                    for c in range(dz.shape[3]):
                        g = dz[:, n, a, c]
                        dy[:, :, sh * a + i, sw * c + j] += np.outer(g, w[n, :, i, j])
                        dw[n, :, i, j] += g @ yp[:, :, sh * a + i, sw * c + j]
    return dy[:, :, t : t + y.shape[2], l : l + y.shape[3]], dw, dz.sum((0, 2, 3))
"""),
    ("conv_backward", {"padding_ignored"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    dy, dw = np.zeros(y.shape), np.zeros(w.shape)
    for n in range(w.shape[0]):
        for a in range(dz.shape[2]):
            for c in range(dz.shape[3]):
                for i in range(w.shape[2]):
                    for j in range(w.shape[3]):
                        g = dz[:, n, a, c]
                        dy[:, :, sh * a + i, sw * c + j] += np.outer(g, w[n, :, i, j])
                        dw[n, :, i, j] += g @ y[:, :, sh * a + i, sw * c + j]
    return dy, dw, dz.sum((0, 2, 3))
"""),
    ("conv_backward", {"dw_unspread"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    (t, d), (l, r) = padding
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    dyp, dw = scatter(dz, yp, w, sh, sw)
    seen = np.lib.stride_tricks.sliding_window_view(yp, dz.shape[2:], (2, 3))
    dw = np.einsum("tnrc,tmijrc->nmij", dz, seen)
    return dyp[:, :, t : t + y.shape[2], l : l + y.shape[3]], dw, dz.sum((0, 2, 3))
"""),
    ("conv_backward", {"dw_y_thinned"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    (t, d), (l, r) = padding
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    dyp, dw = scatter(dz, yp, w, sh, sw)
    seen = np.lib.stride_tricks.sliding_window_view(yp[:, :, ::sh, ::sw], dz.shape[2:], (2, 3))
    dw = np.einsum("tnrc,tmijrc->nmij", dz, seen)
    return dyp[:, :, t : t + y.shape[2], l : l + y.shape[3]], dw, dz.sum((0, 2, 3))
"""),
    ("conv_backward", {"dw_maps_exchanged"}, """
def f(dz, y, w, b, stride, padding):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    (t, d), (l, r) = padding
    yp = np.pad(y, ((0, 0), (0, 0), (t, d), (l, r)))
    dyp, dw = scatter(dz, yp, w, sh, sw)
    dw = dw.swapaxes(0, 1)
    return dyp[:, :, t : t + y.shape[2], l : l + y.shape[3]], dw, dz.sum((0, 2, 3))
"""),
    # ----- convnet_backward -----
    ("convnet_backward", {"last_relu_missing"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [], []
    dz = dy
    for l in range(len(weights) - 1, -1, -1):
        before, dw = scatter(dz, ys[l], weights[l])
        dws.insert(0, dw)
        dbs.insert(0, dz.sum((0, 2, 3)))
        if l > 0:
            dz = before * (zs[l - 1] > 0)
    return before, dws, dbs
"""),
    ("convnet_backward", {"reversed"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [], []
    for l in reversed(range(len(weights))):
        dz = dy * (zs[l] > 0)
        dy, dw = scatter(dz, ys[l], weights[l])
        dws.append(dw)
        dbs.append(dz.sum((0, 2, 3)))
    return dy, dws, dbs
"""),
    ("convnet_backward", {"bias_missing"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, [0 * b for b in biases])
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dz = dy * (zs[l] > 0)
        dy, dws[l] = scatter(dz, ys[l], weights[l])
        dbs[l] = dz.sum((0, 2, 3))
    return dy, dws, dbs
"""),
    ("convnet_backward", {"slope_of_input"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dz = dy * (ys[l] > 0)
        dy, dws[l] = scatter(dz, ys[l], weights[l])
        dbs[l] = dz.sum((0, 2, 3))
    return dy, dws, dbs
"""),
    ("convnet_backward", {"z_for_y"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    zs = [image] + zs
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dz = dy * (zs[l + 1] > 0)
        dy, dws[l] = scatter(dz, zs[l], weights[l])
        dbs[l] = dz.sum((0, 2, 3))
    return dy, dws, dbs
"""),
    ("convnet_backward", {"relu_missing"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dbs[l] = dy.sum((0, 2, 3))
        dy, dws[l] = scatter(dy, ys[l], weights[l])
    return dy, dws, dbs
"""),
    ("convnet_backward", {"slope_of_dy"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dz = np.maximum(dy, 0)
        dy, dws[l] = scatter(dz, ys[l], weights[l])
        dbs[l] = dz.sum((0, 2, 3))
    return dy, dws, dbs
"""),
    ("convnet_backward", {"db_of_dy"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dbs[l] = dy.sum(axis=(0, 2, 3))
        dz = dy * (zs[l] > 0)
        dy, dws[l] = scatter(dz, ys[l], weights[l])
    return dy, dws, dbs
"""),
    ("convnet_backward", {"first_layer_forgotten"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [], []
    for l in range(len(weights) - 1, 0, -1):
        dz = dy * (zs[l] > 0)
        dy, dw = scatter(dz, ys[l], weights[l])
        dws.insert(0, dw)
        dbs.insert(0, dz.sum((0, 2, 3)))
    return dy, dws, dbs
"""),
    ("convnet_backward", {"mean_over_batch"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dz = dy * (zs[l] > 0)
        dy, dw = scatter(dz, ys[l], weights[l])
        dws[l] = dw / len(image)
        dbs[l] = dz.sum((0, 2, 3)) / len(image)
    return dy, dws, dbs
"""),
    ("convnet_backward", {"input_modified"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dy[zs[l] <= 0] = 0
        dbs[l] = dy.sum((0, 2, 3))
        dy, dws[l] = scatter(dy, ys[l], weights[l])
    return dy, dws, dbs
"""),
    # a ReLU at the image: on the way back, or in forward
    ("convnet_backward", {"dimage_masked"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [None] * len(weights), [None] * len(weights)
    dz = dy * (zs[-1] > 0)
    for l in reversed(range(len(weights))):
        dy, dws[l] = scatter(dz, ys[l], weights[l])
        dbs[l] = dz.sum((0, 2, 3))
        dz = dy * (ys[l] > 0)
    return dz, dws, dbs
"""),
    ("convnet_backward", {"image_through_relu"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(np.maximum(image, 0), weights, biases)
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dz = dy * (zs[l] > 0)
        dy, dws[l] = scatter(dz, ys[l], weights[l])
        dbs[l] = dz.sum((0, 2, 3))
    return dy, dws, dbs
"""),
    # another layer's z in the slope
    ("convnet_backward", {"slope_of_other_z"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dz = dy * (zs[l - 1] > 0)
        dy, dws[l] = scatter(dz, ys[l], weights[l])
        dbs[l] = dz.sum((0, 2, 3))
    return dy, dws, dbs
"""),
    ("convnet_backward", {"slope_of_first_z"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dz = dy * (zs[max(l - 1, 0)] > 0)
        dy, dws[l] = scatter(dz, ys[l], weights[l])
        dbs[l] = dz.sum((0, 2, 3))
    return dy, dws, dbs
"""),
    ("convnet_backward", {"slope_of_last_z"}, """
def f(dy, image, weights, biases):
    ys, zs = forward(image, weights, biases)
    z = zs[-1]
    dws, dbs = [None] * len(weights), [None] * len(weights)
    for l in reversed(range(len(weights))):
        dz = dy * (z > 0)
        dy, dws[l] = scatter(dz, ys[l], weights[l])
        dbs[l] = dz.sum((0, 2, 3))
    return dy, dws, dbs
"""),
]  # fmt: skip


def scatter(dz, padded, w, SH=1, SW=1):
    """What a learner has right by chapter 08: dy of the padded map, and dw."""
    (A, B), (KH, KW) = dz.shape[2:], w.shape[2:]
    dy, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(KH):
        for j in range(KW):
            rows, columns = slice(i, i + SH * (A - 1) + 1, SH), slice(j, j + SW * (B - 1) + 1, SW)
            dy[:, :, rows, columns] += np.einsum("tnrc,nm->tmrc", dz, w[:, :, i, j])
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, padded[:, :, rows, columns])
    return dy, dw


def gather(padded, w):
    """The flipped filter over the padded dz."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    return np.einsum("tnrcij,nmij->tmrc", windows, w[:, :, ::-1, ::-1])


def forward(image, weights, biases):
    """Each layer's y and z."""
    ys, zs = [image], []
    for w, b in zip(weights, biases, strict=True):
        windows = np.lib.stride_tricks.sliding_window_view(ys[-1], w.shape[2:], axis=(2, 3))
        zs.append(np.einsum("tmrcij,nmij->tnrc", windows, w) + b[:, None, None])
        ys.append(np.maximum(zs[-1], 0))
    return ys, zs
