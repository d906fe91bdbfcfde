"""Chapter 02 in three styles: plain loops, unit steps, one entry or formula at a time."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]


def numeric_loops(f: Callable[[Floats], float], x: Floats, h: float) -> Floats:
    moved = np.array(x, dtype=float)
    dx = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        kept = moved[k]
        moved[k] = kept + h
        up = f(moved)
        moved[k] = kept - h
        down = f(moved)
        moved[k] = kept
        dx[k] = (up - down) / (2 * h)
    return dx


def numeric_units(f: Callable[[Floats], float], x: Floats, h: float) -> Floats:
    units = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([f(x + e) - f(x - e) for e in units]).reshape(x.shape) / h / 2


def numeric_flat(f: Callable[[Floats], float], x: Floats, h: float) -> Floats:
    dx = np.zeros_like(x)
    for k in range(x.size):
        for sign in (1, -1):
            moved = x.flatten()
            moved[k] += sign * h
            dx.flat[k] += sign * f(moved.reshape(x.shape)) / (2 * h)
    return dx


def graph_lines(x: float, y: float) -> tuple[float, float]:
    s = x * y
    t = s + x
    dx, dy, ds, dt = 0.0, 0.0, 0.0, 0.0
    dt += math.sin(s)
    ds += t * math.cos(s)
    ds += dt
    dx += dt
    dx += y * ds
    dy += x * ds
    return dx, dy


def graph_formula(x: float, y: float) -> Any:
    s = x * y
    common = (s + x) * np.cos(s) + np.sin(s)
    return y * common + np.sin(s), x * common


def graph_matrices(x: float, y: float) -> tuple[float, float]:
    s = x * y
    by_s = np.array([1.0, 1.0]) @ np.array([(s + x) * np.cos(s), np.sin(s)])
    dx, dy = np.array([[y, 1.0], [x, 0.0]]) @ np.array([by_s, np.sin(s)])
    return float(dx), float(dy)


def batch_loops(dw_each: Floats) -> Floats:
    T = len(dw_each)
    dw = np.zeros(dw_each.shape[1:])
    for t in range(T):
        dw += dw_each[t] / T
    return dw


def batch_einsum(dw_each: Floats) -> Any:
    return np.einsum("t...->...", dw_each) / dw_each.shape[0]


def batch_product(dw_each: Floats) -> Floats:
    T = dw_each.shape[0]
    return (np.full((1, T), 1 / T) @ dw_each.reshape(T, -1)).reshape(dw_each.shape[1:])


STYLES = {
    "loops": {
        "numeric_gradient": numeric_loops,
        "graph_backward": graph_lines,
        "batch_gradient": batch_loops,
    },
    "einsum": {
        "numeric_gradient": numeric_units,
        "graph_backward": graph_formula,
        "batch_gradient": batch_einsum,
    },
    "products": {
        "numeric_gradient": numeric_flat,
        "graph_backward": graph_matrices,
        "batch_gradient": batch_product,
    },
}
