"""Patches as rows, for many in-maps: rows[(r, c), (i, j, m)] = y[m, SH*r + DH*i, SW*c + DW*j].

With the maps last, all that a filter row sees is one run in memory, KW * M long; so the rows are
copied in long runs, whatever the stride, and multiply with the filters' rows (`product`).

    forward:    z = w rows^T + b
    backward_y: dy is a forward too, of dz, with the filters flipped and the maps' roles exchanged.
                A stride of S leaves S x S of them: the elements S apart in dy meet the same part of
                the filter, the others meet other parts.

t picture, m in-map, n out-map, r and c row and column of the output, i and j in the window.
"""

from math import gcd

import numpy as np

from solutions.arguments import Array
from solutions.kernels.geometry import Geometry
from solutions.kernels.jit import U, inside, jit
from solutions.kernels.product import product


@jit
def maps_last(last: Array, y: Array, at: int, H: int, W: int, top: int, left: int) -> None:
    """last[r + top, c + left, m] = y[at + (m*H + r)*W + c] where both have such an element."""
    high, wide, M = last.shape
    r_first, r_after = inside(top, 1, high, H)
    c_first, c_after = inside(left, 1, wide, W)
    for r in range(r_first, r_after):
        for m in range(M):
            row = at + (m * H + r) * W
            for c in range(c_first, c_after):
                last[U(r + top), U(c + left), U(m)] = y[U(row + c)]


@jit
def fill_rows(
    rows: Array, last: Array, KH: int, KW: int, H_out: int, W_out: int,
    SH: int, SW: int, DH: int, DW: int,
) -> None:  # fmt: skip
    """rows[(r, c), (i, j, m)] = last[SH*r + DH*i, SW*c + DW*j, m]."""
    wide, M = last.shape[1:]
    flat = last.reshape(last.size)
    runs, length = (1, KW * M) if DW == 1 else (KW, M)
    for r in range(H_out):
        for c in range(W_out):
            for i in range(KH):
                for j in range(runs):
                    at = ((SH * r + DH * i) * wide + SW * c + DW * j) * M
                    p, to = r * W_out + c, (i * runs + j) * length
                    for k in range(length):
                        rows[U(p), U(to + k)] = flat[U(at + k)]


@jit
def multiply_rows(
    z: Array, y: Array, w: Array, b: Array, first: int, maps: int, H: int, W: int,
    KH: int, KW: int, H_out: int, W_out: int,
    SH: int, SW: int, DH: int, DW: int, top: int, left: int,
) -> None:  # fmt: skip
    """z[t, n, p] = b[n] + w[n, (i, j, m)] rows[p, (i, j, m)], from the maps `first` and following."""
    T, M = z.shape[0], w.shape[1] // (KH * KW)
    high, wide = SH * (H_out - 1) + DH * (KH - 1) + 1, SW * (W_out - 1) + DW * (KW - 1) + 1
    last = np.zeros((high, wide, M), y.dtype)
    rows = np.empty((H_out * W_out, w.shape[1]), y.dtype)
    for t in range(T):
        maps_last(last, y, (t * maps + first) * H * W, H, W, top, left)
        fill_rows(rows, last, KH, KW, H_out, W_out, SH, SW, DH, DW)
        product(z[t], w, rows, b)


def forward(y: Array, w: Array, b: Array, geometry: Geometry) -> Array:
    """z = w rows^T + b."""
    T, M, H, W = y.shape
    N, places = w.shape[0], geometry.out[0] * geometry.out[1]
    filters = np.ascontiguousarray(np.moveaxis(w, 1, 3)).reshape(N, -1)
    groups = []
    for maps_in, maps_out in geometry.group_slices(M, N):
        z = np.empty((T, N // geometry.groups, places), y.dtype)
        sizes = (maps_in.start, M, H, W, *geometry.kernel, *geometry.out)
        multiply_rows(z, y.reshape(-1), filters[maps_out], b[maps_out], *sizes, *geometry.numbers)
        groups.append(z)
    z = groups[0] if len(groups) == 1 else np.concatenate(groups, axis=1)
    return z.reshape(T, N, *geometry.out)


def phase(start: int, K: int, S: int, D: int, border: int) -> tuple[slice, int, int]:
    """Along one axis, for the elements x = start, start + S, ... of dy: what reaches them?

    Filter element i puts dz[r] at x = S*r + D*i - border: those i with D*i = x + border (mod S), `step`
    apart. Returns them, and the dilation and border of the forward from dz, flipped, that adds up.
    """
    step = S // gcd(S, D)
    first = next((i for i in range(min(step, K)) if (start + border - D * i) % S == 0), K)
    taps = slice(first, K, step)
    dilation = D // gcd(S, D)
    reach = dilation * (len(range(K)[taps]) - 1)
    return taps, dilation, reach - (start + border - D * first) // S


def backward_y(dz: Array, w: Array, geometry: Geometry) -> Array:
    """dy, one forward for each of the S x S sets of elements."""
    M, groups = w.shape[1] * geometry.groups, geometry.groups
    (H, W), (SH, SW), (DH, DW) = geometry.size, geometry.stride, geometry.dilation
    dy = np.zeros((dz.shape[0], M, H, W), dz.dtype)
    exchanged = np.concatenate([part.swapaxes(0, 1) for part in np.split(w, groups)])
    nothing = np.zeros(M, dz.dtype)
    for r in range(min(SH, H)):
        rows, DR, top = phase(r, w.shape[2], SH, DH, geometry.rows[0])
        for c in range(min(SW, W)):
            columns, DC, left = phase(c, w.shape[3], SW, DW, geometry.columns[0])
            flipped = exchanged[:, :, rows, columns][:, :, ::-1, ::-1]
            if flipped.size:
                part = len(range(r, H, SH)), len(range(c, W, SW))
                there = Geometry(
                    dz.shape[2:], flipped.shape[2:], (1, 1), (DR, DC), (top, 0), (left, 0),
                    part, groups,
                )  # fmt: skip
                dy[:, :, r::SH, c::SW] = forward(dz, flipped, nothing, there)
    return dy
