"""Max and mean pooling: forward and backward, as pairs.

A window of `size` slides over each map; max keeps its largest element, mean their average. Backward
sends dz to the winner, or to all in equal shares. pidx is what forward tells backward of max.

T pictures, M maps; y (T, M, H, W), z (T, M, H_out, W_out) with
H_out = (H + top + bottom - dilation*(KH-1) - 1) // stride + 1 for size (KH, KW), W_out likewise.
`stride` is `size` when it is not given: the windows tile the map.
"""

import numpy as np

from solutions.arguments import (
    Array,
    IntOrPair,
    Padding,
    expect_shape,
    floats,
    for_kernels,
    full_shape,
    margins,
    pair,
)
from solutions.backend import backend
from solutions.kernels.geometry import Geometry, places, reach


def pool_geometry(
    shape: tuple[int, ...],
    size: IntOrPair,
    stride: IntOrPair | None,
    padding: Padding,
    dilation: IntOrPair = 1,
) -> Geometry:
    """Check the arguments of a pooling of maps of this shape and work out its output size."""
    kernel, dilations = pair("size", size), pair("dilation", dilation)
    strides = kernel if stride is None else pair("stride", stride)
    borders = margins("padding", padding)
    out = []
    for axis, H, K, S, D, border in zip(
        "HW", shape[2:], kernel, strides, dilations, borders, strict=True
    ):
        if reach(K, D) > H + sum(border):
            raise ValueError(
                f"`size` (={size!r}) with `dilation` (={dilation!r}) reaches over {reach(K, D)} "
                f"elements, but {axis} of the padded map is {H + sum(border)}"
            )
        out.append(places(H, K, S, D, border))
    return Geometry(shape[2:], kernel, strides, dilations, *borders, (out[0], out[1]))  # type: ignore[arg-type]


def refuse_windows_in_the_padding(geometry: Geometry, padding: Padding) -> None:
    """Such a window has nothing to choose from, and no mean."""
    if not geometry.counts().all():
        raise ValueError(f"`padding` (={padding!r}): a window lies wholly in the padding")


def max_pool_forward(
    y: Array,
    size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
) -> tuple[Array, Array]:
    """z[t, m, r, c] = the largest of y[t, m, S*r + D*i, S*c + D*j]; pidx says where it is.

    y (T, M, H, W)  ->  z and pidx (T, M, H_out, W_out), fresh, z of y's dtype and pidx int64: the
    flat index row*W + column into the map y[t, m], without padding. Of equals the first wins, in
    row-major order of the window; NaN is larger than anything, and the first NaN wins. Padding is
    never a winner. size, stride, padding and dilation count elements of y.

    Raises ValueError or TypeError, before any work, for shapes and numbers that do not fit;
    `padding` may be half of the window's reach, dilation*(K-1) + 1, and leave no window empty.
    Source: 11-785 "CNN III", "Max Pooling layer at layer l": pidx keeps track of the maximum.
    """
    floats("y", y, "T M H W")
    geometry = pool_geometry(y.shape, size, stride, padding, dilation)
    for border, K, D in zip(
        (geometry.rows, geometry.columns), geometry.kernel, geometry.dilation, strict=True
    ):
        if max(border) > reach(K, D) // 2:
            raise ValueError(
                f"`padding` (={padding!r}) must be at most half of the window's reach (={reach(K, D)})"
            )
    refuse_windows_in_the_padding(geometry, padding)
    return backend().max_pool(for_kernels(y), geometry)


