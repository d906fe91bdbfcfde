"""Chapter 07: padding, and its crop.

Stride 1. y and dy (T, M, H, W), w and dw (N, M, KH, KW), b and db (N,), dz (T, N, H_out, W_out);
`padding` is ((top, bottom), (left, right)): so many rows and columns of zeros stand around each
map of y, and H_out = H + top + bottom - KH + 1. The docstrings are the task statements.
"""

import numpy as np


def pad_backward(dy_padded, padding):
    """The gradient of Div by a map, given that by the padded map.

    Div is the divergence: the loss of one picture. Forward puts rows and
    columns of zeros around each map of y:
    `y_padded[t, m, top + r, left + c] = y[t, m, r, c]`. The zeros are no
    function of y, so their gradient is dropped:

    `dy[t, m, r, c] = dy_padded[t, m, top + r, left + c]`.

    `padding` is ((top, bottom), (left, right)), four whole numbers that
    may differ; each may be 0, and then nothing is cut on that side.

    dy_padded (T, M, top + H + bottom, left + W + right)
    ->  dy (T, M, H, W), a new array or a view of dy_padded.

    Example: a dy_padded with the one map [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    and padding ((1, 0), (0, 1)) give the one map [[4, 5], [7, 8]].

    Any floating dtype will do. Do not change dy_padded.
    Lecture: "The size of the Y-derivative map", on zero padding.
    """
    (top, bottom), (left, right) = padding
    _, _, rows, columns = dy_padded.shape
    return dy_padded[:, :, top : rows - bottom, left : columns - right].copy()


def padded_conv_backward(dz, y, w, b, padding):
    """The gradients of Div by y, w and b, where forward padded y.

    Forward (stride 1) puts zeros around each map of y,
    `y_padded[t, m, top + r, left + c] = y[t, m, r, c]`, and slides the
    filters over it:
    `z[t, n, r, c] = b[n] + sum over m, i, j of
                     w[n, m, i, j] * y_padded[t, m, r + i, c + j]`.

    So `w[n, m, i, j] * dz[t, n, r, c]` is added to
    dy_padded[t, m, r + i, c + j]; cut off its border to get dy. And
    `dw[n, m, i, j] = sum over t, r, c of
                      dz[t, n, r, c] * y_padded[t, m, r + i, c + j]`,
    `db[n] = sum over t, r, c of dz[t, n, r, c]`  (sums, not means).

    dz (T, N, H_out, W_out), y (T, M, H, W) without its padding,
    w (N, M, KH, KW), b (N,), `padding` ((top, bottom), (left, right)): four
    whole numbers that may differ, each of them may be 0
    ->  the tuple dy, dw, db: new arrays with the shapes of y, w and b.

    Example, with one map each: dz [[1, 10, 100]], y [[3, 4]], w [[5, 7]],
    b [0] and padding ((0, 0), (2, 0)): y_padded is [[0, 0, 3, 4]], so dy is
    [[7*10 + 5*100, 7*100]] = [[570, 700]],
    dw [[100*3, 10*3 + 100*4]] = [[300, 430]] and db [111].

    Any floating dtype will do. Do not change the arguments. The values of
    b play no part.
    Lecture: "The size of the Y-derivative map"; if Y was padded forward, it
    is padded for dW too.
    """
    (top, _), (left, _) = padding
    (H_out, W_out), (KH, KW), (H, W) = dz.shape[2:], w.shape[2:], y.shape[2:]
    y_padded = np.pad(y, ((0, 0), (0, 0), *padding))
    dy_padded, dw = np.zeros_like(y_padded), np.zeros_like(w)
    for i in range(KH):
        for j in range(KW):
            seen = np.s_[:, :, i : i + H_out, j : j + W_out]  # the y's that met w[:, :, i, j]
            dy_padded[seen] += np.einsum("tnrc,nm->tmrc", dz, w[:, :, i, j])
            dw[:, :, i, j] = np.einsum("tnrc,tmrc->nm", dz, y_padded[seen])
    dy = dy_padded[:, :, top : top + H, left : left + W].copy()
    return dy, dw, dz.sum(axis=(0, 2, 3))
