"""The backends: the same layers, computed in different ways. `solutions.backend` chooses one.

A backend is a module with the functions of `Backend`. They take arguments that a layer has checked
(C-contiguous arrays of one dtype, and a `Geometry`), so none of them repeats a check. They only
read their arguments, and what they return is fresh.
"""

from typing import Protocol

from solutions.arguments import Array
from solutions.kernels.geometry import Geometry

Shape = tuple[int, ...]


class Backend(Protocol):
    """What each backend can do; the convolution is linear in y and in w, hence three of its kind."""

    def forward(self, y: Array, w: Array, b: Array, geometry: Geometry) -> Array:
        """z (T, N, H_out, W_out) of y (T, M, H, W), w (N, M/groups, KH, KW) and b (N,)."""

    def backward_y(self, dz: Array, w: Array, geometry: Geometry) -> Array:
        """dy (T, M, H, W): the adjoint of forward as a function of y."""

    def backward_w(self, dz: Array, y: Array, geometry: Geometry) -> Array:
        """dw (N, M/groups, KH, KW): the adjoint of forward as a function of w."""

    def max_pool(self, y: Array, geometry: Geometry) -> tuple[Array, Array]:
        """z and pidx (T, M, H_out, W_out): the winner of each window, and where in the map it is."""

    def max_pool_backward(self, dz: Array, pidx: Array, shape: Shape) -> Array:
        """dy of shape `shape`: each dz is added at its winner."""

    def mean_pool(self, y: Array, count: Array, geometry: Geometry) -> Array:
        """z (T, M, H_out, W_out): each window's sum, divided by count (H_out, W_out)."""

    def mean_pool_backward(self, dz: Array, count: Array, geometry: Geometry) -> Array:
        """dy (T, M, H, W): the adjoint of `mean_pool`."""
