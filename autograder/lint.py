"""What to mend in a course before it is released.

Only `check(...)` cells can be graded here: a learner's functions run in another process, and the
judge sees plain numbers. So test cells in the style of one kernel are named, with what to do.
Further: points that do not add up, tasks without properties, and solutions that show.
"""

import ast
import inspect
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.build import chapters, edited_by_hand, instructor_notebook, split_at_docstring
from autograder.task import Task
from autograder.tasks import all_tasks

FEWEST_PROPERTIES = 2
PLACEHOLDER = "https://github.com/example/"  # whose repository nobody can fetch
TELLING = 34  # a line of a model answer that is so long gives it away

# What a test in one kernel may do and a test against another process can't: (pattern, what to do).
IDIOMS = (
    (r"\bget_?source\b", "inspect.getsource sees no learner's code: judge what comes back"),
    (r"\bpatch\s*\(|\bmock\b|monkeypatch", "patching reaches no other process: judge by work done"),
    (r"\bisinstance\s*\(", "a class of yours does not cross to the learner's process"),
    (r"(^|\n)\s*[!%]|\bget_ipython\b", "shell and IPython commands do not run in grading"),
    (r"\bglobals\s*\(|\blocals\s*\(|\bdel \w+", "the learner's variables are in another process"),
    (
        r"\bsubprocess\b|\bos\.system\b|\bsocket\b|\burllib\b|\brequests\b",
        "no processes, no network",
    ),
    (r"\bopen\s*\(|\bload(txt)?\s*\(|read_csv|\bPath\s*\(", "no files but the notebook are there"),
    (r"\binput\s*\(", "nobody is there to answer"),
    (r"BEGIN HIDDEN TESTS", "hidden tests are not needed: grading draws its own numbers"),
)
# What given code may not do either: it runs in the learner's process too.
GIVEN = tuple(row for row in IDIOMS if row[0].startswith((r"\bsubprocess", r"\bopen", r"\binput")))
SECRETS = (
    (r"\bsolutions\b", "imports the reference package, which no learner's process has"),
    (r"autograder\.(tasks|judge|styles|verdict|grading)", "imports what only the grader has"),
)


@dataclass(frozen=True)
class Finding:
    """One thing to mend: where, and what."""

    notebook: str
    cell: str
    message: str

    def cells(self) -> list[str]:
        return [self.notebook, self.cell, self.message]


def lint(course: Path | None = None) -> list[Finding]:
    """The findings for the book's sources; with `course`, for the notebooks in course/source.

    Raises ValueError when there are none.
    """
    if course is None:
        notebooks = [(path.stem, instructor_notebook(path)) for path in chapters().values()]
    else:
        paths = sorted((course / "source").glob("*/*.ipynb"))
        notebooks = [(path.stem, nbformat.read(path, as_version=4)) for path in paths]
    if not notebooks:
        raise ValueError(f"`course` (={str(course)!r}) holds no source/<chapter>/<notebook>.ipynb")
    found = [f for stem, notebook in notebooks for f in lint_notebook(stem, notebook)]
    return [*found, *lint_tasks(list(all_tasks().values()))]


def notes(course: Path) -> list[str]:
    """What to know of a course before it is released, though nothing in it is wrong."""
    told = [_edited(course, place) for place in edited_by_hand(course)]
    released = sorted((course / "release").glob("*/*.ipynb"))
    if any(f"git+{PLACEHOLDER}" in path.read_text() for path in released):
        told.append(
            f"the install cell of the released notebooks fetches from {PLACEHOLDER}..., where "
            "nothing is: change repository.url in _config.yml to your fork, and build again"
        )
    return told


def _edited(course: Path, place: str) -> str:
    source, release = course / "source" / place, course / "release" / place
    chapter = place.split("/")[0]
    if _comes_from(release, source):
        return (
            f"{source} was edited by hand, and the released notebook comes from it; what "
            "autograder/source says of the chapter does not reach it any more"
        )
    return (
        f"{source} was edited by hand, and the released notebook does not come from it: run "
        f"`nbgrader generate_assignment {chapter} --force` in {course}, or put the change into "
        "the chapter's text in autograder/source"
    )


def _comes_from(release: Path, source: Path) -> bool:
    """Whether a released notebook shows, cell by cell, what stands in the source now."""
    if not release.exists():
        return False
    theirs, ours = (nbformat.read(path, as_version=4).cells for path in (release, source))
    return len(theirs) == len(ours) and all(map(_shows, theirs, ours))


def _shows(released: NotebookNode, cell: NotebookNode) -> bool:
    """Of a cell with a solution, the lines before it count: the statement is there."""
    head, cut, _ = cell.source.partition("### BEGIN")
    if cut:
        return bool(released.source.startswith(head.rstrip()))
    return bool(released.source == cell.source)


