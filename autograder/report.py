"""The verdict as data and as text: points by property, the smallest failing case, one hint."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.gradcheck import largest_gap
from autograder.hints import Hint
from autograder.observe import Observation, expected_leaves
from autograder.task import Case, Task, arguments_text, members

MOST_LINES = 25
WIDTH = 88
LONGEST = 120  # a line with an error message may be longer, but not without end


@dataclass(frozen=True)
class PropertyResult:
    """One property: passed or not, and if not, what was seen (`kind`, of an observation)."""

    name: str
    points: float
    passed: bool
    message: str
    kind: str


@dataclass(frozen=True)
class Report:
    """The verdict on one function."""

    task: Task
    properties: tuple[PropertyResult, ...]
    found: tuple[Hint, ...]
    example: Observation | None

    @property
    def score(self) -> float:
        """The points of the properties that hold: a plain float in [0, points]."""
        return float(sum(p.points for p in self.properties if p.passed))

    @property
    def points(self) -> float:
        return self.task.points

    @property
    def hints(self) -> tuple[str, ...]:
        """Ids, the most likely first."""
        return tuple(h.id for h in self.found)

    @property
    def status(self) -> str:
        """blank, timeout, crashed, error (it raised on every case, or is not defined), graded."""
        kinds = [p.kind for p in self.properties]
        for kind in ("blank", "timeout", "crashed"):
            if kind in kinds:
                return kind
        failed = all(kind in ("exception", "missing", "not called") for kind in kinds)
        return "error" if failed else "graded"

    def text(self) -> str:
        """The report in at most 25 lines of plain text."""
        lines = [f"{self.task.signature}: {self.score:g} of {self.points:g} points"]
        wide = max(len(p.name) for p in self.properties)
        lines += [_property_line(p, wide) for p in self.properties]
        if self.example is not None:
            lines += _example_lines(self.task, self.example)
        if self.found:
            lines += _wrapped("Hint: " + self.found[0].text)
        return "\n".join(lines[:MOST_LINES])


def _property_line(p: PropertyResult, wide: int) -> str:
    mark, earned = ("ok ", p.points) if p.passed else ("-- ", 0.0)
    line = f"  {mark} {p.name:<{wide}} {earned:>3g} of {p.points:g}"
    return _cut(f"{line}  {p.message}".rstrip())


def _example_lines(task: Task, seen: Observation) -> list[str]:
    """The arguments, what came back, and what was expected.

    A case that is none of the task's own examples is told by its shapes alone: its numbers come
    from the seed, which is a secret in grading.
    """
    if seen.case not in task.examples:
        where = textwrap.shorten(arguments_text(task, seen.case.args), 2 * WIDTH)
        return [*_wrapped(f"It fails for {where}:"), _cut(f"  {seen.message}")]
    lines = ["The smallest case that fails:"]
    lines += _arguments(task, seen.case)
    if seen.kind in ("exception", "type"):
        return [*lines, _cut(f"  {seen.message}")]
    if task.accept is not None:
        return [*lines, _cut(f"  {seen.message}")]
    pairs = [
        (output.name, np.asarray(got), np.asarray(want))
        for got, (output, want) in zip(seen.outputs, expected_leaves(task, seen.case), strict=True)
    ]
    wrong = [pair for pair in pairs if not _agree(*pair[1:])]
    return [*lines, *_compared(*(wrong or pairs)[0])]


def _agree(got: "np.ndarray[Any, Any]", want: "np.ndarray[Any, Any]") -> bool:
    return got.shape == want.shape and np.allclose(got, want, rtol=1e-6, atol=1e-9)


def _arguments(task: Task, case: Case) -> list[str]:
    """The arrays, a line each where they don't fit into one; then the numbers in a line."""
    pairs = zip(task.arguments, case.args, strict=True)
    named = [member for argument, value in pairs for member in members(argument, value)]
    arrays = [f"{name} {_array(value)}" for name, value in named if isinstance(value, np.ndarray)]
    numbers = ", ".join(
        f"{n} = {value!r}" for n, value in named if not isinstance(value, np.ndarray)
    )
    whole = "  " + ", ".join([*arrays, *([numbers] if numbers else [])])
    if len(whole) <= WIDTH:
        return [whole]
    return [f"  {line}" for line in [*arrays, numbers] if line]


def _array(a: "np.ndarray[Any, Any]") -> str:
    values = np.array2string(a, separator=", ", formatter={"float_kind": lambda x: f"{x:g}"})
    return f"{a.shape} = {' '.join(values.split())}"


def _compared(name: str, got: "np.ndarray[Any, Any]", want: "np.ndarray[Any, Any]") -> list[str]:
    if got.shape != want.shape:
        return [f"  {name}: yours has shape {got.shape}, expected {want.shape}"]
    if got.ndim == 0:
        return [f"  {name}: yours {_number(got.item())}, expected {_number(want.item())}"]
    _, at = largest_gap(np.asarray(got, float), np.asarray(want, float))
    front, index = at[:-2], ", ".join(map(str, at))
    yours, right = _rows(got[front]), _rows(want[front])
    wide = max(len(r) for r in [*yours, "yours"])
    where = f"{name}[{', '.join(map(str, front))}]" if front else name
    table = [f"    {a:<{wide}}    {b}" for a, b in zip(yours, right, strict=True)]
    first = (
        f"  {name}[{index}]: yours {_number(got[at])}, expected {_number(want[at])}; "
        f"the whole {where}:"
    )
    return [first, f"    {'yours':<{wide}}    expected", *table]


def _rows(a: "np.ndarray[Any, Any]") -> list[str]:
    """A map as lines of right-aligned numbers."""
    cells = [[_number(x) for x in row] for row in np.atleast_2d(a)]
    wide = max(len(c) for row in cells for c in row)
    return [" ".join(c.rjust(wide) for c in row) for row in cells]


def _number(x: Any) -> str:
    if isinstance(x, bool | np.bool_):
        return "True" if x else "False"
    return f"{float(x):.4g}"


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else line[: LONGEST - 4] + " ..."


def _wrapped(text: str) -> Sequence[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="      ")
