"""Winograd's convolution for 3 x 3 filters at stride 1: 16 multiplications where 36 are needed.

Two neighbouring sums of a filter g of 3 over d0 d1 d2 d3 take 6 multiplications. Or 4:

    m0 = (d0 - d2) g0                  m1 = (d1 + d2) (g0 + g1 + g2) / 2
    m3 = (d3 - d1) g2                  m2 = (d2 - d1) (g0 - g1 + g2) / 2
    sums: m0 + m1 + m2  and  m1 - m2 + m3

What is done to g is done once, and additions are cheaper than products over all maps. In two
dimensions the same is done to the columns and then to the rows of a square of 4 x 4: 2 x 2 outputs
for 16 products. As matrices (Lavin and Gray 2016, arXiv:1509.09308), element by element in [.]:

    forward     z  = A^T [(G g G^T) (B^T d B)] A
    backward_w  dg = G^T [(A dz A^T) (B^T d B)] G

The second is the derivative of the first by g: each transform is replaced by its adjoint, and what
was multiplied stays. backward_y is a forward with flipped filters. Summed over maps (or, for dg,
over squares) the products in [.] are 16 matrix products, and those are what `multiply_tiles` does.

Everything here has maps last, so that a vector holds neighbouring maps of one element, and the
transforms are plain sums of vectors. `apart` is the distance from one of the 16 elements to the next:
whole pages would let all 16 compete for the same few places of the cache, so it is a vector more.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from solutions.arguments import Array, Pair
from solutions.kernels.geometry import Geometry
from solutions.kernels.jit import U, jit
from solutions.kernels.tiles_host import Shape, as_lengths
from solutions.kernels.tiles_loops import ZERO, multiply_tiles, scratch, turn, whole, zeros
from solutions.kernels.tiles_plan import (
    Maps,
    Packing,
    combined,
    repeat_last,
    shape_for_maps,
    table,
    up,
)
from solutions.kernels.tiles_simd import lanes, load, scaled, store

Vectors = tuple[Any, ...]


# ----- one dimension: the matrices, applied to vectors -----


@jit
def b_transposed(d0: Any, d1: Any, d2: Any, d3: Any) -> Vectors:
    return d0 - d2, d1 + d2, d2 - d1, d3 - d1


@jit
def g_times(half: float, g0: Any, g1: Any, g2: Any) -> Vectors:
    outer, inner = scaled(g0 + g2, half), scaled(g1, half)
    return g0, outer + inner, outer - inner, g2


@jit
def g_transposed(half: float, u0: Any, u1: Any, u2: Any, u3: Any) -> Vectors:
    plus, minus = scaled(u1 + u2, half), scaled(u1 - u2, half)
    return u0 + plus, minus, plus + u3


@jit
def a_transposed(m0: Any, m1: Any, m2: Any, m3: Any) -> Vectors:
    return m0 + m1 + m2, m1 - m2 + m3


@jit
def a_times(z0: Any, z1: Any) -> Vectors:
    return z0, z0 + z1, z0 - z1, z1


# ----- two dimensions: columns, then rows -----


@jit
def two(x: Array, at: int, apart: int) -> Vectors:
    return load(x, at), load(x, at + apart)


@jit
def three(x: Array, at: int, apart: int) -> Vectors:
    return load(x, at), load(x, at + apart), load(x, at + 2 * apart)


@jit
def four(x: Array, at: int, apart: int) -> Vectors:
    return load(x, at), load(x, at + apart), load(x, at + 2 * apart), load(x, at + 3 * apart)


@jit
def put_three(out: Array, at: int, apart: int, v: Vectors) -> None:
    store(out, at, v[0])
    store(out, at + apart, v[1])
    store(out, at + 2 * apart, v[2])


@jit
def put_four(out: Array, at: int, apart: int, v: Vectors) -> None:
    store(out, at, v[0])
    store(out, at + apart, v[1])
    store(out, at + 2 * apart, v[2])
    store(out, at + 3 * apart, v[3])


@jit
def put_picture(
    out: Array, at: int, apart: int, d: Array, d_at: int, row: int, column: int
) -> None:
    """out = B^T d B of one square of 4 x 4."""
    c0 = b_transposed(*four(d, d_at, row))
    c1 = b_transposed(*four(d, d_at + column, row))
    c2 = b_transposed(*four(d, d_at + 2 * column, row))
    c3 = b_transposed(*four(d, d_at + 3 * column, row))
    put_four(out, at, apart, b_transposed(c0[0], c1[0], c2[0], c3[0]))
    put_four(out, at + 4 * apart, apart, b_transposed(c0[1], c1[1], c2[1], c3[1]))
    put_four(out, at + 8 * apart, apart, b_transposed(c0[2], c1[2], c2[2], c3[2]))
    put_four(out, at + 12 * apart, apart, b_transposed(c0[3], c1[3], c2[3], c3[3]))


@jit
def put_filter(
    out: Array, at: int, apart: int, g: Array, g_at: int, step: int, half: float
) -> None:
    """out = G g G^T of one filter, whose elements are `step` apart (below 0: flipped)."""
    c0 = g_times(half, *three(g, g_at, 3 * step))
    c1 = g_times(half, *three(g, g_at + step, 3 * step))
    c2 = g_times(half, *three(g, g_at + 2 * step, 3 * step))
    put_four(out, at, apart, g_times(half, c0[0], c1[0], c2[0]))
    put_four(out, at + 4 * apart, apart, g_times(half, c0[1], c1[1], c2[1]))
    put_four(out, at + 8 * apart, apart, g_times(half, c0[2], c1[2], c2[2]))
    put_four(out, at + 12 * apart, apart, g_times(half, c0[3], c1[3], c2[3]))


@jit
def put_output(
    z: Array, at: int, row: int, column: int, m: Array, m_at: int, apart: int, bias: Array, n: int
) -> None:
    """z = A^T m A + bias, a square of 2 x 2."""
    b = load(bias, n)
    r0 = a_transposed(*four(m, m_at, apart))
    r1 = a_transposed(*four(m, m_at + 4 * apart, apart))
    r2 = a_transposed(*four(m, m_at + 8 * apart, apart))
    r3 = a_transposed(*four(m, m_at + 12 * apart, apart))
    z00, z10 = a_transposed(r0[0], r1[0], r2[0], r3[0])
    z01, z11 = a_transposed(r0[1], r1[1], r2[1], r3[1])
    store(z, at, z00 + b)
    store(z, at + column, z01 + b)
    store(z, at + row, z10 + b)
    store(z, at + row + column, z11 + b)


@jit
def put_gradient(
    out: Array, at: int, apart: int, dz: Array, dz_at: int, row: int, column: int
) -> None:
    """out = A dz A^T of one square of 2 x 2."""
    c0 = a_times(*two(dz, dz_at, row))
    c1 = a_times(*two(dz, dz_at + column, row))
    put_four(out, at, apart, a_times(c0[0], c1[0]))
    put_four(out, at + 4 * apart, apart, a_times(c0[1], c1[1]))
    put_four(out, at + 8 * apart, apart, a_times(c0[2], c1[2]))
    put_four(out, at + 12 * apart, apart, a_times(c0[3], c1[3]))


@jit
def put_filter_gradient(
    dg: Array, at: int, step: int, u: Array, u_at: int, apart: int, half: float
) -> None:
    """dg = G^T u G."""
    r0 = g_transposed(half, *four(u, u_at, apart))
    r1 = g_transposed(half, *four(u, u_at + 4 * apart, apart))
    r2 = g_transposed(half, *four(u, u_at + 8 * apart, apart))
    r3 = g_transposed(half, *four(u, u_at + 12 * apart, apart))
    put_three(dg, at, 3 * step, g_transposed(half, r0[0], r1[0], r2[0], r3[0]))
    put_three(dg, at + step, 3 * step, g_transposed(half, r0[1], r1[1], r2[1], r3[1]))
    put_three(dg, at + 2 * step, 3 * step, g_transposed(half, r0[2], r1[2], r2[2], r3[2]))


# ----- all squares of all pictures -----


@jit
def transform_filters(
    filters: Array, w: Array, M: int, width: int, panel: int, flipped: bool, half: float
) -> None:
    """filters[x, n // panel, m, n % panel] = (G g G^T)[x], from w[n // panel, (i, j, m), n % panel]."""
    L, step = lanes(w), M * panel
    for n in range(0, width, panel):
        for m in range(M):
            for l in range(0, panel, L):
                at = n * M + m * panel + l
                g = n * M * 9 + m * panel + l
                if flipped:
                    put_filter(filters, at, M * width, w, g + 8 * step, -step, half)
                else:
                    put_filter(filters, at, M * width, w, g, step, half)


@jit
def winograd_forward(
    shape: Shape, z: Array, y: Array, first: int, after: int, filters: Array, b: Array,
    rows: Array, columns: Array, steps: Array, apart: tuple[int, ...], numbers: tuple[int, ...],
    where: Array, planes: Array, squares: Array, to: Array, places: Array,
) -> None:  # fmt: skip
    """z from y, `block` squares at a time: few enough that what is between stays in the cache."""
    M, width, block, row, column, z_row, copied, summed = numbers
    L = lanes(y)
    between, between_z = block * column + L, block * width + L
    copy, sums = zeros(copied, y), scratch(summed, y)
    pictures, products = scratch(16 * between, y), scratch(16 * between_z, y)
    bias, nothing = zeros(width, y), zeros(width, y)
    for n in range(b.size):
        bias[n] = b[n]
    for t in range(first, after):
        turn(copy, ZERO, where, where.size, y, t * M * where.size, planes, ZERO, M)
        for s in range(0, squares.shape[1], block):
            count = min(block, squares.shape[1] - s)
            for k in range(count):
                for m in range(0, column, L):
                    at = squares[0, U(s + k)] + m
                    put_picture(pictures, k * column + m, between, copy, at, row, column)
            part = whole(count, columns.shape[1], ZERO, M)
            for x in range(16):
                multiply_tiles(
                    shape, products, x * between_z, pictures, x * between,
                    filters, x * M * width, nothing, ZERO, rows, columns, steps, part, apart,
                )  # fmt: skip
            for k in range(count):
                for n in range(0, width, L):
                    at = squares[1, U(s + k)] + n
                    put_output(sums, at, z_row, width, products, k * width + n, between_z, bias, n)
        turn(z, t * to.size * places.size, to, to.size, sums, ZERO, places, ZERO, places.size)


@jit
def winograd_backward_w(
    shape: Shape, du: Array, dz: Array, y: Array, first: int, after: int,
    rows: Array, columns: Array, steps: Array, apart: tuple[int, ...], numbers: tuple[int, ...],
    where: Array, planes: Array, squares: Array, to: Array, places: Array,
) -> None:  # fmt: skip
    """du[x, m, n] += the sum over squares of (B^T d B)[x, m] * (A dz A^T)[x, n]."""
    M, width, block, row, column, z_row, copied, copied_z = numbers
    L = lanes(y)
    between, between_z = block * column + L, block * width + L
    copy, copy_z = zeros(copied, y), zeros(copied_z, y)
    pictures, gradients = scratch(16 * between, y), scratch(16 * between_z, y)
    for t in range(first, after):
        turn(copy, ZERO, where, where.size, y, t * M * where.size, planes, ZERO, M)
        turn(copy_z, ZERO, places, places.size, dz, t * to.size * places.size, to, ZERO, to.size)
        for s in range(0, squares.shape[1], block):
            count = min(block, squares.shape[1] - s)
            for k in range(count):
                for m in range(0, column, L):
                    at = squares[0, U(s + k)] + m
                    put_picture(pictures, k * column + m, between, copy, at, row, column)
                for n in range(0, width, L):
                    at = squares[1, U(s + k)] + n
                    put_gradient(gradients, k * width + n, between_z, copy_z, at, z_row, width)
            part = whole(M, columns.shape[1], ZERO, count)
            for x in range(16):
                multiply_tiles(
                    shape, du, x * M * width, pictures, x * between,
                    gradients, x * between_z, du, x * M * width, rows, columns, steps, part, apart,
                )  # fmt: skip


@jit
def transform_filter_gradients(dw: Array, du: Array, M: int, width: int, half: float) -> None:
    """dw[m, (i, j), n] from du[x, m, n]."""
    L = lanes(du)
    for m in range(M):
        for n in range(0, width, L):
            put_filter_gradient(dw, m * 9 * width + n, width, du, m * width + n, M * width, half)


# ----- the plan -----

SQUARES = 1 << 17  # numbers of transformed pictures and products at once: half of a level-2 cache


@dataclass(frozen=True)
class Squares:
    """What the loops above need for one layer and direction, in the order in which they take it."""

    shape: Shape
    tables: tuple[Array, Array, Array]
    apart: tuple[int, int, int]
    numbers: tuple[int, ...]
    turned: tuple[Array, Array, Array, Array, Array]
    packing: Packing
    flipped: bool


def fits(geometry: Geometry, M: int, N: int, L: int) -> bool:
    """Is this such a convolution, with maps enough to fill vectors and places enough for squares?"""
    return (
        geometry.kernel == (3, 3)
        and geometry.stride == geometry.dilation == (1, 1)
        and min(M, N) >= L
        and max(geometry.rows + geometry.columns) <= 2
        and min(geometry.size + geometry.out) >= 4
    )


def squares_plan(
    size: Pair, border: Pair, out: Pair, M: int, N: int, L: int, backward_w: bool, packing: Packing,
    flipped: bool,
) -> Squares:  # fmt: skip
    """`size` of the input without its border (above, left); `out` of the output."""
    high, wide = up(out[0], 2), up(out[1], 2)
    shape = shape_for_maps(N, L)
    panel, column = shape[1] * L, up(M, L)
    width, row = up(N, panel), (wide + 2) * column
    count = high // 2 * (wide // 2)
    block = min(count, max(shape[0], SQUARES // (16 * (column + width)) // shape[0] * shape[0]))
    maps = Maps(column, size, *border, high + 2, wide + 2, last=True)
    r, c = 2 * np.arange(high // 2), 2 * np.arange(wide // 2)
    squares = table(combined(row * r, column * c), combined(wide * width * r, width * c))
    panels, square, m = np.arange(width // panel), np.arange(block), np.arange(M)
    if backward_w:
        rows, steps = table(m, width * m, width * m), table(column * square, width * square)
    else:
        rows, steps = table(column * square, width * square, 0 * square), table(m, panel * m)
    in_panel = panels * panel
    x_panel = in_panel if backward_w else in_panel * M
    columns = table(x_panel, in_panel, in_panel, np.full_like(panels, L))
    to = out[0] * out[1] * np.arange(N)
    places = combined(wide * width * np.arange(out[0]), width * np.arange(out[1]))
    return Squares(
        as_lengths(shape), (repeat_last(rows, shape[0]), columns, steps), (L, L, L),
        (M, width, block, row, column, wide * width, maps.numbers, high * wide * width),
        (maps.where, size[0] * size[1] * m, squares, to, places), packing, flipped,
    )  # fmt: skip


@lru_cache(maxsize=32)
def forward_squares(geometry: Geometry, M: int, N: int, L: int) -> Squares:
    """z (N maps) from y (M maps)."""
    panel = shape_for_maps(N, L)[1] * L
    elements = combined(panel * np.arange(M), M * panel * np.arange(9))
    packing = Packing(1, 0, 0, elements, 9 * M * np.arange(N))
    border = geometry.rows[0], geometry.columns[0]
    return squares_plan(geometry.size, border, geometry.out, M, N, L, False, packing, False)


@lru_cache(maxsize=32)
def backward_y_squares(geometry: Geometry, M: int, N: int, L: int) -> Squares:
    """dy (M maps) from dz (N maps)."""
    panel = shape_for_maps(M, L)[1] * L
    packing = Packing(N, 9 * M, panel, N * panel * np.arange(9), 9 * np.arange(M))
    border = 2 - geometry.rows[0], 2 - geometry.columns[0]
    return squares_plan(geometry.out, border, geometry.size, N, M, L, False, packing, True)


@lru_cache(maxsize=32)
def backward_w_squares(geometry: Geometry, M: int, N: int, L: int) -> Squares:
    """The filters' gradients; its packing puts them into dw."""
    width = up(N, shape_for_maps(N, L)[1] * L)
    packing = Packing(1, 0, 0, 9 * M * np.arange(N), width * np.arange(9 * M))
    border = geometry.rows[0], geometry.columns[0]
    return squares_plan(geometry.size, border, geometry.out, M, N, L, True, packing, False)
