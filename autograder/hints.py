"""From observations to a hint: which known wrong implementation does just what this one does?

A misconception is recognised by computing it: run its wrong implementation on the very cases that
the learner's function was called with, and compare. One that explains everything seen (what failed
and what passed) comes first; then two together; then one that explains most failures; then a
diagnosis of the numbers alone (a factor, a sign, a shift ...).
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from typing import NamedTuple

import numpy as np

from autograder.observe import TRUTH, Observation, expected_leaves, leaves, observe, same
from autograder.task import Array, Case, Misconception, Task, both


class Hint(NamedTuple):
    id: str
    text: str


GATES = {
    "blank": "Where is the answer? Replace `raise NotImplementedError` by your own lines.",
    "input_modified": "Which line writes into an argument? Work on a copy, or on a fresh array.",
    "state": "The same call twice, two answers: is an array filled before the first += (np.empty "
    "is not), or does something stay from one call to the next?",
    "type": "What does the last line return? The task says which kind of value it asks for.",
    "dtype": "Which dtype has the array that you return? Make it with the one the task asks for.",
    "timeout": "Does every loop come to an end? The call was stopped.",
    "crashed": "What in it ends Python itself? The process in which it ran was gone.",
    "slow": "What is worked out again for every entry of the answer? The loops need each product "
    "once; a difference quotient or a search through all of z for every pixel is too slow.",
    "exception": "What is in the variables when this line runs, on the case above?",
    "index": "Which index leaves its axis, and for which pixel? The first is 0, the last is the "
    "size - 1; near the border some terms do not exist.",
    "truth": "Which line asks an array for one True or False (`if`, `and`, `max` do)? Each entry "
    "decides for itself: what picks entry by entry?",
    "shapes": "Which two shapes meet in this line? Print both, on the case above.",
    "nan": "Which division or power has no finite result on these numbers?",
    "axes": "Which axes does the answer have? Count them: the task names each.",
    "shape": "Which output size follows from the sizes of the arguments? Count it on the example.",
    "missing": "Is the function defined under just this name? Run its cell; mend what it raises.",
}

GENERIC = {
    "zero": "What is off is zero wherever it was looked at: is nothing ever added to it, or do its "
    "terms cancel?",
    "sign": "Which sign does each term have? What is off is the right one times -1.",
    "factor": "Is there a factor too much, or one too few? What is off is a multiple of the right "
    "one.",
    "shift": "Which index does the first entry belong to? The right numbers stand one step off.",
    "transposed": "Which axis counts rows, which columns? The right numbers stand transposed.",
    "border": "What happens at the border? Inside, all entries are right.",
    "first_map": "Do all maps get their share? Only the first one is right.",
    "first_instance": "Do all pictures of the batch get their share? Only the first one is right.",
    "unknown": "Do the smallest case by hand: which terms belong to the entry that is off?",
}

# One look settles these: no need to compare with wrong implementations.
DIRECT = ("blank", "state", "timeout", "crashed", "slow", "missing", "input_modified")


def hints_for(task: Task, seen: Sequence[Observation]) -> list[Hint]:
    """The most likely hints first; empty when all that was seen is right.

    `seen` should begin with the smallest cases: the report shows the first that failed.
    """
    failed = [o for o in seen if not o.right]
    if any(not o.case.same_dtype for o in failed):  # a dtype is the last thing to mend
        seen = [o for o in seen if not o.case.same_dtype]
        failed = [o for o in seen if not o.right]
    if not failed:
        return []
    for kind in (o.kind for o in failed if o.kind in DIRECT):
        return [Hint(kind, GATES[kind])]
    found = _computed(task, seen, failed)
    if found:
        return [Hint(m.id, m.hint) for m in found]
    if failed[0].kind != "wrong":
        name = gate_of(task, failed[0])
        return [Hint(name, GATES[name])]
    name = _generic(task, [o for o in failed if o.kind == "wrong"])
    return [Hint(name, GENERIC[name])]


def gate_of(task: Task, failed: Observation) -> str:
    """Which gate an observation that is not merely a wrong number stopped at."""
    kind = failed.kind
    if kind == "exception":
        if failed.error == TRUTH:
            return "truth"
        named = {"IndexError": "index", "ValueError": "shapes"}
        return named.get(failed.message.split(":")[0], kind)
    if kind == "type" and "dtype" in failed.message:
        return "dtype"
    if kind == "shape":
        expected = leaves(task.outputs, task.shapes(*failed.case.args))
        pairs = zip(failed.outputs, expected, strict=True)
        same_axes = all(np.ndim(value) == len(shape) for value, (_, shape) in pairs)
        return "shape" if same_axes else "axes"
    return kind


def _computed(
    task: Task, seen: Sequence[Observation], failed: Sequence[Observation]
) -> list[Misconception]:
    """Misconceptions that explain what was seen, the best first.

    Errors alone are no evidence: many mistakes raise, and so do many wrong implementations. It
    takes some wrong numbers, or some cases that are right; for two mistakes at once, which may
    undo each other wherever they do not raise, it takes some wrong numbers.
    """
    if all(o.kind == "exception" for o in seen):
        return []
    whole = (m for m in task.misconceptions if all(_repeats(task, [m], seen)))
    if found := list(islice(whole, 3)):
        return found
    switches = [m for m in task.misconceptions if getattr(m.wrong, "func", None) is task.wrong]
    raised = all(o.kind == "exception" for o in failed)
    for pair in () if raised else combinations(switches, 2):
        if all(_repeats(task, pair, failed[:1])) and all(_repeats(task, pair, seen)):
            # the hint is about the case that is shown: the one that does it alone comes first
            return sorted(pair, key=lambda m: not all(_repeats(task, [m], failed[:1])))
    # Numbers that agree on most cases, the first one among them, are evidence; a few are chance,
    # and two errors of one kind are not evidence at all.
    numbers = [o for o in failed if o.kind in ("wrong", "shape")]
    if not numbers or failed[0] is not numbers[0]:
        return []
    some = {
        m.id: sum(_repeats(task, [m], numbers))
        for m in task.misconceptions
        if all(_repeats(task, [m], numbers[:1]))
    }
    likely = [m for m in task.misconceptions if 2 * some.get(m.id, 0) > len(numbers)]
    return sorted(likely, key=lambda m: -some[m.id])[:3]


def _repeats(
    task: Task, mistakes: Sequence[Misconception], seen: Sequence[Observation]
) -> Iterator[bool]:
    """Which of the observations these mistakes together repeat, one after the other."""
    alike = same if task.accept is None else _same_diagnosis
    for o in seen:
        yield alike(o, _observed(task, mistakes, o.case))


_of_examples: dict[tuple[str, ...], dict[Case, Observation]] = {}


def _observed(task: Task, mistakes: Sequence[Misconception], case: Case) -> Observation:
    """What these mistakes make of a case.

    Kept for the task's examples, which are the same in every judgement: most hints are found
    there, and a class makes the same mistakes.
    """
    names = (task.name, *(m.id for m in mistakes))
    kept = _of_examples.setdefault(names, {}) if case in task.examples else {}
    if case not in kept:
        wrong = mistakes[0].wrong if len(mistakes) == 1 else both(task, *mistakes)
        kept[case] = observe(task, wrong, case, np.random.default_rng(0), lambda: 0.0)
    return kept[case]


def _same_diagnosis(one: Observation, other: Observation) -> bool:
    """Where many answers are right, two wrong ones are alike if `accept` says the same of them."""
    return one.kind == other.kind and one.message.split(":")[0] == other.message.split(":")[0]


def _generic(task: Task, failed: Sequence[Observation]) -> str:
    """What the numbers alone say, if it holds wherever an array of numbers is wrong."""
    if task.accept is not None:
        return "unknown"
    pairs = [pair for o in failed for pair in _wrong_arrays(task, o)]
    names = [name for name, holds in _DIAGNOSES if pairs and all(holds(*pair) for pair in pairs)]
    return names[0] if names else "unknown"


def _wrong_arrays(task: Task, failed: Observation) -> list[tuple[Array, Array, float]]:
    """(got, expected, tolerance) for each wrong output; a single number is no pattern."""
    found = []
    for got, (_, expected) in zip(failed.outputs, expected_leaves(task, failed.case), strict=True):
        got, expected = np.asarray(got, float), np.asarray(expected, float)
        size = float(np.max(np.abs(expected), initial=1e-300))
        tolerance = max(1e-6 * size, failed.case.floor)
        if got.size > 1 and not np.allclose(got, expected, rtol=0, atol=tolerance):
            found.append((got, expected, tolerance))
    return found


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
        if _agree(got[a], expected[b], tolerance) or _agree(got[b], expected[a], tolerance):
            return True
    return False


def _agree(got: Array, expected: Array, tolerance: float) -> bool:
    """Whether a part is right. Zeros are no evidence: they may well stand in a wrong answer too."""
    return bool(np.any(np.abs(expected) > tolerance)) and _near(got, expected, tolerance)


def _only_first(axis: int, got: Array, expected: Array, tolerance: float) -> bool:
    if got.ndim != 4 or got.shape[axis] < 2:
        return False
    return _agree(got.take(0, axis), expected.take(0, axis), tolerance)


def _only_inside(got: Array, expected: Array, tolerance: float) -> bool:
    inside = (..., slice(1, -1), slice(1, -1))
    return got.ndim >= 2 and _agree(got[inside], expected[inside], tolerance)


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
