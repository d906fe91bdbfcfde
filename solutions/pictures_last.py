"""The step of training with pictures last: arrays (M, H, W, T) instead of (T, M, H, W).

`Network.loss` takes this way where the backend is `tiles` and each row has a form of this kind. Then
the vectors' lanes are pictures (`kernels.tiles_pictures`), and a batch is turned once, not in each
layer. What the rows of `network` check at each call is checked here once, for a batch's shape.

A row here is like a `Layer`: forward(y, params) -> z, kept and backward(dz, kept, params, wanted) ->
dy, gradients, where dy is None unless it is `wanted`. y is (M, H, W, T), or (M, T) when flat.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from solutions.arguments import Array, pair
from solutions.conv import conv_geometry
from solutions.kernels import steps, tiles_pictures, tiles_pool, tiles_toom
from solutions.kernels.geometry import Geometry
from solutions.kernels.tiles_host import host
from solutions.kernels.tiles_winograd import fits as fits_winograd
from solutions.losses import cross_entropy_with_gradient
from solutions.network import Kept, Layer, Params

Shape = tuple[int, ...]
Forward = Callable[[Array, Params], tuple[Array, Kept]]
Backward = Callable[[Array, Kept, Params, bool], tuple[Array | None, Params]]


@dataclass(frozen=True)
class Row:
    """One row, for arrays of one shape."""

    names: tuple[str, ...]  # of its parameters, before and behind the dot
    forward: Forward
    backward: Backward


class NoForm(Exception):
    """A row, or its shape, has no form with pictures last: the usual way is right, or faster."""


# ----- the rows: (layer, shape of y, dtype) -> forward, backward, shape of z -----

Made = tuple[Forward, Backward, Shape]


def conv(layer: Layer, shape: Shape, like: Array) -> Made:
    """Not for 3 x 3 filters of many maps, where Winograd's way is faster, nor for large in-maps."""
    M, H, W, T = _axes(shape, 4)
    y, w = np.broadcast_to(like, (T, M, H, W)), np.broadcast_to(like, layer.shapes["w"])
    geometry, N = conv_geometry(y, w, None, *settings_of(layer)), len(w)
    lanes = host().register // like.itemsize
    if geometry.groups > 1 or 0 in shape or fits_winograd(geometry, M, N, lanes):
        raise NoForm
    if not tiles_pictures.near(shape, geometry.kernel, like):
        raise NoForm
    if tiles_toom.fits(geometry, M, N):
        return *_conv_by_points(geometry), (N, *geometry.out, T)

    def forward(y: Array, p: Params) -> tuple[Array, Kept]:
        return tiles_pictures.forward(y, p["w"], p["b"], geometry), y

    def backward(dz: Array, y: Kept, p: Params, wanted: bool) -> tuple[Array | None, Params]:
        dw = tiles_pictures.backward_w(dz, y, geometry)
        dy = tiles_pictures.backward_y(dz, p["w"], geometry) if wanted else None
        return dy, {"w": dw, "b": _db(dz)}

    return forward, backward, (N, *geometry.out, T)


def _conv_by_points(geometry: Geometry) -> tuple[Forward, Backward]:
    """The same for 5-wide filters, with fewer products."""

    def forward(y: Array, p: Params) -> tuple[Array, Kept]:
        return tiles_toom.forward(y, p["w"], p["b"], geometry)

    def backward(dz: Array, u: Kept, p: Params, wanted: bool) -> tuple[Array | None, Params]:
        dy, dw = tiles_toom.backward(dz, u, p["w"], geometry, wanted)
        return dy, {"w": dw, "b": _db(dz)}

    return forward, backward


def affine(layer: Layer, shape: Shape, like: Array) -> Made:
    """All three products read rows that lie in memory as BLAS likes them."""
    (M, T), (N, per_row) = _axes(shape, 2), layer.shapes["w"]
    if M != per_row:
        raise NoForm

    def forward(y: Array, p: Params) -> tuple[Array, Kept]:
        z = p["w"] @ y
        z += p["b"][:, None]
        return z, y

    def backward(dz: Array, y: Kept, p: Params, wanted: bool) -> tuple[Array | None, Params]:
        dy = p["w"].T @ dz if wanted else None
        return dy, {"w": dz @ y.T, "b": _db(dz)}

    return forward, backward, (N, T)


def relu(layer: Layer, shape: Shape, like: Array) -> Made:
    """As it is, element by element; backward needs only where the output is above 0."""

    def forward(y: Array, p: Params) -> tuple[Array, Kept]:
        z = np.clip(y, 0, np.inf)
        return z, z

    def backward(dz: Array, z: Kept, p: Params, wanted: bool) -> tuple[Array | None, Params]:
        return dz * (z > 0), {}

    return forward, backward, shape


