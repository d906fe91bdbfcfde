"""The chapters in a table, with minutes and points: read from the pages and the tasks themselves."""

import re
from pathlib import Path
from typing import NamedTuple

from autograder.tasks import all_tasks
from autograder.variants import CHAPTERS as VARIED

CHAPTERS = Path(__file__).resolve().parents[1] / "chapters"
TIME = re.compile(r"\*\*Time:\*\* about (\d+) minutes for the page, (\d+) for \{doc\}")


class Chapter(NamedTuple):
    """One chapter: its number, file, title, minutes of reading and of writing, tasks, points."""

    number: int
    stem: str
    title: str
    reading: int
    writing: int
    tasks: int
    points: float
    variants: bool


def chapters() -> list[Chapter]:
    """All chapters in order. Raises ValueError for a page without its title or its time."""
    found = []
    for path in sorted(CHAPTERS.glob("ch*.md")):
        text = path.read_text()
        title, time = re.search(r"(?m)^# (.+)$", text), TIME.search(text)
        if title is None or time is None:
            raise ValueError(f"{path.name} has no title, or no line **Time:** that can be read")
        name = path.stem.split("_")[0]
        points = [t.points for t in all_tasks().values() if t.chapter == name]
        numbers = int(time[1]), int(time[2]), len(points), sum(points)
        found.append(Chapter(int(name[2:]), path.stem, title[1], *numbers, name in VARIED))
    return found


def chapters_table() -> str:
    """The chapters as a Markdown table with links, for a page in book/."""
    rows = ["| | Chapter | page, min | exercise, min | points |", "|---|---|---|---|---|"]
    for c in chapters():
        exercise = f"[{c.writing}](exercises/{c.stem})"
        rows.append(
            f"| {c.number} | [{c.title}](chapters/{c.stem}) | {c.reading} | {exercise} | {c.points:g} |"
        )
    return "\n".join(rows)


def planning_table() -> str:
    """Minutes, tasks, points and whether there are variants, with their sums, as Markdown."""
    every = chapters()
    rows = [
        "| Chapter | page, min | exercise, min | tasks | points | variants |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for c in every:
        variants = "yes" if c.variants else "no"
        numbers = f"{c.reading} | {c.writing} | {c.tasks} | {c.points:g}"
        rows.append(f"| {c.number} {c.title} | {numbers} | {variants} |")
    sums = [
        sum(getattr(c, name) for c in every) for name in ("reading", "writing", "tasks", "points")
    ]
    rows.append("| all | " + " | ".join(f"{n:g}" for n in sums) + " | |")
    return "\n".join(rows)


# Which chapters each route takes, and what for.
ROUTES = {
    "One week of the lecture": (
        [1, 4, 5, 6, 9, 10, 11],
        "scanning, activations, dY, dW, the complete backward, pooling",
    ),
    "Half a course": (
        [*range(12), 13],
        "all but the starred chapter, and a network that you train at the end",
    ),
    "Everything": ([*range(14)], "with transposed convolution; the appendices besides"),
}


def routes_table() -> str:
    """The routes as a Markdown table, with their hours."""
    rows = ["| Route | Chapters | Hours | What you get |", "|---|---|---|---|"]
    for name, (numbers, what) in ROUTES.items():
        left_out = "" if 12 in numbers else ", without 12"
        text = ", ".join(map(str, numbers)) if len(numbers) < 9 else f"0 to 13{left_out}"
        rows.append(f"| {name} | {text} | {hours(numbers):g} | {what} |")
    return "\n".join(rows)


def hours(numbers: list[int]) -> float:
    """Hours of reading and writing in these chapters, to the half hour.

    Raises ValueError for a chapter that there is not.
    """
    known = {c.number: c.reading + c.writing for c in chapters()}
    missing = [n for n in numbers if n not in known]
    if missing:
        raise ValueError(f"`numbers` (={numbers!r}): there is no chapter {missing[0]}")
    return round(sum(known[n] for n in numbers) / 30) / 2
