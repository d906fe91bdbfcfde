"""The convolutional layer's affine maps: forward and backward, as a pair.

The lecture's "convolution" is what signal processing calls cross-correlation: no flip in forward.

T pictures, M in-maps, N out-maps; y (T, M, H, W), w (N, M/groups, KH, KW), z (T, N, H_out, W_out)
with H_out = (H + top + bottom - dilation*(KH-1) - 1) // stride + 1, and W_out likewise.
"""

import numpy as np

from solutions.arguments import (
    Array,
    IntOrPair,
    Padding,
    Pair,
    expect_shape,
    floats,
    for_kernels,
    margins,
    pair,
    same_dtype,
    whole,
)
from solutions.backend import backend
from solutions.kernels.geometry import Geometry, places, reach

RowPadding = int | tuple[int, int]  # left, right


def check_groups(groups: object, M: int, N: int) -> int:
    """`groups` if it divides the maps that go in and those that come out."""
    number = whole("groups", groups, 1)
    if M % number or N % number:
        raise ValueError(
            f"`groups` (={groups}) must divide the number of in-maps (={M}) and of out-maps (={N})"
        )
    return number


def check_filters(w: Array) -> None:
    """There is a filter, and something in it."""
    if not w.size:
        raise ValueError(f"`w` has shape {w.shape}; no size of the filters may be 0")


def check_planes(w: Array, y: Array, groups: int) -> None:
    """Each filter has as many planes as its group has in-maps."""
    if w.shape[1] != y.shape[1] // groups:
        raise ValueError(
            f"`w` has shape {w.shape}: each filter has {w.shape[1]} planes, but `y` of shape "
            f"{y.shape} with `groups` (={groups}) needs {y.shape[1] // groups}"
        )


def check_bias(b: Array | None, N: int) -> None:
    """One bias for each out-map, or none at all."""
    if b is not None and floats("b", b, "N").shape != (N,):
        raise ValueError(f"`b` has shape {b.shape}; one bias for each of the {N} filters is needed")


def fit(axis: str, w: Array, size: int, k: int, stride: int, dilation: int, border: Pair) -> int:
    """How many places the filter has along one axis; ValueError when it has none."""
    if reach(k, dilation) > size + sum(border):
        raise ValueError(
            f"`w` has shape {w.shape}: with `dilation` (={dilation!r}) its K{axis} reaches over "
            f"{reach(k, dilation)} elements, but the padded map has "
            f"{size + sum(border)}"
        )
    return places(size, k, stride, dilation, border)


def conv_geometry(
    y: Array,
    w: Array,
    b: Array | None,
    stride: IntOrPair,
    padding: Padding,
    dilation: IntOrPair,
    groups: int,
) -> Geometry:
    """Check the arguments of a convolution and work out its output size."""
    floats("y", y, "T M H W")
    check_filters(floats("w", w, "N M KH KW"))
    (SH, SW), (DH, DW) = pair("stride", stride), pair("dilation", dilation)
    rows, columns = margins("padding", padding)
    groups = check_groups(groups, y.shape[1], w.shape[0])
    check_planes(w, y, groups)
    (H, W), (KH, KW) = y.shape[2:], w.shape[2:]
    out = fit("H", w, H, KH, SH, DH, rows), fit("W", w, W, KW, SW, DW, columns)
    check_bias(b, w.shape[0])
    return Geometry((H, W), (KH, KW), (SH, SW), (DH, DW), rows, columns, out, groups)


def conv1d_geometry(
    y: Array,
    w: Array,
    b: Array | None,
    stride: int,
    padding: RowPadding,
    dilation: int,
    groups: int,
) -> Geometry:
    """The same along one axis: a map of one row."""
    floats("y", y, "T M W")
    check_filters(floats("w", w, "N M KW"))
    S, D = whole("stride", stride, 1), whole("dilation", dilation, 1)
    border = pair("padding", padding, 0)
    groups = check_groups(groups, y.shape[1], w.shape[0])
    check_planes(w, y, groups)
    W, KW = y.shape[2], w.shape[2]
    out = 1, fit("W", w, W, KW, S, D, border)
    check_bias(b, w.shape[0])
    return Geometry((1, W), (1, KW), (1, S), (1, D), (0, 0), border, out, groups)


def _forward(y: Array, w: Array, b: Array | None, geometry: Geometry) -> Array:
    bias = np.zeros(w.shape[0], y.dtype) if b is None else for_kernels(b)
    return backend().forward(for_kernels(y), for_kernels(w), bias, geometry)


def bias_gradient(dz: Array) -> Array:
    """db[n] = the sum of dz over pictures and positions; einsum adds up faster than sum here."""
    T, N, H_out, W_out = dz.shape
    return np.asarray(np.einsum("tnp->n", dz.reshape(T, N, H_out * W_out)))


