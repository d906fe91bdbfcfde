"""Chapter 06: dW and db, the gradients of the filters and of the biases.

Stride 1, no padding. y (T, M, H, W), dz (T, N, H_out, W_out), w and dw (N, M, KH, KW), b and db
(N,); KH = H - H_out + 1 and KW = W - W_out + 1. The docstrings are the task statements.
"""

import numpy as np


def conv_dw(dz, y):
    """The gradient of Div by the filters w.

    Div is the divergence: the loss of one picture. Forward (stride 1, no
    padding) adds `w[n, m, i, j] * y[t, m, r + i, c + j]` to
    z[t, n, r, c]. One weight is used at every place of the map z[t, n],
    in every picture, so

    `dw[n, m, i, j] = sum over t, r, c of
                      dz[t, n, r, c] * y[t, m, r + i, c + j]`:

    slide dz[t, n] over y[t, m] as if it were a filter, and add up the
    pictures (a sum, not a mean).

    dz (T, N, H_out, W_out), y (T, M, H, W)  ->  dw (N, M, KH, KW), a new
    array; w is not given, but KH = H - H_out + 1 and KW = W - W_out + 1.

    Example: a dz with the one map [[1, 10]] and a y with the one map
    [[1, 2, 3], [4, 5, 6]] give the one plane [[21, 32], [54, 65]]: at the
    top left 1 * 1 + 10 * 2.

    Any floating dtype will do. Do not change dz or y. The values of w and
    the bias play no part.
    Lecture: "Derivatives for the filters at layer l: Vector notation".
    The slide's loops have slips: go by this text.
    """
    _, N, H_out, W_out = dz.shape
    _, M, H, W = y.shape
    KH, KW = H - H_out + 1, W - W_out + 1
    dw = np.zeros((N, M, KH, KW), dz.dtype)
    for i in range(KH):
        for j in range(KW):
            seen = y[:, :, i : i + H_out, j : j + W_out]  # what w[:, :, i, j] was multiplied by
            dw[:, :, i, j] = np.tensordot(dz, seen, axes=((0, 2, 3), (0, 2, 3)))
    return dw


def conv_db(dz):
    """The gradient of Div by the biases b.

    Forward adds b[n] to every element of z[t, n], in every picture, so

    `db[n] = sum over t, r, c of dz[t, n, r, c]`  (a sum, not a mean).

    dz (T, N, H_out, W_out)  ->  db (N,), a new array with one axis, for
    N = 1 too.

    Example: a dz with two pictures of two maps each,
    dz[0] = [[[1, 2]], [[5, 5]]] and dz[1] = [[[3, 4]], [[5, 5]]], gives
    array([10., 20.]).

    Any floating dtype will do. Do not change dz. The slides leave the
    bias out; "The derivatives for the weights" shows where it enters
    forward.
    """
    sum_of_each_map = dz.sum(axis=(2, 3))  # (T, N)
    return sum_of_each_map.sum(axis=0)
