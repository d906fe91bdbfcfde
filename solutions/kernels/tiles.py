"""The `tiles` backend (first whole version)."""

import numpy as np

from solutions.arguments import Array
from solutions.kernels import im2col
from solutions.kernels.geometry import Geometry
from solutions.kernels.pool import max_pool, max_pool_backward, mean_pool, mean_pool_backward
from solutions.kernels.tiles_host import host
from solutions.kernels.tiles_loops import (
    add_backward_w,
    maps_in_lanes,
    pack,
    positions_in_lanes,
    turn,
)
from solutions.kernels.tiles_plan import (
    BLOCK,
    LINE,
    Plan,
    backward_w_plan,
    backward_y_plan,
    forward_plan,
)

__all__ = [
    "backward_w",
    "backward_y",
    "forward",
    "max_pool",
    "max_pool_backward",
    "mean_pool",
    "mean_pool_backward",
]


def zeros(count: int, dtype: np.dtype[np.floating]) -> Array:
    """Zeros that begin with a cache line: a vector then never lies in two."""
    size = dtype.itemsize
    array = np.zeros(count + LINE // size, dtype)
    skip = -(array.__array_interface__["data"][0] // size) % (LINE // size)
    return array[skip : skip + count]


def empty(count: int, dtype: np.dtype[np.floating]) -> Array:
    size = dtype.itemsize
    array = np.empty(count + LINE // size, dtype)
    skip = -(array.__array_interface__["data"][0] // size) % (LINE // size)
    return array[skip : skip + count]


def fits(arrays: tuple[Array, ...], geometry: Geometry) -> bool:
    return geometry.groups == 1 and all(a.size for a in arrays)


def scan(plan: Plan, z: Array, y: Array, w: Array, b: Array | None, packing: tuple) -> None:
    L = host().register // z.itemsize
    flat, out = y.reshape(-1), z.reshape(-1)
    padded = zeros(plan.padded, y.dtype)
    N = z.shape[1]
    if plan.maps:
        panel = len(plan.shape[1]) * L
        K = w.size // N
        bias = np.zeros(plan.width, y.dtype)
        if b is not None:
            bias[:N] = b
        panels = (np.zeros if plan.width > N else np.empty)(0) if False else zeros(plan.width * K, w.dtype)
        blocks, block, width, apart = packing
        pack(panels, w.reshape(-1), blocks, block, panel * np.arange(width), width,
             apart * np.arange(N), N, panel, K)
        sums = empty(plan.width * plan.places.size, y.dtype)
        maps_in_lanes(plan.shape, out, flat, 0, len(y), panels, bias, padded, sums, plan.rows,
                      plan.columns, plan.steps, plan.parts, plan.apart, plan.sizes, plan.to, plan.places)
    else:
        bias = np.zeros((N, L), y.dtype)
        if b is not None:
            bias[:] = b[:, None]
        positions_in_lanes(plan.shape, out, flat, 0, len(y), w.reshape(-1), bias.reshape(-1), padded,
                           plan.rows, plan.columns, plan.steps, plan.parts, plan.apart, plan.sizes,
                           z[0].size)


def forward(y: Array, w: Array, b: Array, geometry: Geometry) -> Array:
    if not fits((y, w), geometry):
        return im2col.forward(y, w, b, geometry)
    N, M = w.shape[:2]
    plan = forward_plan(geometry, M, N, host().register // y.itemsize)
    z = np.empty((len(y), N, *geometry.out), y.dtype)
    K = w[0].size
    scan(plan, z, y, w, b, (1, 0, K, K))
    return z


def backward_y(dz: Array, w: Array, geometry: Geometry) -> Array:
    if not fits((dz, w), geometry) or 0 in geometry.size:
        return im2col.backward_y(dz, w, geometry)
    N, M = w.shape[:2]
    plan = backward_y_plan(geometry, M, N, host().register // dz.itemsize)
    dy = np.empty((len(dz), M, *geometry.size), dz.dtype)
    KK = w[0, 0].size
    scan(plan, dy, dz, w, None, (N, M * KK, KK, KK))
    return dy


def backward_w(dz: Array, y: Array, geometry: Geometry) -> Array:
    if not fits((dz, y), geometry):
        return im2col.backward_w(dz, y, geometry)
    N, M = dz.shape[1], y.shape[1]
    L = host().register // dz.itemsize
    plan = backward_w_plan(geometry, M, N, L)
    sums = zeros(plan.taps.size * plan.width, y.dtype)
    padded = zeros(plan.padded, y.dtype)
    panels = zeros(plan.panels, y.dtype)
    add_backward_w(plan.shape, sums, dz.reshape(-1), y.reshape(-1), 0, len(y), plan.together, BLOCK,
                   padded, panels, plan.rows, plan.columns, plan.steps, plan.apart, plan.sizes,
                   plan.picture, plan.to, plan.maps)
    dw = np.empty((N, M, *geometry.kernel), y.dtype)
    turn(dw.reshape(-1), 0, plan.turned, N, sums, 0, plan.taps, 0, plan.taps.size)
    return dw
