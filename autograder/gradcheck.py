"""Checks of a gradient that need nothing but the forward function.

Each is a small pure function with a sentence on why it is there. The judge uses them and so can
you: `from autograder.gradcheck import adjoint_gap, gradient_of_linear`.

A gradient is always of `<dz, forward(y)> = sum of dz * forward(y)`: with dz = dDiv/dz this is
the change of Div to first order, and a random dz weighs every element of z differently.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Forward = Callable[[Array], Array]


class Gap(NamedTuple):
    """How far an answer is off, and the size that the number has to be seen against."""

    gap: float
    scale: float

    def within(self, tolerance: float) -> bool:
        """gap <= tolerance * scale. Not a quotient: 0 against 0 passes, and NaN fails."""
        return bool(self.gap <= tolerance * self.scale)


def adjoint_gap(linear: Forward, dz: Array, dy: Array, v: Array) -> Gap:
    """How far <dz, linear(v)> and <dy, v> are apart; they are equal when dy is the gradient.

    Why: a linear function's gradient is its adjoint, so the identity holds exactly, with no step
    size to choose; with one random direction v, no wrong dy passes but by a coincidence of
    probability zero. It costs one forward call.

    linear maps y (T, M, H, W) to z; dz has z's shape, dy and v have y's. Scale: |dz| |linear(v)|.
    """
    z = linear(v)
    return Gap(abs(float(np.vdot(dz, z)) - float(np.vdot(dy, v))), norm(dz) * norm(z))


def widest(gaps: Iterable[Gap]) -> Gap:
    """The gap that is largest for its scale; NaN counts as larger than any number.

    Why: several gradients of one layer are judged by the worst of them, and Python's `max` would
    pass over a NaN.
    """
    return max(gaps, key=lambda g: g.gap / (g.scale + 1e-300) if np.isfinite(g.gap) else np.inf)


def gradient_of_linear(linear: Forward, dz: Array, shape: tuple[int, ...]) -> Array:
    """dy[t, m, r, c] = <dz[t], linear(the unit picture with a 1 at (m, r, c))>.

    Why: for a linear function the difference quotient with step h = 1 has no truncation error, so
    this is the gradient, entry by entry; it locates the wrong entry once `adjoint_gap` has found
    that there is one. The unit pictures are stacked in the batch: one forward call does all.

    linear must treat each picture for itself; `shape` is y's (T, M, H, W).
    """
    entries = int(np.prod(shape[1:]))
    units = np.eye(entries, dtype=dz.dtype).reshape(entries, *shape[1:])
    responses = linear(units).reshape(entries, -1)
    return (dz.reshape(shape[0], -1) @ responses.T).reshape(shape)


def gradient_by_complex_step(forward: Forward, x: Array, dz: Array) -> Array:
    """dx[k] = Im <dz, forward(x + i h e_k)> / h with h = 1e-30, for each entry k of x.

    Why: for a smooth function nothing is subtracted, so nothing cancels: the gradient is exact up
    to rounding. forward must be complex-safe (no abs, maximum or comparison) and must not look at
    the kind of its argument. Source: Squire and Trapp 1998, doi:10.1137/S003614459631241X.
    """
    step = 1e-30
    dx = np.empty(x.shape)
    for at in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[at] += 1j * step
        dx[at] = np.sum(dz * forward(moved)).imag / step
    return dx


def gradient_by_difference(forward: Forward, x: Array, dz: Array, h: float = 1e-6) -> Array:
    """dx[k] = <dz, forward(x + h e_k) - forward(x - h e_k)> / (2 h), for each entry k of x.

    Why: it needs nothing but forward. For a piecewise linear function it is exact up to rounding
    as long as h is below half the distance to the nearest kink: then take h large, 2.0**-4 say.
    """
    dx = np.empty(x.shape)
    for at in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[at] += h
        down[at] -= h
        dx[at] = np.sum(dz * (forward(up) - forward(down))) / (2 * h)
    return dx


def largest_gap(got: Array, expected: Array) -> tuple[Gap, tuple[int, ...]]:
    """The largest difference of two arrays of one shape, against the largest entry; and its index.

    Why: a report names the one entry to look at. NaN counts as the largest difference of all.
    """
    if expected.size == 0:
        return Gap(0.0, 0.0), ()
    off = np.abs(np.subtract(got, expected, dtype=np.float64))
    at = np.unravel_index(int(np.argmax(np.where(np.isnan(off), np.inf, off))), off.shape)
    index = tuple(int(i) for i in at)
    return Gap(float(off[index]), float(np.max(np.abs(expected)))), index


def norm(a: Array) -> float:
    """The square root of the sum of squares."""
    return float(np.sqrt(np.vdot(a, a)))
