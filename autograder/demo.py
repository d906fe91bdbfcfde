"""A synthetic class of some forty students who hand in several chapters each.

Right answers in every style, wrong ones drawn from the misconceptions, blank and broken notebooks.
It shows an instructor what comes out, and it is a test: `handed_in` is the class as data, from
which each student's rows can be worked out without grading.
"""

import copy
import json
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode

from autograder.answers import answer_source, head_of, solved, wrong_source
from autograder.build import build, chapters, write_if_changed
from autograder.task import Function, Misconception, Task
from autograder.tasks import all_tasks

SEED = 2026  # of the demo's run: nothing secret is graded with it
GROUPS = "abc"  # a kind of student hands in every third chapter
WRONG = 4  # students of a chapter whose every answer is wrong, each in another way
# What stands below the head of the last answer; the other answers are right.
BODIES = {
    "syntax-error": "    return (",
    "wrong-shape": "    return np.zeros((1, 2, 3))",
    "endless-loop": "    while True:\n        pass",
    "exception": "    return [][0]",
    "exit": "    import os\n    os._exit(1)",
}
# Right answers, and a notebook that has been through something.
MISHAPS = ("copied-check", "deleted-answer", "deleted-check")
FILES = {"not-json": "this is not a notebook", "no-cells": json.dumps({"hello": "world"})}
ODD = (*BODIES, *MISHAPS, *FILES)


@dataclass(frozen=True)
class HandedIn:
    """One submission of the class.

    kind: "right" (as the model answers, or in the chapter's `style`-th style), "blank", "wrong" (by
    `bugs`, a misconception for each task, or for some), or one of ODD: the chapter's last answer,
    or the file, is broken.
    """

    student: str
    chapter: str
    kind: str
    style: int = 0
    bugs: Mapping[str, Misconception] = field(default_factory=dict)


def tasks_of(chapter: str) -> dict[str, Task]:
    """The chapter's tasks by name, in their order."""
    return {name: t for name, t in all_tasks().items() if t.chapter == chapter}


def handed_in() -> list[HandedIn]:
    """The class, for whatever chapters have exercises."""
    trains = {c for c in chapters() if any(t.through for t in tasks_of(c).values())}
    whole: list[HandedIn] = []
    for number, chapter in enumerate(chapters()):
        group = GROUPS[number % len(GROUPS)]
        if chapter in trains:  # a training takes seconds
            whole += [_right(group, chapter, 0), _blank(group, chapter), _wrong(group, chapter, 1)]
        else:
            whole += [_right(group, chapter, style) for style in range(len(_styles(chapter)) + 1)]
            whole += [_blank(group, chapter)]
            whole += [_wrong(group, chapter, which) for which in range(1, WRONG + 1)]
    quick = [c for c in chapters() if c not in trains]
    for number, kind in enumerate(ODD):
        here, next_one = (quick[(number + k) % len(quick)] for k in (0, 1))
        whole.append(HandedIn(f"odd-{kind}", here, kind))
        if next_one != here:  # what went wrong in one chapter stays there
            whole.append(HandedIn(f"odd-{kind}", next_one, "right"))
    return whole


def _right(group: str, chapter: str, style: int) -> HandedIn:
    name = f"style-{style}" if style else "model"
    return HandedIn(f"right-{name}-{group}", chapter, "right", style)


def _blank(group: str, chapter: str) -> HandedIn:
    return HandedIn(f"blank-{group}", chapter, "blank")


def _wrong(group: str, chapter: str, which: int) -> HandedIn:
    bugs = {}
    for name, task in tasks_of(chapter).items():
        order = np.random.default_rng(zlib.crc32(name.encode())).permutation(
            len(task.misconceptions)
        )
        bugs[name] = task.misconceptions[order[which % len(order)]]
    return HandedIn(f"wrong-{which}-{group}", chapter, "wrong", bugs=bugs)


def _styles(chapter: str) -> dict[str, dict[str, Function]]:
    styles = import_module(f"autograder.styles.{chapters()[chapter].stem}").STYLES
    return dict(styles)


def make_class(out: Path) -> Path:
    """OUT/submitted with everybody's notebooks; that folder.

    A demo class of an earlier run is replaced. Raises ValueError if OUT holds a class that no
    demo has made.
    """
    submitted, marker = out / "submitted", out / "demo-class"
    if submitted.exists() and not marker.exists():
        raise ValueError(f"`out` (={str(out)!r}) holds submissions of a real class; choose another")
    for made_before in ("submitted", "autograded", "feedback", "verdicts"):
        shutil.rmtree(out / made_before, ignore_errors=True)
    for name in ("gradebook.db", "seed"):
        (out / name).unlink(missing_ok=True)
    build(out, exercises=None, force=True)
    marker.touch()
    (submitted / "nothing-handed-in").mkdir(parents=True)
    blanks = {
        c: nbformat.read(out / "release" / c / f"{path.stem}.ipynb", as_version=4)
        for c, path in chapters().items()
    }
    for one in handed_in():
        name = f"{chapters()[one.chapter].stem}.ipynb"
        content = notebook_file(one, blanks[one.chapter])
        write_if_changed(submitted / one.student / one.chapter / name, content)
    return submitted


def notebook_file(one: HandedIn, blank: NotebookNode) -> str:
    """The content of the file that is handed in."""
    if one.kind in FILES:
        return FILES[one.kind]
    notebook = solved(blank, _answers(one))
    last = list(tasks_of(one.chapter))[-1]
    if one.kind == "copied-check":
        _copy(last, notebook)
    elif one.kind in ("deleted-answer", "deleted-check"):
        _delete(last + "-answer" * (one.kind == "deleted-answer"), notebook)
    return str(nbformat.writes(notebook))


def _answers(one: HandedIn) -> dict[str, str]:
    tasks = tasks_of(one.chapter)
    if one.kind == "blank":
        return {}
    style = list(_styles(one.chapter).values())[one.style - 1] if one.style else {}
    answers = {name: answer_source(style.get(name, t.solution), t) for name, t in tasks.items()}
    answers |= {name: wrong_source(bug, tasks[name]) for name, bug in one.bugs.items()}
    if one.kind in BODIES:
        answers |= {list(tasks)[-1]: broken_answer(one.kind, list(tasks.values())[-1])}
    return answers


def broken_answer(kind: str, task: Task) -> str:
    """The cell of an odd student's last answer."""
    return f"{head_of(task)}\n{BODIES[kind]}\n"


def _delete(grade_id: str, notebook: NotebookNode) -> None:
    notebook.cells = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") != grade_id
    ]


def _copy(grade_id: str, notebook: NotebookNode) -> None:
    for number, cell in enumerate(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            copied = copy.deepcopy(cell)
            copied["id"] = "copied-check"
            notebook.cells.insert(number + 1, copied)
            return


__all__ = ["HandedIn", "answer_source", "handed_in", "make_class", "solved", "wrong_source"]
