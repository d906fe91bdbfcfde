"""Kinds of arguments that cases of many tasks need: inputs that hide nothing."""

import numpy as np

from autograder.task import Array, Case


def read_only(*arrays: Array) -> tuple[Array, ...]:
    """The arrays, which now must not be written into."""
    for a in arrays:
        a.flags.writeable = False
    return arrays


def other_layout(a: Array) -> Array:
    """The same values, with the axes in reverse order in memory."""
    return np.asfortranarray(a)


def single(case: Case) -> Case:
    """The case in float32, judged as exactly as that allows."""
    args = (
        a.astype(np.float32) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a
        for a in case.args
    )
    return Case(tuple(args), tolerance=1e-4)
