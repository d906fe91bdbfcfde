"""Chapter 05: dY, from one pixel to the flipped filter.

Stride 1, no padding. dz (T, N, H_out, W_out), w (N, M, KH, KW); y and dy (T, M, H, W) with
H = H_out + KH - 1 and W = W_out + KW - 1. The docstrings are the task statements.
"""

import numpy as np


def influence_mask(r, c, KH, KW, H_out, W_out):
    """Which elements of a map Z does the pixel y[r, c] influence?

    The filter has KH rows and KW columns, stride 1, no padding; the map Z
    has H_out rows and W_out columns. In forward,
    `z[r', c'] = sum over i, j of w[i, j] * y[r' + i, c' + j]`:
    (r, c) is a pixel of y here, and (r', c') a place in Z.

    Return a bool array of shape (H_out, W_out) that is True exactly where
    z[r', c'] uses y[r, c]. Here 0 <= r < H_out + KH - 1 and
    0 <= c < W_out + KW - 1. Mind the border: near an edge of y, part of
    the block lies outside Z.

    Example: influence_mask(0, 1, 2, 2, 2, 3) is the array
    [[ True,  True, False],
     [False, False, False]].
    """
    rows = np.arange(H_out)[:, None]
    columns = np.arange(W_out)[None, :]
    i, j = r - rows, c - columns  # the filter element through which z sees y[r, c]
    return (0 <= i) & (i < KH) & (0 <= j) & (j < KW)


def pixel_gradient(dz, w, t, m, r, c):
    """The gradient of Div by one pixel: return dy[t, m, r, c], one float.

    Div is the divergence: the loss of one picture. (r, c) is a pixel of y
    here, and (r', c') a place in Z:

    `dy[t, m, r, c] = sum over n, r', c' of
                      dz[t, n, r', c'] * w[n, m, r - r', c - c']`,
    over those places (r', c') of Z for which w has an element at
    (r - r', c - c').

    dz (T, N, H_out, W_out) is the gradient of Div by Z and
    w (N, M, KH, KW) holds the filters; stride 1, no padding.

    Example with two out-maps: dz[0] = [[[1, 10]], [[100, 1000]]],
    w[0, 0] = [[1, 2]] and w[1, 0] = [[3, 4]]. Then
    pixel_gradient(dz, w, 0, 0, 0, 1) = 3412.0, from
    1*2 + 10*1 + 100*4 + 1000*3, and at the border
    pixel_gradient(dz, w, 0, 0, 0, 0) = 301.0, from 1*1 + 100*3.

    NumPy takes a negative index without complaint and reads from the end:
    leave such places out, in w and in dz. Do not change dz or w.
    Lecture: "BP: Convolutional layer", the sum over all Z maps.
    """
    N, _, KH, KW = w.shape
    _, _, H_out, W_out = dz.shape
    total = 0.0
    for n in range(N):
        for i in range(KH):
            for j in range(KW):
                row, column = r - i, c - j
                if 0 <= row < H_out and 0 <= column < W_out:
                    total += dz[t, n, row, column] * w[n, m, i, j]
    return float(total)


def conv_dy_scatter(dz, w):
    """The gradient of Div by y, written as forward's loops run backward.

    Forward (stride 1, no padding) adds
    `w[n, m, i, j] * y[t, m, r + i, c + j]` to z[t, n, r, c]; here (r, c)
    is a place in Z, not a pixel of y. So each dz[t, n, r, c] sends
    `w[n, m, i, j] * dz[t, n, r, c]` back to dy[t, m, r + i, c + j]: keep
    the loops, exchange the roles, use `+=`.

    dz (T, N, H_out, W_out), w (N, M, KH, KW)
    ->  dy (T, M, H_out + KH - 1, W_out + KW - 1), a new array.

    Example with two out-maps: dz[0] = [[[1, 10]], [[100, 0]]],
    w[0, 0] = [[1, 2], [3, 4]] and w[1, 0] = [[5, 6], [7, 8]] give
    dy[0, 0] = [[501, 612, 20], [703, 834, 40]]; the 612 is
    1*2 + 10*1 + 100*6.

    Any floating dtype will do. Do not change dz or w. Whole maps at once,
    with a loop over the filter's elements only, are fine too.
    """
    T, N, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    dy = np.zeros((T, M, H_out + KH - 1, W_out + KW - 1), dz.dtype)
    for n in range(N):
        for m in range(M):
            for i in range(KH):
                for j in range(KW):
                    dy[:, m, i : i + H_out, j : j + W_out] += w[n, m, i, j] * dz[:, n]
    return dy


def conv_dy_flip(dz, w):
    """The gradient of Div by y, as a convolution with flipped filters.

    Pad each map of dz with KH - 1 rows of zeros above and below, and with
    KW - 1 columns left and right. For the m-th map of dy, take the m-th
    planes of all N filters, flip them once, left-right and up-down (their
    last two axes), slide them over the padded maps, and sum over n:

    `dy[t, m, r, c] = sum over n, i, j of
          w[n, m, KH - 1 - i, KW - 1 - j] * padded[t, n, r + i, c + j]`

    The indices KH - 1 - i and KW - 1 - j are that flip: with planes that
    are flipped already, they are i and j. Here (r, c) is a pixel of y.

    dz (T, N, H_out, W_out), w (N, M, KH, KW)
    ->  dy (T, M, H_out + KH - 1, W_out + KW - 1), a new array.

    Example with two in-maps: dz[0] = [[[1, 10]]],
    w[0, 0] = [[1, 2], [3, 4]] and w[0, 1] = [[5, 6], [7, 8]] give
    dy[0, 0] = [[1, 12, 20], [3, 34, 40]] and
    dy[0, 1] = [[5, 56, 60], [7, 78, 80]]; the 12 is 1*2 + 10*1.

    Stride 1, no padding in forward. Any floating dtype will do. Do not
    change dz or w.
    Lecture: "Derivatives for a single layer l: Vector notation". The
    slide's loops have slips: go by this text.
    """
    T, _, H_out, W_out = dz.shape
    _, M, KH, KW = w.shape
    H, W = H_out + KH - 1, W_out + KW - 1
    padded = np.pad(dz, ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1)))
    flipped = w[:, :, ::-1, ::-1]
    dy = np.zeros((T, M, H, W), dz.dtype)
    for r in range(H):
        for c in range(W):
            segment = padded[:, :, r : r + KH, c : c + KW]  # (T, N, KH, KW)
            dy[:, :, r, c] = np.tensordot(segment, flipped, axes=((1, 2, 3), (0, 2, 3)))
    return dy
