"""Where a window meets a map: what forward and backward, and all backends, must agree on.

A window of KH x KW elements, `dilation` apart, slides in steps of `stride` over a map of H x W with
a border of zeros: `rows` (above, below) and `columns` (left, right). At place (r, c) its element
(i, j) meets the map's element (SH*r + DH*i - top, SW*c + DW*j - left).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from solutions.arguments import Array, Pair


@dataclass(frozen=True)
class Geometry:
    """The sizes of a sliding window and of the map below it, checked to fit."""

    size: Pair  # H, W: the map without its border
    kernel: Pair  # KH, KW
    stride: Pair
    dilation: Pair
    rows: Pair  # border elements above, below
    columns: Pair  # border elements left, right
    out: Pair  # H_out, W_out: how many places the window takes
    groups: int = 1

    @cached_property
    def numbers(self) -> tuple[int, int, int, int, int, int]:
        """SH, SW, DH, DW, top, left: in the order in which the jitted loops take them."""
        return *self.stride, *self.dilation, self.rows[0], self.columns[0]

    def pad(self, y: Array) -> Array:
        """y with its border of zeros; y itself where there is none."""
        if not any(self.rows + self.columns):
            return y
        return np.pad(y, ((0, 0), (0, 0), self.rows, self.columns))

    def crop(self, padded: Array) -> Array:
        """The adjoint of `pad`: the border is dropped."""
        (top, _), (left, _), (H, W) = self.rows, self.columns, self.size
        return np.ascontiguousarray(padded[:, :, top : top + H, left : left + W])

    def padded_zeros(self, T: int, M: int, like: Array) -> Array:
        """Zeros (T, M, top + H + bottom, left + W + right) to add gradients to."""
        H, W = self.size
        return np.zeros((T, M, H + sum(self.rows), W + sum(self.columns)), like.dtype)

    def windows(self, padded: Array) -> Array:
        """A view (T, M, H_out, W_out, KH, KW): the part of the map under the window at each place."""
        (DH, DW), (SH, SW), (H_out, W_out) = self.dilation, self.stride, self.out
        spans = reach(self.kernel[0], DH), reach(self.kernel[1], DW)
        every = sliding_window_view(padded, spans, axis=(2, 3))
        return every[:, :, ::SH, ::SW, ::DH, ::DW][:, :, :H_out, :W_out]

    def met_by(self, padded: Array, i: int, j: int) -> Array:
        """A view (T, M, H_out, W_out): the elements of the map that window element (i, j) meets."""
        (DH, DW), (SH, SW), (H_out, W_out) = self.dilation, self.stride, self.out
        r, c = i * DH, j * DW
        return padded[:, :, r : r + SH * (H_out - 1) + 1 : SH, c : c + SW * (W_out - 1) + 1 : SW]

    def counts(self) -> Array:
        """(H_out, W_out): how many elements of the map, the border left out, each window meets."""
        rows = inside(self.met_rows(), self.size[0]).sum(axis=1)
        return np.outer(rows, inside(self.met_columns(), self.size[1]).sum(axis=1))

    def met_rows(self) -> Array:
        """The map's row (H_out, KH) that each window row meets; below 0 or from H on: the border."""
        return _met(self.out[0], self.kernel[0], self.stride[0], self.dilation[0], self.rows[0])

    def met_columns(self) -> Array:
        """The map's column (W_out, KW) that each window column meets, likewise."""
        return _met(self.out[1], self.kernel[1], self.stride[1], self.dilation[1], self.columns[0])

    def group_slices(self, M: int, N: int) -> Iterator[tuple[slice, slice]]:
        """For each group: which in-maps and which out-maps belong to it."""
        m, n = M // self.groups, N // self.groups
        for g in range(self.groups):
            yield slice(g * m, (g + 1) * m), slice(g * n, (g + 1) * n)


def reach(kernel: int, dilation: int) -> int:
    """How many elements a window spans along one axis."""
    return dilation * (kernel - 1) + 1


def places(size: int, kernel: int, stride: int, dilation: int, border: Pair) -> int:
    """How many places a window has along one axis; 0 or less when it does not fit."""
    return (size + sum(border) - reach(kernel, dilation)) // stride + 1


def _met(places: int, elements: int, stride: int, dilation: int, border: int) -> Array:
    return stride * np.arange(places)[:, None] + dilation * np.arange(elements) - border


def inside(met: Array, size: int) -> Array:
    """Which of the met rows or columns are the map's own, and not its border's."""
    return (met >= 0) & (met < size)
