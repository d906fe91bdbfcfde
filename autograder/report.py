"""The verdict as data and as text: points by property, the smallest failing case, one hint."""

import builtins
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np

from autograder import picture
from autograder.gradcheck import largest_gap
from autograder.hints import Hint
from autograder.observe import Observation, expected_leaves
from autograder.task import Case, Task, arguments_text, members

MOST_LINES = 25
WIDTH = 88
LARGEST = 12  # rows and columns of a map in a picture
LONGEST = 120  # a line with an error message may be longer, but not without end


# What a learner is told of a case whose numbers are secret. Of the kinds that are not here the
# message says nothing that the learner's program could have put into it.
PUBLIC = {
    "wrong": "other numbers than expected",
    "shape": "another shape than expected",
    "type": "another kind of value than asked for",
    "nan": "NaN or infinity",
    "crashed": "the process ended",
}


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
    remarks: tuple[str, ...] = ()  # what a right answer could do better; it costs no points

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

    def public(self) -> "Report":
        """The report without anything that depends on the cases' numbers, which grading hides.

        What stays are the properties, the hint, and the example if it is one of the task's own.
        Messages are in our words: a program could put what it was called with into its own.
        """
        shown = tuple(replace(p, message=_public_message(p)) for p in self.properties)
        public = self.example is not None and self.example.case in self.task.examples
        return replace(self, properties=shown, example=self.example if public else None)

    def example_text(self) -> str:
        """The smallest failing case as text: arguments, what came back, what was expected."""
        return "" if self.example is None else "\n".join(_example_lines(self.task, self.example))

    def text(self) -> str:
        """The report in at most 25 lines of plain text."""
        lines = [f"{self.task.signature}: {self.score:g} of {self.points:g} points"]
        wide = max(len(p.name) for p in self.properties)
        lines += [_property_line(p, wide) for p in self.properties]
        rest: list[str] = []
        if self.example is not None:
            rest += _example_lines(self.task, self.example)
        if self.found:
            rest += _wrapped("Hint: " + self.found[0].text)
        if self.remarks and len(lines) + len(rest) < MOST_LINES:
            lines.append(_cut(f"Remark: {self.remarks[0]}"))
        return "\n".join([*lines, *rest][:MOST_LINES])

    def picture(self) -> str:
        """The smallest failing example as HTML: your map, the right one, what one is off; or ""."""
        return "" if self.example is None else _error_maps(self.task, self.example)

    def html(self) -> str:
        """The report as HTML: properties and points, the failing example, its picture, the hint.

        Self-contained and inert: whatever came from the function under test stands there escaped.
        """
        rows = "".join(
            f"<tr><th scope='row'>{'✓' if p.passed else '✗'} {escape(p.name)}</th>"
            f"<td>{p.points if p.passed else 0:g} of {p.points:g}</td>"
            f"<td>{escape(_cut(p.message))}</td></tr>"
            for p in self.properties
        )
        parts = [
            f"<p><strong><code>{escape(self.task.signature)}</code>: "
            f"{self.score:g} of {self.points:g} points</strong></p>",
            "<table><thead><tr><th scope='col'>property</th><th scope='col'>points</th>"
            f"<th scope='col'>what was seen</th></tr></thead><tbody>{rows}</tbody></table>",
        ]
        parts += [f"<p>Remark: {escape(_cut(remark))}</p>" for remark in self.remarks]
        if self.example is not None:
            parts.append(f"<pre>{escape(self.example_text())}</pre>{self.picture()}")
        if self.found:
            parts.append(f"<p><strong>Hint:</strong> {escape(self.found[0].text)}</p>")
        return f'<div class="check-report">{"".join(parts)}</div>'

    _repr_html_ = html  # what a notebook shows for `judge(...)`


def _public_message(p: PropertyResult) -> str:
    if p.kind == "exception":
        name = p.message.split(":")[0]
        known = getattr(builtins, name, None)
        is_error = isinstance(known, type) and issubclass(known, BaseException)
        return f"it raised {name}" if is_error else "it raised an error"
    if p.kind == "missing":
        return p.message.split(":")[0]
    return PUBLIC.get(p.kind, p.message)


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
    lines += example_arguments(task, seen.case)
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


