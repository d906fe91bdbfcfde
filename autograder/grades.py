"""The rows of grades.csv: one for each student and task."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.build import write_if_changed

COLUMNS = ("student", "chapter", "task", "score", "points", "status", "hints")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of grades.csv."""

    student: str
    chapter: str
    task: str
    score: float
    points: float
    status: str  # graded, blank, error, timeout, crashed, missing, unreadable
    hints: tuple[str, ...] = ()

    def cells(self) -> list[str]:
        numbers = [f"{self.score:g}", f"{self.points:g}"]
        return [self.student, self.chapter, self.task, *numbers, self.status, " ".join(self.hints)]


def write_grades(path: Path, rows: Sequence[Row]) -> None:
    """grades.csv, whole or not at all."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row.cells() for row in rows)
    write_if_changed(path, text.getvalue())


def read_grades(path: Path) -> Iterator[Row]:
    """The rows of a grades.csv; none if there is no such file.

    `nbgrader export` writes a file of this name with other columns: that holds no rows either.
    """
    if not path.exists():
        return
    with path.open(newline="") as f:
        lines = csv.DictReader(f)
        if tuple(lines.fieldnames or ()) != COLUMNS:
            return
        for row in lines:
            numbers = float(row["score"]), float(row["points"])
            said = row["status"], tuple(row["hints"].split())
            yield Row(row["student"], row["chapter"], row["task"], *numbers, *said)
