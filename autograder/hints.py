"""From observations to a hint: which known wrong implementation does just what this one does?

A misconception is recognised by computing it: run its wrong implementation on the very cases that
the learner's function was called with, and compare. One that explains everything seen (what failed
and what passed) comes first; then two together; then one that explains most failures; then a
diagnosis of the numbers alone (a factor, a sign, a shift ...).
"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from autograder.observe import Observation, observe, same
from autograder.task import Array, Function, Misconception, Task, both


class Hint(NamedTuple):
    id: str
    text: str


GATES = {
    "blank": "Where is the answer? Replace `raise NotImplementedError` by your own lines.",
    "input_modified": "Which line writes into an argument? Work on a copy, or on a fresh array.",
    "state": "What does the function remember from one call to the next? Same input, same answer.",
    "type": "What does the last line return? The task says which kind of value it asks for.",
    "timeout": "Does every loop come to an end? The call was stopped.",
    "crashed": "What in it ends Python itself? The process in which it ran was gone.",
    "slow": "How many multiplications does one entry of the answer cost? Loop over the filter's "
    "elements; a difference quotient for every entry is too slow.",
    "exception": "What is in the variables when this line runs? Print their shapes on the case above.",
    "nan": "Which division or power has no finite result on these numbers?",
    "shape": "Which output size follows from the sizes of the arguments? Count it on the example.",
    "missing": "Is the function defined under just this name? Run its cell, and mend what it raises.",
}

GENERIC = {
    "zero": "Is anything ever added to the answer? It is zero wherever it was looked at.",
    "sign": "Which sign does each term have? The answer is the right one times -1.",
    "factor": "Is there a factor too much, or one too few? The answer is a multiple of the right one.",
    "shift": "Which index does the first entry belong to? The right numbers stand in the wrong place.",
    "transposed": "Which axis counts rows, which columns? The right numbers stand transposed.",
    "border": "What happens at the border? Inside, all entries are right.",
    "first_map": "Do all maps get their share? Only the first one is right.",
    "first_instance": "Do all pictures of the batch get their share? Only the first one is right.",
    "unknown": "Do the smallest case by hand: which terms belong to the entry that is off?",
}


def hints_for(task: Task, seen: Sequence[Observation]) -> list[Hint]:
    """The most likely hints first; empty when all that was seen is right."""
    failed = [o for o in seen if not o.right]
    if not failed:
        return []
    direct = {"blank", "state", "timeout", "crashed", "slow", "missing", "input_modified"}
    for kind in (o.kind for o in failed if o.kind in direct):
        return [Hint(kind, GATES[kind])]
    found = _computed(task, seen, failed)
    if found:
        return [Hint(m.id, m.hint) for m in found]
    kind = failed[0].kind
    if kind != "wrong":
        return [Hint(kind, GATES[kind])]
    name = _generic(task, failed[0])
    return [Hint(name, GENERIC[name])]


def _computed(
    task: Task, seen: Sequence[Observation], failed: Sequence[Observation]
) -> list[Misconception]:
    """Misconceptions that explain what was seen, the best first."""
    passed = [o for o in seen if o.right]
    counts = {m.id: _explained(task, m.wrong, failed) for m in task.misconceptions}
    whole = [
        m
        for m in task.misconceptions
        if counts[m.id] == len(failed) and _explained(task, m.wrong, passed) == len(passed)
    ]
    if whole:
        return whole[:3]
    switches = [m for m in task.misconceptions if getattr(m.wrong, "func", None) is task.wrong]
    for pair in combinations(switches, 2):
        wrong = both(task, *pair)
        if _explained(task, wrong, failed[:1]) and _explained(task, wrong, seen) == len(seen):
            return list(pair)
    # numbers that agree on some cases are evidence; two errors of one kind are not
    numbers = [o for o in failed if o.kind in ("wrong", "shape")]
    counts = {m.id: _explained(task, m.wrong, numbers) for m in task.misconceptions}
    some = [m for m in task.misconceptions if counts[m.id]]
    return sorted(some, key=lambda m: -counts[m.id])[:3]


def _explained(task: Task, wrong: Function, seen: Sequence[Observation]) -> int:
    """How many of the observations the wrong implementation repeats."""
    return sum(
        same(o, observe(task, wrong, o.case, np.random.default_rng(0), lambda: 0.0)) for o in seen
    )


def _generic(task: Task, failed: Observation) -> str:
    """What the numbers alone say; "unknown" if nothing."""
    for got, expected in zip(failed.outputs, task.expected(*failed.case.args), strict=True):
        got, expected = np.asarray(got, float), np.asarray(expected, float)
        tolerance = 1e-6 * float(np.max(np.abs(expected), initial=1e-300))
        if np.allclose(got, expected, rtol=0, atol=tolerance):
            continue
        return next((n for n, holds in _DIAGNOSES if holds(got, expected, tolerance)), "unknown")
    return "unknown"


def _near(a: Array, b: Array, tolerance: float) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=0, atol=tolerance))


def _is_multiple(got: Array, expected: Array, tolerance: float) -> bool:
    factor = float(np.vdot(expected, got)) / float(np.vdot(expected, expected) or 1.0)
    return _near(got, factor * expected, tolerance * abs(factor))


def _is_shifted(got: Array, expected: Array, tolerance: float) -> bool:
    """Equal after one step along a spatial axis, where the two overlap."""
    for axis in range(max(0, got.ndim - 2), got.ndim):
        ahead, behind = [slice(None)] * got.ndim, [slice(None)] * got.ndim
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        a, b = tuple(ahead), tuple(behind)
        if got[a].size and (
            _near(got[a], expected[b], tolerance) or _near(got[b], expected[a], tolerance)
        ):
            return True
    return False


def _only_first(axis: int, got: Array, expected: Array, tolerance: float) -> bool:
    if got.ndim != 4 or got.shape[axis] < 2:
        return False
    return _near(got.take(0, axis), expected.take(0, axis), tolerance)


def _only_inside(got: Array, expected: Array, tolerance: float) -> bool:
    inside = (..., slice(1, -1), slice(1, -1))
    return (
        got.ndim >= 2 and got[inside].size > 0 and _near(got[inside], expected[inside], tolerance)
    )


_DIAGNOSES = (
    ("zero", lambda got, expected, tolerance: _near(got, 0 * expected, tolerance)),
    ("sign", lambda got, expected, tolerance: _near(got, -expected, tolerance)),
    ("factor", _is_multiple),
    (
        "transposed",
        lambda got, expected, tolerance: (
            got.ndim >= 2 and _near(got, np.swapaxes(expected, -1, -2), tolerance)
        ),
    ),
    ("shift", _is_shifted),
    ("border", _only_inside),
    ("first_instance", lambda got, expected, tolerance: _only_first(0, got, expected, tolerance)),
    ("first_map", lambda got, expected, tolerance: _only_first(1, got, expected, tolerance)),
)
