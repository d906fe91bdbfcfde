"""The `tiles` backend: the fastest, with vector registers of its own (chapter "going fast").

    tiles_host      how large a tile of sums the processor's registers hold
    tiles_simd      vector registers for Numba
    tiles_loops     the product, tile by tile, and packing
    tiles_plan      the tables that make forward and both gradients one product
    tiles_winograd  3 x 3 filters with fewer multiplications
    tiles_pictures  pictures in the lanes, for arrays with pictures last
    tiles_toom      5-wide filters with fewer multiplications, likewise
    tiles_layers    which of them a layer takes
    tiles_pool      pooling
    tiles_threads   pictures shared out to threads

This file stands before them. What they do not cover (groups, empty arrays) goes to `im2col`; and as
they use parts of Numba that another version may change, everything goes there, with one warning,
once that has failed: slower, never wrong.
"""

import functools
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any, cast

from solutions.arguments import Array
from solutions.kernels import Backend, im2col, pool
from solutions.kernels.geometry import Geometry

MESSAGE = "compiling the fast kernels, once for this machine: about 10 seconds ..."

_lock = threading.Lock()
_broken: list[Exception] = []  # why the fast kernels do not work here


@functools.cache
def _listen() -> None:
    """Say so when the first kernel is really compiled, and not found on disk."""
    try:
        from numba.core import event as _event
    except ImportError:  # then it is not said
        return
    events: Any = _event

    class Announce(events.Listener):  # type: ignore[misc, unused-ignore]
        def on_start(self, event: Any) -> None:
            function = getattr(event.data.get("dispatcher"), "py_func", None)
            if getattr(function, "__module__", "").startswith(__name__):
                events.unregister("numba:compile", self)
                print(MESSAGE, file=sys.stderr, flush=True)

        def on_end(self, event: Any) -> None:
            pass

    events.register("numba:compile", Announce())


def _give_up(error: Exception) -> None:
    with _lock:
        first = not _broken
        _broken.append(error)
    if first:
        import numba  # type: ignore[import-untyped, unused-ignore]

        warnings.warn(
            f"the backend 'tiles' does not work with Numba {numba.__version__} "
            f"({type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}); "
            "'im2col' takes its place, which is slower",
            RuntimeWarning,
            stacklevel=4,
        )


def _or(slower: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The decorated function, or `slower` where the fast kernels do not work."""

    def decorate(fast: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(fast)
        def choose(*args: Any) -> Any:
            if not _broken:
                try:
                    _listen()
                    return fast(*args)
                except MemoryError:
                    raise
                except Exception as error:
                    # the arguments are checked: what fails here is what the kernels are made of
                    _give_up(error)
            return slower(*args)

        return choose

    return decorate


def _backend_for(geometry: Geometry, a: Array, b: Array) -> Backend:
    """The fast kernels where they cover the layer; they are imported only now, as that may fail."""
    if geometry.groups > 1 or 0 in geometry.size or not (a.size and b.size):
        return cast(Backend, im2col)
    from solutions.kernels import tiles_layers

    return cast(Backend, tiles_layers)


@_or(im2col.forward)
def forward(y: Array, w: Array, b: Array, geometry: Geometry) -> Array:
    """z."""
    return _backend_for(geometry, y, w).forward(y, w, b, geometry)


@_or(im2col.backward_y)
def backward_y(dz: Array, w: Array, geometry: Geometry) -> Array:
    """dy."""
    return _backend_for(geometry, dz, w).backward_y(dz, w, geometry)


@_or(im2col.backward_w)
def backward_w(dz: Array, y: Array, geometry: Geometry) -> Array:
    """dw."""
    return _backend_for(geometry, dz, y).backward_w(dz, y, geometry)


@_or(pool.max_pool)
def max_pool(y: Array, geometry: Geometry) -> tuple[Array, Array]:
    """z and pidx."""
    from solutions.kernels import tiles_pool as fast

    return fast.max_pool(y, geometry)


@_or(pool.max_pool_backward)
def max_pool_backward(dz: Array, pidx: Array, shape: tuple[int, ...]) -> Array:
    """dy."""
    from solutions.kernels import tiles_pool as fast

    return fast.max_pool_backward(dz, pidx, shape)


@_or(pool.mean_pool)
def mean_pool(y: Array, count: Array, geometry: Geometry) -> Array:
    """z."""
    from solutions.kernels import tiles_pool as fast

    return fast.mean_pool(y, count, geometry)


@_or(pool.mean_pool_backward)
def mean_pool_backward(dz: Array, count: Array, geometry: Geometry) -> Array:
    """dy."""
    from solutions.kernels import tiles_pool as fast

    return fast.mean_pool_backward(dz, count, geometry)


@_or(lambda *_: None)
def rows_with_pictures_last(layers: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """A network's rows with pictures last, tried once; None where there are none."""
    from solutions import pictures_last

    return pictures_last.rows_for(layers, shape, dtype)
