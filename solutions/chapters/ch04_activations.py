"""Chapter 04: backward through an activation, each entry for itself.

dy, z and dz have one shape. The docstrings are the task statements.
"""

import numpy as np


def relu_backward(dy, z):
    """The gradient of Div by z, through y = max(z, 0), entry by entry.

    Div is the divergence: the loss of one picture; dy is its gradient by
    y. The slope of max(z, 0) is 1 where z is positive and 0 where z is
    negative:

    `dz[k] = dy[k] * (1 if z[k] > 0 else 0)`   for every entry,

    where k stands for all indices of an entry, however many there are.

    dy and z are float arrays of one shape, with any number of axes
    ->  dz, a new array of that shape.

    Example: dy = [5., -6., 7., -8.] and z = [1., 2., -3., -4.] give
    dz = [5., -6., 0., 0.].

    What yours does where z is exactly 0 is not scored. Any floating dtype
    will do. Do not change dy or z.
    Lecture: "Backpropagating through the activation".
    """
    return dy * (z > 0)


def sigmoid_backward(dy, z):
    """The gradient of Div by z, through y = sigmoid(z), entry by entry.

    `sigmoid(z) = 1 / (1 + exp(-z))`, and its slope, written with y, is
    y * (1 - y):

    `dz[k] = dy[k] * y[k] * (1 - y[k])`   with y[k] = sigmoid(z[k]),

    where k stands for all indices of an entry, however many there are.

    dy is the gradient of Div by y. dy and z are float arrays of one
    shape, with any number of axes  ->  dz, a new array of that shape.

    Example: dy = [4., -8.] and z = [0., 0.] give dz = [1., -2.].

    z may hold numbers like 1000. and -1000.: the answer is 0 there, not
    NaN. Any floating dtype will do. A warning costs nothing. Do not
    change dy or z.
    Lecture: "Backpropagating through the activation".
    """
    y = 1 / (1 + np.exp(-z))
    return dy * y * (1 - y)


def tanh_backward(dy, z):
    """The gradient of Div by z, through y = tanh(z), entry by entry.

    The slope of tanh, written with y, is 1 - y**2:

    `dz[k] = dy[k] * (1 - y[k]**2)`   with y[k] = tanh(z[k]),

    where k stands for all indices of an entry, however many there are.

    dy is the gradient of Div by y. dy and z are float arrays of one
    shape, with any number of axes  ->  dz, a new array of that shape.

    Example: dy = [4., -8.] and z = [0., 0.] give dz = [4., -8.].

    z may hold numbers like 1000. and -1000.: the answer is 0 there, not
    NaN. Any floating dtype will do. A warning costs nothing. Do not
    change dy or z.
    Lecture: "Backpropagating through the activation".
    """
    y = np.tanh(z)
    return dy * (1 - y**2)
