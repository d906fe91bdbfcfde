"""The flat part of the network: maps unrolled into rows of numbers, and the affine map on them.

T pictures; y (T, M) with M numbers a picture, w (N, M), b (N,), z (T, N). In `flatten`, y is
(T, M, H, W) or has any number of axes, and the unrolled z has all but T in one, in row-major order.
"""

import math

import numpy as np

from solutions.arguments import Array, expect_shape, floats, floats_with, full_shape, same_dtype


def flatten_forward(y: Array) -> Array:
    """z[t, (m*H + r)*W + c] = y[t, m, r, c]: the maps of a picture, unrolled one after the other.

    y (T, M, H, W), or (T, ...) with at least two axes  ->  z (T, M*H*W), a copy, of y's dtype. The
    order of the numbers is that of the indices, whatever the layout of y in memory.

    Raises ValueError or TypeError, before any work, when y is no float array or has one axis only.
    Source: 11-785 "CNN III", "Recap: A CNN, end-to-end" ("flattened").
    """
    floats_with("y", y, "T M")
    return np.array(y, order="C").reshape(y.shape[0], math.prod(y.shape[1:]))


def flatten_backward(dz: Array, shape: tuple[int, ...]) -> Array:
    """dy[t, m, r, c] = dz[t, (m*H + r)*W + c]: rolled up again, nothing is computed.

    dz (T, M*H*W), `shape` of y: (T, M, H, W)  ->  dy of that shape, a copy, of dz's dtype.

    Raises ValueError or TypeError, before any work, for a dz that `flatten_forward` cannot put out.
    Source: 11-785 "CNN III", "Backpropagation: Final flat layers" (the "unrolling").
    """
    sizes = full_shape("shape", shape, "T M", more=True)
    floats("dz", dz, "T N")
    reason = f"forward's output for `shape` (={sizes})"
    expect_shape("dz", dz, (sizes[0], math.prod(sizes[1:])), reason)
    return np.array(dz, order="C").reshape(sizes)


def _check_affine(y: Array, w: Array, b: Array | None, dz: Array | None = None) -> None:
    T, M = floats("y", y, "T M").shape
    N, per_row = floats("w", w, "N M").shape
    if per_row != M:
        raise ValueError(
            f"`w` has shape {w.shape}: it takes {per_row} numbers a picture, but `y` of shape "
            f"{y.shape} has {M}"
        )
    if b is not None and floats("b", b, "N").shape != (N,):
        raise ValueError(f"`b` has shape {b.shape}; one bias for each of the {N} rows of `w`")
    if dz is not None:
        expect_shape("dz", floats("dz", dz, "T N"), (T, N), "forward's output")
    same_dtype(**({} if dz is None else {"dz": dz}), y=y, w=w, b=b)


def affine_forward(y: Array, w: Array, b: Array | None = None) -> Array:
    """z[t, n] = b[n] + sum over m of w[n, m] * y[t, m].

    y (T, M), w (N, M), b (N,) or None  ->  z (T, N), fresh, of y's dtype.

    Raises ValueError or TypeError, before any work, for shapes and dtypes that do not fit.
    Source: 11-785 "CNN III", "Backpropagation: Final flat layers" (z = wy).
    """
    _check_affine(y, w, b)
    z = y @ w.T
    return z if b is None else z + b


def affine_backward(
    dz: Array, y: Array, w: Array, b: Array | None = None
) -> tuple[Array, Array, Array | None]:
    """The gradients of Div by y, w and b, given dz = dDiv/dz.

    dy[t, m] += w[n, m] * dz[t, n]
    dw[n, m] += y[t, m] * dz[t, n]
    db[n]    += dz[t, n]

    dz (T, N), y (T, M), w (N, M), b (N,) or None  ->  dy, dw, db with the shapes of y, w, b (`db` is
    None when `b` is); dw and db are sums over the batch.

    Raises ValueError or TypeError, before any work, for shapes and dtypes that do not fit.
    Source: 11-785 "CNN III", "Backpropagation: Final flat layers" ("conventional backprop").
    """
    _check_affine(y, w, b, dz)
    return dz @ w, dz.T @ y, None if b is None else dz.sum(axis=0)
