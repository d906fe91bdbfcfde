"""Chapter 02: paths add up; numeric gradients; the mean over the batch.

The docstrings are the task statements.
"""

import numpy as np


def numeric_gradient(f, x, h):
    """The gradient of f at x, by central differences with the step h.

    f takes an array of x's shape and returns one float. Move one entry
    of x at a time, up and down by h, and leave all others where they are:

    `dx[k] = (f(x with x[k] + h) - f(x with x[k] - h)) / (2 * h)`,

    where k stands for all indices of an entry, as many as x has axes.

    x is a float array with any number of axes, h a positive float
    ->  dx, a new float array of x's shape.

    Example: f(x) = x[0]**2 * x[1] at x = [3., 2.] with h = 1.0 gives
    dx = [12., 9.], from (4*4*2 - 2*2*2) / 2 and (3*3*3 - 3*3*1) / 2.

    Use the h that is given: it may be large. Any floating dtype will do.
    Do not change x, not even for a moment: it may be read-only.
    """
    dx = np.zeros_like(x)
    for k in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[k] += h
        down[k] -= h
        dx[k] = (f(up) - f(down)) / (2 * h)
    return dx


def graph_backward(x, y):
    """The gradients of Div by x and y, for this small graph of numbers:

        s = x * y
        t = s + x
        Div = t * sin(s)

    Div, the divergence, stands for the loss. From x three paths lead to
    it: over t alone; over s and then t; over s and then the sine. From y
    there are two, both over s. Slopes are multiplied along a path, and
    paths add up. Go backward from Div, so that each line is passed once:
    dt, then ds, then dx and dy, where dt means dDiv/dt and so on.

    x and y are floats  ->  dx, dy: two floats, in this order.

    Example: at x = 2.0, y = 0.5 they are dx = 2.0727 and dy = 4.9248,
    rounded to four places; on the way, dt = 0.8415 and ds = 2.4624.
    Lecture: the two simple rules in "Derivatives through a convolutional
    layer".
    """
    s = x * y
    t = s + x
    dt = np.sin(s)
    ds = t * np.cos(s) + dt
    dx = y * ds + dt
    dy = x * ds
    return float(dx), float(dy)


def batch_gradient(dw_each):
    """The gradient of the loss, from the gradients of the pictures.

    The loss is the mean of the T pictures' divergences, so its gradient
    is the mean of theirs:

    `dw[k] = 1/T * sum over t of dw_each[t, k]`,

    where k stands for all indices of a weight, however many there are.

    dw_each (T, ...): picture t's gradient is dw_each[t], of any shape
    ->  dw (...): the same axes without the first, a new array.

    Example: dw_each = [[1., 2., 6.], [3., 4., 0.]] gives dw = [2., 3., 3.].

    Any floating dtype will do. Do not change dw_each.
    Lecture: "Recap: The derivative".
    """
    return dw_each.mean(axis=0)
