"""Chapter 04 in three styles: plain loops, masks, other forms of the same slopes."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]


def relu_loops(dy: Floats, z: Floats) -> Floats:
    dz = np.zeros(z.shape)
    for k in np.ndindex(z.shape):
        if z[k] > 0:
            dz[k] = dy[k]
    return dz


def relu_mask(dy: Floats, z: Floats) -> Floats:
    dz = dy.copy()
    dz[z <= 0] = 0
    return dz


def relu_step(dy: Floats, z: Floats) -> Floats:
    return np.multiply(dy, np.heaviside(z, 0.5))


def sigmoid_loops(dy: Floats, z: Floats) -> Floats:
    dz = np.zeros(z.shape)
    for k in np.ndindex(z.shape):
        e = math.exp(-abs(z[k]))
        dz[k] = dy[k] * e / (1 + e) ** 2
    return dz


def sigmoid_forms(dy: Floats, z: Floats) -> Any:
    y = np.zeros_like(z)
    y[z >= 0] = 1 / (1 + np.exp(-z[z >= 0]))
    y[z < 0] = np.exp(z[z < 0]) / (1 + np.exp(z[z < 0]))
    return dy * (y - y**2)


def sigmoid_by_tanh(dy: Floats, z: Floats) -> Any:
    return dy * (1 - np.tanh(z / 2) ** 2) / 4


def tanh_loops(dy: Floats, z: Floats) -> Floats:
    dz = np.zeros(z.shape)
    for k in np.ndindex(z.shape):
        y = math.tanh(z[k])
        dz[k] = dy[k] * (1 - y * y)
    return dz


def tanh_factors(dy: Floats, z: Floats) -> Any:
    y = np.tanh(z)
    return dy * (1 - y) * (1 + y)


def tanh_by_cosh(dy: Floats, z: Floats) -> Any:
    return dy / np.cosh(z) ** 2


STYLES = {
    "loops": {
        "relu_backward": relu_loops,
        "sigmoid_backward": sigmoid_loops,
        "tanh_backward": tanh_loops,
    },
    "masks": {
        "relu_backward": relu_mask,
        "sigmoid_backward": sigmoid_forms,
        "tanh_backward": tanh_factors,
    },
    "other forms": {
        "relu_backward": relu_step,
        "sigmoid_backward": sigmoid_by_tanh,
        "tanh_backward": tanh_by_cosh,
    },
}
