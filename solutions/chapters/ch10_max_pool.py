"""Chapter 10: max pooling, forward with the winners' places, and backward.

y (T, M, H, W), z, pidx and dz (T, M, H_out, W_out); the window has KH rows and KW columns and moves
by SH rows and SW columns. The docstrings are the task statements.
"""

import numpy as np


def max_pool_forward(y, size, stride):
    """The largest value of each window of each map, and where it stands.

    `z[t, m, r, c] = the largest of all y[t, m, SH*r + i, SW*c + j]` with
    i = 0 ... KH - 1 and j = 0 ... KW - 1: each map is pooled for itself.

    y (T, M, H, W); size = (KH, KW) and stride = (SH, SW) are always tuples
    of whole numbers, (rows, columns)
    ->  z, pidx: two new arrays (T, M, H_out, W_out) with
    H_out = (H - KH) // SH + 1 and W_out = (W - KW) // SW + 1. Rows and
    columns that are left over at the end belong to no window; where the
    stride is larger than the window, neither do those in the gaps.

    z has any floating dtype, also when y holds whole numbers. pidx has
    dtype np.int64 and says where z was found, counted in its own map
    y[t, m], and not in the window or in all of y: `pidx = row * W +
    column`. If the largest value stands in several places of a window, the
    first of them counts, reading row by row.

    Example with two maps, size (2, 2) and stride (1, 1):
    y[0, 0] = [[1, 5, 2], [5, 0, 7]] and y[0, 1] = [[9, 8, 8], [0, 3, 8]]
    give z[0, 0] = [[5, 7]], pidx[0, 0] = [[1, 5]],
    z[0, 1] = [[9, 8]] and pidx[0, 1] = [[0, 1]].

    Values may be negative, windows may overlap; there is no padding.
    Do not change y.
    Lecture: "Max Pooling layer at layer l". The slide's loops have slips:
    go by this text.
    """
    T, M, H, W = y.shape
    (KH, KW), (SH, SW) = size, stride
    floating = np.result_type(y, np.float32)  # for y of whole numbers, too
    z = np.zeros((T, M, (H - KH) // SH + 1, (W - KW) // SW + 1), floating)
    pidx = np.zeros(z.shape, np.int64)
    for r in range(z.shape[2]):
        for c in range(z.shape[3]):
            window = y[:, :, SH * r : SH * r + KH, SW * c : SW * c + KW]
            window = window.reshape(T, M, KH * KW)
            winner = window.argmax(axis=2)  # the first of equals
            row, column = SH * r + winner // KW, SW * c + winner % KW
            z[:, :, r, c] = window.max(axis=2)
            pidx[:, :, r, c] = row * W + column
    return z, pidx


def max_pool_backward(dz, pidx, shape):
    """The gradient of Div by y, when z was made from y by max pooling.

    Div is the divergence: the loss of one picture. Forward took
    z[t, m, r, c] from row `row` and column `column` of the map y[t, m],
    and noted `pidx[t, m, r, c] = row * W + column`. So dz[t, m, r, c]
    belongs to dy[t, m, row, column]. An element of y that won several
    windows gets the sum of their dz; one that won none gets 0.

    dz and pidx (T, M, H_out, W_out), pidx of whole numbers;
    shape = (T, M, H, W) is the shape of y
    ->  dy (T, M, H, W), a new array.

    Example with two maps and shape (1, 2, 2, 3):
    dz[0, 0] = [[10, 20]] and pidx[0, 0] = [[4, 4]],
    dz[0, 1] = [[5, 6]] and pidx[0, 1] = [[0, 2]] give
    dy[0, 0] = [[0, 0, 0], [0, 30, 0]] and
    dy[0, 1] = [[5, 0, 6], [0, 0, 0]].

    Size and stride of the windows are not needed: pidx says it all. Any
    floating dtype will do. Do not change dz or pidx.
    Lecture: "Derivative of max pooling layer at layer l". The slide's
    loops have slips: go by this text.
    """
    T, M, H, W = shape
    dy = np.zeros((T, M, H, W), dz.dtype)
    for t, m, r, c in np.ndindex(dz.shape):
        row, column = divmod(pidx[t, m, r, c], W)
        dy[t, m, row, column] += dz[t, m, r, c]
    return dy
