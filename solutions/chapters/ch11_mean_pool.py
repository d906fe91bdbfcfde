"""Chapter 11: mean pooling, forward and backward.

y and dy (T, M, H, W), z and dz (T, M, H_out, W_out); the window has KH rows and KW columns and
moves by SH rows and SW columns. The docstrings are the task statements.
"""

import numpy as np


def mean_pool_forward(y, size, stride):
    """The mean of each window of each map.

    `z[t, m, r, c] = sum over i, j of y[t, m, SH*r + i, SW*c + j] / (KH*KW)`
    with i = 0 ... KH - 1, j = 0 ... KW - 1: each map is pooled for itself.

    y (T, M, H, W); size = (KH, KW) and stride = (SH, SW) are always tuples
    of whole numbers, (rows, columns)
    ->  z (T, M, H_out, W_out), a new array, with
    H_out = (H - KH) // SH + 1 and W_out = (W - KW) // SW + 1. Rows and
    columns that are left over at the end belong to no window; where the
    stride is larger than the window, neither do those in the gaps.

    Example: y[0, 0] = [[1, 5, 3], [2, 0, 5]] with size (2, 2) and stride
    (1, 1) gives z[0, 0] = [[2, 3.25]].

    Windows may overlap; there is no padding. z has any floating dtype,
    also when y holds whole numbers. Do not change y.
    Lecture: "Mean pooling layer at layer l".
    """
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    floating = np.result_type(y, np.float32)  # for y of whole numbers, too
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1), floating)
    for r in range(z.shape[2]):
        for c in range(z.shape[3]):
            window = y[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            z[:, :, r, c] = window.mean(axis=(2, 3))
    return z


def mean_pool_backward(dz, shape, size, stride):
    """The gradient of Div by y, when z was made from y by mean pooling.

    Div is the divergence: the loss of one picture. In forward,
    z[t, m, r, c] is the mean of the KH*KW elements
    y[t, m, SH*r + i, SW*c + j], i = 0 ... KH - 1, j = 0 ... KW - 1.
    So each of them has an equal share in dz[t, m, r, c]. An element that
    lies in several windows gets a share from each; one that lies in none
    gets 0: at the end, or in a gap, where the stride is larger than the
    window.

    dz (T, M, H_out, W_out); shape = (T, M, H, W) is the shape of y;
    size = (KH, KW) and stride = (SH, SW) are always tuples of whole
    numbers, (rows, columns); H_out = (H - KH) // SH + 1, W_out likewise
    ->  dy (T, M, H, W), a new array.

    Example: dz[0, 0] = [[4, 8]] with shape (1, 1, 2, 3), size (2, 2) and
    stride (1, 1) gives dy[0, 0] = [[1, 3, 2], [1, 3, 2]].

    Any floating dtype will do. Do not change dz.
    Lecture: "Derivative of mean pooling layer at layer l". The slide's
    loops have slips: go by this text.
    """
    KH, KW = size
    SH, SW = stride
    dy = np.zeros(shape, dz.dtype)
    share = dz / (KH * KW)
    for r in range(dz.shape[2]):
        for c in range(dz.shape[3]):
            window = dy[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            window += share[:, :, r, c, None, None]
    return dy
