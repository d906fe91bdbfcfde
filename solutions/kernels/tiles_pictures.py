"""Convolution with pictures in the vectors' lanes, of arrays with pictures last: (M, H, W, T).

Where the pictures are neighbours in memory, a vector holds one number of L of them. So no lane is
idle, however few or small the maps are. All lanes are at the same place of their pictures, so that
nothing has to be turned, and each place sums over just those filter elements that meet the map:
there is no border, not even of zeros.

    forward      rows are out-maps, columns positions, steps filter elements: `multiply_tiles`
    backward_y   rows are in-maps, the rest alike
    backward_w   rows are filter elements, columns out-maps, steps positions and vectors of
                 pictures: products of two vectors; only the last sum is over the lanes

T, the number of pictures, is a multiple of L here: `fits`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from solutions.arguments import Array, Pair
from solutions.kernels.geometry import Geometry
from solutions.kernels.jit import U, jit
from solutions.kernels.tiles_host import Shape, as_lengths, host
from solutions.kernels.tiles_loops import ZERO, multiply_tiles, pad, part_of, scratch, turn, zeros
from solutions.kernels.tiles_plan import (
    BEGIN_AND_END,
    combined,
    repeat_last,
    side_by_side,
    table,
    up,
)
from solutions.kernels.tiles_simd import (
    lanes,
    not_inlined,
    offsets,
    tile_add_products,
    tile_load,
    tile_store,
)
from solutions.kernels.tiles_threads import shared

MOST = 256  # pictures: beyond, neighbours in a map are so far apart that they share cache places
TURN = (
    10  # to turn a vector: as multiplications of one, from and to farther away than in `tiles_plan`
)
CACHE = 1 << 20  # bytes that stay near: the level 2 cache


def fits(T: int, like: Array) -> bool:
    """Can so many pictures be in lanes?"""
    return 0 < T <= MOST and T % (host().register // like.itemsize) == 0


def near(shape: tuple[int, ...], kernel: Pair, like: Array) -> bool:
    """Are in-maps of this shape few enough for backward_w?

    It reads them anew for each V out-maps, but uses what it reads for all filter elements: the larger
    the filters, the less does it matter from how far away the maps come.
    """
    return math.prod(shape) * like.itemsize <= CACHE * max(8, math.prod(kernel)) / 8


# ----- loops -----


@jit
def pictures_in_lanes(
    shape: Shape, z: Array, y: Array, groups: Array, first: int, after: int, w: Array, b: Array,
    rows: Array, columns: Array, steps: Array, parts: Array, apart: tuple[int, ...],
) -> None:  # fmt: skip
    """z from y, or dy from dz, for groups of V vectors of pictures; `groups` says where they begin."""
    L = lanes(y)
    bias = scratch(L * b.size, y)
    for k in range(L * b.size):
        bias[U(k)] = b[U(k // L)]
    for g in range(first, after):
        for p in range(parts.shape[0]):
            multiply_tiles(
                shape, z, groups[g], w, ZERO, y, groups[g], bias, ZERO,
                rows, columns, steps, part_of(parts, p), apart,
            )  # fmt: skip


@jit
def multiply_lanes(
    shape: Shape, sums: Array, first: int, after: int, y: Array, dz: Array, rows: Array,
    columns: Array, steps: Array, apart: int,
) -> None:  # fmt: skip
    """sums[row, column] = sum over k of y[row, k] * dz[k, column], lane by lane.

    As in `multiply_tiles`, but both factors are vectors. `first` to before `after` are tiles of rows;
    `apart` is from out-map to out-map in dz.
    """
    not_inlined()
    R, V = shape
    nothing = zeros(lanes(y) * len(V), y)
    for c in range(columns.shape[1]):
        dz_column, sums_column = columns[0, U(c)], columns[1, U(c)]
        for r in range(first * len(R), after * len(R), len(R)):
            y_rows, sums_rows = offsets(R, rows, r), offsets(R, rows, rows.shape[1] + r)
            tile = tile_load(V, nothing, offsets(R, rows, 2 * rows.shape[1] + r), ZERO, lanes(y))
            for k in range(steps.shape[1]):
                y_k, dz_k = steps[0, U(k)], dz_column + steps[1, U(k)]
                tile = tile_add_products(tile, y, y_rows, y_k, dz, dz_k, apart)
            tile_store(tile, sums, sums_rows, sums_column, columns[2, U(c)], lanes(y))


# ----- plans -----


@dataclass(frozen=True)
class Alike:
    """Along one axis: outputs that meet the same filter elements, `taps`.

    Output at[k] and filter element taps[l] meet the input's number place[k] + reach[l].
    """

    at: Array
    taps: Array
    place: Array
    reach: Array


def alike(outputs: int, K: int, meets: Callable[[int, int], int | None]) -> list[Alike]:
    """All outputs of one axis; `meets` says where output o and filter element i meet the input."""
    found: dict[tuple[tuple[int, ...], ...], list[Pair]] = {}
    for o in range(outputs):
        met = [(i, place) for i in range(K) if (place := meets(o, i)) is not None]
        start = met[0][1] if met else 0
        key = tuple(i for i, _ in met), tuple(place - start for _, place in met)
        found.setdefault(key, []).append((o, start))
    columns = [
        (*np.array(places, np.int64).T, taps, reach) for (taps, reach), places in found.items()
    ]
    return [
        Alike(at, np.array(taps, np.int64), place, np.array(reach, np.int64))
        for at, place, taps, reach in columns
    ]


def forward_axis(geometry: Geometry, axis: int) -> list[Alike]:
    """z[o] meets filter element i at y[S*o + D*i - border], if there is one."""
    S, D, H = geometry.stride[axis], geometry.dilation[axis], geometry.size[axis]
    border = (geometry.rows, geometry.columns)[axis][0]

    def meets(o: int, i: int) -> int | None:
        place = S * o + D * i - border
        return place if 0 <= place < H else None

    return alike(geometry.out[axis], geometry.kernel[axis], meets)


def backward_axis(geometry: Geometry, axis: int) -> list[Alike]:
    """dy[o] meets filter element i at that dz whose place in forward is o."""
    S, D, places = geometry.stride[axis], geometry.dilation[axis], geometry.out[axis]
    border = (geometry.rows, geometry.columns)[axis][0]

    def meets(o: int, i: int) -> int | None:
        place, rest = divmod(o + border - D * i, S)
        return place if rest == 0 and 0 <= place < places else None

    return alike(geometry.size[axis], geometry.kernel[axis], meets)


def cost(axes: tuple[list[Alike], list[Alike]], maps: Pair, numbers: int, T: int, L: int) -> float:
    """Multiplications of a vector, about, for one of T pictures whose `numbers` are turned, too."""
    M, N = maps
    met = [sum(alike.at.size * alike.taps.size for alike in axis) for axis in axes]
    at = [sum(alike.at.size for alike in axis) for axis in axes]
    R, V = shape_for_pictures(N, T, L)
    products = M * math.prod(met) + BEGIN_AND_END * math.prod(at)
    return (products * up(N, R) * up(T, V * L) / T + TURN * numbers) / L


@dataclass(frozen=True)
class PicturesPlan:
    """What `pictures_in_lanes` needs for one layer."""

    shape: Shape
    groups: Array
    tables: tuple[Array, Array, Array, Array]  # rows, columns, steps, parts
    apart: tuple[int, int, int]


def shape_for_pictures(N: int, T: int, L: int) -> Pair:
    """The tile that leaves the fewest registers idle; the largest of these."""
    shapes = host().many, host().six, host().few, host().one

    def cost(shape: Pair) -> Pair:
        R, V = shape
        return up(N, R) * up(T, V * L) * (10 if V * L > T else 1), -R * V

    return min(shapes, key=cost)


def plan(
    axes: tuple[list[Alike], list[Alike]], size: Pair, out: Pair, maps: Pair, kernel: Pair,
    apart: Pair, T: int, L: int,
) -> PicturesPlan:  # fmt: skip
    """From `maps[0]` maps of `size` to `maps[1]` of `out`; `apart` as in `tiles_plan.plan`."""
    M, N = maps
    R, V = shape = shape_for_pictures(N, T, L)
    m, n = np.arange(M), np.arange(N)
    columns, steps, parts = [], [], []
    column, step = 0, 0
    for h in axes[0]:
        for w in axes[1]:
            place, at = combined(size[1] * h.place, w.place), combined(out[1] * h.at, w.at)
            columns.append(table(T * place, T * at, 0 * at, np.full_like(at, L)))
            element = combined(apart[1] * m, kernel[1] * h.taps, w.taps)
            met = combined(size[0] * size[1] * m, size[1] * h.reach, w.reach)
            steps.append(table(element, T * met))
            parts.append((0, N, column, column + at.size, step, step + met.size))
            column, step = column + at.size, step + met.size
    rows = repeat_last(table(apart[0] * n, out[0] * out[1] * T * n, L * n), R)
    groups = np.array([min(t, T - V * L) for t in range(0, T, V * L)], np.int64)
    tables = rows, side_by_side(columns), side_by_side(steps), np.array(parts, np.int64)
    return PicturesPlan(as_lengths(shape), groups, tables, (L, L, 0))


@lru_cache(maxsize=32)
def forward_plan(geometry: Geometry, M: int, N: int, T: int, L: int) -> PicturesPlan:
    """z (N maps) from y (M maps)."""
    axes, taps = (forward_axis(geometry, 0), forward_axis(geometry, 1)), np.prod(geometry.kernel)
    apart = int(M * taps), int(taps)
    return plan(axes, geometry.size, geometry.out, (M, N), geometry.kernel, apart, T, L)


@lru_cache(maxsize=32)
def backward_y_plan(geometry: Geometry, M: int, N: int, T: int, L: int) -> PicturesPlan:
    """dy (M maps) from dz (N maps): the maps exchange their roles."""
    axes, taps = (backward_axis(geometry, 0), backward_axis(geometry, 1)), np.prod(geometry.kernel)
    apart = int(taps), int(M * taps)
    return plan(axes, geometry.out, geometry.size, (N, M), geometry.kernel, apart, T, L)


@lru_cache(maxsize=32)
def cost_of_backward_y(geometry: Geometry, M: int, N: int, T: int, L: int) -> float:
    """The same for dy, as a part of what `tiles_plan` reckons with."""
    axes = backward_axis(geometry, 0), backward_axis(geometry, 1)
    numbers = M * math.prod(geometry.size) + N * math.prod(geometry.out)
    return cost(axes, (N, M), numbers, T, L)


@dataclass(frozen=True)
class LanesPlan:
    """What `multiply_lanes` needs for one layer."""

    shape: Shape
    tables: tuple[Array, Array, Array]  # rows, columns, steps
    apart: int
    tiles: int  # of rows
    elements: int
    padded: int  # numbers in y with its border; 0 if it has none
    pad_sizes: tuple[int, ...]


def shape_for_lanes(K: int, N: int) -> Pair:
    """The tile for K filter elements and N out-maps that leaves the fewest registers idle."""
    shapes = [shape for shape in (*host().lanes, host().one) if shape[1] <= N]
    return min(shapes, key=lambda s: (up(K, s[0]) * up(N, s[1]), -s[0] * s[1]))


def cost_of_backward_w(geometry: Geometry, M: int, N: int, L: int) -> float:
    """Multiplications of a vector, about, for one picture that is turned, too."""
    (R, V), P = shape_for_lanes(M * math.prod(geometry.kernel), N), math.prod(geometry.out)
    products = up(M * math.prod(geometry.kernel), R) * up(N, V) * P
    return (products + TURN * (N * P + M * math.prod(geometry.size))) / L


@lru_cache(maxsize=32)
def backward_w_plan(geometry: Geometry, M: int, N: int, T: int, L: int) -> LanesPlan:
    """Rows are filter elements, steps positions and vectors of pictures, columns V out-maps."""
    (top, below), (left, right), (H, W) = geometry.rows, geometry.columns, geometry.size
    high, wide, (KH, KW) = top + H + below, left + W + right, geometry.kernel
    (SH, SW), (DH, DW), (H_out, W_out) = geometry.stride, geometry.dilation, geometry.out
    K, P = M * KH * KW, H_out * W_out
    R, V = shape = shape_for_lanes(K, N)
    element = combined(high * wide * np.arange(M), wide * DH * np.arange(KH), DW * np.arange(KW))
    k, n = np.arange(K), np.array([min(n, N - V) for n in range(0, N, V)])
    position = combined(wide * SH * np.arange(H_out), SW * np.arange(W_out))
    vector = np.arange(0, T, L)
    rows = repeat_last(table(T * element, L * k, 0 * k), R)
    columns = table(P * T * n, K * L * n, np.full_like(n, K * L))
    steps = table(combined(T * position, vector), combined(T * np.arange(P), vector))
    pad_sizes = M, H, W * T, high * wide * T, wide * T, top, left * T
    padded = M * high * wide * T if (high, wide) != (H, W) else 0
    return LanesPlan(
        as_lengths(shape), (rows, columns, steps), P * T, -(-K // R), K, padded, pad_sizes
    )


# ----- the layer -----


def turned(image: Array) -> Array:
    """Pictures last: (M, H, W, T) from (T, M, H, W)."""
    T, *sizes = image.shape
    size = image[0].size
    last = np.empty((*sizes, T), image.dtype)
    at = size * np.arange(T)
    turn(last.reshape(-1), 0, T * np.arange(size), size, image.reshape(-1), 0, at, 0, T)
    return last


def turned_back(last: Array) -> Array:
    """Pictures first again."""
    *sizes, T = last.shape
    image = np.empty((T, *sizes), last.dtype)
    size = image[0].size
    at = T * np.arange(size)
    turn(image.reshape(-1), 0, size * np.arange(T), T, last.reshape(-1), 0, at, 0, size)
    return image


def scan(plan: PicturesPlan, z: Array, y: Array, w: Array, b: Array) -> Array:
    """Fill z from y by one plan."""
    flat, out, w = y.reshape(-1), z.reshape(-1), w.reshape(-1)

    def work(first: int, after: int) -> None:
        given = flat, plan.groups, first, after, w, b, *plan.tables, plan.apart
        pictures_in_lanes(plan.shape, out, *given)

    groups = plan.groups.size
    shared(work, groups, w.size // b.size * z.size // groups)
    return z


def forward(y: Array, w: Array, b: Array, geometry: Geometry) -> Array:
    """z (N, H_out, W_out, T)."""
    (N, M), T = w.shape[:2], y.shape[-1]
    z = np.empty((N, *geometry.out, T), y.dtype)
    return scan(forward_plan(geometry, M, N, T, host().register // y.itemsize), z, y, w, b)


def backward_y(dz: Array, w: Array, geometry: Geometry) -> Array:
    """dy (M, H, W, T)."""
    (N, M), T = w.shape[:2], dz.shape[-1]
    dy, b = np.empty((M, *geometry.size, T), dz.dtype), np.zeros(M, dz.dtype)
    return scan(backward_y_plan(geometry, M, N, T, host().register // dz.itemsize), dy, dz, w, b)


def backward_w(dz: Array, y: Array, geometry: Geometry) -> Array:
    """dw (N, M, KH, KW)."""
    N, M, T, L = len(dz), len(y), y.shape[-1], host().register // y.itemsize
    plan = backward_w_plan(geometry, M, N, T, L)
    flat_y, flat_z = y.reshape(-1), dz.reshape(-1)
    if plan.padded:
        padded = np.zeros(plan.padded, y.dtype)
        pad(padded, 0, flat_y, 0, plan.pad_sizes)
        flat_y = padded
    sums = np.empty((N * plan.elements, L), y.dtype)
    flat = sums.reshape(-1)

    def work(first: int, after: int) -> None:
        multiply_lanes(plan.shape, flat, first, after, flat_y, flat_z, *plan.tables, plan.apart)

    shared(work, plan.tiles, len(plan.shape[0]) * dz.size)
    return np.asarray(sums @ np.ones(L, y.dtype)).reshape(N, M, *geometry.kernel)
