"""Chapter 08's wrong programs as learners write them; see test_natural_mistakes.py."""

import numpy as np

MISTAKES = [
    # ----- downsample_backward -----
    ("downsample_backward", {"repeated"}, """
def f(dz, shape, factor):
    F, G = pair(factor)
    return dz.repeat(F, axis=2).repeat(G, axis=3)[:, :, : shape[2], : shape[3]]
"""),
    ("downsample_backward", {"shape_ignored"}, """
def f(dz, shape, factor):
    F, G = pair(factor)
    T, M, A, B = dz.shape
    dy = np.zeros((T, M, F * (A - 1) + 1, G * (B - 1) + 1))
    dy[:, :, ::F, ::G] = dz
    return dy
"""),
    ("downsample_backward", {"factor_times_size"}, """
def f(dz, shape, factor):
    F, G = pair(factor)
    T, M, A, B = dz.shape
    dy = np.zeros((T, M, F * A, G * B))
    for r in range(A):
        for c in range(B):
            dy[:, :, F * r, G * c] = dz[:, :, r, c]
    return dy
"""),
    ("downsample_backward", {"not_spread"}, """
def f(dz, shape, factor):
    dy = np.zeros(shape)
    dy[:, :, : dz.shape[2], : dz.shape[3]] = dz
    return dy
"""),
    ("downsample_backward", {"pair_not_read"}, """
def f(dz, shape, factor):
    dy = np.zeros(shape)
    dy[:, :, ::factor, ::factor] = dz
    return dy
"""),
    ("downsample_backward", {"ends_early"}, """
def f(dz, shape, factor):
    F, G = pair(factor)
    dy = np.zeros(shape)
    for r in range(shape[2] // F):
        for c in range(shape[3] // G):
            dy[:, :, F * r, G * c] = dz[:, :, r, c]
    return dy
"""),
    # right inside, where there are zeros only
    ("downsample_backward", {"unknown"}, """
def f(dz, shape, factor):
    F, G = pair(factor)
    for m in range(shape[1]):
        dy = np.zeros(shape)
        dy[:, m, ::F, ::G] = dz[:, m]
    return dy
"""),
    # ----- upsample_backward -----
    ("upsample_backward", {"last_dropped"}, """
def f(dz, factor):
    F, G = pair(factor)
    T, M, H, W = dz.shape
    dy = np.zeros((T, M, H // F, W // G))
    for r in range(H // F):
        for c in range(W // G):
            dy[:, :, r, c] = dz[:, :, F * r, G * c]
    return dy
"""),
    ("upsample_backward", {"blocks_summed"}, """
def f(dz, factor):
    F, G = pair(factor)
    T, M, H, W = dz.shape
    dy = np.zeros((T, M, (H - 1) // F + 1, (W - 1) // G + 1))
    for r in range(dy.shape[2]):
        for c in range(dy.shape[3]):
            dy[:, :, r, c] = dz[:, :, F * r : F * r + F, G * c : G * c + G].sum((2, 3))
    return dy
"""),
    ("upsample_backward", {"pair_exchanged"}, """
def f(dz, factor):
    S = factor if isinstance(factor, tuple) else (factor, factor)
    return dz[:, :, :: S[1], :: S[0]]
"""),
    ("upsample_backward", {"pair_not_read"}, """
def f(dz, factor):
    return dz[:, :, ::factor, ::factor]
"""),
    # ----- strided_conv_backward -----
    # chapters 05 and 06 as they are: every z one step from its neighbour
    ("strided_conv_backward", {"stride_ignored"}, """
def f(dz, y, w, b, stride):
    dy, dw = np.zeros_like(y), np.zeros_like(w)
    KH, KW = w.shape[2:]
    for t in range(len(dz)):
        for n in range(dz.shape[1]):
            for r in range(dz.shape[2]):
                for c in range(dz.shape[3]):
                    dy[t, :, r : r + KH, c : c + KW] += dz[t, n, r, c] * w[n]
                    dw[n] += dz[t, n, r, c] * y[t, :, r : r + KH, c : c + KW]
    return dy, dw, dz.sum((0, 2, 3))
"""),
    # upsample, then stride 1: dy is as large as the upsampled dz says
    ("strided_conv_backward", {"trailing_missing"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    T, N, A, B = dz.shape
    KH, KW = w.shape[2:]
    up = np.zeros((T, N, SH * (A - 1) + 1, SW * (B - 1) + 1))
    up[:, :, ::SH, ::SW] = dz
    p = np.pad(up, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    dy = np.einsum("tnrcij,nmij->tmrc", windows(p, (KH, KW)), w[:, :, ::-1, ::-1])
    dw = np.einsum("tmijrc,tnrc->nmij", windows(y, up.shape[2:])[:, :, :KH, :KW], up)
    return dy, dw, dz.sum((0, 2, 3))
"""),
    # and dw is as large as y and the upsampled dz say
    ("strided_conv_backward", {"dw_too_large"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    T, N, A, B = dz.shape
    KH, KW = w.shape[2:]
    up = np.zeros((T, N, SH * (A - 1) + 1, SW * (B - 1) + 1))
    up[:, :, ::SH, ::SW] = dz
    dw = np.einsum("tmijrc,tnrc->nmij", windows(y, up.shape[2:]), up)
    dy = np.zeros_like(y)
    for r in range(up.shape[2]):
        for c in range(up.shape[3]):
            for n in range(N):
                dy[:, :, r : r + KH, c : c + KW] += w[n] * up[:, n, r, c, None, None, None]
    return dy, dw, dz.sum((0, 2, 3))
"""),
    # the stride of rows for both
    ("strided_conv_backward", {"rows_for_both", "index", "shapes"}, """
def f(dz, y, w, b, stride):
    S = pair(stride)[0]
    return backward(dz, y, w, S, S)
"""),
    ("strided_conv_backward", {"pair_exchanged", "shapes"}, """
def f(dz, y, w, b, stride):
    S = pair(stride)
    return backward(dz, y, w, S[1], S[0])
"""),
    # places right, windows of y not
    ("strided_conv_backward", {"dw_stride_missing"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    dy, _, db = backward(dz, y, w, SH, SW)
    dw = np.zeros_like(w)
    for n, m, i, j in np.ndindex(w.shape):
        dw[n, m, i, j] = np.sum(dz[:, n] * y[:, m, i : i + dz.shape[2], j : j + dz.shape[3]])
    return dy, dw, db
"""),
    # blocks that overlap
    ("strided_conv_backward", {"overwrite"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    _, dw, db = backward(dz, y, w, SH, SW)
    dy = np.zeros_like(y)
    KH, KW = w.shape[2:]
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            block = np.einsum("tn,nmij->tmij", dz[:, :, r, c], w)
            dy[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW] = block
    return dy, dw, db
"""),
    # dz spread by copies
    ("strided_conv_backward", {"dz_repeated"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    A, B = SH * (dz.shape[2] - 1) + 1, SW * (dz.shape[3] - 1) + 1
    up = dz.repeat(SH, 2).repeat(SW, 3)[:, :, :A, :B]
    dy, dw, _ = backward(up, y, w, 1, 1)
    return dy, dw, dz.sum((0, 2, 3))
"""),
    # the stride on the filter's side
    ("strided_conv_backward", {"filter_spread", "index"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    T, N, A, B = dz.shape
    dy, dw = np.zeros_like(y), np.zeros_like(w)
    for t in range(T):
        for r in range(A):
            for c in range(B):
                for n, m, i, j in np.ndindex(w.shape):
                    dy[t, m, r + SH * i, c + SW * j] += w[n, m, i, j] * dz[t, n, r, c]
                    dw[n, m, i, j] += y[t, m, r + SH * i, c + SW * j] * dz[t, n, r, c]
    return dy, dw, dz.sum((0, 2, 3))
"""),
    # in-maps and out-maps of the filters
    ("strided_conv_backward", {"maps_exchanged"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    _, dw, db = backward(dz, y, w, SH, SW)
    dy = np.zeros_like(y)
    KH, KW = w.shape[2:]
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            block = np.einsum("tn,mnij->tmij", dz[:, :, r, c], w)
            dy[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW] += block
    return dy, dw, db
"""),
    # one picture
    ("strided_conv_backward", {"first_instance"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    dy, dw, db = backward(dz[:1], y[:1], w, SH, SW)
    full = np.zeros_like(y)
    full[0] = dy[0]
    return full, dw, db
"""),
    # np.convolve's habit
    ("strided_conv_backward", {"dw_flipped"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    dy, dw, db = backward(dz, y, w, SH, SW)
    return dy, dw[:, :, ::-1, ::-1], db
"""),
    # dz in the shape of y, not of z at stride 1: both gradients have wrong sizes, or one of them
    ("strided_conv_backward", {"dz_spread_into_y", "dw_spread_into_y"}, """
def f(dz, y, w, b, stride):
    dz1 = spread(dz, y.shape[2:], stride)
    dw = np.einsum("tmijrc,tnrc->nmij", windows(y, dz1.shape[2:]), dz1)
    return gathered(dz1, w), dw, dz.sum((0, 2, 3))
"""),
    ("strided_conv_backward", {"dz_spread_into_y"}, """
def f(dz, y, w, b, stride):
    _, dw, db = backward(dz, y, w, *pair(stride))
    return gathered(spread(dz, y.shape[2:], stride), w), dw, db
"""),
    ("strided_conv_backward", {"dw_spread_into_y"}, """
def f(dz, y, w, b, stride):
    dz1 = spread(dz, y.shape[2:], stride)
    dy = gathered(dz1, w)[:, :, : y.shape[2], : y.shape[3]]
    dw = np.einsum("tmijrc,tnrc->nmij", windows(y, dz1.shape[2:]), dz1)
    return dy, dw, dz.sum((0, 2, 3))
"""),
    # dw from the dz that came in
    ("strided_conv_backward", {"dw_unspread"}, """
def f(dz, y, w, b, stride):
    KH, KW = w.shape[2:]
    dy = gathered(spread(dz, (y.shape[2] - KH + 1, y.shape[3] - KW + 1), stride), w)
    dw = np.einsum("tmijrc,tnrc->nmij", windows(y, dz.shape[2:]), dz)
    return dy, dw, dz.sum((0, 2, 3))
"""),
    ("strided_conv_backward", {"dw_stride_missing"}, """
def f(dz, y, w, b, stride):
    (H_out, W_out), (KH, KW) = dz.shape[2:], w.shape[2:]
    dy = gathered(spread(dz, (y.shape[2] - KH + 1, y.shape[3] - KW + 1), stride), w)
    dw = np.zeros_like(w)
    for i in range(KH):
        for j in range(KW):
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, y[:, :, i : i + H_out, j : j + W_out])
    return dy, dw, dz.sum((0, 2, 3))
"""),
    # dw from a y that is thinned by the stride
    ("strided_conv_backward", {"dw_y_thinned"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    dy, _, db = backward(dz, y, w, SH, SW)
    dw = np.einsum("tmijrc,tnrc->nmij", windows(y[:, :, ::SH, ::SW], dz.shape[2:]), dz)
    return dy, dw, db
"""),
    ("strided_conv_backward", {"dw_y_thinned_stretched"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    dy, _, db = backward(dz, y, w, SH, SW)
    thin, dw = y[:, :, ::SH, ::SW], np.zeros_like(w)
    for n, m, i, j in np.ndindex(w.shape):
        dw[n, m, i, j] = np.sum(dz[:, n] * thin[:, m, i : i + dz.shape[2], j : j + dz.shape[3]])
    return dy, dw, db
"""),
    ("strided_conv_backward", {"dw_y_thinned_cut"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    dy, _, db = backward(dz, y, w, SH, SW)
    thin, dw = y[:, :, ::SH, ::SW], np.zeros_like(w)
    for n, m, i, j in np.ndindex(w.shape):
        for r in range(min(dz.shape[2], thin.shape[2] - i)):
            for c in range(min(dz.shape[3], thin.shape[3] - j)):
                dw[n, m, i, j] += dz[:, n, r, c] @ thin[:, m, r + i, c + j]
    return dy, dw, db
"""),
    # an index that leaves the thinned y is told as that
    ("strided_conv_backward", {"index"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    dy, _, db = backward(dz, y, w, SH, SW)
    thin, dw = y[:, :, ::SH, ::SW], np.zeros_like(w)
    for n, m, i, j in np.ndindex(w.shape):
        for r, c in np.ndindex(dz.shape[2:]):
            dw[n, m, i, j] += dz[:, n, r, c] @ thin[:, m, r + i, c + j]
    return dy, dw, db
"""),
    # the spread dz has M maps
    ("strided_conv_backward", {"maps_miscounted"}, """
def f(dz, y, w, b, stride):
    SH, SW = pair(stride)
    T, M, H, W = y.shape
    KH, KW = w.shape[2:]
    dz1 = np.zeros((T, M, H - KH + 1, W - KW + 1))
    dz1[:, :, ::SH, ::SW] = dz
    dy, dw, _ = backward(dz1, y, w, 1, 1)
    return dy, dw, dz.sum((0, 2, 3))
"""),
]  # fmt: skip


def pair(value):
    return (value, value) if isinstance(value, int) else value


def windows(y, size):
    return np.lib.stride_tricks.sliding_window_view(y, size, axis=(2, 3))


def backward(dz, y, w, SH, SW):
    """What a learner has right when the mistake is elsewhere."""
    dy, dw = np.zeros_like(y), np.zeros_like(w)
    KH, KW = w.shape[2:]
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            block = np.s_[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            dy[block] += np.einsum("tn,nmij->tmij", dz[:, :, r, c], w)
            dw += np.einsum("tn,tmij->nmij", dz[:, :, r, c], y[block])
    return dy, dw, dz.sum((0, 2, 3))


def spread(dz, size, stride):
    """downsample_backward, in a loop."""
    SH, SW = pair(stride)
    dz1 = np.zeros((*dz.shape[:2], *size))
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            dz1[:, :, SH * r, SW * c] = dz[:, :, r, c]
    return dz1


def gathered(dz1, w):
    """Chapter 05's dy: flipped filters over the padded dz."""
    KH, KW = w.shape[2:]
    padded = np.pad(dz1, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    return np.einsum("tnrcij,nmij->tmrc", windows(padded, (KH, KW)), w[:, :, ::-1, ::-1])
