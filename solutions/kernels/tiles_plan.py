"""The tables of `tiles_loops`, worked out once for each layer: which number is where.

A picture's maps stand in planes with a border, `pitch` numbers from row to row and `plane` from map
to map. A position's offset in them plus a filter element's is what the two meet:

    forward      z[r, c] and (m, i, j) meet  S*r*pitch + S*c  +  m*plane + D*i*pitch + D*j

**Stride phases.** Backward by y is a forward, too, from dz to dy. With a stride of S only each S-th
filter element falls on an element of dy: those with D*i = h + top (mod S) for row h. So dy is S x S
interleaved parts, each with steps of its own; an element is not reached (a stride larger than the
filter) when its part has none.

**Two ways to fill a vector.** Its neighbours may be maps: then any stride goes, and no lane is idle
if L divides the number of maps. Or they may be positions of a row: better for few maps, and what
comes out needs no turning. `cheaper` counts the instructions of both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from solutions.arguments import Array
from solutions.kernels.geometry import Geometry
from solutions.kernels.tiles_host import Shape, as_lengths, host

LINE = 64  # bytes of a cache line

# in multiplications of a vector: what a tile's vector costs before and after its steps, and what
# it costs to turn it
BEGIN_AND_END, TURN = 3, 7

BLOCK = 128  # steps of backward_w at once: 16 KiB of vectors


@dataclass(frozen=True)
class Window:
    """Along both axes: where places and elements meet in the padded map, in rows and columns."""

    place: tuple[Array, Array]  # padded row of each output row, and column of each column
    element: tuple[Array, Array]  # what each filter row and column adds


@dataclass(frozen=True)
class Part:
    """One phase: out[at] is computed from `window`, with these filter rows and columns."""

    window: Window
    at: tuple[Array, Array]  # rows and columns of the output
    taps: tuple[Array, Array]  # rows and columns of the filter


@dataclass(frozen=True)
class Border:
    """A picture's maps in padded planes; `sizes` is what `pad` takes."""

    M: int
    size: tuple[int, int]
    top: int
    left: int
    high: int
    wide: int

    @property
    def needed(self) -> bool:
        return (self.high, self.wide) != self.size

    @property
    def plane(self) -> int:
        """An odd number of cache lines: else all planes would compete for the same cache places."""
        if not self.needed:
            return self.high * self.wide
        lines = -(-self.high * self.wide * 4 // LINE)
        return (lines | 1) * LINE // 4

    @property
    def picture(self) -> int:
        return self.M * self.plane

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.M, *self.size, self.plane, self.wide, self.top, self.left


def forward_part(geometry: Geometry) -> tuple[Border, Part]:
    """z from y: one part, all elements."""
    H_out, W_out = geometry.out
    (KH, KW), (SH, SW), (DH, DW) = geometry.kernel, geometry.stride, geometry.dilation
    window = Window(
        (SH * np.arange(H_out), SW * np.arange(W_out)),
        (DH * np.arange(KH), DW * np.arange(KW)),
    )
    high, wide = (
        size + sum(border)
        for size, border in zip(geometry.size, (geometry.rows, geometry.columns), strict=True)
    )
    border = Border(0, geometry.size, geometry.rows[0], geometry.columns[0], high, wide)
    return border, Part(
        window, (np.arange(H_out), np.arange(W_out)), (np.arange(KH), np.arange(KW))
    )


@dataclass(frozen=True)
class Phase:
    """Along one axis: the elements `at` of dy, S apart, and the filter elements that reach them.

    Element at[q] and filter element taps[k] meet dz[q + shift[k]].
    """

    at: Array
    taps: Array
    shift: Array


def phases(size: int, K: int, S: int, D: int, border: int) -> list[Phase]:
    """Filter element i puts dz[r] at S*r + D*i - border."""
    found = []
    for first in range(min(S, size)):
        taps = np.array([i for i in range(K) if (first + border - D * i) % S == 0], np.int64)
        found.append(Phase(np.arange(first, size, S), taps, (first + border - D * taps) // S))
    return found


def margin(axis: list[Phase], size: int) -> tuple[int, int]:
    """How far beyond dz, before and after, the phases of one axis reach."""
    reached = [s + q for p in axis for s in p.shift for q in (0, len(p.at) - 1)]
    return max(0, -min(reached, default=0)), max(0, max(reached, default=0) - size + 1)


def backward_parts(geometry: Geometry) -> tuple[Border, list[Part]]:
    """dy from dz: a part for each pair of phases."""
    rows, columns = (
        phases(size, K, S, D, border[0])
        for size, K, S, D, border in zip(
            geometry.size, geometry.kernel, geometry.stride, geometry.dilation,
            (geometry.rows, geometry.columns), strict=True,
        )
    )  # fmt: skip
    (top, below), (left, right) = margin(rows, geometry.out[0]), margin(columns, geometry.out[1])
    H, W = geometry.out
    border = Border(0, (H, W), top, left, H + top + below, W + left + right)
    parts = []
    for v in rows:
        for h in columns:
            place = np.arange(len(v.at)) + top, np.arange(len(h.at)) + left
            parts.append(Part(Window(place, (v.shift, h.shift)), (v.at, h.at), (v.taps, h.taps)))
    return border, parts


# ----- tables -----


def table(*columns: Array) -> Array:
    """One row for each column given, as int64."""
    return np.ascontiguousarray(np.stack([np.asarray(c, np.int64).ravel() for c in columns]))


def outer(*axes: Array) -> Array:
    """All sums of one number of each axis, the last axis fastest, as one row."""
    total = np.zeros((), np.int64)
    for axis in axes:
        total = total[..., None] + axis
    return np.asarray(total, np.int64).ravel()


def fill_up(rows: Array, R: int) -> Array:
    """R - 1 times the last row more, for a tile that reaches beyond the end."""
    return np.ascontiguousarray(np.concatenate([rows, rows[:, -1:].repeat(R - 1, axis=1)], axis=1))


@dataclass(frozen=True)
class Plan:
    """What `maps_in_lanes` and `positions_in_lanes` need for one layer and direction."""

    maps: bool  # which of the two
    shape: Shape
    rows: Array
    columns: Array
    steps: Array
    parts: Array
    apart: tuple[int, int, int]
    sizes: tuple[int, ...]
    padded: int  # numbers in the padded planes of one picture; 0: no need of them
    places: Array  # maps: where in `sums` each position is
    to: Array  # maps: where in z each map begins
    width: int  # maps: out-maps with the idle ones


def up(count: int, multiple: int) -> int:
    return -(-count // multiple) * multiple


def row_starts(size: int, V: int) -> list[int]:
    """Groups of V rows of a picture; the last may overlap the one before."""
    return [min(r, size - V) for r in range(0, size, V)]


def column_starts(size: int, L: int) -> list[tuple[int, int]]:
    """Groups of L columns and how many of them count; the last overlaps, if there are L at all."""
    return [(min(c, max(size - L, 0)), min(L, size)) for c in range(0, size, L)]


def many_shape(N: int, L: int) -> tuple[int, int]:
    """The tile for N maps in lanes."""
    return host().one if N <= L * host().one[1] else host().many


def cost_of_maps(parts: list[Part], M: int, N: int, L: int) -> float:
    """Multiplications of a vector, about, for a picture with maps in lanes."""
    R, V = many_shape(N, L)
    vectors = up(-(-N // L), V)
    return sum(
        up(len(p.at[0]) * len(p.at[1]), R)
        * vectors
        * (M * len(p.taps[0]) * len(p.taps[1]) + BEGIN_AND_END + TURN)
        for p in parts
    )


def cost_of_positions(
    parts: list[Part], M: int, N: int, L: int, shape: tuple[int, int]
) -> float:
    """The same with positions in lanes; infinite where columns are not neighbours."""
    R, V = shape
    total = 0.0
    for p in parts:
        if len(p.at[0]) < V or not all((np.diff(c) == 1).all() for c in (p.at[1], p.window.place[1])):
            return np.inf
        tiles = len(row_starts(len(p.at[0]), V)) * len(column_starts(len(p.at[1]), L))
        steps = M * len(p.taps[0]) * len(p.taps[1]) + BEGIN_AND_END
        total += up(N, R) * tiles * V * steps
    return total


def cheaper(parts: list[Part], M: int, N: int, L: int) -> tuple[bool, tuple[int, int]]:
    """Maps in lanes? And the shape of the tiles."""
    maps = many_shape(N, L)
    choices = [(cost_of_maps(parts, M, N, L), True, maps)] + [
        (cost_of_positions(parts, M, N, L, shape), False, shape)
        for shape in (host().many, host().few)
    ]
    _, in_lanes, shape = min(choices)
    return in_lanes, shape


def taps_of(part: Part, border: Border) -> Array:
    """The offset of each (m, i, j) in the padded planes."""
    i, j = part.window.element
    return outer(border.plane * np.arange(border.M), border.wide * i, j)


def places_of(part: Part, border: Border) -> Array:
    """The offset of each position in the padded planes."""
    r, c = part.window.place
    return outer(border.wide * r, c)


def plan_maps(
    border: Border, parts: list[Part], out: tuple[int, int], N: int, kernel: tuple[int, int],
    shape: tuple[int, int], L: int,
) -> Plan:  # fmt: skip
    """Rows are positions, steps filter elements (m, i, j), columns the panels of out-maps."""
    R, V = shape
    panel = V * L
    width, P, K = up(N, panel), out[0] * out[1], border.M * kernel[0] * kernel[1]
    rows, steps, ranges = [], [], []
    row, step = 0, 0
    for part in parts:
        place = places_of(part, border)
        (h, w), (i, j) = part.at, part.taps
        filled = fill_up(table(place, outer(out[1] * h, w) * width, 0 * place), R)
        k = outer(kernel[0] * kernel[1] * np.arange(border.M), kernel[1] * i, j)
        rows.append(filled)
        steps.append(table(taps_of(part, border), k * panel))
        ranges.append((row, row + place.size, 0, width // panel, step, step + k.size))
        row, step = row + filled.shape[1], step + k.size
    panels = np.arange(width // panel)
    return Plan(
        True, as_lengths(shape), np.concatenate(rows, axis=1),
        table(panels * K * panel, panels * panel, panels * panel, np.full_like(panels, L)),
        np.concatenate(steps, axis=1), np.array(ranges, np.int64), (L, L, L), border.sizes,
        border.picture if border.needed else 0, width * np.arange(P), P * np.arange(N), width,
    )  # fmt: skip


def plan_positions(
    border: Border, parts: list[Part], out: tuple[int, int], N: int, kernel: tuple[int, int],
    shape: tuple[int, int], L: int, filters: tuple[int, int],
) -> Plan:  # fmt: skip
    """Rows are out-maps, steps filter elements, columns V rows of L positions.

    `filters` says how far apart out-maps and in-maps are in w.
    """
    R, V = shape
    P, maps, taps = out[0] * out[1], np.arange(N), kernel[0] * kernel[1]
    columns, steps, ranges = [], [], []
    column, step = 0, 0
    for part in parts:
        (h, w), (i, j), (r, c) = part.at, part.taps, part.window.place
        found = [
            (r[q] * border.wide + c[s], h[q] * out[1] + w[s], 0, width)
            for q in row_starts(len(h), V)
            for s, width in column_starts(len(w), L)
        ]
        k = outer(filters[1] * np.arange(border.M), kernel[1] * i, j)
        columns.append(np.array(found, np.int64).T)
        steps.append(table(k, taps_of(part, border)))
        ranges.append((0, N, column, column + len(found), step, step + k.size))
        column, step = column + len(found), step + k.size
    one = parts[0]
    apart = (
        int(one.window.place[0][1] - one.window.place[0][0]) * border.wide if V > 1 else 0,
        int(one.at[0][1] - one.at[0][0]) * out[1] if V > 1 else 0,
        0,
    )
    whole_rows = not border.needed and all(len(p.at[1]) % L == 0 for p in parts)
    nothing = np.zeros(0, np.int64)
    return Plan(
        False, as_lengths(shape), fill_up(table(filters[0] * maps, P * maps, L * maps), R),
        np.ascontiguousarray(np.concatenate(columns, axis=1)), np.concatenate(steps, axis=1),
        np.array(ranges, np.int64), apart, border.sizes,
        0 if whole_rows else border.picture + L, nothing, nothing, N,
    )  # fmt: skip


def plan(
    border: Border, parts: list[Part], out: tuple[int, int], M: int, N: int,
    kernel: tuple[int, int], L: int, filters: tuple[int, int],
) -> Plan:  # fmt: skip
    border = Border(M, border.size, border.top, border.left, border.high, border.wide)
    maps, shape = cheaper(parts, M, N, L)
    if maps:
        return plan_maps(border, parts, out, N, kernel, shape, L)
    return plan_positions(border, parts, out, N, kernel, shape, L, filters)


@lru_cache(maxsize=128)
def forward_plan(geometry: Geometry, M: int, N: int, L: int) -> Plan:
    """z (N maps) from y (M maps); w[n, m] is n*M + m filters of KH*KW from the start."""
    border, part = forward_part(geometry)
    taps = geometry.kernel[0] * geometry.kernel[1]
    return plan(border, [part], geometry.out, M, N, geometry.kernel, L, (M * taps, taps))


@lru_cache(maxsize=128)
def backward_y_plan(geometry: Geometry, M: int, N: int, L: int) -> Plan:
    """dy (M maps) from dz (N maps): the maps' roles are exchanged."""
    border, parts = backward_parts(geometry)
    taps = geometry.kernel[0] * geometry.kernel[1]
    return plan(border, parts, geometry.size, N, M, geometry.kernel, L, (taps, M * taps))


@dataclass(frozen=True)
class WeightPlan:
    """What `add_backward_w` needs for one layer."""

    shape: Shape
    rows: Array
    columns: Array
    steps: Array
    apart: tuple[int, int, int]
    sizes: tuple[int, ...]
    padded: int
    together: int
    picture: int
    panels: int  # numbers in the packed dz
    to: Array
    maps: Array
    taps: Array  # where in dw each filter element's row of maps is
    turned: Array  # where in the result each out-map begins
    width: int


@lru_cache(maxsize=128)
def backward_w_plan(geometry: Geometry, M: int, N: int, L: int) -> WeightPlan:
    """Rows are filter elements, steps positions, columns panels of out-maps."""
    border, part = forward_part(geometry)
    border = Border(M, border.size, border.top, border.left, border.high, border.wide)
    shape = many_shape(N, L)
    panel, P = shape[1] * L, geometry.out[0] * geometry.out[1]
    width, together = up(N, panel), max(1, BLOCK // P)
    taps, pictures = taps_of(part, border), np.arange(together)
    k, panels = width * np.arange(taps.size), np.arange(width // panel)
    steps = table(
        outer(border.picture * pictures, places_of(part, border)),
        panel * np.arange(together * P),
    )
    return WeightPlan(
        as_lengths(shape), fill_up(table(taps, k, k), shape[0]),
        table(panels * together * P * panel, panels * panel, panels * panel, np.full_like(panels, L)),
        steps, (L, L, L), border.sizes, together * border.picture if border.needed else 0,
        together, border.picture, together * P * width, panel * np.arange(P), P * np.arange(N),
        k, taps.size * np.arange(N), width,
    )  # fmt: skip


def groups_of(first: int, after: int, size: int) -> Iterator[tuple[int, int]]:
    for start in range(first, after, size):
        yield start, min(start + size, after)
