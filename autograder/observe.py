"""One call of a function under test, seen from outside: what came back, and what is wrong with it.

An `Observation` has a `kind`: "right", or the first thing that is wrong, in this order:

blank           the function still raises NotImplementedError
exception       it raised something else            timeout    it was stopped
crashed         it ended the process                missing    there is no such function
type            not the kind of value asked for     shape      an array of another shape
nan             NaN or infinity                     wrong      numbers that are not the gradient
input_modified  it changed one of its arguments

The judge scores observations and the hints compare them: an observation of the learner's function
and one of a known wrong implementation are the same when the same thing came out.
"""

import inspect
import linecache
import math
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from autograder.gradcheck import largest_gap
from autograder.task import Array, Case, Function, Output, Task

Clock = Callable[[], float]
SMALL, MUCH = 10_000, 100  # entries; times as many as asked for
TRUTH = "an array has no truth value"  # the family of one error, whatever shapes meet


class LearnerError(Exception):
    """What the judge is told of an error in a learner's process: all of it as text.

    `kind` is one of the observation kinds: "exception", "timeout", "crashed", "missing".
    """

    def __init__(self, kind: str, name: str, message: str, line: str = "") -> None:
        super().__init__(message)
        self.kind, self.name, self.message, self.line = kind, name, message, line

    @classmethod
    def from_dict(cls, told: Any) -> "LearnerError":
        """From what an untrusted process said: never more than an exception with its texts."""
        told = told if isinstance(told, dict) else {}
        name, message, line = (str(told.get(k, ""))[:1000] for k in ("class", "message", "line"))
        return cls("exception", name[:80], message, line[:200])

    def as_dict(self) -> dict[str, str]:
        return {"class": self.name, "message": self.message, "line": self.line}


@dataclass(frozen=True)
class Observation:
    """What one call did. `outputs` is what came back, if it has the right kind: lists and dicts
    taken apart into their arrays. `remark` says what a right answer could do better, at no cost."""

    case: Case
    kind: str
    message: str = ""
    outputs: tuple[Any, ...] = ()
    error: str = ""
    cpu: float = 0.0
    remark: str = ""

    @property
    def right(self) -> bool:
        return self.kind == "right"


def observe(
    task: Task, function: Function, case: Case, rng: np.random.Generator, clock: Clock
) -> Observation:
    """Call `function` with a copy of the case's arguments and judge what comes back."""
    args = tuple(_copy(a) for a in case.args)
    started = clock()
    try:
        with warnings.catch_warnings():  # nobody's fault: they neither raise nor cost points
            warnings.simplefilter("ignore")
            answer = function(*args)
    except (Exception, SystemExit) as error:
        return _of_error(case, error, function)
    cpu = clock() - started
    whole = len(task.outputs) == 1 and task.outputs[0].kind == "list"  # a tuple may be that list
    parts = answer if isinstance(answer, tuple) and not whole else (answer,)
    kind, message, values = _judge(task, case, parts, rng)
    if kind == "right":
        kind, message = _inputs_unchanged(task, case, args)
    if kind == "type":  # what came back can't be compared as numbers: its kinds can
        return Observation(case, kind, message, error=", ".join(map(_family_of, parts)), cpu=cpu)
    remark = _remark(task, case, parts) if kind == "right" else ""
    return Observation(case, kind, message, values, cpu=cpu, remark=remark)


def same(one: Observation, other: Observation) -> bool:
    """Whether the same thing came out: equal numbers up to rounding, or the same kind of error."""
    if one.kind != other.kind or one.error != other.error:
        return False
    if len(one.outputs) != len(other.outputs):
        return False
    tolerance = max(one.case.tolerance, 1e-9)
    pairs = zip(one.outputs, other.outputs, strict=True)
    return all(_close(a, b, tolerance, one.case.floor) for a, b in pairs)


def _close(a: Any, b: Any, tolerance: float, floor: float) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if a.dtype == np.bool_ or b.dtype == np.bool_:
        return bool(np.array_equal(a, b))
    finite = np.isfinite(b)
    if not finite.all():
        if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
            return False
        a, b = a[finite], b[finite]
    size = float(np.abs(b).max(initial=0.0))
    # not np.allclose: it takes five times as long for the few numbers of a case
    off = np.abs(np.subtract(a, b, dtype=np.float64)).max(initial=0.0)
    return bool(off <= max(tolerance * size, floor, 1e-300))


