"""Minutes and points of each chapter, from the chapters and the tasks themselves.

Minutes are read from the line "Time: about N minutes for the page, N for the exercise" at the head
of a chapter's page; points and the number of tasks come from the tables of tasks.
"""

import re
from dataclasses import dataclass
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


def table() -> str:
    """The lines and their sums, as a table in Markdown."""
    every = lines()
    head = "| chapter | page, min | exercise, min | tasks | points | variants |"
    rows = [
        f"| {x.chapter[2:]} {x.title} | {x.page} | {x.exercise} | {x.tasks} | {x.points:g} | "
        f"{'yes' if x.variants else 'no'} |"
        for x in every
    ]
    sums = (
        f"| **sum** | {sum(x.page for x in every)} | {sum(x.exercise for x in every)} | "
        f"{sum(x.tasks for x in every)} | {sum(x.points for x in every):g} | |"
    )
    return "\n".join([head, "|:--|--:|--:|--:|--:|:--|", *rows, sums])
