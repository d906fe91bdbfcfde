"""Arguments that layers share, checked where they enter: errors name the argument and its value."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Pair = tuple[int, int]
IntOrPair = int | tuple[int, int]
Padding = int | tuple[int, int] | tuple[tuple[int, int], tuple[int, int]]

FLOATS = frozenset([np.dtype(np.float32), np.dtype(np.float64)])


def whole(name: str, value: object, at_least: int) -> int:
    """`value` as an int; a number with a fraction, a bool or one below `at_least` is refused."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"`{name}` (={value!r}) must be a whole number")
    if value < at_least:
        raise ValueError(f"`{name}` (={value!r}) must be at least {at_least}")
    return int(value)


def pair(name: str, value: object, at_least: int = 1) -> Pair:
    """An int, or (rows, columns), as (rows, columns)."""
    if not isinstance(value, tuple | list):
        number = whole(name, value, at_least)
        return number, number
    if len(value) != 2:
        raise ValueError(f"`{name}` (={value!r}) must be a number or a pair (rows, columns)")
    return whole(name, value[0], at_least), whole(name, value[1], at_least)


def margins(name: str, value: object) -> tuple[Pair, Pair]:
    """An int, (rows, columns) or ((top, bottom), (left, right)), as ((top, bottom), (left, right))."""
    if isinstance(value, tuple | list) and any(isinstance(part, tuple | list) for part in value):
        if len(value) != 2 or not all(
            isinstance(part, tuple | list) and len(part) == 2 for part in value
        ):
            raise ValueError(
                f"`{name}` (={value!r}) must be a number, a pair (rows, columns) "
                "or ((top, bottom), (left, right))"
            )
        return pair(name, value[0], 0), pair(name, value[1], 0)
    rows, columns = pair(name, value, 0)
    return (rows, rows), (columns, columns)


def floats(name: str, value: object, axes: str) -> Array:
    """`value` if it is a float32 or float64 array with one axis for each word of `axes`."""
    if not isinstance(value, np.ndarray):
        raise TypeError(f"`{name}` must be a NumPy array, not {type(value).__name__}")
    if value.dtype not in FLOATS:
        raise TypeError(f"`{name}` has dtype {value.dtype}; float32 or float64 is needed")
    names = axes.split()
    if value.ndim != len(names):
        raise ValueError(
            f"`{name}` has shape {value.shape}; {len(names)} axes ({', '.join(names)}) are needed"
        )
    return value


def same_dtype(**arrays: Array | None) -> None:
    """Refuse a mixture of float32 and float64: the answer's dtype would be a guess."""
    dtypes = {name: a.dtype for name, a in arrays.items() if a is not None}
    if len(set(dtypes.values())) > 1:
        listed = ", ".join(f"`{name}` {dtype}" for name, dtype in dtypes.items())
        raise TypeError(f"all arrays must have one dtype, but they have: {listed}")


def floats_with(name: str, value: object, axes: str) -> Array:
    """`value` if it is a float32 or float64 array that begins with `axes`; more may follow."""
    checked = floats(name, value, "any " * getattr(value, "ndim", 0))
    names = axes.split()
    if checked.ndim < len(names):
        raise ValueError(
            f"`{name}` has shape {checked.shape}; the axes ({', '.join([*names, '...'])}) are needed"
        )
    return checked


def full_shape(name: str, value: object, axes: str, more: bool = False) -> tuple[int, ...]:
    """A shape with one size, 0 or more, for each word of `axes`; `more` axes may follow."""
    names = axes.split()
    listed = ", ".join([*names, "..."] if more else names)
    if not isinstance(value, tuple | list):
        raise TypeError(f"`{name}` (={value!r}) must be a tuple of sizes ({listed})")
    if len(value) < len(names) or (len(value) > len(names) and not more):
        raise ValueError(f"`{name}` (={value!r}) must have the sizes ({listed})")
    return tuple(whole(name, size, 0) for size in value)


def expect_shape(name: str, value: Array, expected: tuple[int, ...], reason: str) -> None:
    """Refuse `value` when its shape is not `expected`; `reason` says whose shape that is."""
    if value.shape != expected:
        raise ValueError(f"`{name}` has shape {value.shape}; {reason} has shape {expected}")


def real(name: str, value: object) -> float:
    """`value` as a finite float; arrays, bools, text, inf and NaN are refused."""
    numbers = int | float | np.integer | np.floating
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers):
        raise TypeError(f"`{name}` (={value!r}) must be a real number")
    if not np.isfinite(value):
        raise ValueError(f"`{name}` (={value!r}) must be finite")
    return float(value)


def for_kernels(value: Array) -> Array:
    """`value` as compiled loops take it, C-contiguous, aligned, writeable; if it is, no copy.

    Writeable though nothing writes to it: Numba compiles anew for read-only arrays.
    """
    plain = np.asarray(value)
    return plain if plain.flags.carray else np.array(plain, order="C")
