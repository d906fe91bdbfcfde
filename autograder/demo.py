"""A synthetic class: right answers in several styles, every misconception, and broken notebooks.

It shows an instructor what comes out, and it is a test: each student's row is known beforehand.
"""

import ast
import copy
import inspect
import json
import shutil
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import behaviours
from autograder.build import build, chapters, write_if_changed
from autograder.task import Function, Misconception, Task
from autograder.tasks import all_tasks

Change = Callable[[NotebookNode], None]

ENDLESS = "    while True:\n        pass"
WRONG_SHAPE = "    return np.zeros((1, 2, 3))"


def make_class(out: Path) -> Path:
    """OUT/submitted with everybody's notebooks; that folder.

    A demo class of an earlier run is replaced. Raises ValueError if OUT holds a class that no
    demo has made.
    """
    submitted, marker = out / "submitted", out / "demo-class"
    if submitted.exists() and not marker.exists():
        raise ValueError(f"`out` (={str(out)!r}) holds submissions of a real class; choose another")
    for made_before in ("submitted", "rebuilt", "autograded", "feedback"):
        shutil.rmtree(out / made_before, ignore_errors=True)
    (out / "gradebook.db").unlink(missing_ok=True)
    build(out, exercises=None, force=True)
    marker.touch()
    for chapter, path in chapters().items():
        release = out / "release" / chapter / f"{path.stem}.ipynb"
        for student, content in students(chapter, nbformat.read(release, as_version=4)):
            write_if_changed(submitted / student / chapter / release.name, content)
    return submitted


def students(chapter: str, blank: NotebookNode) -> Iterator[tuple[str, str]]:
    """(name, content of the notebook file) for everybody in the class."""
    tasks = {name: t for name, t in all_tasks().items() if t.chapter == chapter}
    right = {name: answer_source(t.solution, t) for name, t in tasks.items()}
    last = list(tasks)[-1]

    def handed_in(answers: Mapping[str, str], change: Change | None = None) -> str:
        notebook = solved(blank, answers)
        if change is not None:
            change(notebook)
        return str(nbformat.writes(notebook))

    yield "blank", handed_in({})
    yield "perfect-model", handed_in(right)
    styles = import_module(f"autograder.styles.{chapters()[chapter].stem}").STYLES
    for style, functions in styles.items():
        written = {name: answer_source(functions[name], t) for name, t in tasks.items()}
        yield f"perfect-{style}", handed_in(written)
    for name, task in tasks.items():
        for misconception in task.misconceptions:
            wrong = {**right, name: wrong_source(misconception, task)}
            yield f"wrong-{name}-{misconception.id}", handed_in(wrong)

    def with_last(body: str) -> dict[str, str]:
        return {**right, last: f"{_head(tasks[last])}\n{body}"}

    yield "odd-syntax-error", handed_in({**right, last: f"{_head(tasks[last])}\n    return dy +"})
    yield "odd-wrong-shape", handed_in(with_last(WRONG_SHAPE))
    yield "odd-endless-loop", handed_in(with_last(ENDLESS))
    yield "odd-exception", handed_in(with_last("    return dz @ w[0, 0, 0, 0, 0]"))
    yield "odd-exit", handed_in(with_last("    import os\n    os._exit(1)"))
    yield "odd-copied-check", handed_in(right, partial(_copy_check, f"{last}"))
    yield "odd-deleted-answer", handed_in(right, partial(_delete, f"{last}-answer"))
    yield "odd-deleted-check", handed_in(right, partial(_delete, f"{last}"))
    yield "odd-not-json", "this is not a notebook"
    yield "odd-no-cells", json.dumps({"hello": "world"})


def solved(blank: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """The released notebook with these answers, {task name: source}, in its answer cells."""
    notebook = copy.deepcopy(blank)
    for cell in notebook.cells:
        name = str(cell.metadata.get("nbgrader", {}).get("grade_id", "")).removesuffix("-answer")
        if name in answers and cell.metadata.nbgrader.solution:
            cell.source = answers[name]
    return notebook


def answer_source(function: Function, task: Task) -> str:
    """The function's source under the task's name, without annotations of ours."""
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    body = source.splitlines()[definition.body[0].lineno - 1 :]
    return "\n".join([_head(task), *body]) + "\n"


def _head(task: Task) -> str:
    return f"def {task.signature}:"


def wrong_source(misconception: Misconception, task: Task) -> str:
    """A cell that answers the task just as the misconception does."""
    wrong = misconception.wrong
    assert isinstance(wrong, partial)
    source = textwrap.dedent(inspect.getsource(wrong.func))
    arguments = ", ".join(task.arguments)
    if wrong.func is task.wrong:
        first = repr(set(wrong.args[0]))
        helper = source
    else:  # a behaviour: it wraps the right function
        first = "right_answer"
        helper = f"{_renamed(task)}\n\n{_needed(source)}{source}"
    helper = "from __future__ import annotations\n\n\n" + helper
    call = f"    return {wrong.func.__name__}({first}, {arguments})"
    return f"{helper}\n\n{_head(task)}\n{call}\n"


def _renamed(task: Task) -> str:
    return answer_source(task.solution, task).replace(f"def {task.name}(", "def right_answer(", 1)


def _needed(source: str) -> str:
    """What a behaviour closes over."""
    needed = (
        "from itertools import count\n\ncalls = count()\n\n\n" if "next(calls)" in source else ""
    )
    return needed + (inspect.getsource(behaviours._each) + "\n\n" if "_each(" in source else "")


def _delete(grade_id: str, notebook: NotebookNode) -> None:
    notebook.cells = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") != grade_id
    ]


def _copy_check(grade_id: str, notebook: NotebookNode) -> None:
    for number, cell in enumerate(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            copied = copy.deepcopy(cell)
            copied["id"] = "copied-check"
            notebook.cells.insert(number + 1, copied)
            return
