"""The tables of `tiles_loops`, worked out once for each layer: which number is where.

A position's offset in a picture's maps plus a filter element's is where the two meet:

    forward      z[r, c] meets (m, i, j) at  (S*r*row + S*c*column)  +  (m*map + D*i*row + D*j*column)

with `row`, `column` and `map` the distances from one to the next, in maps that have their border.

**Stride phases.** backward_y is a forward, too, from dz to dy. With a stride of S only each S-th
filter element falls on an element of dy: in row h those with D*i = h + top (mod S). So dy is S x S
interleaved parts, each with steps of its own; a part that nothing reaches has none, and stays 0.

**Two ways to fill a vector.** Its neighbours may be maps: then any stride goes, and no number is
idle if L divides the number of maps. Or they may be positions of a row: better for few maps, and
what comes out needs no turning. `cheaper` counts the multiplications of both.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from solutions.arguments import Array, Pair
from solutions.kernels.geometry import Geometry
from solutions.kernels.tiles_host import Shape, as_lengths, host

LINE = 64  # bytes of a cache line

# as multiplications of a vector: to begin and end one vector's sum, and to turn it
BEGIN_AND_END, TURN = 3, 7

BLOCK = 256  # steps of backward_w at once: their vectors fit into the level-1 cache

NONE = np.zeros(0, np.int64)


def up(count: int, multiple: int) -> int:
    return -(-count // multiple) * multiple


def table(*columns: Array) -> Array:
    """One row for each array given, as int64."""
    return np.ascontiguousarray(np.stack([np.asarray(c, np.int64).ravel() for c in columns]))


def side_by_side(tables: list[Array]) -> Array:
    return np.ascontiguousarray(np.concatenate(tables, axis=1))


def combined(*axes: Array) -> Array:
    """All sums of one number of each axis, the last axis fastest."""
    total = np.zeros((), np.int64)
    for axis in axes:
        total = total[..., None] + axis
    return np.asarray(total, np.int64).ravel()


def repeat_last(rows: Array, R: int) -> Array:
    """R - 1 times the last row more, for a tile that reaches beyond the end."""
    return side_by_side([rows, rows[:, -1:].repeat(R - 1, axis=1)])


# ----- where the numbers of a picture are -----


@dataclass(frozen=True)
class Maps:
    """One picture's maps with a border: planes (m, r, c), or maps last (r, c, m)."""

    count: int
    size: Pair  # without the border
    top: int
    left: int
    high: int  # with the border
    wide: int
    last: bool = False

    @property
    def as_they_are(self) -> bool:
        """No copy is needed."""
        return not self.last and (self.high, self.wide) == self.size

    @property
    def apart(self) -> tuple[int, int, int]:
        """From map to map, row to row, column to column."""
        if self.last:
            return 1, self.wide * self.count, self.count
        plane = self.high * self.wide
        if not self.as_they_are:  # an odd number of cache lines: else all planes would compete
            plane = (-(-plane * 4 // LINE) | 1) * LINE // 4  # for the same places of the cache
        return plane, self.wide, 1

    @property
    def numbers(self) -> int:
        return self.high * self.wide * self.count if self.last else self.apart[0] * self.count

    @property
    def where(self) -> Array:
        """Where each position (r, c) without the border is."""
        _, row, column = self.apart
        return combined(
            row * (self.top + np.arange(self.size[0])),
            column * (self.left + np.arange(self.size[1])),
        )

    @property
    def pad_sizes(self) -> tuple[int, ...]:
        """What `pad` and the loops take."""
        plane, row, _ = self.apart
        return self.count, *self.size, plane, row, self.top, self.left


@dataclass(frozen=True)
class Part:
    """Outputs at rows x columns `at`: each sums over the filter's rows x columns `taps`.

    Row at[0][k] and filter row taps[0][l] meet row place[0][k] + reach[0][l] of the input with its
    border; columns likewise.
    """

    at: tuple[Array, Array]
    taps: tuple[Array, Array]
    place: tuple[Array, Array]
    reach: tuple[Array, Array]

    def places(self, maps: Maps) -> Array:
        _, row, column = maps.apart
        return combined(row * self.place[0], column * self.place[1])

    def elements(self, maps: Maps) -> Array:
        """Of each filter element: (i, j, m) if the maps are last, else (m, i, j)."""
        apart, row, column = maps.apart
        m, i, j = apart * np.arange(maps.count), row * self.reach[0], column * self.reach[1]
        return combined(i, j, m) if maps.last else combined(m, i, j)

    def filter_places(self, maps: Maps, kernel: Pair, apart: Pair) -> Array:
        """The same elements' places in filters with `apart` from tap to tap and map to map."""
        m = apart[1] * np.arange(maps.count)
        i, j = apart[0] * kernel[1] * self.taps[0], apart[0] * self.taps[1]
        return combined(i, j, m) if maps.last else combined(m, i, j)


def forward_part(geometry: Geometry, M: int) -> tuple[Maps, Part]:
    """z from y: one part, all elements."""
    high, wide = (
        size + sum(border)
        for size, border in zip(geometry.size, (geometry.rows, geometry.columns), strict=True)
    )
    maps = Maps(M, geometry.size, geometry.rows[0], geometry.columns[0], high, wide)
    at = tuple(np.arange(size) for size in geometry.out)
    taps = tuple(np.arange(K) for K in geometry.kernel)
    place = tuple(S * r for S, r in zip(geometry.stride, at, strict=True))
    reach = tuple(D * i for D, i in zip(geometry.dilation, taps, strict=True))
    return maps, Part(at, taps, place, reach)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Phase:
    """Along one axis: elements of dy, S apart, and the filter elements that reach them.

    Element at[k] and filter element taps[l] meet dz[k + shift[l]].
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


def margin(axis: list[Phase], size: int) -> Pair:
    """How far before and after dz the phases of one axis reach."""
    met = [int(s) + k for p in axis for s in p.shift for k in (0, len(p.at) - 1)]
    return max(0, -min(met, default=0)), max(0, max(met, default=0) - size + 1)


def backward_parts(geometry: Geometry, N: int) -> tuple[Maps, list[Part]]:
    """dy from dz: a part for each pair of phases."""
    rows, columns = (
        phases(size, K, S, D, border[0])
        for size, K, S, D, border in zip(
            geometry.size, geometry.kernel, geometry.stride, geometry.dilation,
            (geometry.rows, geometry.columns), strict=True,
        )
    )  # fmt: skip
    (H, W), (top, below), (left, right) = (
        geometry.out, margin(rows, geometry.out[0]), margin(columns, geometry.out[1]),
    )  # fmt: skip
    maps = Maps(N, (H, W), top, left, H + top + below, W + left + right)
    parts = [
        Part(
            (v.at, h.at), (v.taps, h.taps),
            (top + np.arange(len(v.at)), left + np.arange(len(h.at))), (v.shift, h.shift),
        )
        for v in rows
        for h in columns
    ]  # fmt: skip
    return maps, parts


# ----- the plan of forward and backward_y -----


@dataclass(frozen=True)
class Packing:
    """How `pack` finds the filters in w and where it puts them: see there."""

    blocks: int
    block: int
    put: int
    to: Array
    rows: Array


@dataclass(frozen=True)
class Plan:
    """What `maps_in_lanes` or, without `packing`, `positions_in_lanes` needs for one layer."""

    packing: Packing | None
    shape: Shape
    tables: tuple[Array, Array, Array, Array]  # rows, columns, steps, parts
    apart: tuple[int, int, int]
    sizes: tuple[int, ...]
    copied: int  # numbers in one picture's maps, if they have to be copied
    turned: tuple[Array, Array]  # where positions and maps are, if they are to be last
    places: Array  # where each position is in the sums, maps last
    to: Array  # where each map begins in the output
    width: int  # maps, with idle ones
    cost: float = 0  # multiplications of a vector, about, for one picture


def groups_of_rows(size: int, V: int) -> list[int]:
    """V rows of the picture at a time; the last may overlap the one before."""
    return [min(r, size - V) for r in range(0, size, V)]


def groups_of_columns(size: int, L: int) -> list[Pair]:
    """L columns at a time, and how many count; the last overlaps, if there are L at all."""
    return [(min(c, max(size - L, 0)), min(L, size)) for c in range(0, size, L)]


def shape_for_maps(N: int, L: int) -> Pair:
    """The tile for N maps in lanes."""
    return host().one if N <= L else host().many


def cost_of_maps(parts: list[Part], M: int, N: int, L: int) -> float:
    """Multiplications of a vector, about, for one picture with maps in lanes."""
    R, V = shape_for_maps(N, L)
    vectors = up(-(-N // L), V)
    return sum(
        up(len(p.at[0]) * len(p.at[1]), R)
        * vectors
        * (M * len(p.taps[0]) * len(p.taps[1]) + BEGIN_AND_END + TURN)
        for p in parts
    )


def cost_of_positions(parts: list[Part], M: int, N: int, L: int, shape: Pair) -> float:
    """The same with positions in lanes; infinite where columns are no neighbours."""
    R, V = shape
    if any(len(p.at[0]) < V or (np.diff([p.at[1], p.place[1]]) != 1).any() for p in parts):
        return np.inf
    return sum(
        up(N, R) * V
        * len(groups_of_rows(len(p.at[0]), V)) * len(groups_of_columns(len(p.at[1]), L))
        * (M * len(p.taps[0]) * len(p.taps[1]) + BEGIN_AND_END)
        for p in parts
    )  # fmt: skip


def cheaper(parts: list[Part], M: int, N: int, L: int) -> tuple[float, bool, Pair]:
    """The cost; maps in lanes? And the shape of the tiles."""
    maps = shape_for_maps(N, L)
    choices = [(cost_of_maps(parts, M, N, L), True, maps)]
    for shape in (host().many, host().six, host().few):
        choices.append((cost_of_positions(parts, M, N, L, shape), False, shape))
    return min(choices)


def plan_maps(
    maps: Maps, parts: list[Part], out: Pair, N: int, kernel: Pair, shape: Pair, L: int,
    apart: Pair,
) -> Plan:  # fmt: skip
    """Rows are positions, steps filter elements, columns panels of out-maps."""
    R, V = shape
    maps = replace(maps, last=maps.count >= L)
    panel, P, taps = V * L, out[0] * out[1], kernel[0] * kernel[1]
    width, K = up(N, panel), maps.count * taps
    in_panel = (maps.count * panel, panel) if maps.last else (panel, taps * panel)
    rows, steps, ranges = [], [], []
    row, step = 0, 0
    for part in parts:
        place, element = part.places(maps), part.elements(maps)
        h, w = part.at
        rows.append(repeat_last(table(place, combined(out[1] * h, w) * width, 0 * place), R))
        steps.append(table(element, part.filter_places(maps, kernel, in_panel)))
        ranges.append((row, row + place.size, 0, width // panel, step, step + element.size))
        row, step = row + rows[-1].shape[1], step + element.size
    panels = np.arange(width // panel)
    columns = table(panels * K * panel, panels * panel, panels * panel, np.full_like(panels, L))
    tap, m = in_panel[0] * np.arange(taps), in_panel[1] * np.arange(maps.count)
    if apart[1] == taps:  # a filter's maps are neighbours in w: all its elements are one row
        packing = Packing(1, 0, 0, combined(m, tap), apart[0] * np.arange(N))
    else:
        packing = Packing(maps.count, apart[1], in_panel[1], tap, apart[0] * np.arange(N))
    turned = (maps.where, maps.size[0] * maps.size[1] * np.arange(maps.count))
    return Plan(
        packing, as_lengths(shape),
        (side_by_side(rows), columns, side_by_side(steps), np.array(ranges, np.int64)),
        (L, L, L), maps.pad_sizes, 0 if maps.as_they_are else maps.numbers,
        turned if maps.last else (NONE, NONE), width * np.arange(P), P * np.arange(N), width,
    )  # fmt: skip


def plan_positions(
    maps: Maps, parts: list[Part], out: Pair, N: int, kernel: Pair, shape: Pair, L: int,
    apart: Pair,
) -> Plan:  # fmt: skip
    """Rows are out-maps, steps filter elements, columns V rows of L positions."""
    R, V = shape
    n, P = np.arange(N), out[0] * out[1]
    columns, steps, ranges = [], [], []
    column, step = 0, 0
    for part in parts:
        (h, w), (r, c) = part.at, part.place
        found = [
            (r[k] * maps.wide + c[l], h[k] * out[1] + w[l], 0, width)
            for k in groups_of_rows(len(h), V)
            for l, width in groups_of_columns(len(w), L)
        ]
        columns.append(np.array(found, np.int64).T)
        steps.append(table(part.filter_places(maps, kernel, (1, apart[1])), part.elements(maps)))
        ranges.append((0, N, column, column + len(found), step, step + steps[-1].shape[1]))
        column, step = column + len(found), step + steps[-1].shape[1]
    (h, _), (r, _) = parts[0].at, parts[0].place
    x_apart, out_apart = (
        (int(r[1] - r[0]) * maps.wide, int(h[1] - h[0]) * out[1]) if V > 1 else (0, 0)
    )
    never_beyond = maps.as_they_are and all(len(p.at[1]) % L == 0 for p in parts)
    return Plan(
        None, as_lengths(shape),
        (
            repeat_last(table(apart[0] * n, P * n, L * n), R),
            side_by_side(columns), side_by_side(steps), np.array(ranges, np.int64),
        ),
        (x_apart, out_apart, 0), maps.pad_sizes, 0 if never_beyond else maps.numbers + L,
        (NONE, NONE), NONE, NONE, N,
    )  # fmt: skip


def plan(
    maps: Maps, parts: list[Part], out: Pair, N: int, kernel: Pair, L: int, apart: Pair
) -> Plan:
    """`apart`: from out-map to out-map and from in-map to in-map in w."""
    cost, in_lanes, shape = cheaper(parts, maps.count, N, L)
    make = plan_maps if in_lanes else plan_positions
    return replace(make(maps, parts, out, N, kernel, shape, L, apart), cost=cost)


@lru_cache(maxsize=32)
def forward_plan(geometry: Geometry, M: int, N: int, L: int) -> Plan:
    """z (N maps) from y (M maps)."""
    maps, part = forward_part(geometry, M)
    taps = geometry.kernel[0] * geometry.kernel[1]
    return plan(maps, [part], geometry.out, N, geometry.kernel, L, (M * taps, taps))


@lru_cache(maxsize=32)
def backward_y_plan(geometry: Geometry, M: int, N: int, L: int) -> Plan:
    """dy (M maps) from dz (N maps): the maps exchange their roles."""
    maps, parts = backward_parts(geometry, N)
    taps = geometry.kernel[0] * geometry.kernel[1]
    return plan(maps, parts, geometry.size, M, geometry.kernel, L, (taps, M * taps))


# ----- the plans of backward_w -----


@dataclass(frozen=True)
class WeightPlan:
    """What `add_backward_w` needs for one layer, in the order in which it takes it."""

    shape: Shape
    given: tuple[Any, ...]
    elements: Array  # where each filter element is in the sums, out-maps last
    filters: Array  # where each out-map begins in dw
    width: int  # out-maps, with idle ones


@lru_cache(maxsize=32)
def backward_w_plan(geometry: Geometry, M: int, N: int, L: int) -> WeightPlan:
    """Rows are filter elements, steps positions, columns panels of out-maps."""
    maps, part = forward_part(geometry, M)
    shape = shape_for_maps(N, L)
    panel, P = shape[1] * L, geometry.out[0] * geometry.out[1]
    width, together = up(N, panel), max(1, BLOCK // P)
    element, pictures = part.elements(maps), maps.numbers * np.arange(together)
    k, panels = width * np.arange(element.size), np.arange(width // panel)
    rows = repeat_last(table(element, k, k), shape[0])
    in_panel = panels * panel
    columns = table(in_panel * together * P, in_panel, in_panel, np.full_like(panels, L))
    steps = table(combined(pictures, part.places(maps)), panel * np.arange(together * P))
    copied = 0 if maps.as_they_are else together * maps.numbers
    given = (
        together, BLOCK, rows, columns, steps, (L, L, L), maps.pad_sizes, copied, maps.numbers,
        width, panel * np.arange(P), P * np.arange(N),
    )  # fmt: skip
    return WeightPlan(as_lengths(shape), given, k, element.size * np.arange(N), width)


@dataclass(frozen=True)
class FewMapsPlan:
    """What `add_backward_w_few` needs for one layer, in the order in which it takes it."""

    shape: Shape
    given: tuple[Any, ...]
    sums: tuple[int, int, int, int]  # N, M, KH with idle rows, L


def costs_of_backward_w(geometry: Geometry, M: int, N: int, L: int) -> tuple[float, float]:
    """Products a position, with vectors of out-maps and with a vector of each filter row."""
    (KH, KW), (R, V) = geometry.kernel, shape_for_maps(N, L)
    vectors = up(-(-N // L), V)
    by_maps = up(M * KH * KW, R) * vectors + TURN * vectors
    R, V = host().six
    fits = geometry.dilation[1] == 1 and KW <= L
    return by_maps, up(N, R) * M * up(KH, V) if fits else np.inf


@lru_cache(maxsize=32)
def few_maps_plan(geometry: Geometry, M: int, N: int, L: int) -> FewMapsPlan:
    """Rows are out-maps, steps positions, columns V filter rows; the last may be idle."""
    maps, part = forward_part(geometry, M)
    (R, V), P, high = (
        host().six,
        geometry.out[0] * geometry.out[1],
        up(geometry.kernel[0], host().six[1]),
    )
    apart, row, _ = maps.apart
    n, m, i = np.arange(N), np.arange(M), np.arange(0, high, V)
    down = geometry.dilation[0] * row  # from filter row to filter row
    rows = repeat_last(table(P * n, M * high * L * n, M * high * L * n), R)
    place = combined(high * L * m, L * i)
    columns = table(combined(apart * m, down * i), place, place, np.full_like(place, L))
    steps = table(np.arange(P), part.places(maps))
    copied = maps.numbers + high * down + L  # idle rows and numbers are read, too
    given = rows, columns, steps, (down, L, L), maps.pad_sizes, copied, P * N
    return FewMapsPlan(as_lengths((R, V)), given, (N, M, high, L))
