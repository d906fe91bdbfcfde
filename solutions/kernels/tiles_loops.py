"""The loops of the `tiles` backend: one routine that multiplies, one that turns, one that pads.

**One product.** Forward and both gradients are sums of a[...] * x[...] over steps k:

    out[row, column] = start[row, column] + sum over k of a[row, k] * x[k, column]

    forward      rows are positions of z,  steps are filter elements,  columns are out-maps
    backward_y   rows are positions of dy, steps are filter elements,  columns are in-maps
    backward_w   rows are filter elements, steps are positions of z,   columns are out-maps

**Offset tables.** No matrix of patches is ever built. What a position (r, c) and a filter element
(m, i, j) meet lies at  S*r*pitch + S*c  plus  m*plane + i*pitch + j : an offset of the position plus
an offset of the element. So two short tables hold all there is to know, forward uses them as rows
and steps, backward_w as steps and rows, and strides, dilations and borders are but other numbers in
them. `tiles_plan` makes the tables.

**Register tiles.** R rows times V vectors of columns are added up in registers; see `tiles_simd`. A
number of `a` is loaded once for V vectors, a vector of `x` once for R rows.

**Unsigned indices.** An index wrapped in `U` cannot be negative, so that Numba leaves out the test
for counting from the end; see `jit`. What goes to `tiles_simd` has no such test anyway.
"""

from typing import Any

import numpy as np

from solutions.arguments import Array
from solutions.kernels.jit import U, jit
from solutions.kernels.tiles_host import Shape
from solutions.kernels.tiles_simd import (
    block_load,
    block_store,
    lanes,
    not_inlined,
    offsets,
    tile_add,
    tile_load,
    tile_store,
)

# Numba gives a 0 that is written out a type of its own, and makes the machine code of what it is
# handed to once more for it. This one is like any other whole number.
ZERO: Any = np.int64(0)


