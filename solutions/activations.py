"""Activations: y = f(z) at each position for itself, and dz = dy * f'(z).

z and y have one shape, mostly (T, M, H, W) or (T, M); each function takes any with an axis T.

Every formula is written so that exp only ever sees numbers up to 0: nothing overflows, and small
answers keep their digits. At z = +-inf each gives its limit. NaN stays NaN, in z and in dy.
"""

import math

import numpy as np

from solutions.arguments import Array, expect_shape, floats_with, real, same_dtype


def _check(z: Array, dy: Array | None = None) -> None:
    floats_with("z", z, "T")
    if dy is not None:
        expect_shape("dy", floats_with("dy", dy, "T"), z.shape, "`z`")
        same_dtype(dy=dy, z=z)


def relu_forward(z: Array) -> Array:
    """y = max(z, 0).

    z (T, ...)  ->  y like z, fresh.

    Raises ValueError or TypeError, before any work, when z is no float array.
    Source: 11-785 "CNN III", "Backpropagating through the activation", with f(z) = max(z, 0).
    """
    _check(z)
    return np.clip(z, 0, np.inf)  # three times as fast as np.maximum, and NaN stays NaN


def relu_backward(dy: Array, z: Array) -> Array:
    """dz = dy where z > 0, else 0; at z = 0 exactly the slope is 0, by agreement.

    dy, z (T, ...)  ->  dz like z, fresh.

    Raises ValueError or TypeError, before any work, for shapes and dtypes that do not fit.
    Source: 11-785 "CNN III", "Backpropagating through the activation".
    """
    _check(z, dy)
    return dy * _above_zero(z)


def _above_zero(z: Array) -> Array:
    """1 where z > 0, 0 where z <= 0, NaN where z is NaN (which `z > 0` would lose)."""
    return np.asarray(np.ceil(np.clip(z, 0, 1)))


def leaky_relu_forward(z: Array, slope: float = 0.01) -> Array:
    """y = max(z, 0) + slope * min(z, 0).

    z (T, ...), slope a finite number  ->  y like z, fresh.

    Raises ValueError or TypeError, before any work, when z is no float array or slope no number.
    Source: 11-785 "CNN III", "Backpropagating through the activation", with this f.
    """
    _check(z)
    slope = real("slope", slope)
    return np.maximum(z, 0) + slope * np.minimum(z, 0)


def leaky_relu_backward(dy: Array, z: Array, slope: float = 0.01) -> Array:
    """dz = dy where z > 0, else slope * dy; at z = 0 exactly it is `slope`, by agreement.

    dy, z (T, ...), slope as in forward  ->  dz like z, fresh.

    Raises ValueError or TypeError, before any work, for shapes and dtypes that do not fit.
    Source: 11-785 "CNN III", "Backpropagating through the activation".
    """
    _check(z, dy)
    slope = real("slope", slope)
    above = _above_zero(z)
    return dy * (above + slope * (1 - above))


def _sigmoid(z: Array) -> Array:
    y: Array = np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))
    return y


