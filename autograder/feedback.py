"""A submission's feedback as one self-contained page: report and own code side by side.

OUT/feedback/<student>/<chapter>/<notebook>.html. It shows what `verdict` stored of the public
report: properties and points, the task's own smallest example, the hint. What a learner wrote
stands there as text.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from markupsafe import Markup

from autograder.build import write_if_changed
from autograder.html_page import LONGEST, anchor, document
from autograder.submission import Cell, Unreadable, read_file
from autograder.tasks import get_task

SECRET = "submission_secret.txt"  # by which nbgrader's exchange knows whose feedback it is
MOST_SECRET = 1000  # bytes
MOST_ADDED = 200_000  # characters of the cells that a learner added that a page shows
FOLDED = '"""(the statement, as it was released)"""'

SAID = {
    "graded": "",
    "blank": "Nothing is written yet: the function still raises NotImplementedError.",
    "error": "The function, or the cell that defines it, raised an error.",
    "timeout": "A call was stopped: it did not end within its limit of CPU time.",
    "crashed": "The Python process ended while the function ran.",
    "missing": "Nothing was handed in for this chapter.",
    "unreadable": "Not judged: the file that was handed in could not be read.",
}
RELEASED = "The answer cell is as it was released."


def page(
    student: str,
    title: str,
    cells: Sequence[Cell],
    tasks: Mapping[str, Mapping[str, Any]],
    problem: str = "",
    stubs: Mapping[str, str] | None = None,
    failed: Mapping[str, str] | None = None,
) -> str:
    """The page of one submission.

    `cells` are those that were graded, `tasks` the verdict's rows, `problem` what kept the file
    from being read. `stubs` are the released answer cells, {grade id: source}: an answer that is
    still one of them is not shown as code, and the statement in it is folded. `failed` are the
    cells that ended with an error, {cell id: its class}.
    """
    stubs = stubs or {}
    sources = {
        c.name: _folded(c.source, stubs.get(c.name, ""))
        for c in cells
        if c.kind == "answer" and c.source != stubs.get(c.name)
    }
    added = [c for c in cells if c.kind == "added" and c.id.startswith("added-")]
    few = _beginning(added)
    shown = [_task(name, row, sources.get(f"{name}-answer", "")) for name, row in tasks.items()]
    return document(
        "feedback.html",
        title=title,
        student=student,
        score=sum(t["score"] for t in shown),
        points=sum(t["points"] for t in shown),
        problem=problem,
        released=RELEASED,
        tasks=shown,
        added=[{"source": c.source, "failed": (failed or {}).get(c.id, "")} for c in few],
        more=len(added) - len(few),
    )


def _folded(source: str, stub: str) -> str:
    """The answer with the task's statement in one line, where it is as released, word for word.

    Why: it is longer than most answers, and would push them out of sight.
    """
    statement = re.search(r'""".*?"""', stub, re.DOTALL)
    if statement is None:
        return source
    words = map(re.escape, statement[0].split())
    return re.sub(r"\s+".join(words), FOLDED, source)


def _beginning(cells: Sequence[Cell]) -> list[Cell]:
    """The first cells, as many as a page has room for."""
    sizes = accumulate(min(len(cell.source), LONGEST) for cell in cells)
    return [cell for cell, size in zip(cells, sizes, strict=True) if size <= MOST_ADDED]


def write(
    out: Path,
    student: str,
    notebook: Path,
    cells: Sequence[Cell],
    release: Sequence[Cell],
    tasks: Mapping[str, Mapping[str, Any]],
    problem: str = "",
    timestamp: str = "",
    failed: Mapping[str, str] | None = None,
) -> None:
    """Write the page where nbgrader would put its own; `notebook` stands where the submitted one
    does, under its released name.

    With the time of the submission and the exchange's secret beside it, `nbgrader
    release_feedback` can hand it out.
    """
    chapter = notebook.parent.name
    stubs = {c.name: c.source for c in release if c.kind == "answer"}
    text = page(student, notebook.stem, cells, tasks, problem, stubs, failed)
    place = out / "feedback" / student / chapter
    write_if_changed(place / f"{notebook.stem}.html", text)
    secret = _secret(notebook.with_name(SECRET))
    if timestamp:
        write_if_changed(place / "timestamp.txt", timestamp)
    if secret:
        write_if_changed(place / SECRET, secret)


def _secret(path: Path) -> str:
    """What the exchange has put there; "" where there is nothing, or something else."""
    try:
        content = read_file(path)
    except (Unreadable, OSError):
        return ""
    return content.decode(errors="replace") if len(content) <= MOST_SECRET else ""


def _task(name: str, row: Mapping[str, Any], code: str) -> dict[str, Any]:
    task = get_task(name)
    properties = [
        {"name": n, "points": points, "passed": passed, "message": message}
        for n, points, passed, message in row.get("properties", [])
    ]
    held = sum(p["passed"] for p in properties)
    return {
        "name": name,
        "anchor": f"task-{anchor(name)}",
        "signature": task.signature,
        "score": row["score"],
        "points": row["points"],
        "said": _said(row),
        "properties": properties,
        "held": held,
        "seen": any(p["message"] for p in properties),
        "failed": held < len(properties) and row["status"] == "graded",
        "example": row.get("example", ""),
        "picture": Markup(row.get("picture", "")),  # drawn by the judge: numbers only
        "hint": row.get("hint", ""),
        "code": code,
    }


def _said(row: Mapping[str, Any]) -> str:
    if "kept" in row:
        return f"The earlier score stays: graded anew, it would be {row['kept']:g}."
    return SAID[row["status"]]
