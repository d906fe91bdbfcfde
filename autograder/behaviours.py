"""Ways of going wrong that have nothing to do with the formula: any task can be answered so.

Each takes the right function first. They are misconceptions like the others: the judge's gates
must notice each of them, and the hint must name it.
"""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from autograder.hints import GATES
from autograder.task import Function, Misconception


def modifies_inputs(right: Function, *args: Any) -> Any:
    """The right answer, but an argument is scaled in place on the way."""
    answer = right(*args)
    for a in args:
        if isinstance(a, np.ndarray) and np.issubdtype(a.dtype, np.floating):
            a *= 0.5
    return answer


def _each(change: Function, answer: Any) -> Any:
    """`change` of the answer; of each part where it has many."""
    if isinstance(answer, tuple | list):
        return type(answer)(_each(change, a) for a in answer)
    if isinstance(answer, dict):
        return {k: _each(change, a) for k, a in answer.items()}
    return change(answer)


def returns_list(right: Function, *args: Any) -> Any:
    """The right numbers as nested lists."""
    return _each(lambda a: np.asarray(a).tolist(), right(*args))


def returns_nothing(right: Function, *args: Any) -> None:
    """The answer is computed, but there is no return."""
    right(*args)


def returns_nan(right: Function, *args: Any) -> Any:
    """0/0 in every entry."""
    return _each(lambda a: np.asarray(a, float) * np.nan, right(*args))


def _counting() -> Callable[..., Any]:
    calls = count()

    def remembers(right: Function, *args: Any) -> Any:
        """What was added in earlier calls is still there."""
        factor = 1.0 + 0.25 * next(calls)
        return _each(lambda a: a * factor, right(*args))

    return remembers


def behaviours(right: Function, *ids: str) -> tuple[Misconception, ...]:
    """The misconceptions with these ids, around the right function."""
    rows: dict[str, tuple[str, Function]] = {
        "input_modified": ("an argument is changed in place", modifies_inputs),
        "state": ("something is left over from the call before", _counting()),
        "type": ("lists instead of an array", returns_list),
        "nothing": ("no return", returns_nothing),
        "nan": ("NaN in the answer", returns_nan),
    }
    hints = {**GATES, "nothing": "Which value does the function hand back? There is no `return`."}
    return tuple(
        Misconception(id, rows[id][0], hints[id], partial(rows[id][1], right)) for id in ids
    )