def arrays_in(value: Any) -> list[Array]:
    """The arrays of a nested value, in a fixed order."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, list | tuple):
        return [a for v in value for a in arrays_in(v)]
    if isinstance(value, dict):
        return [a for k in sorted(value) for a in arrays_in(value[k])]
    return []


def _copy(value: Any) -> Any:
    """A copy that keeps layout and writeability: both are part of what a case asks."""
    if isinstance(value, list | tuple):
        return type(value)(_copy(v) for v in value)
    if isinstance(value, dict):
        return {k: _copy(v) for k, v in value.items()}
    if not isinstance(value, np.ndarray):
        return value
    copied = value.copy(order="K")
    copied.flags.writeable = value.flags.writeable
    return copied


Leaf = tuple[Output, Any]  # an output of a simple kind, with its shape or its value


def leaves(outputs: tuple[Output, ...], values: tuple[Any, ...]) -> tuple[Leaf, ...]:
    """Lists and dicts taken apart: `dweights` of two arrays is dweights[0] and dweights[1]."""
    flat: list[Leaf] = []
    for output, value in zip(outputs, values, strict=True):
        if output.kind == "list":
            flat += [(Output(f"{output.name}[{k}]"), v) for k, v in enumerate(value)]
        elif output.kind == "dict":
            flat += [(Output(f"{output.name}[{k!r}]"), value[k]) for k in sorted(value)]
        else:
            flat.append((output, value))
    return tuple(flat)


_expected: "WeakKeyDictionary[Case, dict[str, tuple[Leaf, ...]]]" = WeakKeyDictionary()


def expected_leaves(task: Task, case: Case) -> tuple[Leaf, ...]:
    """The right answer of a case, taken apart. Kept with the case: hints ask for it again."""
    kept = _expected.setdefault(case, {})
    if task.name not in kept:
        kept[task.name] = leaves(task.outputs, task.expected(*case.args))
    return kept[task.name]


def _judge(
    task: Task, case: Case, answer: tuple[Any, ...], rng: np.random.Generator
) -> tuple[str, str, tuple[Any, ...]]:
    """What kind of observation this is, its message, and the answer taken apart."""
    if len(answer) != len(task.outputs):
        names = ", ".join(o.name for o in task.outputs)
        what = _kind_of(answer[0]) if len(answer) == 1 else f"{len(answer)} values"
        return "type", f"{what} came back where {names} is asked for", ()
    shapes = task.shapes(*case.args)
    for output, value, shape in zip(task.outputs, answer, shapes, strict=True):
        problem = _wrong_container(output, value, shape)
        if problem:
            return "type", problem, ()
    flat = leaves(task.outputs, answer)
    values = tuple(value for _, value in flat)
    for output, value in flat:
        problem = _wrong_type(output, value)
        if problem:
            return "type", problem, ()
    flat_shapes = [shape for _, shape in leaves(task.outputs, shapes)]
    for (output, value), shape in zip(flat, flat_shapes, strict=True):
        if np.shape(value) != shape:
            message = f"{output.name} has shape {np.shape(value)} where {shape} is expected"
            return "shape", message, _kept(values, flat_shapes)
    for output, value in flat:
        if not np.all(np.isfinite(value)):
            return "nan", f"{output.name} contains NaN or infinity", values
    kind, message = _compare(task, case, values, rng)
    if kind == "right" and case.same_dtype:
        kind, message = _dtype_kept(case, flat)
    return kind, message, values


def _kept(values: tuple[Any, ...], shapes: Sequence[tuple[int, ...]]) -> tuple[Any, ...]:
    """The values; of larger ones than any known mistake gives, their shapes, which take no memory."""
    size = sum(map(np.size, values))
    if size <= max(SMALL, MUCH * sum(math.prod(shape) for shape in shapes)):
        return values
    return tuple(np.broadcast_to(0.0, np.shape(value)) for value in values)


def _dtype_kept(case: Case, flat: tuple[Leaf, ...]) -> tuple[str, str]:
    """The last thing that is looked at: float32 in, float32 out."""
    asked = next(a.dtype for a in arrays_in(list(case.args)) if _is_float(a))
    for output, value in flat:
        if output.kind == "array" and value.dtype != asked:
            return "type", f"{output.name} has dtype {value.dtype} where {asked} is asked for"
    return "right", ""


def _remark(task: Task, case: Case, answer: tuple[Any, ...]) -> str:
    """float32 went in and something else came out, where no property asks for the dtype."""
    asked = {a.dtype for a in arrays_in(list(case.args)) if _is_float(a)}
    if task.accept is not None or case.same_dtype or asked != {np.dtype(np.float32)}:
        return ""
    flat = leaves(task.outputs, answer)
    other = [(o.name, v.dtype) for o, v in flat if o.kind == "array" and v.dtype not in asked]
    if not other:
        return ""
    names, verb = ", ".join(name for name, _ in other), "is" if len(other) == 1 else "are"
    return f"{names} {verb} {other[0][1]} where the arguments are float32: costs nothing here"


def _compare(
    task: Task, case: Case, values: tuple[Any, ...], rng: np.random.Generator
) -> tuple[str, str]:
    """By `accept` or the identity where they are asked for; by the expected values otherwise."""
    if task.accept is not None:
        message = task.accept(values, (*case.args, *case.hidden), rng)
        return ("wrong", message) if message else ("right", "")
    if case.large and task.identity is not None:
        gap = task.identity(values, case.args, rng)
        which = task.outputs[0].name if len(task.outputs) == 1 else "one of the gradients"
        message = f"{which} breaks the adjoint identity, by {gap.gap:.1e}"
        return ("right", "") if gap.within(case.tolerance) else ("wrong", message)
    for got, (output, want) in zip(values, expected_leaves(task, case), strict=True):
        if case.only and output.name not in case.only:
            continue
        gap, _ = largest_gap(np.asarray(got, float), np.asarray(want, float))
        if not (gap.within(case.tolerance) or gap.gap <= case.floor):
            if output.kind in ("mask", "indices"):
                count = int(np.sum(np.asarray(got) != np.asarray(want)))
                return "wrong", f"{output.name} is wrong in {count} of {np.size(want)} places"
            size = f" (entries up to {gap.scale:.2g})" if np.ndim(want) else ""
            return "wrong", f"{output.name} is off by {gap.gap:.2g}{size}"
    return "right", ""


def _wrong_container(output: Output, value: Any, shape: Any) -> str:
    """Why `value` is not the list or dict that is asked for; empty if it is, or none is."""
    if output.kind == "list":
        if not isinstance(value, list | tuple):
            return f"{output.name} is {_kind_of(value)} where a list of arrays is asked for"
        if len(value) != len(shape):
            return f"{output.name} has {len(value)} members where {len(shape)} are asked for"
    if output.kind == "dict":
        if not isinstance(value, dict):
            return f"{output.name} is {_kind_of(value)} where a dict of arrays is asked for"
        odd = sorted(map(str, value.keys() ^ shape.keys()))
        if odd:
            return f"{output.name} has not the keys that are asked for: {', '.join(odd)}"
    return ""


def _wrong_type(output: Output, value: Any) -> str:
    """Why `value` is not what is asked for; empty if it is."""
    if output.kind in ("number", "whole"):
        if isinstance(value, int) and abs(value) >= 1 << 63:  # NumPy has no number for it
            return f"{output.name} is a whole number of more than 63 bits"
        kinds = int | np.integer if output.kind == "whole" else int | float | np.number
        is_number = isinstance(value, kinds) and not isinstance(value, bool | complex)
        if is_number and not isinstance(value, np.complexfloating):
            return ""
        if output.kind == "number" and type(value) is np.ndarray and value.shape == ():
            return "" if _is_float(value) else f"{output.name} has dtype {value.dtype}"
        asked = "one number" if output.kind == "number" else "one whole number"
        return f"{output.name} is {_kind_of(value)} where {asked} is asked for"
    if type(value) is not np.ndarray:
        return f"{output.name} is {_kind_of(value)} where a NumPy array is asked for"
    if output.kind == "mask":
        return "" if value.dtype == np.bool_ else f"{output.name} has dtype {value.dtype}, not bool"
    if output.kind == "indices":
        whole = np.issubdtype(value.dtype, np.integer)
        return "" if whole else f"{output.name} has dtype {value.dtype} where int64 is asked for"
    if not _is_float(value):
        return f"{output.name} has dtype {value.dtype} where a floating one is asked for"
    return ""


def _is_float(value: Array) -> bool:
    return bool(np.issubdtype(value.dtype, np.floating))


def _kind_of(value: Any) -> str:
    return "None (is there a return?)" if value is None else f"a {type(value).__name__}"


def _family_of(value: Any) -> str:
    """float and np.float64 are two styles of one thing; a dict is told by its keys and members."""
    if isinstance(value, dict):
        return ", ".join(sorted(f"{k}: {_number_or_kind(v)}" for k, v in value.items()))
    return _number_or_kind(value)


def _number_or_kind(value: Any) -> str:
    return "a number" if isinstance(value, int | float | np.number) else _kind_of(value)


def _inputs_unchanged(task: Task, case: Case, args: tuple[Any, ...]) -> tuple[str, str]:
    for name, before, after in zip(task.arguments, case.args, args, strict=True):
        old, new = arrays_in(before), arrays_in(after)
        if len(old) != len(new) or not all(map(np.array_equal, old, new)):
            return "input_modified", f"{name} was changed by the call"
    return "right", ""


def _of_error(case: Case, error: BaseException, function: Function) -> Observation:
    kind, name, line = "exception", type(error).__name__, ""
    if isinstance(error, LearnerError):
        kind, name, line = error.kind, error.name, error.line
    else:
        line = _line_of(error, function)
    if name == "NotImplementedError":
        return Observation(case, "blank", "not written yet")
    if kind == "exception" and "read-only" in str(error):
        return Observation(case, "input_modified", "it writes into one of its arguments")
    said = " ".join(str(error).split())  # in one line: no other looks like the report's own
    message = f"{name}: {said}" if kind == "exception" else said
    message += f" (line: {line})" if line else ""
    # two ways to say that shapes do not fit: which of them depends on the style, not on the bug
    family = "shapes do not fit" if name in ("IndexError", "ValueError") else name
    if name == "ValueError" and "truth value of an array" in str(error):
        family = TRUTH
    return Observation(case, kind, message[:400], error=family if kind == "exception" else "")


def _line_of(error: BaseException, function: Function) -> str:
    """The learner's own line that raised, as text; empty where it can't be told."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if code is not None and frame.filename == code.co_filename and frame.lineno:
            return linecache.getline(frame.filename, frame.lineno).strip()
    return ""