def _sigmoid_slope(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    slope: Array = e / (1 + e) ** 2  # y * (1 - y), which would cancel for large z
    return slope


def sigmoid_forward(z: Array) -> Array:
    """y = 1 / (1 + exp(-z)).

    z (T, ...)  ->  y like z, fresh. Computed as exp(min(z, 0)) / (1 + exp(-|z|)).

    Raises ValueError or TypeError, before any work, when z is no float array.
    Source: 11-785 "CNN III", "Backpropagating through the activation", with this f.
    """
    _check(z)
    return _sigmoid(z)


def sigmoid_backward(dy: Array, z: Array) -> Array:
    """dz = dy * y * (1 - y), with y = sigmoid(z).

    dy, z (T, ...)  ->  dz like z, fresh. Computed as dy * e / (1 + e)^2 with e = exp(-|z|).

    Raises ValueError or TypeError, before any work, for shapes and dtypes that do not fit.
    Source: 11-785 "CNN III", "Backpropagating through the activation".
    """
    _check(z, dy)
    return dy * _sigmoid_slope(z)


def tanh_forward(z: Array) -> Array:
    """y = tanh(z) = (exp(z) - exp(-z)) / (exp(z) + exp(-z)).

    z (T, ...)  ->  y like z, fresh.

    Raises ValueError or TypeError, before any work, when z is no float array.
    Source: 11-785 "CNN III", "Backpropagating through the activation", with f = tanh.
    """
    _check(z)
    return np.tanh(z)


def tanh_backward(dy: Array, z: Array) -> Array:
    """dz = dy * (1 - y^2), with y = tanh(z).

    dy, z (T, ...)  ->  dz like z, fresh. Computed as dy / cosh(z)^2, with
    1 / cosh(z) = 2*e / (1 + e^2) and e = exp(-|z|): 1 - y^2 would cancel for large z.

    Raises ValueError or TypeError, before any work, for shapes and dtypes that do not fit.
    Source: 11-785 "CNN III", "Backpropagating through the activation".
    """
    _check(z, dy)
    e = np.exp(-np.abs(z))
    dz: Array = dy * (2 * e / (1 + e**2)) ** 2
    return dz


def softplus_forward(z: Array) -> Array:
    """y = log(1 + exp(z)).

    z (T, ...)  ->  y like z, fresh. Computed as max(z, 0) + log(1 + exp(-|z|)).

    Raises ValueError or TypeError, before any work, when z is no float array.
    Source: 11-785 "CNN III", "Backpropagating through the activation", with this f.
    """
    _check(z)
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def softplus_backward(dy: Array, z: Array) -> Array:
    """dz = dy * sigmoid(z).

    dy, z (T, ...)  ->  dz like z, fresh.

    Raises ValueError or TypeError, before any work, for shapes and dtypes that do not fit.
    Source: 11-785 "CNN III", "Backpropagating through the activation".
    """
    _check(z, dy)
    return dy * _sigmoid(z)


GELU_SCALE, GELU_CUBE = math.sqrt(2 / math.pi), 0.044715
GELU_FAR = 32  # from here on tanh(u) is 1 to the last bit, and z^3 might overflow


def _gelu_inside(z: Array) -> tuple[Array, Array]:
    """2u and its slope by z, where u = sqrt(2/pi) * (z + 0.044715 z^3), for |z| <= GELU_FAR."""
    square = GELU_CUBE * z * z
    return 2 * GELU_SCALE * z * (1 + square), 2 * GELU_SCALE * (1 + 3 * square)


def gelu_forward(z: Array) -> Array:
    """y = z/2 * (1 + tanh(u)), with u = sqrt(2/pi) * (z + 0.044715 z^3).

    z (T, ...)  ->  y like z, fresh. Computed as z * sigmoid(2u), which is the same and does not
    cancel for negative z.

    Raises ValueError or TypeError, before any work, when z is no float array.
    Source: Hendrycks and Gimpel 2016, arXiv:1606.08415, the tanh form; the lecture's y = f(z).
    """
    _check(z)
    u2, _ = _gelu_inside(np.clip(z, -GELU_FAR, GELU_FAR))
    return np.maximum(z, -GELU_FAR) * _sigmoid(u2)


def gelu_backward(dy: Array, z: Array) -> Array:
    """dz = dy * (s + z * s * (1 - s) * d(2u)/dz), with s = sigmoid(2u) and u as in forward.

    dy, z (T, ...)  ->  dz like z, fresh.

    Raises ValueError or TypeError, before any work, for shapes and dtypes that do not fit.
    Source: 11-785 "CNN III", "Backpropagating through the activation".
    """
    _check(z, dy)
    near = np.clip(z, -GELU_FAR, GELU_FAR)
    u2, du2 = _gelu_inside(near)
    dz: Array = dy * (_sigmoid(u2) + near * _sigmoid_slope(u2) * du2)
    return dz
