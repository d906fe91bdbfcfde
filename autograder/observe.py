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

import linecache
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.gradcheck import largest_gap
from autograder.task import Array, Case, Function, Output, Task

Clock = Callable[[], float]


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
    """What one call did. `outputs` is what came back, if it has the right kind."""

    case: Case
    kind: str
    message: str = ""
    outputs: tuple[Any, ...] = ()
    error: str = ""
    cpu: float = 0.0

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
    outputs = answer if isinstance(answer, tuple) else (answer,)
    kind, message = _judge(task, case, outputs, rng)
    if kind == "right":
        kind, message = _inputs_unchanged(task, case, args)
    if kind == "type":  # what came back can't be compared as numbers: its kinds can
        return Observation(case, kind, message, error=", ".join(map(_kind_of, outputs)), cpu=cpu)
    return Observation(case, kind, message, outputs, cpu=cpu)


def same(one: Observation, other: Observation) -> bool:
    """Whether the same thing came out: equal numbers up to rounding, or the same kind of error."""
    if one.kind != other.kind or one.error != other.error:
        return False
    if len(one.outputs) != len(other.outputs):
        return False
    tolerance = max(one.case.tolerance, 1e-9)
    return all(_close(a, b, tolerance) for a, b in zip(one.outputs, other.outputs, strict=True))


def _close(a: Any, b: Any, tolerance: float) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if a.dtype == np.bool_ or b.dtype == np.bool_:
        return bool(np.array_equal(a, b))
    size = float(np.max(np.abs(b), initial=0.0, where=np.isfinite(b)))
    return bool(np.allclose(a, b, rtol=0, atol=tolerance * (size + 1e-300), equal_nan=True))


def _copy(value: Any) -> Any:
    """A copy that keeps layout and writeability: both are part of what a case asks."""
    if not isinstance(value, np.ndarray):
        return value
    copied = value.copy(order="K")
    copied.flags.writeable = value.flags.writeable
    return copied


def _judge(
    task: Task, case: Case, outputs: tuple[Any, ...], rng: np.random.Generator
) -> tuple[str, str]:
    if len(outputs) != len(task.outputs):
        names = ", ".join(o.name for o in task.outputs)
        return "type", f"{len(outputs)} values came back where {names} is asked for"
    for output, value in zip(task.outputs, outputs, strict=True):
        problem = _wrong_type(output, value)
        if problem:
            return "type", problem
    for output, value, shape in zip(task.outputs, outputs, task.shapes(*case.args), strict=True):
        if np.shape(value) != shape:
            return "shape", f"{output.name} has shape {np.shape(value)} where {shape} is expected"
    for output, value in zip(task.outputs, outputs, strict=True):
        if not np.all(np.isfinite(value)):
            return "nan", f"{output.name} contains NaN or infinity"
    return _compare(task, case, outputs, rng)


def _compare(
    task: Task, case: Case, outputs: tuple[Any, ...], rng: np.random.Generator
) -> tuple[str, str]:
    """By the identity where the case is large; by the expected values otherwise."""
    if case.large and task.identity is not None:
        gap = task.identity(outputs, case.args, rng)
        message = f"{task.outputs[0].name} breaks the adjoint identity, by {gap.gap:.1e}"
        return ("right", "") if gap.within(case.tolerance) else ("wrong", message)
    expected = task.expected(*case.args)
    for got, want, output in zip(outputs, expected, task.outputs, strict=True):
        gap, _ = largest_gap(np.asarray(got, float), np.asarray(want, float))
        if not gap.within(case.tolerance):
            if output.kind == "mask":
                count = int(np.sum(np.asarray(got) != np.asarray(want)))
                return "wrong", f"{output.name} is wrong in {count} of {np.size(want)} places"
            size = f", where entries go up to {gap.scale:.2g}" if np.ndim(want) else ""
            return "wrong", f"{output.name} is off by {gap.gap:.2g}{size}"
    return "right", ""


def _wrong_type(output: Output, value: Any) -> str:
    """Why `value` is not what is asked for; empty if it is."""
    if output.kind == "number":
        is_number = isinstance(value, int | float | np.floating | np.integer)
        is_number = is_number and not isinstance(value, bool)
        if is_number or (type(value) is np.ndarray and value.shape == () and _is_float(value)):
            return ""
        return f"{output.name} is {_kind_of(value)} where one number is asked for"
    if type(value) is not np.ndarray:
        return f"{output.name} is {_kind_of(value)} where a NumPy array is asked for"
    if output.kind == "mask":
        return "" if value.dtype == np.bool_ else f"{output.name} has dtype {value.dtype}, not bool"
    if not _is_float(value):
        return f"{output.name} has dtype {value.dtype} where a floating one is asked for"
    return ""


def _is_float(value: Array) -> bool:
    return bool(np.issubdtype(value.dtype, np.floating))


def _kind_of(value: Any) -> str:
    return "None (is there a return?)" if value is None else f"a {type(value).__name__}"


def _inputs_unchanged(task: Task, case: Case, args: tuple[Any, ...]) -> tuple[str, str]:
    for name, before, after in zip(task.arguments, case.args, args, strict=True):
        if isinstance(before, np.ndarray) and not np.array_equal(before, after):
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
    message = f"{name}: {error}" if kind == "exception" else str(error)
    message += f" (line: {line})" if line else ""
    # two ways to say that shapes do not fit: which of them depends on the style, not on the bug
    family = "shapes do not fit" if name in ("IndexError", "ValueError") else name
    return Observation(case, kind, message[:400], error=family if kind == "exception" else "")


def _line_of(error: BaseException, function: Function) -> str:
    """The learner's own line that raised, as text; empty where it can't be told."""
    code = getattr(function, "__code__", None)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if code is not None and frame.filename == code.co_filename and frame.lineno:
            return linecache.getline(frame.filename, frame.lineno).strip()
    return ""
