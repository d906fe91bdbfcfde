"""Resampling: drop rows and columns, or put zeros between neighbours; each is a layer of its own.

A convolution or a pool with a stride is the same thing with stride 1, followed by `downsample`; so
its backward is `downsample_backward` first, and then the backward with stride 1.

T pictures of M maps with H rows and W columns; F is `factor`, of rows and of columns each its own.
Without zeros: the small map, (H - 1)//F + 1 rows. With zeros: the large one, F*(H - 1) + 1 rows.
"""

import numpy as np

from solutions.arguments import Array, IntOrPair, Pair, expect_shape, floats, full_shape, pair


def _keep(y: Array, factors: Pair) -> Array:
    """Every F-th row and column, from the first on."""
    return y[:, :, :: factors[0], :: factors[1]].copy()


def _spread(z: Array, factors: Pair, size: Pair) -> Array:
    """Maps of `size` that hold z at every F-th row and column and zeros elsewhere."""
    y = np.zeros((*z.shape[:2], *size), z.dtype)
    y[:, :, :: factors[0], :: factors[1]] = z
    return y


def _check_maps(name: str, shape: tuple[int, ...]) -> None:
    if 0 in shape[2:]:
        raise ValueError(f"`{name}` (={shape}): a map must have at least one row and one column")


def _dropped(shape: tuple[int, ...], factors: Pair) -> tuple[int, ...]:
    """The shape of downsample's output: (T, M, (H - 1)//F + 1, (W - 1)//F + 1)."""
    H, W = ((size - 1) // F + 1 for size, F in zip(shape[2:], factors, strict=True))
    return (*shape[:2], H, W)


def downsample_forward(y: Array, factor: IntOrPair) -> Array:
    """z[t, m, r, c] = y[t, m, F*r, F*c]: of every F rows and columns, the first stays.

    y (T, M, H, W)  ->  z (T, M, (H - 1)//F + 1, (W - 1)//F + 1), fresh, of y's dtype. `factor` is
    an int or (rows, columns).

    Raises ValueError or TypeError, before any work, for a factor below 1 and maps without elements.
    Source: 11-785 "CNN III", "The Downsampling Layer".
    """
    factors = pair("factor", factor)
    _check_maps("y.shape", floats("y", y, "T M H W").shape)
    return _keep(y, factors)


def downsample_backward(dz: Array, shape: tuple[int, ...], factor: IntOrPair) -> Array:
    """dy[t, m, F*r, F*c] = dz[t, m, r, c], and 0 for what was dropped.

    dz (T, M, (H - 1)//F + 1, (W - 1)//F + 1), `shape` of y: (T, M, H, W)  ->  dy of that shape.
    `shape` must be given: up to F - 1 rows and columns after the last that stayed were dropped too,
    and dz does not tell how many. Up to these (zeros) it is `upsample_forward(dz, factor)`.

    Raises ValueError or TypeError, before any work, for shapes that do not fit.
    Source: 11-785 "CNN III", "* with resampling"; the lecture stops before its derivation.
    """
    factors = pair("factor", factor)
    T, M, H, W = full_shape("shape", shape, "T M H W")
    _check_maps("shape", (T, M, H, W))
    floats("dz", dz, "T M H_out W_out")
    reason = f"forward's output for `shape` (={(T, M, H, W)}) and `factor` (={factor!r})"
    expect_shape("dz", dz, _dropped((T, M, H, W), factors), reason)
    return _spread(dz, factors, (H, W))


def upsample_forward(y: Array, factor: IntOrPair) -> Array:
    """z[t, m, F*r, F*c] = y[t, m, r, c], with F - 1 rows and columns of zeros between neighbours.

    y (T, M, H, W)  ->  z (T, M, F*(H - 1) + 1, F*(W - 1) + 1), fresh, of y's dtype: zeros between
    neighbours only, none after the last. `factor` is an int or (rows, columns).

    It is the adjoint of downsample on maps of just this size: <upsample(y), v> = <y, downsample(v)>.

    Raises ValueError or TypeError, before any work, for a factor below 1 and maps without elements.
    Source: 11-785 "CNN III", "The Upsampling Layer" (which has S - 1 rows "for every map").
    """
    factors = pair("factor", factor)
    _check_maps("y.shape", floats("y", y, "T M H W").shape)
    H, W = (F * (size - 1) + 1 for size, F in zip(y.shape[2:], factors, strict=True))
    return _spread(y, factors, (H, W))


def upsample_backward(dz: Array, factor: IntOrPair) -> Array:
    """dy[t, m, r, c] = dz[t, m, F*r, F*c]: the gradient of an inserted zero goes nowhere.

    dz (T, M, F*(H - 1) + 1, F*(W - 1) + 1)  ->  dy (T, M, H, W). It is `downsample_forward`.

    Raises ValueError or TypeError, before any work, for a dz whose size is not F*(H - 1) + 1.
    Source: 11-785 "CNN III", "* with resampling"; the lecture stops before its derivation.
    """
    factors = pair("factor", factor)
    _check_maps("dz.shape", floats("dz", dz, "T M H_out W_out").shape)
    for axis, size, F in zip("HW", dz.shape[2:], factors, strict=True):
        if (size - 1) % F:
            raise ValueError(
                f"`dz` has shape {dz.shape}: forward with `factor` (={factor!r}) puts out "
                f"{F}*({axis} - 1) + 1 {'rows' if axis == 'H' else 'columns'}, never {size}"
            )
    return _keep(dz, factors)