def lint_tasks(tasks: Sequence[Task]) -> list[Finding]:
    """What is wrong with the tasks themselves."""
    return [
        Finding(t.chapter, t.name, message)
        for t in tasks
        for wrong, message in (
            (not t.properties, "has no properties: nothing can be scored"),
            (0 < len(t.properties) < FEWEST_PROPERTIES, "has one property: it is all or nothing"),
            (any(not p.points > 0 for p in t.properties), "has a property without points"),
            (not math.isfinite(t.points), "has points that are no number"),
            (not (t.examples or t.through), "has no example to show when it fails"),
            (not t.misconceptions, "knows no misconception: no hint can name one"),
        )
        if wrong
    ]


def lint_notebook(stem: str, notebook: NotebookNode) -> list[Finding]:
    """What is wrong with one source notebook. `stem` begins with the chapter: "ch05_dy"."""
    chapter = stem.split("_")[0]
    mine = {name: t for name, t in all_tasks().items() if t.chapter == chapter}
    found = [
        Finding(stem, _name(cell, number), message)
        for number, cell in enumerate(notebook.cells)
        for message in _cell(cell, mine)
    ]
    return [*found, *(Finding(stem, "", message) for message in _whole(notebook, mine))]


def _cell(cell: NotebookNode, mine: dict[str, Task]) -> Iterator[str]:
    marks = cell.metadata.get("nbgrader", {})
    if cell.cell_type == "code" and marks.get("grade"):
        yield from _graded(cell, marks, mine)
    elif cell.cell_type == "code" and marks.get("locked"):
        yield from (why for pattern, why in GIVEN if re.search(pattern, cell.source))
        yield from (why for pattern, why in SECRETS if re.search(pattern, _imports(cell.source)))
    if cell.get("outputs"):
        yield "has outputs: clear them, they may show answers"
    if not marks.get("solution"):
        yield from (f"shows a line of the model answer of {n}" for n in _leaks(cell.source))


def _graded(cell: NotebookNode, marks: Any, mine: dict[str, Task]) -> Iterator[str]:
    name = str(marks.get("grade_id", ""))
    called = _called(cell.source)
    if marks.get("solution"):
        yield "is graded by hand: no such cell is graded here"
        return
    if called is None:
        yield 'is no `check(function, "task")`: only such cells can be graded'
        yield from (why for pattern, why in IDIOMS if re.search(pattern, cell.source))
        return
    if name not in mine:
        yield f"its grade id {name!r} is no task of this chapter"
        return
    if called != name:
        yield f"checks {called!r} under the grade id {name!r}"
    if marks.get("points") != mine[name].points:
        yield f"has {marks.get('points')} points; the task's properties add up to {mine[name].points:g}"
    if not marks.get("locked"):
        yield "is not locked"


def _called(source: str) -> str | None:
    """The task that a check cell names; None if it is another kind of cell."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return None
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
        return None
    if call.func.id != "check" or len(call.args) != 2 or not isinstance(call.args[1], ast.Constant):
        return None
    return str(call.args[1].value).split("@")[0]


def _imports(source: str) -> str:
    return "\n".join(re.findall(r"^\s*(?:import|from) .*$", source, re.M))


def _whole(notebook: NotebookNode, mine: dict[str, Task]) -> Iterator[str]:
    order = [str(c.metadata.get("nbgrader", {}).get("grade_id", "")) for c in notebook.cells]
    for name in mine:
        answer = f"{name}-answer"
        if name not in order or answer not in order:
            yield f"task {name} has no {'check' if name not in order else 'answer'} cell"
        elif order.index(name) < order.index(answer):
            yield f"the check of {name} comes before its answer cell"
    twice = sorted({n for n in order if n and order.count(n) > 1})
    if twice:
        yield f"grade ids are there twice: {', '.join(twice)}"
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    told = re.search(r"\bworth ([\d.]+(?:(?:,| and|, and)\s+[\d.]+)*)\s+points", text)
    if told:
        numbers = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", told[1])]
        points = [t.points for t in mine.values()]
        if len(numbers) > 1 and numbers != points:
            yield f"the text says {told[1]} points; the tasks have {[f'{p:g}' for p in points]}"


def _name(cell: NotebookNode, number: int) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id") or number)


def _leaks(source: str) -> list[str]:
    """The tasks of whose model answer a telling line stands here."""
    shown = {" ".join(line.split("#")[0].split()) for line in source.splitlines()}
    return [name for name, lines in _telling().items() if lines & shown]


@cache
def _telling() -> dict[str, set[str]]:
    """{task: the lines of its model answer that are long enough to give it away}."""
    return {name: _long_lines(task) for name, task in all_tasks().items()}


def _long_lines(task: Task) -> set[str]:
    _, body = split_at_docstring(inspect.getsource(task.solution))
    lines = {" ".join(line.split("#")[0].split()) for line in body.splitlines()}
    return {line for line in lines if len(line) >= TELLING}
