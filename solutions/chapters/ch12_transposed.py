"""Chapter 12 (starred): the transposed convolution, forward and backward.

y (T, M, H, W), w (M, N, KH, KW), b (N,), z and dz (T, N, H_out, W_out) with H_out = SH*(H - 1) + KH
and W_out = SW*(W - 1) + KW. The docstrings are the task statements.
"""

import numpy as np


def conv_transpose_forward(y, w, b, stride):
    """The transposed convolution: each element of y stamps filters onto z.

    z is b[n] everywhere in map n, and then each y[t, m, r, c] adds
    `w[m, n, i, j] * y[t, m, r, c]` to z[t, n, SH*r + i, SW*c + j], for all
    n, i = 0 ... KH - 1 and j = 0 ... KW - 1. So the stamp of y[t, m, r, c]
    has its top left corner at row SH*r and column SW*c; all in-maps m
    stamp onto every out-map n, and where stamps overlap they add up.

    y (T, M, H, W); w (M, N, KH, KW), the in-map first, other than in a
    convolution; b (N,); all of them floats; stride = (SH, SW), always a
    tuple of whole numbers, (rows, columns)
    ->  z (T, N, H_out, W_out), a new array, with
    H_out = SH*(H - 1) + KH and W_out = SW*(W - 1) + KW.

    Example: y[0, 0] = [[1, 2]], w[0, 0] = [[3, 4, 5]], b = [0] and stride
    (1, 2) give z[0, 0] = [[3, 4, 11, 8, 10]]; the 11 is 5*1 + 3*2.
    With b = [7] all five are larger by 7.

    No padding is taken away. Any floating dtype will do. Do not change y,
    w or b.
    Lecture: "The Upsampling Layer" names it, without a formula.
    """
    T, _, H, W = y.shape
    _, N, KH, KW = w.shape
    SH, SW = stride
    z = np.zeros((T, N, SH * (H - 1) + KH, SW * (W - 1) + KW), y.dtype)
    z += b[:, None, None]
    for r in range(H):
        for c in range(W):
            stamps = np.tensordot(y[:, :, r, c], w, axes=1)  # (T, N, KH, KW)
            z[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW] += stamps
    return z


def conv_transpose_backward(dz, y, w, b, stride):
    """The gradients of Div by y, w and b through the transposed convolution.

    Div is the divergence: the loss of one picture. In forward, z[t, n] is
    b[n] everywhere, and then each y[t, m, r, c] adds
    `w[m, n, i, j] * y[t, m, r, c]` to z[t, n, SH*r + i, SW*c + j], for all
    n, i and j. Each of these products sends dz[t, n, SH*r + i, SW*c + j]
    back to both of its factors, times the other one, with a `+=`: to
    dy[t, m, r, c] and to dw[m, n, i, j]. b[n] reaches every element of
    the maps z[:, n].

    dz (T, N, H_out, W_out) with H_out = SH*(H - 1) + KH and
    W_out = SW*(W - 1) + KW; y (T, M, H, W); w (M, N, KH, KW); b (N,);
    stride = (SH, SW), always a tuple of whole numbers, (rows, columns)
    ->  dy, dw, db: three new arrays with the shapes of y, w and b. dy is
    for each picture t; dw is a sum over the pictures, and db is one over
    pictures, rows and columns.

    Example: dz[0, 0] = [[1, 2, 3, 4, 5]], y[0, 0] = [[1, 2]],
    w[0, 0] = [[3, 4, 5]] and stride (1, 2) give dy[0, 0] = [[26, 50]],
    dw[0, 0] = [[7, 10, 13]] and db = [15]; the 7 is 1*1 + 2*3.

    The values of b play no part. Any floating dtype will do. Do not
    change dz, y, w or b.
    """
    _, _, H, W = y.shape
    _, _, KH, KW = w.shape
    SH, SW = stride
    dy, dw = np.zeros(y.shape, y.dtype), np.zeros(w.shape, w.dtype)
    for r in range(H):
        for c in range(W):
            seen = dz[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]  # (T, N, KH, KW)
            dy[:, :, r, c] = np.tensordot(seen, w, axes=((1, 2, 3), (1, 2, 3)))
            dw += np.tensordot(y[:, :, r, c], seen, axes=(0, 0))
    return dy, dw, dz.sum(axis=(0, 2, 3))
