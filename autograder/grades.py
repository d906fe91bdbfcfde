"""The rows of grades.csv: one for each student and task."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.build import write_if_changed

COLUMNS = ("student", "chapter", "task", "score", "points", "status", "hints")


@dataclass(frozen=True)
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


def read_grades(path: Path) -> list[Row]:
    """The rows of a grades.csv that `write_grades` wrote."""
    with path.open(newline="") as f:
        return [
            Row(
                line["student"],
                line["chapter"],
                line["task"],
                float(line["score"]),
                float(line["points"]),
                line["status"],
                tuple(line["hints"].split()),
            )
            for line in csv.DictReader(f)
        ]


def write_grades(path: Path, rows: Sequence[Row]) -> None:
    """grades.csv, whole or not at all."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row.cells() for row in rows)
    write_if_changed(path, text.getvalue())