@jit
def scratch(count: int, like: Array) -> Array:
    """Memory that begins with a cache line: no vector of it lies in two."""
    line = 64 // like.itemsize
    memory = np.empty(count + line, like.dtype)
    skip = -(memory.ctypes.data // like.itemsize) % line
    return memory[skip : skip + count]


@jit
def zeros(count: int, like: Array) -> Array:
    """The same, of zeros."""
    memory = scratch(count, like)
    for k in range(count):
        memory[U(k)] = 0
    return memory


@jit
def multiply_tiles(
    shape: Shape, out: Array, out_at: int, a: Array, a_at: int, x: Array, x_at: int,
    start: Array, start_at: int, rows: Array, columns: Array, steps: Array,
    part: tuple[int, ...], apart: tuple[int, ...],
) -> None:  # fmt: skip
    """out[row, column] = start[row, column] + sum over k of a[row, k] * x[k, column], tile by tile.

    rows (3, ...): where in a, out and start a row is; columns (4, ...): where in x, out and start a
    tile's columns begin, and how many numbers of each vector are wanted; steps (2, ...): where in a
    and x a step is. A number's place is the sum of its row's or column's, and its step's.
    part: from which to before which row, column and step; `apart`: from vector to vector in x, out
    and start. The last tile may reach R - 1 rows beyond the part, where the table repeats the last.
    """
    not_inlined()
    R, V = shape
    row_first, row_after, column_first, column_after, step_first, step_after = part
    x_apart, out_apart, start_apart = apart
    for c in range(column_first, column_after):
        x_column, out_column, start_column, width = (
            columns[0, U(c)], columns[1, U(c)], columns[2, U(c)], columns[3, U(c)],
        )  # fmt: skip
        for r in range(row_first, row_after, len(R)):
            a_rows = offsets(R, rows, r)
            out_rows = offsets(R, rows, rows.shape[1] + r)
            start_rows = offsets(R, rows, 2 * rows.shape[1] + r)
            tile = tile_load(V, start, start_rows, start_at + start_column, start_apart)
            for k in range(step_first, step_after):
                a_k, x_k = a_at + steps[0, U(k)], x_at + x_column + steps[1, U(k)]
                tile = tile_add(tile, a, a_rows, a_k, x, x_k, x_apart)
            tile_store(tile, out, out_rows, out_at + out_column, out_apart, width)


@jit
def turn(
    out: Array, out_at: int, to: Array, width: int, x: Array, x_at: int, rows: Array, first: int,
    count: int,
) -> None:  # fmt: skip
    """out[to[c] + r] = x[rows[first + r] + c] for r < count, c < width: rows become columns.

    This is packing: what the loops above read next is brought side by side. Maps first (t, m, r, c)
    becomes maps last, or back, a square of L x L numbers at a time: read and written as vectors.
    """
    L = lanes(x)
    for c in range(0, width, L):
        for r in range(0, count, L):
            high, wide = min(L, count - r), min(L, width - c)
            block = block_load(x, x_at + c, rows, first + r, high, wide)
            block_store(block, out, out_at + r, to, c, wide, high)


@jit
def pad(padded: Array, at: int, y: Array, y_at: int, sizes: tuple[int, ...]) -> None:
    """Copy the maps of one picture into planes that have a border of zeros already."""
    M, H, W, plane, pitch, top, left = sizes
    for m in range(M):
        for r in range(H):
            start, to = y_at + (m * H + r) * W, at + m * plane + (r + top) * pitch + left
            for c in range(W):
                padded[U(to + c)] = y[U(start + c)]


@jit
def pack(
    panels: Array, w: Array, blocks: int, block: int, put: int, to: Array, rows: Array, panel: int,
    K: int,
) -> None:  # fmt: skip
    """panels[n // panel, k, n % panel]: the filters, maps side by side for each element k.

    w holds `blocks` blocks, `block` numbers apart, of one row a map, `rows` says where. Forward finds
    one block of out-maps with all their elements; backward_y finds in-maps, in each out-map's block.
    Element number e of block b becomes k = (b*put + to[e]) / panel.
    """
    for n in range(0, rows.size, panel):
        count = min(panel, rows.size - n)
        for b in range(blocks):
            if to.size == 1:  # 1 x 1 filters: the maps are side by side already
                for l in range(count):
                    panels[U(n * K + b * put + l)] = w[U(b * block + n + l)]
            else:
                turn(panels, n * K + b * put, to, to.size, w, b * block, rows, n, count)


@jit
def part_of(parts: Array, p: int) -> tuple[int, ...]:
    return parts[p, 0], parts[p, 1], parts[p, 2], parts[p, 3], parts[p, 4], parts[p, 5]


@jit
def whole(rows: int, columns: int, first: int, after: int) -> tuple[int, ...]:
    """The part of all these rows and columns, and steps from `first` to before `after`."""
    return ZERO, rows, ZERO, columns, first, after


@jit
def maps_in_lanes(
    shape: Shape, z: Array, y: Array, first: int, after: int, panels: Array, b: Array,
    rows: Array, columns: Array, steps: Array, parts: Array, apart: tuple[int, ...],
    sizes: tuple[int, ...], copied: int, width: int, where: Array, planes: Array,
    to: Array, places: Array,
) -> None:  # fmt: skip
    """Pictures from `first` to before `after`: z from y (or dy from dz); a vector holds maps.

    Maps with a border, `copied` numbers, are a copy, maps last if there is a table `where` to put
    them. The products come out with `width` maps last, and are turned into z.
    """
    M, H, W = sizes[:3]
    copy, sums, bias = zeros(copied, y), scratch(width * places.size, y), zeros(width, y)
    for n in range(b.size):
        bias[n] = b[n]
    for t in range(first, after):
        a, at = y, t * M * H * W
        if copied:
            if where.size:
                turn(copy, ZERO, where, where.size, y, at, planes, ZERO, M)
            else:
                pad(copy, ZERO, y, at, sizes)
            a, at = copy, ZERO
        for p in range(parts.shape[0]):
            multiply_tiles(
                shape, sums, ZERO, a, at, panels, ZERO, bias, ZERO,
                rows, columns, steps, part_of(parts, p), apart,
            )  # fmt: skip
        turn(z, t * to.size * places.size, to, to.size, sums, ZERO, places, ZERO, places.size)


@jit
def positions_in_lanes(
    shape: Shape, z: Array, size: int, y: Array, first: int, after: int, w: Array, b: Array,
    rows: Array, columns: Array, steps: Array, parts: Array, apart: tuple[int, ...],
    sizes: tuple[int, ...], copied: int,
) -> None:  # fmt: skip
    """The same; a vector holds positions: filters and picture exchange their roles.

    A tile is R maps of V rows of L columns, and goes straight to z, `size` numbers a picture.
    """
    M, H, W = sizes[:3]
    L = lanes(y)
    copy, bias = zeros(copied, y), scratch(L * b.size, y)
    for k in range(L * b.size):
        bias[U(k)] = b[U(k // L)]
    for t in range(first, after):
        x, at = y, t * M * H * W
        if copied:
            pad(copy, ZERO, y, at, sizes)
            x, at = copy, ZERO
        for p in range(parts.shape[0]):
            multiply_tiles(
                shape, z, t * size, w, ZERO, x, at, bias, ZERO,
                rows, columns, steps, part_of(parts, p), apart,
            )  # fmt: skip


@jit
def add_backward_w(
    shape: Shape, dw: Array, dz: Array, y: Array, first: int, after: int, together: int,
    block: int, rows: Array, columns: Array, steps: Array, apart: tuple[int, ...],
    sizes: tuple[int, ...], copied: int, picture: int, width: int, to: Array, maps: Array,
) -> None:  # fmt: skip
    """dw[(m, i, j), n] += the sum of y * dz over pictures and positions.

    `together` pictures are packed before a product, `block` steps are multiplied before the next:
    few enough that the vectors of dz stay in the fastest cache, for all filter elements.
    """
    M, H, W = sizes[:3]
    P, N, panel = to.size, maps.size, len(shape[1]) * lanes(dz)
    elements = rows.shape[1] - len(shape[0]) + 1
    copy, panels = zeros(copied, y), zeros(together * P * width, y)
    for t in range(first, after, together):
        count = min(together, after - t)
        for u in range(count):
            if copied:
                pad(copy, u * picture, y, (t + u) * M * H * W, sizes)
            for n in range(0, N, panel):
                at = (n * together + u * panel) * P
                turn(panels, at, to, P, dz, (t + u) * N * P, maps, n, min(panel, N - n))
        a, at = (copy, ZERO) if copied else (y, t * M * H * W)
        for step in range(0, count * P, block):
            part = whole(elements, columns.shape[1], step, min(step + block, count * P))
            multiply_tiles(
                shape, dw, ZERO, a, at, panels, ZERO, dw, ZERO, rows, columns, steps, part, apart
            )


@jit
def add_backward_w_few(
    shape: Shape, dw: Array, dz: Array, y: Array, first: int, after: int,
    rows: Array, columns: Array, steps: Array, apart: tuple[int, ...], sizes: tuple[int, ...],
    copied: int, size: int,
) -> None:  # fmt: skip
    """dw[n, (m, i), j] += the same, for few out-maps: a vector holds neighbours j of a filter row.

    Rows are out-maps, columns filter rows; most of a vector is idle, but nothing has to be packed.
    `size` is the numbers in one picture's dz.
    """
    M, H, W = sizes[:3]
    copy = zeros(copied, y)
    for t in range(first, after):
        pad(copy, ZERO, y, t * M * H * W, sizes)
        part = whole(rows.shape[1] - len(shape[0]) + 1, columns.shape[1], ZERO, steps.shape[1])
        multiply_tiles(
            shape, dw, ZERO, dz, t * size, copy, ZERO, dw, ZERO,
            rows, columns, steps, part, apart,
        )  # fmt: skip
