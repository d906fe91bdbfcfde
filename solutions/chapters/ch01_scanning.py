"""Chapter 01: scanning with filters, along a line and over a picture; counting what is learned.

Stride 1, no padding. y (T, M, H, W), w (N, M, KH, KW), b (N,), z (T, N, H_out, W_out) with
H_out = H - KH + 1 and W_out = W - KW + 1; along a line without H. The docstrings are the task
statements.
"""

import numpy as np


def conv1d_scan(y, w, b):
    """Scan signals with N filters: one layer of a time-delay network.

    At each place c, filter n looks at KW neighbouring columns of all M
    in-maps at once, and adds its bias b[n]:

    `z[t, n, c] = b[n] + sum over m, j of w[n, m, j] * y[t, m, c + j]`

    y (T, M, W), w (N, M, KW), b (N,)
    ->  z (T, N, W - KW + 1), a new array: step 1, no padding.

    Example: y = [[[1., 2., 4.]]], w = [[[10., 1.]]], b = [100.] give
    z = [[[112., 124.]]], from 100 + 10*1 + 1*2 and 100 + 10*2 + 1*4.

    The filter is not flipped, and there is no activation in here. Any
    floating dtype will do. Do not change y, w or b.
    Lecture: "Story so far", the scan along time.
    """
    T, _, W = y.shape
    N, _, KW = w.shape
    z = np.zeros((T, N, W - KW + 1), y.dtype)
    for c in range(W - KW + 1):
        segment = y[:, :, c : c + KW]  # (T, M, KW)
        z[:, :, c] = np.tensordot(segment, w, axes=((1, 2), (1, 2))) + b
    return z


def conv_scan(y, w, b):
    """Scan pictures with N filters: the affine maps of a conv layer.

    At each place (r, c), filter n looks at the KH x KW block of all M
    in-maps whose top left corner is (r, c), and adds its bias b[n]:

    `z[t, n, r, c] = b[n] + sum over m, i, j of
                     w[n, m, i, j] * y[t, m, r + i, c + j]`

    y (T, M, H, W), w (N, M, KH, KW), b (N,)
    ->  z (T, N, H - KH + 1, W - KW + 1), a new array: stride 1, no
    padding.

    Example with two in-maps and two filters, in one picture:
    y[0] = [[[1., 2., 3.]], [[4., 5., 6.]]], b = [100., 200.],
    w[0] = [[[10., 1.]], [[0., 0.]]] and w[1] = [[[1., 0.]], [[0., 10.]]]
    give z[0, 0] = [[112., 123.]], the first from 100 + 10*1 + 1*2, and
    z[0, 1] = [[251., 262.]], the first from 200 + 1*1 + 10*5.

    The filter is not flipped, and there is no activation in here. Any
    floating dtype will do. Do not change y, w or b.
    Lecture: "Pseudocode: Vector notation", without its activation.
    """
    T, _, H, W = y.shape
    N, _, KH, KW = w.shape
    z = np.zeros((T, N, H - KH + 1, W - KW + 1), y.dtype)
    for r in range(H - KH + 1):
        for c in range(W - KW + 1):
            segment = y[:, :, r : r + KH, c : c + KW]  # (T, M, KH, KW)
            z[:, :, r, c] = np.tensordot(segment, w, axes=((1, 2, 3), (1, 2, 3))) + b
    return z


def count_parameters(M, N, KH, KW):
    """How many numbers does a conv layer learn?

    The layer has M in-maps and N filters, one for each out-map. Each
    filter has a plane of KH x KW weights for every in-map, and one bias:
    one for the whole filter, not one for each of its planes.

    Return all weights and biases of the layer together: one int.

    Example: 3 in-maps (red, green, blue) and 2 filters of 2 x 4 make
    count_parameters(3, 2, 2, 4) = 50.
    Lecture: "Recap: A convolutional layer", which counts the weights of
    one out-map and leaves out the bias.
    """
    return N * (M * KH * KW + 1)
