"""Grading anew after a task has changed: every change is listed, and no grade falls unasked.

The new verdicts are made in a folder of their own, compared with the stored ones, and only then
recorded. A score that would fall stays, unless the instructor accepts lower ones.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import kept, records
from autograder.build import remembered_variant
from autograder.grades import Row
from autograder.grading import Lost, grade, secret_seed
from autograder.submitted import handed_in, tell_of_gone

COLUMNS = ("student", "chapter", "task", "before", "now", "what")


@dataclass(frozen=True)
class Change:
    """One score that is not what it was. `what`: rose, fell, resubmitted, points changed."""

    student: str
    chapter: str
    task: str
    before: float
    before_points: float
    now: float
    points: float
    what: str

    @property
    def stays(self) -> float:
        """The earlier score, in points of today."""
        return self.before / self.before_points * self.points

    def cells(self, accept_lower: bool) -> list[str]:
        """The row of the table."""
        decided = "" if self.what != "fell" else ": accepted" if accept_lower else ": stays"
        numbers = f"{self.before:g} of {self.before_points:g}", f"{self.now:g} of {self.points:g}"
        return [self.student, self.chapter, self.task, *numbers, self.what + decided]


class NotRegraded(Lost):
    """As Lost; `changes` are those of all the others."""

    def __init__(self, message: str, rows: Sequence[Row], changes: Sequence[Change]) -> None:
        super().__init__(message, rows)
        self.changes = list(changes)


def regrade(
    submitted: Path,
    out: Path,
    wanted: Sequence[str] = (),
    jobs: int | None = None,
    accept_lower: bool = False,
    progress: bool = True,
) -> tuple[list[Row], list[Change]]:
    """Grade the submissions in `submitted` again into OUT; the rows of grades.csv and every change.

    Whoever gets no verdict now, or is not in `submitted` any more, keeps the one there is; both are
    named on standard error. Raises ValueError when OUT holds no verdicts, or `submitted` nothing of
    what was graded, and NotRegraded, when all is written, if a submission got no verdict.
    """
    before = {(r["student"], r["chapter"]): r for r in records.read_all(out)}
    if not before:
        raise ValueError(f"`out` (={str(out)!r}) holds no verdicts: run `grade` first")
    absent = _absent(submitted, before, wanted)
    fresh = out / "regrade"
    shutil.rmtree(fresh, ignore_errors=True)
    remembered_variant(fresh, remembered_variant(out))
    told = []
    try:
        grade(submitted, fresh, wanted, jobs, secret_seed(out), progress=progress)
    except Lost as error:  # nothing of theirs is compared
        told.append(f"{error}: the earlier one stays")
    now = {(r["student"], r["chapter"]): r for r in records.read_all(fresh)}
    changes = compare(before, now)
    for change in changes:
        place = (out, change.student, change.chapter)
        if change.what == "fell" and accept_lower:
            kept.forget(*place)
        elif change.what == "fell":
            content = now[change.student, change.chapter]["content"]
            kept.store(*place, content, {change.task: change.stays})
    (out / "results").mkdir(exist_ok=True)
    for path in (fresh / "results").glob("*.json"):
        shutil.copy(path, out / "results" / path.name)
    lost = {key for key in before if key not in now and (not wanted or key[1] in wanted)}
    try:
        rows = grade(
            submitted, out, wanted, jobs, resume=True, progress=progress, absent={*absent, *lost}
        )
    except Lost as error:
        rows = error.rows
        told.append(str(error))
    shutil.rmtree(fresh)
    if told:
        raise NotRegraded("; ".join(told), rows, changes)
    return rows, changes


def compare(
    before: dict[tuple[str, str], records.Record], now: dict[tuple[str, str], records.Record]
) -> list[Change]:
    """Every score that differs, those that fell first."""
    found = []
    for key, new in now.items():
        old = before.get(key)
        for name, row in new["tasks"].items() if old is not None else ():
            then = old["tasks"].get(name) if old is not None else None
            if then is None or (then["score"], then["points"]) == (row["score"], row["points"]):
                continue
            again = old is not None and old["answers"].get(name) != new["answers"].get(name)
            what = "resubmitted" if again else _what(then, row)
            found.append(
                Change(*key, name, then["score"], then["points"], row["score"], row["points"], what)
            )
    return sorted(found, key=lambda c: (c.what != "fell", c.chapter, c.student, c.task))


def changes_since(out: Path, moment: str) -> list[Change]:
    """What has changed since a moment (ISO 8601, UTC): records against their history's last entry."""
    found = []
    for record in records.read_all(out):
        if record["history"] and record["graded"] >= moment:
            key = (record["student"], record["chapter"])
            last = record["history"][-1]
            same = last["content"] == record["content"]
            old = {"tasks": last["tasks"], "answers": record["answers"] if same else {}}
            found += compare({key: old}, {key: record})
    return found


def _what(then: dict[str, Any], row: dict[str, Any]) -> str:
    share, share_then = row["score"] / row["points"], then["score"] / then["points"]
    if row["score"] < then["score"] or share < share_then - 1e-9:
        return "fell" if share < share_then - 1e-9 else "points changed"
    return "rose" if share > share_then + 1e-9 else "points changed"


def _absent(
    submitted: Path, before: dict[tuple[str, str], records.Record], wanted: Sequence[str]
) -> set[tuple[str, str]]:
    """Of those graded before, whose submission is not there."""
    asked = {key for key in before if not wanted or key[1] in wanted}
    gone = {key for key in asked if handed_in(submitted, *key) is None}
    if gone and gone == asked:
        names = ", ".join("/".join(key) for key in sorted(gone)[:5])
        raise ValueError(f"`submitted` (={str(submitted)!r}) lacks what was graded before: {names}")
    tell_of_gone(gone)
    return gone