def _backward(
    dz: Array, y: Array, w: Array, b: Array | None, geometry: Geometry
) -> tuple[Array, Array, Array | None]:
    dz, kernels = for_kernels(dz), backend()
    dy = kernels.backward_y(dz, for_kernels(w), geometry)
    dw = kernels.backward_w(dz, for_kernels(y), geometry)
    return dy, dw, None if b is None else bias_gradient(dz)


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
    must be of the same group. stride, padding and dilation count elements of y.

    Raises ValueError or TypeError, before any work, for shapes and numbers that do not fit.
    Source: 11-785 "CNN III", "Pseudocode: Vector notation" and the formula for z(l, n, x, y).
    """
    geometry = conv_geometry(y, w, b, stride, padding, dilation, groups)
    same_dtype(y=y, w=w, b=b)
    return _forward(y, w, b, geometry)


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
    geometry = _checked(dz, y, w, b, stride, padding, dilation, groups)
    return _backward(dz, y, w, b, geometry)


def conv_backward_params(
    dz: Array,
    y: Array,
    w: Array,
    b: Array | None = None,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> tuple[Array, Array | None]:
    """`conv_backward` without dy: for a network's first row, whose y are pictures.

    Nothing needs the gradient by the pictures in training, and it costs as much as forward does.
    """
    geometry = _checked(dz, y, w, b, stride, padding, dilation, groups)
    dz = for_kernels(dz)
    dw = backend().backward_w(dz, for_kernels(y), geometry)
    return dw, None if b is None else bias_gradient(dz)


def _checked(
    dz: Array,
    y: Array,
    w: Array,
    b: Array | None,
    stride: IntOrPair,
    padding: Padding,
    dilation: IntOrPair,
    groups: int,
) -> Geometry:
    """Check backward's arguments."""
    geometry = conv_geometry(y, w, b, stride, padding, dilation, groups)
    floats("dz", dz, "T N H_out W_out")
    expect_shape("dz", dz, (y.shape[0], w.shape[0], *geometry.out), "forward's output")
    same_dtype(dz=dz, y=y, w=w, b=b)
    return geometry


def conv1d_forward(
    y: Array,
    w: Array,
    b: Array | None = None,
    stride: int = 1,
    padding: RowPadding = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Array:
    """z[t, n, c] = b[n] + sum over m, j of w[n, m, j] * y[t, m, S*c + j]: the time-delay network.

    y (T, M, W), w (N, M/groups, KW), b (N,)  ->  z (T, N, W_out), fresh, of y's dtype, with
    W_out = (W + left + right - dilation*(KW-1) - 1) // stride + 1. `padding` is an int or
    (left, right); the rest as in `conv_forward`. The axis W is time in the lecture.

    Raises ValueError or TypeError, before any work, for shapes and numbers that do not fit.
    Source: 11-785 "CNN III", "Story so far": a 1-D scan along time is a time-delay neural network.
    """
    geometry = conv1d_geometry(y, w, b, stride, padding, dilation, groups)
    same_dtype(y=y, w=w, b=b)
    return _forward(y[:, :, None], w[:, :, None], b, geometry)[:, :, 0]


def conv1d_backward(
    dz: Array,
    y: Array,
    w: Array,
    b: Array | None = None,
    stride: int = 1,
    padding: RowPadding = 0,
    dilation: int = 1,
    groups: int = 1,
) -> tuple[Array, Array, Array | None]:
    """The gradients of Div by y, w and b, given dz = dDiv/dz.

    dy[t, m, S*c + j] += w[n, m, j] * dz[t, n, c]
    dw[n, m, j]       += y[t, m, S*c + j] * dz[t, n, c]
    db[n]             += dz[t, n, c]

    dz (T, N, W_out), the rest as in `conv1d_forward`  ->  dy, dw, db with the shapes of y, w, b
    (`db` is None when `b` is).

    Raises ValueError or TypeError, before any work, for shapes and numbers that do not fit.
    Source: 11-785 "CNN III", the derivatives by Y(l-1, m) and by w_l(m, n), with one row.
    """
    geometry = conv1d_geometry(y, w, b, stride, padding, dilation, groups)
    floats("dz", dz, "T N W_out")
    expect_shape("dz", dz, (y.shape[0], w.shape[0], geometry.out[1]), "forward's output")
    same_dtype(dz=dz, y=y, w=w, b=b)
    dy, dw, db = _backward(dz[:, :, None], y[:, :, None], w[:, :, None], b, geometry)
    return dy[:, :, 0], dw[:, :, 0], db
