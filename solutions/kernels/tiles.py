"""The `tiles` backend (guard to follow)."""

from solutions.arguments import Array
from solutions.kernels import im2col, tiles_layers
from solutions.kernels.geometry import Geometry
from solutions.kernels.tiles_pool import (
    max_pool,
    max_pool_backward,
    mean_pool,
    mean_pool_backward,
)

__all__ = [
    "backward_w",
    "backward_y",
    "forward",
    "max_pool",
    "max_pool_backward",
    "mean_pool",
    "mean_pool_backward",
]


def fits(geometry: Geometry, *arrays: Array) -> bool:
    return geometry.groups == 1 and all(a.size for a in arrays) and 0 not in geometry.size


def forward(y: Array, w: Array, b: Array, geometry: Geometry) -> Array:
    go = tiles_layers if fits(geometry, y, w) else im2col
    return go.forward(y, w, b, geometry)


def backward_y(dz: Array, w: Array, geometry: Geometry) -> Array:
    go = tiles_layers if fits(geometry, dz, w) else im2col
    return go.backward_y(dz, w, geometry)


def backward_w(dz: Array, y: Array, geometry: Geometry) -> Array:
    go = tiles_layers if fits(geometry, dz, y) else im2col
    return go.backward_w(dz, y, geometry)
