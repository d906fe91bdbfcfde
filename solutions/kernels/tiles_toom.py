"""Filters 5 columns wide with fewer multiplications, for arrays with pictures last: (M, H, W, T).

A filter row of 5 elements and two neighbouring outputs take 10 products. They are coefficients of a
product of polynomials, and so is known from Toom and Cook (and as F(2, 5) from Winograd) what to do:
evaluate both factors at as many points as the product has coefficients, multiply there, and go back.
The points here are 0, 1, -1, 2, -2 and infinity: 6 products instead of 10.

    forward      u = B y  (6 columns of y for each pair of outputs),  v = G w
                 s[x] = the sum over in-maps and filter rows of u[x] * v[x],  for each point x
                 z = A s + b
    backward     each step replaced by its adjoint, in reverse:
                 ds = A^T dz,  du and dv from ds as in any convolution,  dy = B^T du,  dw = G^T dv

Rows are no part of this. So what happens at a point is a convolution by itself, with filters of KH x 1
and maps of H x (pairs of columns): `tiles_pictures` with other tables. The rounding is about twice
that of 10 products (measured; with two dimensions at once, as for 3 x 3, it would be worse here).
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from solutions.arguments import Array
from solutions.kernels import tiles_pictures as pictures
from solutions.kernels.geometry import Geometry
from solutions.kernels.jit import U, jit_any_order
from solutions.kernels.tiles_host import host
from solutions.kernels.tiles_pictures import PicturesPlan, multiply_lanes
from solutions.kernels.tiles_plan import side_by_side
from solutions.kernels.tiles_threads import shared

POINTS = 6

# filter elements -> points; with the divisors of the interpolation, so that B is of whole numbers
G = np.array([
    [1 / 4, 0, 0, 0, 0],
    [1 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 6],
    [1 / 6, -1 / 6, 1 / 6, -1 / 6, 1 / 6],
    [1 / 24, 1 / 12, 1 / 6, 1 / 3, 2 / 3],
    [1 / 24, -1 / 12, 1 / 6, -1 / 3, 2 / 3],
    [0, 0, 0, 0, 1],
])  # fmt: skip

ENOUGH_MAPS = 4  # in-maps, out-maps: with fewer, the transforms cost as much as they save


def fits(geometry: Geometry, M: int, N: int) -> bool:
    """Such a filter at stride 1 without a border, and pairs of outputs?"""
    return (
        geometry.kernel[1] == 5
        and geometry.stride == geometry.dilation == (1, 1)
        and not any(geometry.rows + geometry.columns)
        and geometry.groups == 1
        and geometry.out[1] % 2 == 0
        and min(M, N) >= ENOUGH_MAPS
    )


# ----- transforms: r is a row of a map, p a pair of columns, t a picture -----
#
# u and s hold `apart` numbers for each point: (rows, pairs, T). y and z are (rows, columns, T). All
# are taken as flat, at the numbers of the first picture, so that LLVM sees in the innermost loop
# that pictures are neighbours, and makes vectors of them. `two` is a 2 of the arrays' dtype.


@jit_any_order
def to_points(u: Array, y: Array, rows: int, columns: int, T: int, two: float) -> None:
    """u = B y."""
    apart, pairs, four, five = u.size // POINTS, columns // 2 - 2, two + two, two + two + two / two
    for r in range(rows):
        for p in range(pairs):
            to, at = (r * pairs + p) * T, (r * columns + 2 * p) * T
            for t in range(T):
                y0, y1, y2 = y[U(at + t)], y[U(at + T + t)], y[U(at + 2 * T + t)]
                y3, y4, y5 = y[U(at + 3 * T + t)], y[U(at + 4 * T + t)], y[U(at + 5 * T + t)]
                u[U(to + t)] = four * y0 - five * y2 + y4
                u[U(to + apart + t)] = (four * y2 - y4) + (four * y1 - y3)
                u[U(to + 2 * apart + t)] = (four * y2 - y4) - (four * y1 - y3)
                u[U(to + 3 * apart + t)] = (y4 - y2) + two * (y3 - y1)
                u[U(to + 4 * apart + t)] = (y4 - y2) - two * (y3 - y1)
                u[U(to + 5 * apart + t)] = four * y1 - five * y3 + y5


@jit_any_order
def to_points_adjoint(dy: Array, du: Array, rows: int, columns: int, T: int, two: float) -> None:
    """dy = B^T du; neighbouring pairs share columns, so that each adds to two columns at a time."""
    apart, pairs, four, five = du.size // POINTS, columns // 2 - 2, two + two, two + two + two / two
    for r in range(rows):
        for k in range(r * columns * T, (r + 1) * columns * T):
            dy[U(k)] = 0
        for p in range(pairs):
            at, to = (r * pairs + p) * T, (r * columns + 2 * p) * T
            for t in range(T):
                u0, u1, u2 = du[U(at + t)], du[U(at + apart + t)], du[U(at + 2 * apart + t)]
                u3, u4 = du[U(at + 3 * apart + t)], du[U(at + 4 * apart + t)]
                u5 = du[U(at + 5 * apart + t)]
                dy[U(to + t)] += four * u0
                dy[U(to + T + t)] += four * (u1 - u2 + u5) - two * (u3 - u4)
            for t in range(T):
                u0, u1, u2 = du[U(at + t)], du[U(at + apart + t)], du[U(at + 2 * apart + t)]
                u3, u4 = du[U(at + 3 * apart + t)], du[U(at + 4 * apart + t)]
                u5 = du[U(at + 5 * apart + t)]
                dy[U(to + 2 * T + t)] += four * (u1 + u2) - five * u0 - (u3 + u4)
                dy[U(to + 3 * T + t)] += two * (u3 - u4) - (u1 - u2) - five * u5
            for t in range(T):
                u0, u1, u2 = du[U(at + t)], du[U(at + apart + t)], du[U(at + 2 * apart + t)]
                u3, u4 = du[U(at + 3 * apart + t)], du[U(at + 4 * apart + t)]
                u5 = du[U(at + 5 * apart + t)]
                dy[U(to + 4 * T + t)] += u0 - (u1 + u2) + (u3 + u4)
                dy[U(to + 5 * T + t)] += u5


@jit_any_order
def from_points(z: Array, s: Array, b: Array, rows: int, pairs: int, T: int, two: float) -> None:
    """z = A s + b; `rows` of each map."""
    apart = s.size // POINTS
    for n in range(b.size):
        bias = b[n]
        for p in range(n * rows * pairs, (n + 1) * rows * pairs):
            at, to = p * T, 2 * p * T
            for t in range(T):
                s1, s2 = s[U(at + apart + t)], s[U(at + 2 * apart + t)]
                s3, s4 = s[U(at + 3 * apart + t)], s[U(at + 4 * apart + t)]
                z[U(to + t)] = s[U(at + t)] + (s1 + s2) + (s3 + s4) + bias
                z[U(to + T + t)] = (s1 - s2) + two * (s3 - s4) + s[U(at + 5 * apart + t)] + bias


@jit_any_order
def from_points_adjoint(ds: Array, dz: Array, T: int, two: float) -> None:
    """ds = A^T dz."""
    apart = ds.size // POINTS
    for p in range(apart // T):
        to, at = p * T, 2 * p * T
        for t in range(T):
            z0, z1 = dz[U(at + t)], dz[U(at + T + t)]
            ds[U(to + t)] = z0
            ds[U(to + apart + t)] = z0 + z1
            ds[U(to + 2 * apart + t)] = z0 - z1
            ds[U(to + 3 * apart + t)] = z0 + two * z1
            ds[U(to + 4 * apart + t)] = z0 - two * z1
            ds[U(to + 5 * apart + t)] = z1


# ----- the convolutions at the points -----


def at_a_point(geometry: Geometry) -> Geometry:
    """KH x 1 filters on maps of pairs of columns."""
    pairs = geometry.out[1] // 2
    return replace(
        geometry,
        size=(geometry.size[0], pairs), kernel=(geometry.kernel[0], 1), out=(geometry.out[0], pairs),
    )  # fmt: skip


def at_all_points(plan: PicturesPlan, y_apart: int, w_apart: int, z_apart: int) -> PicturesPlan:
    """The plan of one point, for each of six; what it reads and writes lies so far `apart`."""
    rows, columns, steps, parts = plan.tables
    points = np.arange(POINTS)
    shifts = np.array([[y_apart], [z_apart], [0], [0]]), np.array([[w_apart], [0]])
    counts = np.repeat([0, columns.shape[1], steps.shape[1]], 2)
    tables = (
        rows,
        side_by_side([columns + x * shifts[0] for x in points]),
        side_by_side([steps + x * shifts[1] for x in points]),
        np.concatenate([parts + x * counts for x in points]),
    )
    return replace(plan, tables=tables)


@lru_cache(maxsize=32)
def forward_plan(geometry: Geometry, M: int, N: int, T: int, L: int) -> PicturesPlan:
    """s from u."""
    point = at_a_point(geometry)
    u, s = (int(np.prod(sides)) * T for sides in ((M, *point.size), (N, *point.out)))
    plan = pictures.forward_plan(point, M, N, T, L)
    return at_all_points(plan, u, N * M * point.kernel[0], s)


@lru_cache(maxsize=32)
def backward_y_plan(geometry: Geometry, M: int, N: int, T: int, L: int) -> PicturesPlan:
    """du from ds."""
    point = at_a_point(geometry)
    u, s = (int(np.prod(sides)) * T for sides in ((M, *point.size), (N, *point.out)))
    plan = pictures.backward_y_plan(point, M, N, T, L)
    return at_all_points(plan, s, N * M * point.kernel[0], u)


def _lanes(array: Array) -> int:
    return host().register // array.itemsize


def _filters(w: Array) -> Array:
    """v (6, N, M, KH) = G w."""
    N, M, KH, _ = w.shape
    v = G.astype(w.dtype) @ w.reshape(-1, 5).T
    return np.ascontiguousarray(v).reshape(POINTS, N, M, KH)


def forward(y: Array, w: Array, b: Array, geometry: Geometry) -> tuple[Array, Array]:
    """z (N, H_out, W_out, T), and u, which backward needs instead of y."""
    (M, H, W, T), N, point = y.shape, len(w), at_a_point(geometry)
    two = y.dtype.type(2)
    u = np.empty((POINTS, M, *point.size, T), y.dtype)
    to_points(u.reshape(-1), y.reshape(-1), M * H, W, T, two)
    s = np.empty((POINTS, N, *point.out, T), y.dtype)
    plan = forward_plan(geometry, M, N, T, _lanes(y))
    pictures.scan(plan, s, u, _filters(w), np.zeros(N, y.dtype))
    z = np.empty((N, *geometry.out, T), y.dtype)
    from_points(z.reshape(-1), s.reshape(-1), b, *point.out, T, two)
    return z, u


def backward(
    dz: Array, u: Array, w: Array, geometry: Geometry, wanted: bool
) -> tuple[Array | None, Array]:
    """dy (M, H, W, T), if it is `wanted`, and dw; ds is worked out once for both."""
    (N, *_, T), M, point = dz.shape, w.shape[1], at_a_point(geometry)
    two = dz.dtype.type(2)
    ds = np.empty((POINTS, N, *point.out, T), dz.dtype)
    from_points_adjoint(ds.reshape(-1), dz.reshape(-1), T, two)
    dw = _backward_w(ds, u, w.shape, point)
    if not wanted:
        return None, dw
    du = np.empty_like(u)
    plan = backward_y_plan(geometry, M, N, T, _lanes(dz))
    pictures.scan(plan, du, ds, _filters(w), np.zeros(M, dz.dtype))
    dy = np.empty((M, *geometry.size, T), dz.dtype)
    rows, columns = M * geometry.size[0], geometry.size[1]
    to_points_adjoint(dy.reshape(-1), du.reshape(-1), rows, columns, T, two)
    return dy, dw


def _backward_w(ds: Array, u: Array, shape: tuple[int, ...], point: Geometry) -> Array:
    """dw = G^T dv, with dv[x] from ds[x] and u[x]."""
    (N, M, _, _), T, L = shape, u.shape[-1], _lanes(u)
    plan = pictures.backward_w_plan(point, M, N, T, L)
    sums = np.empty((POINTS, N * plan.elements, L), u.dtype)
    each = [(sums[x].reshape(-1), u[x].reshape(-1), ds[x].reshape(-1)) for x in range(POINTS)]

    def work(first: int, after: int) -> None:
        for out, y, dz in each:
            multiply_lanes(plan.shape, out, first, after, y, dz, *plan.tables, plan.apart)

    shared(work, plan.tiles, len(plan.shape[0]) * ds.size)
    dv = (sums @ np.ones(L, u.dtype)).reshape(POINTS, -1)
    return np.ascontiguousarray(dv.T @ G.astype(u.dtype)).reshape(shape)
