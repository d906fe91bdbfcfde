"""Forward, backward_y and backward_w of the `tiles` backend: which loops, with which tables.

Each takes the way in which its layer is fastest: Winograd's for 3 x 3 filters at stride 1, else the
product of `tiles_loops` with maps or positions in the vectors. Threads share the pictures.
"""

import numpy as np

from solutions.arguments import Array
from solutions.kernels import tiles_winograd as winograd
from solutions.kernels.geometry import Geometry
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
    Packing,
    Plan,
    backward_w_plan,
    backward_y_plan,
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
    N, panel = z.shape[1], len(plan.shape[1]) * lanes_of(z)
    given = *plan.tables, plan.apart, plan.sizes, plan.copied
    if plan.packing is None:

        def work(first: int, after: int) -> None:
            positions_in_lanes(plan.shape, out, flat, first, after, w, b, *given, z[0].size)
    else:
        panels = packed(w, plan.packing, panel, plan.width, w.size // N)
        rest = plan.width, *plan.turned, plan.to, plan.places

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
    given = filters, b, *plan.tables, plan.apart, plan.numbers, *plan.turned

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
    (N, M), L = w.shape[:2], lanes_of(dz)
    dy, b = np.empty((len(dz), M, *geometry.size), dz.dtype), np.zeros(M, dz.dtype)
    if winograd.fits(geometry, M, N, L):
        return scan_squares(winograd.backward_y_squares(geometry, M, N, L), dy, dz, w, b)
    return scan(backward_y_plan(geometry, M, N, L), dy, dz, w, b)


def backward_w(dz: Array, y: Array, geometry: Geometry) -> Array:
    """dw: added up with out-maps last, and then turned."""
    N, M, L = dz.shape[1], y.shape[1], lanes_of(dz)
    dw = np.empty((N, M, *geometry.kernel), dz.dtype)
    pictures = dz.reshape(-1), y.reshape(-1)
    work = dw.size * dz[0, 0].size
    if winograd.fits(geometry, M, N, L):
        squares = winograd.backward_w_squares(geometry, M, N, L)
        width, to, rows = squares.numbers[1], squares.packing.to, squares.packing.rows
        given = *squares.tables, squares.apart, squares.numbers, *squares.turned

        def add_squares(first: int, after: int) -> Array:
            du = np.zeros(16 * M * width, dz.dtype)
            winograd.winograd_backward_w(squares.shape, du, *pictures, first, after, *given)
            return du

        sums = np.empty(9 * M * width, dz.dtype)
        du = added_up(add_squares, len(y), work)
        winograd.transform_filter_gradients(sums, du, M, width, dz.dtype.type(0.5))
    else:
        plan = backward_w_plan(geometry, M, N, L)
        to, rows = plan.filters, plan.elements
        rest = plan.together, BLOCK, *plan.tables, plan.apart, plan.sizes, plan.copied
        last = plan.picture, plan.width, plan.to, plan.maps

        def add(first: int, after: int) -> Array:
            sums = np.zeros(plan.elements.size * plan.width, dz.dtype)
            add_backward_w(plan.shape, sums, *pictures, first, after, *rest, *last)
            return sums

        sums = added_up(add, len(y), work)
    turn(dw.reshape(-1), 0, to, N, sums, 0, rows, 0, rows.size)
    return dw
