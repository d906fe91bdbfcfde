"""How a kernel is compiled: said once, so that each kernel is only its loops.

Kernels are compiled at their first call, for the dtype they get, and the machine code is kept on
disk beside the package (or in the user's cache folder), so that only the first process pays. They
hold no lock while they run (`nogil`), so that Python threads can run them side by side.

Why indices are wrapped in `U`: an index of a signed type may be negative, so Numba adds a test and
a wrap-around to each access, which keeps the loop from being vectorised. U(index) promises that it
is not. It stands only around a complete index: mixing the two kinds in a sum would give a float.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit  # type: ignore[import-untyped, unused-ignore]

U = np.uintp
Function = TypeVar("Function", bound=Callable[..., Any])


def jit(function: Function, fastmath: bool | set[str] = False) -> Function:
    """`function`, compiled; its `.py_func` is what was written."""
    try:
        compiled: Function = njit(function, cache=True, nogil=True, fastmath=fastmath)
    except RuntimeError:  # no folder can be written to: each process compiles for itself
        compiled = njit(function, nogil=True, fastmath=fastmath)
    return compiled


def jit_any_order(function: Function) -> Function:
    """The same for sums whose terms may be added in any order; NaN and infinity stay what they are."""
    return jit(function, {"reassoc", "contract", "nsz"})


@jit
def inside(shift: int, step: int, size: int, count: int) -> tuple[int, int]:
    """From which to before which c < count does step*c + shift lie in range(size)?"""
    after = min(max((size - shift + step - 1) // step, 0), count)
    return min(max((step - 1 - shift) // step, 0), after), after
