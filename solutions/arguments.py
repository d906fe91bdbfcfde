"""Arguments that layers share, checked where they enter: errors name the argument and its value."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Pair = tuple[int, int]
IntOrPair = int | tuple[int, int]
Padding = int | tuple[int, int] | tuple[tuple[int, int], tuple[int, int]]


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
    if value.dtype not in (np.float32, np.float64):
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
