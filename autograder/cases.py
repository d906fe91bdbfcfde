"""Kinds of arguments that cases of many tasks need: inputs that hide nothing."""

from dataclasses import replace
from typing import Any

import numpy as np

from autograder.task import Array, Case

ROUNDING = 1e-13  # where all terms cancel, nothing but rounding is left to compare


def read_only(*args: Any) -> tuple[Any, ...]:
    """The arguments; the arrays among them now must not be written into."""
    for a in args:
        if isinstance(a, np.ndarray):
            a.flags.writeable = False
    return args


def other_layout(a: Array) -> Array:
    """The same values, with the axes in reverse order in memory."""
    return np.asfortranarray(a)


def mixed_layout(a: Array) -> Array:
    """The same values of four axes, which stand in memory in no order from first to last or back."""
    return np.ascontiguousarray(a.transpose(3, 1, 0, 2)).transpose(2, 1, 3, 0)


def single(case: Case) -> Case:
    """The case in float32, judged as exactly as that allows."""
    args = (
        a.astype(np.float32) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a
        for a in case.args
    )
    return replace(case, args=tuple(args), tolerance=1e-4)
