"""The convolutional layer's affine maps: forward and backward, as a pair.

The lecture's "convolution" is what signal processing calls cross-correlation: no flip in forward.

T pictures, M in-maps, N out-maps; y (T, M, H, W), w (N, M/groups, KH, KW), z (T, N, H_out, W_out)
with H_out = (H + top + bottom - dilation*(KH-1) - 1) // stride + 1, and W_out likewise.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from solutions.arguments import (
    Array,
    IntOrPair,
    Padding,
    Pair,
    floats,
    margins,
    pair,
    same_dtype,
    whole,
)


@dataclass(frozen=True)
class Geometry:
    """Where each filter element meets the padded map: all that forward and backward must agree on."""

    kernel: Pair
    stride: Pair
    dilation: Pair
    rows: Pair  # zeros above, below
    columns: Pair  # zeros left, right
    groups: int
    out: Pair  # H_out, W_out

    def pad(self, y: Array) -> Array:
        """y with its border of zeros; y itself where there is none."""
        if not any(self.rows + self.columns):
            return y
        return np.pad(y, ((0, 0), (0, 0), self.rows, self.columns))

    def crop(self, padded: Array) -> Array:
        """The adjoint of `pad`: the border is dropped."""
        (top, bottom), (left, right) = self.rows, self.columns
        H, W = padded.shape[2] - top - bottom, padded.shape[3] - left - right
        return padded[:, :, top : top + H, left : left + W]

    def windows(self, padded: Array) -> Array:
        """A view (T, M, H_out, W_out, KH, KW): the part of the map under the filter at each place."""
        (KH, KW), (DH, DW), (SH, SW) = self.kernel, self.dilation, self.stride
        reach = (DH * (KH - 1) + 1, DW * (KW - 1) + 1)
        every = sliding_window_view(padded, reach, axis=(2, 3))
        return every[:, :, ::SH, ::SW, ::DH, ::DW]

    def met_by(self, padded: Array, i: int, j: int) -> Array:
        """A view (T, M, H_out, W_out): the elements of the map that filter element (i, j) meets."""
        (DH, DW), (SH, SW), (H_out, W_out) = self.dilation, self.stride, self.out
        r, c = i * DH, j * DW
        return padded[:, :, r : r + SH * (H_out - 1) + 1 : SH, c : c + SW * (W_out - 1) + 1 : SW]

    def group_slices(self, M: int, N: int) -> Iterator[tuple[slice, slice]]:
        """For each group: which in-maps and which out-maps belong to it."""
        m, n = M // self.groups, N // self.groups
        for g in range(self.groups):
            yield slice(g * m, (g + 1) * m), slice(g * n, (g + 1) * n)


def conv_geometry(
    y: Array, w: Array, stride: IntOrPair, padding: Padding, dilation: IntOrPair, groups: int
) -> Geometry:
    """Check the arguments of a convolution and work out its output size."""
    floats("y", y, "T M H W")
    floats("w", w, "N M KH KW")
    strides, dilations = pair("stride", stride), pair("dilation", dilation)
    rows, columns = margins("padding", padding)
    groups = whole("groups", groups, 1)
    M, N, per_group = y.shape[1], w.shape[0], w.shape[1]
    if M % groups or N % groups:
        raise ValueError(
            f"`groups` (={groups}) must divide the number of in-maps (={M}) and of out-maps (={N})"
        )
    if per_group != M // groups:
        raise ValueError(
            f"`w` has shape {w.shape}: each filter has {per_group} planes, but `y` of shape "
            f"{y.shape} with `groups` (={groups}) needs {M // groups}"
        )
    out = []
    for axis, border, k, d, s in zip(
        "HW", (rows, columns), w.shape[2:], dilations, strides, strict=True
    ):
        size = y.shape["HW".index(axis) + 2] + sum(border)
        if k < 1 or d * (k - 1) + 1 > size:
            raise ValueError(
                f"`w` has shape {w.shape}: with `dilation` (={dilation!r}) its K{axis} reaches over "
                f"{d * (k - 1) + 1} elements, but the padded map has {size}"
            )
        out.append((size - d * (k - 1) - 1) // s + 1)
    return Geometry(w.shape[2:], strides, dilations, rows, columns, groups, (out[0], out[1]))


def _check_bias(b: Array | None, N: int) -> None:
    if b is not None and floats("b", b, "N").shape != (N,):
        raise ValueError(f"`b` has shape {b.shape}; one bias for each of the {N} filters is needed")


def conv_forward(
    y: Array,
    w: Array,
    b: Array | None = None,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> Array:
    """z[t, n, r, c] = b[n] + sum over m, i, j of w[n, m, i, j] * y[t, m, S*r + i, S*c + j].

    y (T, M, H, W), w (N, M/groups, KH, KW), b (N,)  ->  z (T, N, H_out, W_out), fresh, of y's dtype.
    `padding` puts zeros around y first; `dilation` D reads y at S*r + D*i; in-map and out-map
    must be of the same group.

    Raises ValueError or TypeError, before any work, for shapes and numbers that do not fit.
    Source: 11-785 "CNN III", "Pseudocode: Vector notation" and the formula for z(l, n, x, y).
    """
    geometry = conv_geometry(y, w, stride, padding, dilation, groups)
    _check_bias(b, w.shape[0])
    same_dtype(y=y, w=w, b=b)
    windows = geometry.windows(geometry.pad(y))
    z = np.empty((y.shape[0], w.shape[0], *geometry.out), y.dtype)
    for maps_in, maps_out in geometry.group_slices(y.shape[1], w.shape[0]):
        # (T, H_out, W_out, N): the sum over m, i, j is one matrix product
        sums = np.tensordot(windows[:, maps_in], w[maps_out], axes=((1, 4, 5), (1, 2, 3)))
        z[:, maps_out] = np.moveaxis(sums, 3, 1)
    return z if b is None else z + b[:, None, None]


def conv_backward(
    dz: Array,
    y: Array,
    w: Array,
    b: Array | None = None,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> tuple[Array, Array, Array | None]:
    """The gradients of Div by y, w and b, given dz = dDiv/dz.

    dy[t, m, S*r + i, S*c + j] += w[n, m, i, j] * dz[t, n, r, c]
    dw[n, m, i, j]             += y[t, m, S*r + i, S*c + j] * dz[t, n, r, c]
    db[n]                      += dz[t, n, r, c]

    dz (T, N, H_out, W_out), the rest as in `conv_forward`  ->  dy, dw, db with the shapes of y, w, b
    (`db` is None when `b` is). Elements of y that no filter position reaches get 0.

    Raises ValueError or TypeError, before any work, for shapes and numbers that do not fit.
    Source: 11-785 "CNN III", the derivatives by Y(l-1, m) and by w_l(m, n).
    """
    geometry = conv_geometry(y, w, stride, padding, dilation, groups)
    _check_bias(b, w.shape[0])
    expected = (y.shape[0], w.shape[0], *geometry.out)
    if floats("dz", dz, "T N H_out W_out").shape != expected:
        raise ValueError(f"`dz` has shape {dz.shape}; forward's output has shape {expected}")
    same_dtype(dz=dz, y=y, w=w, b=b)
    padded = geometry.pad(y)
    windows = geometry.windows(padded)
    dpadded, dw = np.zeros(padded.shape, y.dtype), np.empty(w.shape, w.dtype)
    for maps_in, maps_out in geometry.group_slices(y.shape[1], w.shape[0]):
        dw[maps_out] = np.tensordot(
            dz[:, maps_out], windows[:, maps_in], axes=((0, 2, 3), (0, 2, 3))
        )
        for i, j in np.ndindex(*geometry.kernel):
            sums = np.tensordot(dz[:, maps_out], w[maps_out, :, i, j], axes=((1,), (0,)))
            geometry.met_by(dpadded, i, j)[:, maps_in] += np.moveaxis(sums, 3, 1)
    db = None if b is None else dz.sum(axis=(0, 2, 3))
    return np.ascontiguousarray(geometry.crop(dpadded)), dw, db
