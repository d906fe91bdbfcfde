"""Chapter 03: the flat part, from the last maps to the loss.

T pictures; M numbers go in, N come out, C classes. The docstrings are the task statements.
"""

import numpy as np


def flatten_backward(dz, shape):
    """The gradient of Div by the maps y, for the layer that flattens.

    Div is the divergence: the loss of one picture. In forward, the maps
    of each picture are laid in one row: first all of map 0, row by row,
    then map 1, and so on:

    `z[t, (m * H + r) * W + c] = y[t, m, r, c]`

    Put each entry of dz, the gradient of Div by z, back where its y was.

    dz (T, M * H * W), shape = (T, M, H, W)
    ->  dy (T, M, H, W), a new array or a view of dz.

    Example: dz = [[1., 2., 3., 4., 5., 6.]] and shape = (1, 1, 2, 3) give
    dy = [[[[1., 2., 3.], [4., 5., 6.]]]]; with shape = (1, 2, 1, 3) it is
    dy = [[[[1., 2., 3.]], [[4., 5., 6.]]]].

    Any floating dtype will do. Do not change dz.
    Lecture: "Backpropagation: Final flat layers", the unrolling.
    """
    return dz.reshape(shape)


def affine_backward(dz, y, w, b):
    """The gradients of Div by y, w and b, for the layer z = y wᵀ + b.

    Each picture is a row of y and of z. Forward is
    `z[t, n] = b[n] + sum over m of w[n, m] * y[t, m]`, so

    `dy[t, m] = sum over n of dz[t, n] * w[n, m]`
    `dw[n, m] = sum over t of dz[t, n] * y[t, m]`
    `db[n]    = sum over t of dz[t, n]`

    dz (T, N) is the gradient of Div by z, y (T, M), w (N, M), b (N,)
    ->  dy, dw, db: three new arrays with the shapes of y, w and b.

    Example: dz = [[1., 10.], [100., 0.]], y = [[2., 3., 4.], [5., 6., 7.]],
    w = [[1., 2., 3.], [4., 5., 6.]] and b = [7., 8.] give
    dy = [[41., 52., 63.], [100., 200., 300.]], db = [101., 10.] and
    dw = [[502., 603., 704.], [20., 30., 40.]]; the 502 is 1*2 + 100*5.

    The values of b play no part. The 1/T of a mean loss is in dz already:
    the sums over the batch are sums. Any floating dtype will do. Do not
    change dz, y, w or b.
    Lecture: "Backpropagation: Final flat layers".
    """
    dy = dz @ w
    dw = dz.T @ y
    db = dz.sum(axis=0)
    return dy, dw, db


def softmax_stable(z):
    """The softmax of each row of z, safe for large numbers.

    `y[t, k] = exp(z[t, k]) / sum over all classes i of exp(z[t, i])`

    z (T, C): a row for each picture, a column for each class
    ->  y (T, C), a new array; each row sums to 1.

    exp(1000.) is infinite, and exp(-1000.) is 0. But the same number may
    be taken off every z of a picture without changing its y, and another
    number for another picture: choose them so that no exp is infinite and
    no sum is 0, whatever z is. z may hold numbers like 1000. and -1000.,
    in one row or in different rows.

    Example: z = [[0., 0.], [1000., 1000.]] gives
    y = [[0.5, 0.5], [0.5, 0.5]].

    Any floating dtype will do. A warning costs nothing. Do not change z.
    Lecture: "Pseudocode: Vector notation", its last line.
    """
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def cross_entropy_backward(z, target):
    """The gradient of the loss by z, through cross-entropy and softmax.

    With y = softmax(z), row by row, the loss is the mean over the batch:

    `loss = 1/T * sum over t of -log(y[t, target[t]])`

    Through both at once its gradient is short: (y, less 1 at the class
    that is right), all of it divided by T:

    `dz[t, k] = (y[t, k] - (1 if k == target[t] else 0)) / T`

    z (T, C) floats, target (T,) int: the right class of each picture, a
    number from 0 to C - 1  ->  dz (T, C), a new array.

    Example: z = [[0., 0.], [0., 0.]] and target = [0, 1] give
    dz = [[-0.25, 0.25], [0.25, -0.25]].

    z may hold numbers like 1000. and -1000. Some class may be the target
    of no picture. Any floating dtype will do. A warning costs nothing. Do
    not change z or target.
    Lecture: the start of the backward pass, which the slides leave out.
    """
    T = len(z)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    dz = e / e.sum(axis=1, keepdims=True)
    dz[np.arange(T), target] -= 1
    return dz / T


def softmax_backward(dy, z):
    """The gradient of Div by z, through y = softmax(z) alone (starred).

    Every z of a picture moves every y of it, because the y's sum to 1:
    the slope of y[t, i] by z[t, k] is

    `y[t, i] * ((1 if i == k else 0) - y[t, k])`

    Each path carries dy[t, i] times this slope, and paths add up:

    `dz[t, k] = sum over i of dy[t, i] * (slope of y[t, i] by z[t, k])`

    dy (T, C) is the gradient of Div by y, z (T, C)
    ->  dz (T, C), a new array.

    Example: dy = [[4., 0.]] and z = [[0., 0.]] give dz = [[1., -1.]].

    z may hold numbers like 1000. and -1000. Any floating dtype will do. A
    warning costs nothing. Do not change dy or z.
    """
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y * (dy - (y * dy).sum(axis=1, keepdims=True))
