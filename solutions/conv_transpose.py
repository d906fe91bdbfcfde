"""The transposed convolution: forward is what conv's backward does to dz, and backward undoes it.

Each y[t, m, r, c] stamps its filter, times y, onto z; stamps that overlap add up. So it is the
adjoint of the convolution that reads z and writes y, and all three of its maps are that one's:

    forward     is that convolution's backward by its input
    dy          is its forward
    dw          is its backward by w, with dz in the place of the input

T pictures, M in-maps, N out-maps; y (T, M, H, W), w (M, N/groups, KH, KW), z (T, N, H_out, W_out)
with H_out = stride*(H-1) + dilation*(KH-1) + 1 - top - bottom + output_padding, W_out likewise.
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
from solutions.conv import bias_gradient, check_bias, check_filters
from solutions.kernels.geometry import Geometry, reach


def _size(
    axis: str, y: Array, w: Array, S: int, D: int, border: Pair, more: int, padding: object
) -> int:
    """The output's size along one axis; ValueError where nothing comes out."""
    at = "HW".index(axis) + 2
    places, k = int(y.shape[at]), int(w.shape[at])
    if not places:
        raise ValueError(f"`y` has shape {y.shape}; {axis} must be at least 1")
    size = S * (places - 1) + reach(k, D) - sum(border) + more
    if size < 1:
        raise ValueError(
            f"`padding` (={padding!r}) leaves {axis}_out = {size}; at least 1 is needed"
        )
    return size


def transposed_geometry(
    y: Array,
    w: Array,
    b: Array | None,
    stride: IntOrPair,
    padding: Padding,
    output_padding: IntOrPair,
    dilation: IntOrPair,
    groups: int,
) -> Geometry:
    """Check the arguments; the geometry is that of the convolution which reads z and writes y."""
    floats("y", y, "T M H W")
    check_filters(floats("w", w, "M N KH KW"))
    (SH, SW), (DH, DW) = pair("stride", stride), pair("dilation", dilation)
    rows, columns = margins("padding", padding)
    more = pair("output_padding", output_padding, 0)
    if more[0] >= max(SH, DH) or more[1] >= max(SW, DW):
        raise ValueError(
            f"`output_padding` (={output_padding!r}) must be below the larger of "
            f"`stride` (={stride!r}) and `dilation` (={dilation!r})"
        )
    M, groups = y.shape[1], whole("groups", groups, 1)
    if M % groups:
        raise ValueError(f"`groups` (={groups}) must divide the number of in-maps (={M})")
    if w.shape[0] != M:
        raise ValueError(
            f"`w` has shape {w.shape}: it is for {w.shape[0]} in-maps, but `y` of shape {y.shape} "
            f"has {M}"
        )
    size = (
        _size("H", y, w, SH, DH, rows, more[0], padding),
        _size("W", y, w, SW, DW, columns, more[1], padding),
    )
    check_bias(b, w.shape[1] * groups)
    (H, W), (KH, KW) = y.shape[2:], w.shape[2:]
    return Geometry(size, (KH, KW), (SH, SW), (DH, DW), rows, columns, (H, W), groups)


def conv_transpose_forward(
    y: Array,
    w: Array,
    b: Array | None = None,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    output_padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> Array:
    """z[t, n, S*r + i, S*c + j] = b[n] + the sum of all w[m, n, i, j] * y[t, m, r, c] that fall there.

    y (T, M, H, W), w (M, N/groups, KH, KW), b (N,)  ->  z (T, N, H_out, W_out), fresh, of y's dtype.
    `padding` takes rows and columns away at z's border; `output_padding` adds some below and to
    the right, which get the stamps that fall there (and the bias): with a stride, several sizes of
    z have the same H, and it says which is meant. `dilation` D stamps at S*r + D*i.

    Raises ValueError or TypeError, before any work, for shapes and numbers that do not fit;
    `output_padding` must be below the larger of stride and dilation.
    Source: 11-785 "CNN III", "The Upsampling Layer" names it; Dumoulin and Visin 2016
    (arXiv:1603.07285), chapter 4, has the arithmetic.
    """
    geometry = transposed_geometry(y, w, b, stride, padding, output_padding, dilation, groups)
    same_dtype(y=y, w=w, b=b)
    z = backend().backward_y(for_kernels(y), for_kernels(w), geometry)
    if b is not None:
        z += b[:, None, None]
    return z


def conv_transpose_backward(
    dz: Array,
    y: Array,
    w: Array,
    b: Array | None = None,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    output_padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> tuple[Array, Array, Array | None]:
    """The gradients of Div by y, w and b, given dz = dDiv/dz.

    dy[t, m, r, c]  += w[m, n, i, j] * dz[t, n, S*r + i, S*c + j]
    dw[m, n, i, j]  += y[t, m, r, c] * dz[t, n, S*r + i, S*c + j]
    db[n]           += dz[t, n, r, c]

    dz (T, N, H_out, W_out), the rest as in `conv_transpose_forward`  ->  dy, dw, db with the shapes
    of y, w, b (`db` is None when `b` is).

    Raises ValueError or TypeError, before any work, for shapes and numbers that do not fit.
    Source: as for `conv_transpose_forward`; dy is the plain convolution of dz by w.
    """
    geometry = transposed_geometry(y, w, b, stride, padding, output_padding, dilation, groups)
    floats("dz", dz, "T N H_out W_out")
    expected = (y.shape[0], w.shape[1] * geometry.groups, *geometry.size)
    expect_shape("dz", dz, expected, "forward's output")
    same_dtype(dz=dz, y=y, w=w, b=b)
    dz, w, kernels = for_kernels(dz), for_kernels(w), backend()
    dy = kernels.forward(dz, w, np.zeros(w.shape[0], w.dtype), geometry)
    dw = kernels.backward_w(for_kernels(y), dz, geometry)
    return dy, dw, None if b is None else bias_gradient(dz)
