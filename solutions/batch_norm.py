"""Batch normalisation: each map shifted and scaled to mean 0 and variance 1, then by two numbers.

T pictures of M maps with H rows and W columns; gamma, beta, mean, var (M,); the statistics of map m
are over the count = T*H*W numbers y[:, m, :, :], and the variance is the biased one (1/count).

Inside, everything is in float64, since a sum over a large map would lose a float32's digits; the
answers are rounded once, to y's dtype.
"""

import numpy as np

from solutions.arguments import Array, expect_shape, floats, real, same_dtype

PER_MAP = (0, 2, 3)  # what the statistics go over: all axes but the maps'


def _check(eps: float, y: Array, **per_map: Array) -> float:
    M = floats("y", y, "T M H W").shape[1]
    for name, value in per_map.items():
        expect_shape(name, floats(name, value, "M"), (M,), "one number for each map of `y`")
    same_dtype(y=y, **per_map)
    if real("eps", eps) <= 0:
        raise ValueError(f"`eps` (={eps!r}) must be above 0")
    return float(eps)


def _along_maps(value: Array) -> Array:
    """(M,) as (1, M, 1, 1), in float64."""
    return value.astype(np.float64)[None, :, None, None]


def _count(y: Array) -> int:
    """T*H*W; 1 for an empty batch, whose sums are 0 anyway."""
    T, _M, H, W = y.shape
    return max(int(T * H * W), 1)


def _standardise(y: Array, eps: float) -> tuple[Array, Array]:
    """x = (y - mean) / deviation, with mean 0 and variance 1 a map, and the deviation."""
    mean = y.sum(axis=PER_MAP, dtype=np.float64, keepdims=True) / _count(y)
    centred = y - mean
    var = (centred**2).sum(axis=PER_MAP, keepdims=True) / _count(y)
    deviation = np.sqrt(var + eps)
    return centred / deviation, deviation


def batch_norm_forward(y: Array, gamma: Array, beta: Array, eps: float = 1e-5) -> Array:
    """z[t, m, r, c] = gamma[m] * (y[t, m, r, c] - mean[m]) / sqrt(var[m] + eps) + beta[m].

    mean and var are those of this batch: of map m over t, r and c, var the biased one.

    y (T, M, H, W), gamma, beta (M,), eps > 0 in the units of y squared  ->  z like y, fresh. A map
    with one value only gives beta. An empty batch gives an empty z.

    Raises ValueError or TypeError, before any work, for shapes, dtypes and an eps that do not fit.
    Source: not in the lecture; Ioffe and Szegedy 2015, algorithm 1.
    """
    eps = _check(eps, y, gamma=gamma, beta=beta)
    x, _ = _standardise(y, eps)
    return (_along_maps(gamma) * x + _along_maps(beta)).astype(y.dtype)


def batch_norm_backward(
    dz: Array, y: Array, gamma: Array, beta: Array, eps: float = 1e-5
) -> tuple[Array, Array, Array]:
    """The gradients of Div by y, gamma and beta, given dz = dDiv/dz.

    With x = (y - mean)/s, s = sqrt(var + eps) and sums over t, r and c of the map m:

    dbeta[m]  = sum of dz
    dgamma[m] = sum of dz * x
    dy        = gamma/s * (dz  -  (sum of dz)/count  -  x * (sum of dz * x)/count)

    dy's three terms, one for each path from y to z. Write p = dDiv/dx = gamma * dz. A step of y at
    one position moves x there by 1/s; it moves the mean by 1/count, and so every x by
    -1/(count*s); and it moves var by 2*(y - mean)/count (the mean's share in var is 0, since
    y - mean sums to 0), so s by (y - mean)/(count*s) = x/count, and each x of the map, which is
    (y - mean)/s, by -x/s * x_here/count. Weighed with p and summed over the map:
    dy = (p - (sum of p)/count - x * (sum of p * x)/count) / s, and gamma is a common factor.

    dz, y (T, M, H, W), gamma, beta (M,)  ->  dy, dgamma, dbeta with the shapes of y, gamma, beta.

    Raises ValueError or TypeError, before any work, for shapes, dtypes and an eps that do not fit.
    Source: not in the lecture; Ioffe and Szegedy 2015, section 3.
    """
    eps = _check(eps, y, gamma=gamma, beta=beta)
    expect_shape("dz", floats("dz", dz, "T M H W"), y.shape, "forward's output")
    same_dtype(dz=dz, y=y)
    x, deviation = _standardise(y, eps)
    dbeta = dz.sum(axis=PER_MAP, dtype=np.float64, keepdims=True)
    dgamma = (dz * x).sum(axis=PER_MAP, keepdims=True)
    dy = _along_maps(gamma) / deviation * (dz - dbeta / _count(y) - x * dgamma / _count(y))
    return dy.astype(y.dtype), dgamma.ravel().astype(y.dtype), dbeta.ravel().astype(y.dtype)


def batch_norm_infer(
    y: Array, gamma: Array, beta: Array, mean: Array, var: Array, eps: float = 1e-5
) -> Array:
    """z[t, m, r, c] = gamma[m] * (y[t, m, r, c] - mean[m]) / sqrt(var[m] + eps) + beta[m].

    mean and var are given, gathered in training: a picture's z does not depend on its batch.

    y (T, M, H, W), gamma, beta, mean, var (M,), var >= 0, eps > 0  ->  z like y, fresh.

    Raises ValueError or TypeError, before any work, for shapes, dtypes, a negative var and an eps
    that do not fit.
    Source: not in the lecture; Ioffe and Szegedy 2015, algorithm 2.
    """
    eps = _check(eps, y, gamma=gamma, beta=beta, mean=mean, var=var)
    negative = np.flatnonzero(var < 0)
    if len(negative):
        m = int(negative[0])
        raise ValueError(f"`var` (={float(var[m])!r} for map {m}) must be at least 0")
    scale = _along_maps(gamma) / np.sqrt(_along_maps(var) + eps)
    z: Array = scale * (y - _along_maps(mean)) + _along_maps(beta)
    return z.astype(y.dtype)
