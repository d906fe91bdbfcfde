"""Minutes and points of each chapter, from the chapters and the tasks themselves.

Minutes are read from the line "Time: about N minutes for the page, N for the exercise" at the head
of a chapter's page; points and the number of tasks come from the tables of tasks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from autograder.tasks import all_tasks
from autograder.variants import CHAPTERS as VARIED

PAGES = Path(__file__).parent.parent / "chapters"
TIME = re.compile(r"\*\*Time:\*\* about (\d+) minutes for the page, (\d+) for")


@dataclass(frozen=True)
class Line:
    """One chapter: minutes for its page and its exercise, its tasks and their points."""

    chapter: str
    title: str
    page: int
    exercise: int
    tasks: int
    points: float
    variants: bool


def lines() -> list[Line]:
    """One for each chapter that has a page and tasks.

    Raises ValueError for a page without its time.
    """
    found = []
    for path in sorted(PAGES.glob("ch*.md")):
        chapter = path.stem.split("_")[0]
        points = [t.points for t in all_tasks().values() if t.chapter == chapter]
        if points:
            text = path.read_text()
            title = re.search(r"^# (.+)$", text, re.M)
            time = TIME.search(text)
            if time is None or title is None:
                raise ValueError(f"{path.name} does not say its time: {TIME.pattern}")
            minutes = int(time[1]), int(time[2])
            found.append(
                Line(chapter, title[1], *minutes, len(points), sum(points), chapter in VARIED)
            )
    return found


HEAD = ("chapter", "page, minutes", "exercise, minutes", "tasks", "points", "variants")


def table() -> str:
    """The lines and their sums, as a table in HTML."""
    every = lines()
    rows = [
        _row(
            f"{int(x.chapter[2:])} {escape(x.title)}",
            (x.page, x.exercise, x.tasks, x.points),
            "yes" if x.variants else "no",
        )
        for x in every
    ]
    counted = ((x.page, x.exercise, x.tasks, x.points) for x in every)
    sums = _row("sum", tuple(map(sum, zip(*counted, strict=True))), "")
    head = "".join(f'<th scope="col">{h}</th>' for h in HEAD)
    body = "\n".join(rows)
    return (
        f'<table class="table">\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n<tfoot>\n{sums}\n</tfoot>\n</table>"
    )


def _row(title: str, numbers: Sequence[float], variants: str) -> str:
    cells = "".join(f'<td style="text-align: right">{n:g}</td>' for n in numbers)
    return f'<tr><th scope="row">{title}</th>{cells}<td>{variants}</td></tr>'