def max_pool_backward(dz: Array, pidx: Array, shape: tuple[int, ...]) -> Array:
    """dy[t, m].flat[pidx[t, m, r, c]] += dz[t, m, r, c]: each dz goes to its window's winner.

    dz and pidx (T, M, H_out, W_out), shape of y = (T, M, H, W)  ->  dy (T, M, H, W), fresh, of dz's
    dtype. An element that won several windows gets the sum, one that won none 0.

    Raises ValueError or TypeError, before any work, for shapes that do not fit, and for an index in
    pidx outside the map.
    Source: 11-785 "CNN III", "Derivative of max pooling layer at layer l".
    """
    floats("dz", dz, "T M H_out W_out")
    T, M, H, W = full_shape("shape", shape, "T M H W")
    if not isinstance(pidx, np.ndarray) or pidx.dtype.kind not in "iu":
        kind = pidx.dtype if isinstance(pidx, np.ndarray) else type(pidx).__name__
        raise TypeError(f"`pidx` must be an array of whole numbers, not {kind}")
    expect_shape("pidx", pidx, dz.shape, "`dz`")
    if dz.shape[:2] != (T, M):
        raise ValueError(f"`shape` (={shape!r}) must begin like the shape of `dz`, {dz.shape}")
    where = pidx.astype(np.int64, copy=False)
    # as unsigned numbers those below 0 are the largest: one look finds both kinds of outsiders
    if pidx.size and where.view(np.uint64).max() >= H * W:
        worst = pidx.min() if pidx.min() < 0 else pidx.max()
        raise ValueError(f"`pidx` holds {worst}; a map of {H} x {W} has 0 to {H * W - 1}")
    return backend().max_pool_backward(for_kernels(dz), for_kernels(where), (T, M, H, W))


def _count(
    geometry: Geometry, padding: Padding, count_padding: bool, dtype: np.dtype[np.floating]
) -> Array:
    """(H_out, W_out): by what each window's sum is divided."""
    if not isinstance(count_padding, bool | np.bool_):
        raise TypeError(f"`count_padding` (={count_padding!r}) must be True or False")
    if count_padding:
        return np.full(geometry.out, geometry.kernel[0] * geometry.kernel[1], dtype)
    refuse_windows_in_the_padding(geometry, padding)
    return geometry.counts().astype(dtype)


def mean_pool_forward(
    y: Array,
    size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: Padding = 0,
    count_padding: bool = True,
) -> Array:
    """z[t, m, r, c] = the mean of y[t, m, S*r + i, S*c + j] over the window's i, j.

    y (T, M, H, W)  ->  z (T, M, H_out, W_out), fresh, of y's dtype. Zeros in the padding count as
    elements; with `count_padding=False` the sum is divided by the number of y's own elements.
    size, stride and padding count elements of y.

    Raises ValueError or TypeError, before any work, for shapes and numbers that do not fit, and for
    a window wholly in the padding when that does not count.
    Source: 11-785 "CNN III", "Mean Pooling layer at layer l".
    """
    floats("y", y, "T M H W")
    geometry = pool_geometry(y.shape, size, stride, padding)
    count = _count(geometry, padding, count_padding, y.dtype)
    return backend().mean_pool(for_kernels(y), count, geometry)


def mean_pool_backward(
    dz: Array,
    shape: tuple[int, ...],
    size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: Padding = 0,
    count_padding: bool = True,
) -> Array:
    """dy[t, m, S*r + i, S*c + j] += dz[t, m, r, c] / count: each window's dz in equal shares.

    dz (T, M, H_out, W_out), shape of y = (T, M, H, W), the rest as in `mean_pool_forward`
    ->  dy (T, M, H, W), fresh, of dz's dtype.

    Raises ValueError or TypeError, before any work, for shapes and numbers that do not fit.
    Source: 11-785 "CNN III", "Derivative of mean pooling layer at layer l".
    """
    floats("dz", dz, "T M H_out W_out")
    full = full_shape("shape", shape, "T M H W")
    geometry = pool_geometry(full, size, stride, padding)
    count = _count(geometry, padding, count_padding, dz.dtype)
    expect_shape("dz", dz, (*full[:2], *geometry.out), "forward's output")
    return backend().mean_pool_backward(for_kernels(dz), count, geometry)