def relu_max_pool(layer: Layer, shape: Shape, like: Array) -> Made:
    """Both in one, for windows side by side."""
    size, stride, padding = settings_of(layer)
    KH, KW = size = pair("size", size)
    M, H, W, T = _axes(shape, 4)
    beside = stride is None or pair("stride", stride) == size
    if not beside or padding != 0 or max(size) > tiles_pool.LARGEST or KH > H or KW > W:
        raise NoForm

    def forward(y: Array, p: Params) -> tuple[Array, Kept]:
        return tiles_pool.relu_max_pool(y, size)

    def backward(dz: Array, winner: Kept, p: Params, wanted: bool) -> tuple[Array | None, Params]:
        return tiles_pool.relu_max_pool_backward(dz, winner, shape, size), {}

    return forward, backward, (M, H // KH, W // KW, T)


def flatten(layer: Layer, shape: Shape, like: Array) -> Made:
    """Nothing moves: with pictures last, the maps are one long column already."""
    flat = int(np.prod(shape[:-1])), shape[-1]

    def forward(y: Array, p: Params) -> tuple[Array, Kept]:
        return y.reshape(flat), None

    def backward(dz: Array, kept: Kept, p: Params, wanted: bool) -> tuple[Array | None, Params]:
        return dz.reshape(shape), {}

    return forward, backward, flat


MAKERS = {
    "conv": conv,
    "affine": affine,
    "relu": relu,
    "relu max_pool": relu_max_pool,
    "flatten": flatten,
}


def _db(dz: Array) -> Array:
    """db[n] = the sum of dz over positions and pictures; see `conv.bias_gradient`."""
    return np.asarray(np.einsum("np->n", dz.reshape(len(dz), -1)))


def settings_of(layer: Layer) -> tuple[Any, ...]:
    """As they were given to the row's factory."""
    return layer.does.settings if layer.does is not None else ()


def _axes(shape: Shape, count: int) -> Shape:
    if len(shape) != count:
        raise NoForm
    return shape


# ----- the network -----


def together(layers: Sequence[Layer]) -> list[tuple[str, Layer]]:
    """The rows and what each does; ReLU before max pooling is one with it."""
    kinds = [layer.kind() for layer in layers]
    found: list[tuple[str, Layer]] = []
    for kind, before, layer in zip(kinds, ["", *kinds], layers, strict=False):
        if (before, kind) == ("relu", "max_pool"):
            found[-1] = "relu max_pool", layer
        else:
            found.append((kind, layer))
    return found


def rows_for(layers: Sequence[Layer], shape: Shape, dtype: Any) -> list[Row] | None:
    """The rows for batches (T, M, H, W) of this shape, or None: then the usual way is to be taken.

    They are tried once, on zeros: whatever cannot be compiled here fails now.
    """
    like, size = np.zeros((), dtype), (*shape[1:], shape[0])
    if not tiles_pictures.fits(shape[0], like):
        return None
    rows = []
    try:
        for kind, layer in together(layers):
            if kind not in MAKERS:
                return None
            forward, backward, size = MAKERS[kind](layer, size, like)
            rows.append(Row((layer.name, *layer.shapes), forward, backward))
    except (NoForm, ValueError):  # the usual way says what is wrong
        return None
    if len(size) < 2 or 0 in size:
        return None
    _try(layers, rows, shape, size, like)
    return rows


def _try(layers: Sequence[Layer], rows: list[Row], shape: Shape, size: Shape, like: Array) -> None:
    params = {
        f"{layer.name}.{name}": np.zeros(shape, like.dtype)
        for layer in layers
        for name, shape in layer.shapes.items()
    }
    target = np.zeros((size[-1], *size[1:-1]), np.int64)
    loss(rows, params, np.zeros(shape, like.dtype), target)


def loss(rows: list[Row], params: Params, image: Array, target: Array) -> tuple[float, Params]:
    """The mean cross-entropy of a batch (T, M, H, W), and its gradient by every parameter."""
    own = [{name: params[f"{row.names[0]}.{name}"] for name in row.names[1:]} for row in rows]
    # A batch is new to the caches. What is read in one run, as by a copy, comes from memory several
    # times as fast as what is read here and there.
    y, trace = tiles_pictures.turned(np.array(image, order="C")), []
    for row, p in zip(rows, own, strict=True):
        y, kept = row.forward(y, p)
        trace.append(kept)
    loss, dz = cross_entropy(y, target)
    dy: Array | None = dz
    gradients: Params = {}
    for k in reversed(range(len(rows))):
        assert dy is not None  # only the first row's is not wanted
        dy, found = rows[k].backward(dy, trace[k], own[k], k > 0)
        gradients.update({f"{rows[k].names[0]}.{name}": g for name, g in found.items()})
    return loss, {name: gradients[name] for name in params if name in gradients}


def cross_entropy(z: Array, target: Array) -> tuple[float, Array]:
    """The loss and its gradient, for z (C, T) or (C, H, W, T) and target (T,) or (T, H, W)."""
    C, *places, T = z.shape
    if isinstance(target, np.ndarray) and target.shape == (T, *places) and target.dtype == np.int64:
        dz = np.empty_like(z)
        flat = np.ascontiguousarray(np.moveaxis(target, 0, -1)).reshape(-1)
        loss = steps.cross_entropy(z.reshape(C, -1), dz.reshape(C, -1), flat)
        if loss != steps.OUTSIDE:
            return loss, dz
    loss, dz = cross_entropy_with_gradient(
        np.moveaxis(z, -1, 0), target
    )  # or it says what is wrong
    return loss, np.ascontiguousarray(np.moveaxis(dz, 0, -1))
