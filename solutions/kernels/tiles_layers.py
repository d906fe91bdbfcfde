"""Forward, backward_y and backward_w of the `tiles` backend: memory, tables and who does what.

Each takes the way that its layer is fastest in: Winograd's for 3 x 3 filters at stride 1, else the
product of `tiles_loops` with maps or positions in the vectors. Pictures are shared out to threads.
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
    LINE,
    Packing,
    Plan,
    backward_w_plan,
    backward_y_plan,
    forward_plan,
)
from solutions.kernels.tiles_threads import in_turn, shared

DType = np.dtype[np.floating]


def on_a_line(array: Array, count: int) -> Array:
    """`count` numbers of it, from the first that begins a cache line: no vector lies in two."""
    size = array.itemsize
    skip = -(array.__array_interface__["data"][0] // size) % (LINE // size)
    return array[skip : skip + count]


def zeros(count: int, dtype: DType) -> Array:
    return on_a_line(np.zeros(count + LINE // dtype.itemsize, dtype), count)


def empty(count: int, dtype: DType) -> Array:
    return on_a_line(np.empty(count + LINE // dtype.itemsize, dtype), count)


def lanes_of(array: Array) -> int:
    return host().register // array.itemsize


def packed(w: Array, packing: Packing, panel: int, width: int, K: int) -> Array:
    """The filters in panels; idle maps are zeros."""
    make = zeros if width > packing.rows.size else empty
    panels = make(width * K, w.dtype)
    pack(
        panels, w.reshape(-1), packing.blocks, packing.block, packing.put, packing.to,
        packing.rows, panel, K,
    )  # fmt: skip
    return panels


def scan(plan: Plan, z: Array, y: Array, w: Array, b: Array | None) -> Array:
    """Fill z: one plan, all pictures."""
    N, L = z.shape[1], lanes_of(z)
    y, out, w = y.reshape(-1), z.reshape(-1), w.reshape(-1)
    rest = (*plan.tables, plan.apart, plan.sizes)
    if plan.packing is None:
        bias = np.zeros((N, L), y.dtype)
        if b is not None:
            bias += b[:, None]
        bias = bias.reshape(-1)

        def work(first: int, after: int) -> None:
            copy = zeros(plan.copied, y.dtype)
            positions_in_lanes(
                plan.shape, out, y, first, after, w, bias, copy, *rest, z.size // len(z)
            )
    else:
        bias = np.zeros(plan.width, y.dtype)
        if b is not None:
            bias[:N] = b
        panels = packed(w, plan.packing, len(plan.shape[1]) * L, plan.width, w.size // N)

        def work(first: int, after: int) -> None:
            copy = zeros(plan.copied, y.dtype)
            sums = empty(plan.width * plan.places.size, y.dtype)
            maps_in_lanes(
                plan.shape, out, y, first, after, panels, bias, copy, sums, *rest, *plan.turned,
                plan.to, plan.places,
            )  # fmt: skip

    shared(work, len(z), w.size * z[0, 0].size)
    return z


def scan_squares(
    plan: winograd.Squares, z: Array, y: Array, w: Array, b: Array | None, packing: Packing
) -> Array:
    """The same with Winograd's products; the taps stand in panels first."""
    N, dtype = z.shape[1], y.dtype
    M, width, _, _, _, _, between, between_z = plan.numbers
    panel = len(plan.shape[1]) * lanes_of(z)
    flat, out = y.reshape(-1), z.reshape(-1)
    bias = zeros(2 * width, dtype)  # and as many zeros, from which products start
    if b is not None:
        bias[:N] = b
    taps = packed(w, packing, panel, width, 9 * M)
    filters = empty(16 * M * width, dtype)
    winograd.transform_filters(filters, taps, M, width, panel, plan.flipped, dtype.type(0.5))

    def work(first: int, after: int) -> None:
        winograd.winograd_forward(
            plan.shape, out, flat, first, after, filters, bias,
            zeros(plan.in_numbers, dtype), empty(16 * between, dtype),
            empty(16 * between_z, dtype), empty(plan.out_numbers, dtype),
            plan.rows, plan.columns, plan.steps, plan.apart, plan.numbers,
            plan.where, plan.planes, plan.squares, plan.to, plan.places,
        )  # fmt: skip

    shared(work, len(z), w.size * z[0, 0].size)
    return z


def forward(y: Array, w: Array, b: Array, geometry: Geometry) -> Array:
    """z."""
    (N, M), L = w.shape[:2], lanes_of(y)
    z = np.empty((len(y), N, *geometry.out), y.dtype)
    if winograd.fits(geometry, M, N, L):
        plan = winograd.forward_squares(geometry, M, N, L)
        return scan_squares(plan, z, y, w, b, winograd.forward_packing(M, N, L))
    return scan(forward_plan(geometry, M, N, L), z, y, w, b)


def backward_y(dz: Array, w: Array, geometry: Geometry) -> Array:
    """dy: a forward from dz."""
    (N, M), L = w.shape[:2], lanes_of(dz)
    dy = np.empty((len(dz), M, *geometry.size), dz.dtype)
    if winograd.fits(geometry, M, N, L):
        plan = winograd.backward_y_squares(geometry, M, N, L)
        return scan_squares(plan, dy, dz, w, None, winograd.backward_packing(M, N, L))
    return scan(backward_y_plan(geometry, M, N, L), dy, dz, w, None)


def backward_w(dz: Array, y: Array, geometry: Geometry) -> Array:
    """dw, out-maps last, and then turned."""
    N, M, L, dtype = dz.shape[1], y.shape[1], lanes_of(dz), dz.dtype
    dw = np.empty((N, M, *geometry.kernel), dtype)
    flat_y, flat_z = y.reshape(-1), dz.reshape(-1)
    work_of_one = dw.size * dz[0, 0].size
    if winograd.fits(geometry, M, N, L):
        squares = winograd.backward_w_squares(geometry, M, N, L)
        _, width, _, _, _, _, between, between_z = squares.numbers

        def add_squares(first: int, after: int) -> Array:
            du = zeros(16 * M * width, dtype)
            winograd.winograd_backward_w(
                squares.shape, du, flat_z, flat_y, first, after,
                zeros(squares.in_numbers, dtype), empty(16 * between, dtype),
                zeros(squares.out_numbers, dtype), empty(16 * between_z, dtype),
                squares.rows, squares.columns, squares.steps, squares.apart, squares.numbers,
                squares.where, squares.planes, squares.squares, squares.to, squares.places,
            )  # fmt: skip
            return du

        du = in_turn(add_squares, len(y), work_of_one)
        sums = empty(9 * M * width, dtype)
        winograd.transform_filter_gradients(sums, du, M, width, dtype.type(0.5))
        turn(dw.reshape(-1), 0, 9 * M * np.arange(N), N, sums, 0, width * np.arange(9 * M), 0, 9 * M)
        return dw
    plan = backward_w_plan(geometry, M, N, L)

    def add(first: int, after: int) -> Array:
        sums = zeros(plan.elements.size * plan.width, dtype)
        add_backward_w(
            plan.shape, sums, flat_z, flat_y, first, after, plan.together, BLOCK,
            zeros(plan.copied, dtype), zeros(plan.packed, dtype), *plan.tables, plan.apart,
            plan.sizes, plan.picture, plan.to, plan.maps,
        )  # fmt: skip
        return sums

    sums = in_turn(add, len(y), work_of_one)
    turn(
        dw.reshape(-1), 0, plan.filters, N, sums, 0, plan.elements, 0, plan.elements.size
    )
    return dw
