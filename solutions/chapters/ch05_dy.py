"""Chapter 05: dY, from one pixel to the flipped filter.

Stride 1, no padding. dz (T, N, H_out, W_out), w (N, M, KH, KW); y and dy (T, M, H, W) with
H = H_out + KH - 1 and W = W_out + KW - 1. The docstrings are the task statements.
"""

import numpy as np


def influence_mask(r, c, KH, KW, H_out, W_out):
    """Which elements of a map Z does the pixel y[r, c] influence?

    The filter has KH rows and KW columns, stride 1, no padding; the map Z
    has H_out rows and W_out columns. In forward,
    `z[r', c'] = sum over i, j of w[i, j] * y[r' + i, c' + j]`.

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

    `dy[t, m, r, c] = sum over n, r', c' of
                      dz[t, n, r', c'] * w[n, m, r - r', c - c']`,
    over those positions (r', c') of Z for which w has an element at
    (r - r', c - c').

    dz (T, N, H_out, W_out) is the gradient of Div by Z and
    w (N, M, KH, KW) holds the filters; stride 1, no padding.

    Mind that NumPy reads a negative index from the end: neither
    w[n, m, -1, 0] nor dz[t, n, -1, 0] is an error.
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
    `w[n, m, i, j] * y[t, m, r + i, c + j]` to z[t, n, r, c].
    So each dz[t, n, r, c] sends `w[n, m, i, j] * dz[t, n, r, c]` back to
    dy[t, m, r + i, c + j]: keep the loops, exchange the roles, use `+=`.

    dz (T, N, H_out, W_out), w (N, M, KH, KW)
    ->  dy (T, M, H_out + KH - 1, W_out + KW - 1), a new array.

    Do not change dz or w. Whole maps at once, with a loop over the
    filter's elements only, are fine too.
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
    """The gradient of Div by y, written as a convolution with flipped filters.

    Pad each map of dz with KH - 1 rows of zeros above and below, and with
    KW - 1 columns left and right. For the m-th map of dy, take the m-th
    planes of all N filters, flip them left-right and up-down (their last
    two axes), slide them over the padded maps, and sum over n:

    `dy[t, m, r, c] = sum over n, i, j of
          w[n, m, KH - 1 - i, KW - 1 - j] * padded[t, n, r + i, c + j]`

    dz (T, N, H_out, W_out), w (N, M, KH, KW)
    ->  dy (T, M, H_out + KH - 1, W_out + KW - 1), a new array.

    Stride 1, no padding in forward. Do not change dz or w.
    Lecture: "Derivatives for a single layer l: Vector notation", mended.
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