def _error_maps(task: Task, seen: Observation) -> str:
    """ "" for what is no array of numbers, or has no expected values to compare with."""
    if seen.case not in task.examples or task.accept is not None or not seen.outputs:
        return ""
    compared = zip(seen.outputs, expected_leaves(task, seen.case), strict=True)
    arrays = [(o.name, np.asarray(got), np.asarray(want)) for got, (o, want) in compared]
    wrong = [(n, got, want) for n, got, want in arrays if want.ndim and not _agree(got, want)]
    if not wrong or not wrong[0][1].size or wrong[0][1].dtype.kind not in "bfiu":
        return ""
    name, got, want = wrong[0]
    if got.shape != want.shape:
        maps = {f"yours {got.shape}": _map_of(got), f"expected {want.shape}": _map_of(want)}
        maps = {title: a[:LARGEST, :LARGEST] for title, a in maps.items() if a.size}
        return picture.maps(maps, alt=f"{name} as it came back, and as it is expected")
    _, at = largest_gap(np.asarray(got, float), np.asarray(want, float))
    got, want = (np.atleast_2d(np.asarray(a[at[:-2]], float)) for a in (got, want))
    off = got - want
    where = f"{name}[{', '.join(map(str, at[:-2]))}]" if len(at) > 2 else name
    alt = f"{where}: yours, the expected values, and by how much yours is off, cell by cell"
    here = [(int(r), int(c)) for r, c in np.argwhere(~np.isclose(got, want, rtol=1e-6, atol=1e-9))]
    maps = {f"{where}, yours": got, "expected": want, "yours − expected": off}
    return picture.maps(maps, alt=alt, marked=here)


def _map_of(a: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """The first map of an array of any number of axes."""
    a = np.asarray(a, float)
    return np.atleast_2d(a[(0,) * max(a.ndim - 2, 0)]) if a.size else np.zeros((0, 0))


def _agree(got: "np.ndarray[Any, Any]", want: "np.ndarray[Any, Any]") -> bool:
    return got.shape == want.shape and np.allclose(got, want, rtol=1e-6, atol=1e-9)


def example_arguments(task: Task, case: Case) -> list[str]:
    """The arrays, a line each where they don't fit into one; then the numbers in a line."""
    pairs = zip(task.arguments, case.args, strict=True)
    named = [member for argument, value in pairs for member in members(argument, value)]
    arrays = [f"{name} {values(value)}" for name, value in named if isinstance(value, np.ndarray)]
    numbers = ", ".join(
        f"{n} = {value!r}" for n, value in named if not isinstance(value, np.ndarray)
    )
    whole = "  " + ", ".join([*arrays, *([numbers] if numbers else [])])
    if len(whole) <= WIDTH:
        return [whole]
    return [f"  {line}" for line in [*arrays, numbers] if line]


def values(a: "np.ndarray[Any, Any]") -> str:
    """An array's shape and its numbers in one line."""
    text = np.array2string(a, separator=", ", formatter={"float_kind": lambda x: f"{x + 0.0:g}"})
    return f"{a.shape} = {' '.join(text.split())}"


def _compared(name: str, got: "np.ndarray[Any, Any]", want: "np.ndarray[Any, Any]") -> list[str]:
    if got.shape != want.shape:
        return [f"  {name}: yours has shape {got.shape}, expected {want.shape}"]
    if got.ndim == 0:
        return [f"  {name}: yours {number(got.item())}, expected {number(want.item())}"]
    _, at = largest_gap(np.asarray(got, float), np.asarray(want, float))
    front, index = at[:-2], ", ".join(map(str, at))
    yours, right = _rows(got[front]), _rows(want[front])
    wide = max(len(r) for r in [*yours, "yours"])
    where = f"{name}[{', '.join(map(str, front))}]" if front else name
    table = [f"    {a:<{wide}}    {b}" for a, b in zip(yours, right, strict=True)]
    first = (
        f"  {name}[{index}]: yours {number(got[at])}, expected {number(want[at])}; "
        f"the whole {where}:"
    )
    return [first, f"    {'yours':<{wide}}    expected", *table]


def _rows(a: "np.ndarray[Any, Any]") -> list[str]:
    """A map as lines of right-aligned numbers."""
    cells = [[number(x) for x in row] for row in np.atleast_2d(a)]
    wide = max(len(c) for row in cells for c in row)
    return [" ".join(c.rjust(wide) for c in row) for row in cells]


def number(x: Any) -> str:
    """A number or truth value, as it stands in a report."""
    if isinstance(x, bool | np.bool_):
        return "True" if x else "False"
    return f"{float(x) + 0.0:.4g}"  # + 0.0: no -0 on a page for learners


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else line[: LONGEST - 4] + " ..."


def _wrapped(text: str) -> Sequence[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="      ")
