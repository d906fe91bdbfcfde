"""Forward, backward_y and backward_w of the `tiles` backend: which loops, with which tables.

Each takes the way in which its layer is fastest: Winograd's for 3 x 3 filters at stride 1, else the
product of `tiles_loops` with maps, positions or pictures in the vectors. Threads share the work.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from solutions.arguments import Array, Pair
from solutions.kernels import tiles_pictures as pictures
from solutions.kernels import tiles_winograd as winograd
from solutions.kernels.geometry import Geometry
from solutions.kernels.tiles_host import Shape, host
from solutions.kernels.tiles_loops import (
    add_backward_w,
    add_backward_w_few,
    maps_in_lanes,
    pack,
    positions_in_lanes,
    turn,
)
from solutions.kernels.tiles_plan import (
    FewMapsPlan,
    Packing,
    Plan,
    WeightPlan,
    backward_w_plan,
    backward_y_plan,
    costs_of_backward_w,
    few_maps_plan,
    forward_plan,
)
from solutions.kernels.tiles_threads import added_up, shared


def lanes_of(array: Array) -> int:
    return host().register // array.itemsize


def packed(w: Array, packing: Packing, panel: int, width: int, K: int) -> Array:
    """The filters in panels; idle maps are zeros."""
    panels = (np.zeros if width > packing.rows.size else np.empty)(width * K, w.dtype)
    where = packing.blocks, packing.block, packing.put, packing.to, packing.rows
    pack(panels, w.reshape(-1), *where, panel, K)
    return panels


def scan(plan: Plan, z: Array, y: Array, w: Array, b: Array) -> Array:
    """Fill z from y by one plan."""
    flat, out, w = y.reshape(-1), z.reshape(-1), w.reshape(-1)
    N, size, panel = z.shape[1], z[0].size, len(plan.shape[1]) * lanes_of(z)
    given: tuple[Any, ...] = *plan.tables, plan.apart, plan.sizes, plan.copied
    if plan.packing is None:

        def work(first: int, after: int) -> None:
            positions_in_lanes(plan.shape, out, size, flat, first, after, w, b, *given)
    else:
        panels = packed(w, plan.packing, panel, plan.width, w.size // N)
        rest: tuple[Any, ...] = plan.width, *plan.turned, plan.to, plan.places

        def work(first: int, after: int) -> None:
            maps_in_lanes(plan.shape, out, flat, first, after, panels, b, *given, *rest)

    shared(work, len(z), w.size * z[0, 0].size)
    return z


def scan_squares(plan: winograd.Squares, z: Array, y: Array, w: Array, b: Array) -> Array:
    """The same by Winograd's products."""
    flat, out, half = y.reshape(-1), z.reshape(-1), y.dtype.type(0.5)
    M, width = plan.numbers[:2]
    panel = len(plan.shape[1]) * lanes_of(z)
    elements = packed(w, plan.packing, panel, width, 9 * M)
    filters = np.empty(16 * M * width, w.dtype)
    winograd.transform_filters(filters, elements, M, width, panel, plan.flipped, half)
    given: tuple[Any, ...] = filters, b, *plan.tables, plan.apart, plan.numbers, *plan.turned

    def work(first: int, after: int) -> None:
        winograd.winograd_forward(plan.shape, out, flat, first, after, *given)

    shared(work, len(z), w.size * z[0, 0].size)
    return z


def forward(y: Array, w: Array, b: Array, geometry: Geometry) -> Array:
    """z."""
    (N, M), L = w.shape[:2], lanes_of(y)
    z = np.empty((len(y), N, *geometry.out), y.dtype)
    if winograd.fits(geometry, M, N, L):
        return scan_squares(winograd.forward_squares(geometry, M, N, L), z, y, w, b)
    return scan(forward_plan(geometry, M, N, L), z, y, w, b)


