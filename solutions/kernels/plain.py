"""The `numpy` backend: no compiler, no loop over positions. It is what runs where Numba is not.

The loops that are left go over groups and window elements. T pictures, M in-maps, N out-maps.
"""

import numpy as np

from solutions.arguments import Array
from solutions.kernels.geometry import Geometry, inside


def forward(y: Array, w: Array, b: Array, geometry: Geometry) -> Array:
    """z: for each group one matrix product, with the sum over m, i, j."""
    windows = geometry.windows(geometry.pad(y))
    z = np.empty((y.shape[0], w.shape[0], *geometry.out), y.dtype)
    for maps_in, maps_out in geometry.group_slices(y.shape[1], w.shape[0]):
        sums = np.tensordot(windows[:, maps_in], w[maps_out], axes=((1, 4, 5), (1, 2, 3)))
        np.add(np.moveaxis(sums, 3, 1), b[maps_out, None, None], out=z[:, maps_out])
    return z


def backward_y(dz: Array, w: Array, geometry: Geometry) -> Array:
    """dy: what forward reads for filter element (i, j) gets w[n, m, i, j] * dz, summed over n."""
    M = w.shape[1] * geometry.groups
    dpadded = geometry.padded_zeros(dz.shape[0], M, dz)
    for maps_in, maps_out in geometry.group_slices(M, w.shape[0]):
        for i, j in np.ndindex(*geometry.kernel):
            sums = np.tensordot(dz[:, maps_out], w[maps_out, :, i, j], axes=((1,), (0,)))
            geometry.met_by(dpadded, i, j)[:, maps_in] += np.moveaxis(sums, 3, 1)
    return geometry.crop(dpadded)


def backward_w(dz: Array, y: Array, geometry: Geometry) -> Array:
    """dw: for each group one matrix product, with the sum over t, r, c."""
    N, M = dz.shape[1], y.shape[1]
    windows = geometry.windows(geometry.pad(y))
    dw = np.empty((N, M // geometry.groups, *geometry.kernel), y.dtype)
    for maps_in, maps_out in geometry.group_slices(M, N):
        dw[maps_out] = np.tensordot(
            dz[:, maps_out], windows[:, maps_in], axes=((0, 2, 3), (0, 2, 3))
        )
    return dw


def max_pool(y: Array, geometry: Geometry) -> tuple[Array, Array]:
    """z, pidx: the window's elements one after the other, each against the best so far."""
    (H, W), padded = geometry.size, geometry.pad(y)
    z = np.empty((*y.shape[:2], *geometry.out), y.dtype)
    pidx = np.full(z.shape, -1, np.int64)  # -1: no element of the map seen yet
    rows, columns = geometry.met_rows(), geometry.met_columns()
    for i, j in np.ndindex(*geometry.kernel):
        v, row, column = geometry.met_by(padded, i, j), rows[:, i, None], columns[:, j]
        wins = (pidx < 0) | (v > z) | (np.isnan(v) & ~np.isnan(z))
        wins &= inside(row, H) & inside(column, W)
        np.copyto(z, v, where=wins)
        np.copyto(pidx, row * W + column, where=wins)
    return z, pidx


def max_pool_backward(dz: Array, pidx: Array, shape: tuple[int, ...]) -> Array:
    """dy: windows may overlap, so that a winner of several gets the sum."""
    T, M, H, W = shape
    dy = np.zeros(shape, dz.dtype)
    first = np.arange(T * M).reshape(T, M, 1, 1) * (H * W)  # of each map
    np.add.at(dy.reshape(-1), (first + pidx).reshape(-1), dz.reshape(-1))
    return dy


def mean_pool(y: Array, count: Array, geometry: Geometry) -> Array:
    """z: the sum over the window's elements, divided by their number."""
    padded = geometry.pad(y)
    z = np.zeros((*y.shape[:2], *geometry.out), y.dtype)
    for i, j in np.ndindex(*geometry.kernel):
        z += geometry.met_by(padded, i, j)
    z /= count
    return z


def mean_pool_backward(dz: Array, count: Array, geometry: Geometry) -> Array:
    """dy: each window's dz in equal shares."""
    share = dz / count
    dpadded = geometry.padded_zeros(dz.shape[0], dz.shape[1], dz)
    for i, j in np.ndindex(*geometry.kernel):
        geometry.met_by(dpadded, i, j)[...] += share
    return geometry.crop(dpadded)
