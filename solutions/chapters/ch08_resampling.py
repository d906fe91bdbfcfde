"""Chapter 08: resampling; a stride is a convolution with stride 1, then a downsampling.

No padding. y and dy (T, M, H, W), w and dw (N, M, KH, KW), b and db (N,), dz (T, N, H_out, W_out);
`factor` and `stride` are an int or (rows, columns). The docstrings are the task statements.
"""

import numpy as np


def downsample_backward(dz, shape, factor):
    """The gradient of Div by the map that a downsampling layer has thinned.

    Div is the divergence: the loss of one picture. Forward keeps the
    first of every F rows and of every G columns:
    `z[t, m, r, c] = y[t, m, F*r, G*c]`, that is y[:, :, ::F, ::G]. So

    `dy[t, m, F*r, G*c] = dz[t, m, r, c]`, and dy is 0 at all the rows and
    columns that were dropped.

    dz (T, M, H_out, W_out), `shape` (T, M, H, W) of y
    ->  dy of this shape, a new array.

    `factor` is the tuple (F, G), or one int for both. H_out is
    (H - 1)//F + 1. Rows may have been dropped after the last that was
    kept, too: dz does not tell how many, therefore `shape`.

    Example: the one map [[1, 2], [3, 4]] with shape (1, 1, 4, 5) and
    factor (2, 3) gives the one map
    [[1, 0, 0, 2, 0], [0, 0, 0, 0, 0], [3, 0, 0, 4, 0], [0, 0, 0, 0, 0]].

    Any floating dtype will do. Do not change dz.
    Lecture: "The Downsampling Layer"; the slides stop before its gradient.
    """
    rows, columns = (factor, factor) if isinstance(factor, int) else factor
    dy = np.zeros(shape, dz.dtype)
    dy[:, :, ::rows, ::columns] = dz
    return dy


def upsample_backward(dz, factor):
    """The gradient of Div by the map that an upsampling layer has spread.

    Forward puts F - 1 rows and G - 1 columns of zeros between neighbours,
    none after the last: `z[t, m, F*r, G*c] = y[t, m, r, c]`, all else in z
    is 0. The zeros are no function of y, so

    `dy[t, m, r, c] = dz[t, m, F*r, G*c]`.

    dz (T, M, F*(H - 1) + 1, G*(W - 1) + 1)
    ->  dy (T, M, H, W), a new array or a view of dz.

    `factor` is the tuple (F, G), or one int for both.

    Example: the one map [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]] with
    factor (2, 3) gives the one map [[1, 4], [9, 12]].

    Any floating dtype will do. Do not change dz.
    Lecture: "The Upsampling Layer"; the slides stop before its gradient.
    """
    rows, columns = (factor, factor) if isinstance(factor, int) else factor
    return dz[:, :, ::rows, ::columns].copy()


def strided_conv_backward(dz, y, w, b, stride):
    """The gradients of Div by y, w and b, where forward has a stride.

    Forward (no padding) moves the filter SH rows and SW columns at a time:
    `z[t, n, r, c] = b[n] + sum over m, i, j of
                     w[n, m, i, j] * y[t, m, SH*r + i, SW*c + j]`.

    So `w[n, m, i, j] * dz[t, n, r, c]` is added to
    dy[t, m, SH*r + i, SW*c + j], and
    `dw[n, m, i, j] = sum over t, r, c of
                      dz[t, n, r, c] * y[t, m, SH*r + i, SW*c + j]`,
    `db[n] = sum over t, r, c of dz[t, n, r, c]`  (sums, not means).
    It is the same as downsample_backward first, with the shape that z has
    at stride 1, (T, N, H - KH + 1, W - KW + 1), and then the gradients of
    a convolution with stride 1.

    dz (T, N, H_out, W_out), y (T, M, H, W), w (N, M, KH, KW), b (N,)
    ->  the tuple dy, dw, db: new arrays with the shapes of y, w and b.

    `stride` is the tuple (SH, SW), or one int for both. H_out is
    (H - KH)//SH + 1: where SH does not divide H - KH, the filter never
    reaches the last rows of y. Where SH is larger than KH, it jumps over
    rows in the middle, too. Their gradient is 0.

    Example, with one map each: dz [[1, 10]], y [[2, 3, 4, 5, 6, 7]],
    w [[5, 7, 9]], b [0] and stride (1, 2) give
    dy [[5, 7, 9 + 50, 70, 90, 0]] = [[5, 7, 59, 70, 90, 0]],
    dw [[1*2 + 10*4, 1*3 + 10*5, 1*4 + 10*6]] = [[42, 53, 64]] and db [11].

    Any floating dtype will do. Do not change the arguments. The values of
    b play no part.
    Lecture: "Convolution with downsampling" and "* with resampling".
    """
    SH, SW = (stride, stride) if isinstance(stride, int) else stride
    (H_out, W_out), (KH, KW) = dz.shape[2:], w.shape[2:]
    dy, dw = np.zeros_like(y), np.zeros_like(w)
    for i in range(KH):
        for j in range(KW):
            rows = slice(i, i + SH * H_out - SH + 1, SH)
            columns = slice(j, j + SW * W_out - SW + 1, SW)
            dy[:, :, rows, columns] += np.einsum("tnrc,nm->tmrc", dz, w[:, :, i, j])
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, y[:, :, rows, columns])
    return dy, dw, dz.sum(axis=(0, 2, 3))