def backward_y(dz: Array, w: Array, geometry: Geometry) -> Array:
    """dy: a forward from dz, without a bias."""
    (N, M), L, T = w.shape[:2], lanes_of(dz), len(dz)
    dy, b = np.empty((T, M, *geometry.size), dz.dtype), np.zeros(M, dz.dtype)
    if winograd.fits(geometry, M, N, L):
        return scan_squares(winograd.backward_y_squares(geometry, M, N, L), dy, dz, w, b)
    plan = backward_y_plan(geometry, M, N, L)
    if pictures.fits(T, dz) and pictures.cost_of_backward_y(geometry, M, N, T, L) < plan.cost:
        return pictures.turned_back(pictures.backward_y(pictures.turned(dz), w, geometry))
    return scan(plan, dy, dz, w, b)


def backward_w(dz: Array, y: Array, geometry: Geometry) -> Array:
    """dw: the sums of the ways below have an order of their own, and are turned or cut."""
    N, M, L = dz.shape[1], y.shape[1], lanes_of(dz)
    if winograd.fits(geometry, M, N, L):
        dw = _by_squares(winograd.backward_w_squares(geometry, M, N, L), dz, y)
    else:
        dw = _by_products(dz, y, geometry, L)
    return dw.reshape(N, M, *geometry.kernel)


def _by_products(dz: Array, y: Array, geometry: Geometry, L: int) -> Array:
    """dw by the cheapest of three ways: what is in a vector?"""
    N, M, P = dz.shape[1], y.shape[1], geometry.out[0] * geometry.out[1]
    of_maps, of_rows = (cost * P for cost in costs_of_backward_w(geometry, M, N, L))
    if pictures.fits(len(y), y):
        if pictures.cost_of_backward_w(geometry, M, N, L) < min(of_maps, of_rows):
            return pictures.backward_w(pictures.turned(dz), pictures.turned(y), geometry)
    if of_rows < of_maps:
        return _by_rows(few_maps_plan(geometry, M, N, L), dz, y, geometry.kernel)
    return _by_maps(backward_w_plan(geometry, M, N, L), dz, y)


def _sums(
    loops: Callable[..., None], shape: Shape, size: int, dz: Array, y: Array, given: tuple[Any, ...]
) -> Array:
    """What `loops` adds up over all pictures, `size` numbers."""
    flat_z, flat_y = dz.reshape(-1), y.reshape(-1)

    def add(first: int, after: int) -> Array:
        sums = np.zeros(size, dz.dtype)
        loops(shape, sums, flat_z, flat_y, first, after, *given)
        return sums

    return added_up(add, len(y), size * dz[0, 0].size)


def _by_maps(plan: WeightPlan, dz: Array, y: Array) -> Array:
    """(N, elements), added up with out-maps last."""
    N, K = plan.filters.size, plan.elements.size
    sums = _sums(add_backward_w, plan.shape, K * plan.width, dz, y, plan.given)
    dw = np.empty((N, K), dz.dtype)
    turn(dw.reshape(-1), 0, plan.filters, N, sums, 0, plan.elements, 0, K)
    return dw


def _by_rows(plan: FewMapsPlan, dz: Array, y: Array, kernel: Pair) -> Array:
    """(N, M, KH, KW), cut from vectors that hold a filter row each."""
    sums = _sums(add_backward_w_few, plan.shape, math.prod(plan.sums), dz, y, plan.given)
    return np.ascontiguousarray(sums.reshape(plan.sums)[:, :, : kernel[0], : kernel[1]])


def _by_squares(plan: winograd.Squares, dz: Array, y: Array) -> Array:
    """(N, elements), from the sums of Winograd's products."""
    N, (M, width) = dz.shape[1], plan.numbers[:2]
    given = *plan.tables, plan.apart, plan.numbers, *plan.turned
    du = _sums(winograd.winograd_backward_w, plan.shape, 16 * M * width, dz, y, given)
    sums, dw = np.empty(9 * M * width, dz.dtype), np.empty((N, 9 * M), dz.dtype)
    winograd.transform_filter_gradients(sums, du, M, width, dz.dtype.type(0.5))
    turn(dw.reshape(-1), 0, plan.packing.to, N, sums, 0, plan.packing.rows, 0, 9 * M)
    return dw
